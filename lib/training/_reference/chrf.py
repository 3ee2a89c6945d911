"""sacrebleu's corpus-level chrF2 of small corpora, and edit distances by their recursive definition.

Run from this folder, with sacrebleu from PyPI: python chrf.py
"""

import json
from functools import lru_cache

import sacrebleu

CORPORA = {
    "same": (["the cat sat"], ["the cat sat"]),
    "one word": (["the cat sat on a mat"], ["the cat sat on the mat"]),
    "white space": (["thecat  sat\u202f!"], ["the cat sat !"]),
    "several": (
        ["In the beginning God created the heaven", "And God said", "", "x"],
        ["In the beginning God created the heavens", "And God said, Let there be light", "ab", "y"],
    ),
    "short": (["ab", "a"], ["abc", "b"]),
    "repeats": (["aaaa aaaa aaaa"], ["aaaa"]),
    "accents and emoji": (["Ça va, la baleine 🐋 ?"], ["Ça va la baleine 🐳 !"]),
    "nothing in common": (["xyz"], ["abc def"]),
    "unequal lengths": (["a very long text that goes on and on"], ["a text"]),
}


def distance(first, second):
    @lru_cache(maxsize=None)
    def between(i, j):
        if i == 0 or j == 0:
            return i + j
        return min(
            between(i - 1, j) + 1,
            between(i, j - 1) + 1,
            between(i - 1, j - 1) + (first[i - 1] != second[j - 1]),
        )

    return between(len(first), len(second))


metric = sacrebleu.CHRF()
result = {"sacrebleu": sacrebleu.__version__, "signature": None, "corpora": {}}
for name, (written, references) in CORPORA.items():
    result["corpora"][name] = {
        "written": written,
        "references": references,
        "chrf": metric.corpus_score(written, [references]).score,
        "distances": [distance(a, b) for a, b in zip(written, references)],
    }
result["signature"] = str(metric.get_signature())
with open("chrf.json", "w") as file:
    json.dump(result, file, indent=1, ensure_ascii=False)
    file.write("\n")
