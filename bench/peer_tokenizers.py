"""PyPI tokenizers: trains byte-level BPE on a text and encodes it, one thread.

Usage: python peer_tokenizers.py TEXT SIZE. Prints JSON: processor seconds of training and encoding (by
lines, its faster way, and whole), ids of the text and their SHA-256.
"""

import hashlib
import json
import os
import struct
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import tokenizers  # noqa: E402
from tokenizers import Tokenizer, models, pre_tokenizers, trainers  # noqa: E402


def timed(action):
    begin = time.process_time()
    result = action()
    return time.process_time() - begin, result


def main():
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        text = file.read()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=int(sys.argv[2]) - 1,
        min_frequency=2,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    train, _ = timed(lambda: tokenizer.train_from_iterator([text], trainer))
    whole, encoding = timed(lambda: tokenizer.encode(text))
    lines = text.splitlines(keepends=True)
    by_lines, _ = timed(lambda: tokenizer.encode_batch_fast(lines))
    ids = encoding.ids
    digest = hashlib.sha256(struct.pack(f"<{len(ids)}i", *ids)).hexdigest()
    print(json.dumps({
        "version": tokenizers.__version__, "train": train, "encode": whole, "byLines": by_lines,
        "ids": len(ids), "sha256": digest,
    }))


main()
