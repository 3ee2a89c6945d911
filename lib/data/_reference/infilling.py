"""Windows rearranged so that a model learns to fill in the middle, written out in Python.

    python lib/data/_reference/infilling.py

writes infilling.json beside this file (needs numpy and tokenizers). Each case says which numbers in [0, 1)
are drawn, four for each piece of a document in the window: whether it is rearranged, whether its suffix comes
first, and two cuts. The rearranged piece is laid as in Bavarian et al. (2022), arXiv 2207.14255: PSM is
<prefix> prefix <suffix> suffix <middle> middle <end>, SPM is <prefix> <suffix> suffix <middle> prefix middle
<end>. Texts of byte pairs are cut between characters, and each part is encoded by itself by PyPI's tokenizers.
"""

import json
import platform
from pathlib import Path

import numpy
import tokenizers
from tokenizers import Tokenizer

HERE = Path(__file__).parent
END, PREFIX, SUFFIX, MIDDLE = 1, 90, 91, 92
generator = numpy.random.default_rng(2207)


def sections(items, cuts):
    first, second = sorted(int(cut * (len(items) + 1)) for cut in cuts)
    return items[:first], items[first:second], items[second:]


def laid_out(prefix, middle, suffix, suffix_first):
    if suffix_first:
        return [PREFIX, SUFFIX, *suffix, MIDDLE, *prefix, *middle, END]
    return [PREFIX, *prefix, SUFFIX, *suffix, MIDDLE, *middle, END]


def documents_in(window):
    """Pieces between end marks, each with whether a mark follows it."""
    piece = []
    for token in window:
        if token == END:
            yield piece, True
            piece = []
        else:
            piece.append(token)
    if piece:
        yield piece, False


def rearranged(window, room, rate, share, draws):
    draws = iter(draws)
    sequence = []
    for piece, ends in documents_in(window):
        if piece:
            chosen, order, *cuts = [next(draws) for _ in range(4)]
            kept = [] if sequence == [END] else sequence
            free = room - len(kept) - 4
            if chosen < rate and free > 0:
                sequence = kept + laid_out(*sections(piece[:free], cuts), order < share)
                continue
        sequence = sequence + piece + [END] * ends
    return sequence[:room]


def batch_of(windows, time):
    """Time-major inputs, targets and mask; marks of infilling do not count as targets."""
    inputs, targets, mask = [], [], []
    for t in range(time):
        for window in windows:
            there = t + 1 < len(window)
            inputs.append(window[t] if there else 0)
            targets.append(window[t + 1] if there else 0)
            mask.append(int(there and window[t + 1] not in (PREFIX, SUFFIX, MIDDLE)))
    return inputs, targets, mask


def window_of(length):
    """Tokens with ends of documents among them, sometimes one right at the beginning."""
    tokens = generator.integers(2, 90, length)
    ends = generator.random(length) < generator.choice([0.0, 0.1, 0.3])
    return [END if end else int(token) for token, end in zip(tokens, ends)]


cases = []
for time in [4, 5, 8, 13, 24]:
    for rate, share in [(1.0, 0.0), (1.0, 1.0), (0.5, 0.5), (0.0, 0.5)]:
        # Rows of a batch may be shorter than it, as at the end of a document.
        lengths = [time + 1, time + 1, int(generator.integers(2, time + 2))]
        windows = [window_of(length) for length in lengths]
        pieces = sum(bool(piece) for window in windows for piece, _ in documents_in(window))
        draws = [float(draw) for draw in generator.random(4 * pieces)]
        rest = list(draws)
        after = []
        for window in windows:
            own = 4 * sum(bool(piece) for piece, _ in documents_in(window))
            after.append(rearranged(window, time + 1, rate, share, rest[:own]))
            rest = rest[own:]
        inputs, targets, mask = batch_of(after, time)
        cases.append({
            "time": time, "rate": rate, "suffixFirst": share, "windows": windows, "draws": draws,
            "rearranged": after, "inputs": inputs, "targets": targets, "mask": mask,
        })

FILE = "lib/data/tokenizers/_reference/small_digits.json"
tokenizer = Tokenizer.from_file(str(HERE.parents[2] / FILE))
texts = ["a whale swam 1851 leagues", "été: 鲸鱼 🐋, and so on…", "a", "  two  spaces\n"]
cut_texts = []
for text in texts:
    for _ in range(4):
        cuts = [float(cut) for cut in generator.random(2)]
        parts = sections(text, cuts)
        cut_texts.append({
            "text": text, "cuts": cuts, "parts": parts,
            "tokens": [tokenizer.encode(part, add_special_tokens=False).tokens for part in parts],
        })

(HERE / "infilling.json").write_text(json.dumps({
    "generator": "lib/data/_reference/infilling.py",
    "versions": {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "tokenizers": tokenizers.__version__,
    },
    "marks": {"prefixId": PREFIX, "suffixId": SUFFIX, "middleId": MIDDLE},
    "cases": cases,
    "tokenizerFile": FILE,
    "texts": cut_texts,
}, ensure_ascii=False) + "\n")
