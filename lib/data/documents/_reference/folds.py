"""Folds of scikit-learn: python folds.py > folds.json (scikit-learn below)."""

import json
import sys

import numpy as np
import sklearn
from sklearn.model_selection import GroupKFold, TimeSeriesSplit

random = np.random.default_rng(0)
groups = []
# As many groups in each block, whatever their sizes, is what GroupKFold gives where sizes are close.
for count in [2, 3, 4, 5]:
    sizes = [int(size) for size in random.integers(20, 26, size=4 * count)]
    labels = np.repeat(np.arange(len(sizes)), sizes)
    splits = GroupKFold(n_splits=count).split(labels, groups=labels)
    groups.append({"sizes": sizes, "count": count, "blocks": sorted(len(test) for _, test in splits)})


def spans(places):
    return [{"start": int(places[0]), "end": int(places[-1]) + 1}]


times = []
for count, gap in [(2, 0), (3, 1), (4, 3)]:
    documents = 7 * (count + 1)
    splits = TimeSeriesSplit(n_splits=count, gap=gap).split(np.arange(documents))
    folds = [{"training": spans(train), "heldOut": spans(test)} for train, test in splits]
    times.append({"documents": documents, "count": count, "gap": gap, "folds": folds})

json.dump({"sklearn": sklearn.__version__, "groups": groups, "times": times}, sys.stdout, indent=1)
print()
