"""Merges and ids of byte-level BPE by PyPI tokenizers 0.23.3, as hashes.

Usage: python byte_pairs.py FOLDER > byte_pairs.json, FOLDER as _testing/reference_texts.ts writes it.

Ids begin with the special token "<|a|>", which no text holds; hashes are SHA-256: of merges as
"left right" and of tokens by id, joined by line feeds; of ids as little-endian 32-bit integers.
"""

import hashlib
import json
import pathlib
import struct
import sys

import tokenizers
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PRE_TOKENIZERS = {
    "gpt2": pre_tokenizers.ByteLevel(add_prefix_space=False),
    "gpt4": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(GPT4), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    ),
}


def digest(data):
    return hashlib.sha256(data).hexdigest()


def digest_of_ids(lists):
    return digest(b"".join(struct.pack(f"<{len(ids)}i", *ids) for ids in lists))


def train(text, pre_tokenizer, size, minimum_frequency=2):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = PRE_TOKENIZERS[pre_tokenizer]
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=minimum_frequency,
        special_tokens=["<|a|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([text], trainer)
    return tokenizer


def main():
    assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
    folder = pathlib.Path(sys.argv[1])
    random = json.loads((folder / "random.json").read_text())
    found = {"tokenizers": tokenizers.__version__, "texts": {}, "trained": []}
    found["random"] = digest("\0".join(random).encode())
    for name in ["moby-dick", "chinese", "code"]:
        text = (folder / f"{name}.txt").read_bytes().decode()
        found["texts"][name] = digest(text.encode())
        for pre_tokenizer, size in [("gpt2", 300), ("gpt2", 2000), ("gpt2", 16000), ("gpt4", 4000)]:
            tokenizer = train(text, pre_tokenizer, size)
            model = json.loads(tokenizer.to_str())["model"]
            merges = [" ".join(merge) for merge in model["merges"]]
            tokens = sorted(model["vocab"], key=model["vocab"].get)
            ids = tokenizer.encode(text).ids
            found["trained"].append(
                {
                    "text": name,
                    "preTokenizer": pre_tokenizer,
                    "size": size,
                    "tokens": len(tokens),
                    "merges": digest("\n".join(merges).encode()),
                    "vocabulary": digest("\n".join(tokens).encode()),
                    "length": len(ids),
                    "ids": digest_of_ids([ids]),
                    "randomIds": digest_of_ids(tokenizer.encode(each).ids for each in random),
                }
            )
    print(json.dumps(found, indent=1))


main()
