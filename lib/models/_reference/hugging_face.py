"""Random small models of Hugging Face's transformers as folders, with logits, losses and gradients.

    python lib/models/_reference/hugging_face.py

writes hugging_face.json and the folder hugging_face beside this file (needs torch, numpy, safetensors and
transformers): a folder a model as save_pretrained writes it, and the gradients of the mean loss under the
names of its tensors. Weights are drawn in single precision, everything is computed in double precision, but
for what transformers itself computes in single precision (norms of the Llama family, angles).
"""

import json
import platform
import shutil
from pathlib import Path

import numpy
import safetensors
import torch
import transformers
from safetensors.torch import save_file
from torch.nn import functional
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
HERE = Path(__file__).parent
FOLDER = HERE / "hugging_face"
VOCABULARY, TIME, BATCH = 13, 9, 3

LLAMA = {
    "vocab_size": VOCABULARY, "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2,
    "num_attention_heads": 6, "num_key_value_heads": 2, "max_position_embeddings": 16,
    "rope_parameters": {"rope_type": "default", "rope_theta": 50.0}, "rms_norm_eps": 1e-5,
    "bos_token_id": None, "eos_token_id": None, "pad_token_id": None,
}
CONFIGURATIONS = {
    "llama": transformers.LlamaConfig(**{**LLAMA, "num_attention_heads": 3, "num_key_value_heads": 3}),
    "llama_grouped_tied": transformers.LlamaConfig(**LLAMA, tie_word_embeddings=True),
    "mistral": transformers.MistralConfig(**LLAMA, head_dim=4, sliding_window=10),
    "qwen2": transformers.Qwen2Config(**LLAMA, tie_word_embeddings=True),
    "qwen3": transformers.Qwen3Config(**LLAMA, head_dim=6),
    "gpt2": transformers.GPT2Config(
        vocab_size=VOCABULARY, n_embd=12, n_layer=2, n_head=3, n_positions=10, embd_pdrop=0,
        attn_pdrop=0, resid_pdrop=0, bos_token_id=None, eos_token_id=None,
    ),
}


def case(name, configuration, seed):
    generator = numpy.random.default_rng(seed)
    model = AutoModelForCausalLM.from_config(configuration, attn_implementation="eager")
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            mean = 1 if key.endswith(("norm.weight", "ln_1.weight", "ln_2.weight", "ln_f.weight")) else 0
            values = generator.normal(mean, 0.4, parameter.shape).astype(numpy.float32)
            parameter.copy_(torch.tensor(values))
    model.save_pretrained(FOLDER / name)
    (FOLDER / name / "generation_config.json").unlink(missing_ok=True)
    model = model.double().eval()
    tokens = torch.tensor(generator.integers(0, VOCABULARY, (TIME, BATCH)))
    targets = torch.tensor(generator.integers(0, VOCABULARY, (TIME, BATCH)))
    logits = model(tokens.T).logits.transpose(0, 1)
    loss = functional.cross_entropy(logits.reshape(-1, VOCABULARY), targets.flatten())
    loss.backward()
    save_file(
        {
            key: parameter.grad.to(torch.float32).contiguous().clone()
            for key, parameter in model.named_parameters()
        },
        FOLDER / f"{name}_gradients.safetensors",
        {"format": "pt"},
    )
    return {
        "name": name,
        "modelType": configuration.model_type,
        "tokens": tokens.flatten().tolist(),
        "targets": targets.flatten().tolist(),
        "logits": [float(f"{value:.9g}") for value in logits.flatten().tolist()],
        "loss": float(loss),
    }


shutil.rmtree(FOLDER, ignore_errors=True)
FOLDER.mkdir()
result = {
    "generator": "lib/models/_reference/hugging_face.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "safetensors": safetensors.__version__,
        "transformers": transformers.__version__,
    },
    "vocabularySize": VOCABULARY,
    "time": TIME,
    "batch": BATCH,
    "cases": [
        case(name, configuration, seed)
        for seed, (name, configuration) in enumerate(CONFIGURATIONS.items(), 1)
    ],
}
(HERE / "hugging_face.json").write_text(json.dumps(result) + "\n")
