"""sacrebleu's corpus BLEU and rouge-score's mean ROUGE-L of small corpora and of drawn ones.

Run from this folder, with sacrebleu and rouge-score from PyPI: python written_metrics.py
"""

import importlib.metadata
import json
import random

import sacrebleu
from rouge_score import rouge_scorer

CORPORA = {
    "same": (["the cat sat on it"], ["the cat sat on it"]),
    "one word": (["the cat sat on a mat"], ["the cat sat on the mat"]),
    "several": (
        ["In the beginning God created the heaven", "And God said", "", "x"],
        ["In the beginning God created the heavens", "And God said, Let there be light", "ab", "y"],
    ),
    "short": (["ab", "a b"], ["ab c", "a b"]),
    "repeats": (["the the the the the"], ["the cat the"]),
    "no bigram": (["the dog the mouse a"], ["the cat sat on a mat"]),
    "nothing in common": (["xyz"], ["abc def"]),
    "longer and shorter": (["a very long text that goes on and on", "so"], ["a text that goes", "so it is said"]),
    "punctuation": (
        ["He said: \"3,000.5 men-at-arms (1-2) & co.\" @home/a_b [x] {y}^2 ~z `q`."],
        ["He said: \"3,000.5 men-at-arms (1-3) & co.\" @home/a_c [x] {y}^2 ~z 'q'."],
    ),
    "entities and lines": (
        ["a &quot;b&quot; &amp;lt; c <skipped> well-\nknown\nline  \t"],
        ["a \"b\" &lt; c wellknown line"],
    ),
    "accents and emoji": (["Ça va, la baleine 🐋. Ü.5,é"], ["Ça va la baleine 🐳. Ü.5 é"]),
    "white space": (["one\u00a0two\u2003three\u0085four\x1ffive\ufeffsix"], ["one two three four five\ufeffsix"]),
}

random.seed(4)
words = ["god", "and", "the", "Heaven", "earth,", "light.", "12", "3.5", "was", "é"]


def drawn(most):
    return " ".join(random.choice(words) for _ in range(random.randint(0, most)))


for size in (1, 3, 20):
    CORPORA[f"{size} drawn"] = ([drawn(12) for _ in range(size)], [drawn(12) for _ in range(size)])

metric = sacrebleu.BLEU()
scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
result = {
    "sacrebleu": sacrebleu.__version__,
    "rouge-score": importlib.metadata.version("rouge-score"),
    "signature": None,
    "corpora": {},
}
for name, (written, references) in CORPORA.items():
    rouge = [
        scorer.score(reference, text)["rougeL"].fmeasure
        for text, reference in zip(written, references)
    ]
    result["corpora"][name] = {
        "written": written,
        "references": references,
        "bleu": metric.corpus_score(written, [references]).score,
        "rougeL": sum(rouge) / len(rouge),
    }
result["signature"] = str(metric.get_signature())
with open("written_metrics.json", "w") as file:
    json.dump(result, file, indent=1, ensure_ascii=True)
    file.write("\n")
