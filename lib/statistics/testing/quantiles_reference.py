"""Writes quantiles_reference.json: quantiles of chi-square and F by SciPy.

Run: python quantiles_reference.py > quantiles_reference.json
Needs scipy; its version is in the file.
"""

import json

import scipy
from scipy import stats

chi_square = [(p, v) for v in (1, 2, 7, 30, 2.5) for p in (0.001, 0.025, 0.5, 0.975, 0.9999)]
f = [(p, a, b) for a, b in ((2, 2), (2, 4), (1, 9), (7, 3), (30, 30)) for p in (0.001, 0.025, 0.5, 0.975, 0.9999)]
print(json.dumps({
    "versions": {"scipy": scipy.__version__},
    "chiSquare": [[p, v, float(stats.chi2.ppf(p, v))] for p, v in chi_square],
    "f": [[p, a, b, float(stats.f.ppf(p, a, b))] for p, a, b in f],
}, indent=1))
