"""Writes inference_reference.json: values of SciPy and statsmodels for the tests of this folder.

Run: python inference_reference.py > inference_reference.json
Needs scipy and statsmodels; their versions are in the file.
"""

import itertools
import json

import numpy
import scipy
import statsmodels
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests

differences = [
    [-0.12, -0.08, -0.15, -0.31, 0.02, -0.22],
    [0.5, -0.5, 1.5, 2.5, 2.5, -3.5, 4.0, 0.25],  # ties
    [0.0, 1.0, -2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 0.0],  # zeros
    [float(x) for x in numpy.round(numpy.random.default_rng(1).normal(0.3, 1, 25), 3)],
]


def wilcoxon(d):
    d = numpy.array(d)
    nonzero = d[d != 0]
    ties = len(set(abs(nonzero))) < len(nonzero)
    method = stats.PermutationMethod(n_resamples=10**7) if ties else "exact"
    result = stats.wilcoxon(nonzero, method=method)
    ranks = stats.rankdata(abs(nonzero))
    return {
        "differences": [float(x) for x in d],
        "ranked": len(nonzero),
        "statistic": float(ranks[nonzero > 0].sum()),
        "pValue": float(result.pvalue),
    }


def noncentrality(t, freedom, probability):
    return float(optimize.brentq(
        lambda nc: stats.nct.cdf(t, freedom, nc) - probability, min(0, 3 * t) - 1, max(0, 2 * t) + 1, xtol=1e-13
    ))


def effect(d, test=None, train=None):
    d = numpy.array(d)
    k = len(d)
    dz = float(d.mean() / d.std(ddof=1))
    scale = float(numpy.sqrt(1 / k + (0 if test is None else test / train)))
    correction = float(numpy.exp(
        scipy.special.gammaln((k - 1) / 2) - scipy.special.gammaln((k - 2) / 2)
    ) / numpy.sqrt((k - 1) / 2))
    return {
        "differences": [float(x) for x in d],
        "sizes": None if test is None else {"test": test, "training": train},
        "dz": dz,
        "hedges": dz * correction,
        "interval": [noncentrality(dz / scale, k - 1, p) * scale for p in (0.975, 0.025)],
    }


def bootstrap(values):
    """Intervals from all n^n resamples, so that no random number is involved."""
    data = numpy.array(values)
    everything = numpy.array([
        numpy.mean(each) for each in itertools.product(values, repeat=len(values))
    ])
    intervals = {}
    for name in ("percentile", "BCa"):
        class Known:
            bootstrap_distribution = everything
        result = stats.bootstrap(
            (data,), numpy.mean, n_resamples=0, bootstrap_result=Known, method=name,
            confidence_level=0.9,
        )
        intervals[name.lower()] = [float(end) for end in result.confidence_interval]
    return {"values": values, "confidence": 0.9, **intervals}


zs = [-9.0, -6.5, -5.0, -2.5, -1.6, -1.5, -1.0, -0.1, 0.0, 0.3, 1.4, 2.0, 4.0]
print(json.dumps({
    "scipy": scipy.__version__,
    "numpy": numpy.__version__,
    "statsmodels": statsmodels.__version__,
    "normal": [[z, float(stats.norm.cdf(z))] for z in zs],
    "normalQuantile": [
        [p, float(stats.norm.ppf(p))] for p in (1e-9, 0.001, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9999)
    ],
    "noncentral": [
        [t, freedom, delta, float(stats.nct.cdf(t, freedom, delta))]
        for t in (-3.0, -0.5, 0.0, 0.7, 2.5, 12.0)
        for freedom in (2, 4, 9)
        for delta in (-4.0, -1.0, 0.0, 0.8, 6.0)
    ] + [
        [t, freedom, delta, float(stats.nct.cdf(t, freedom, delta))]
        for t, delta in ((40.0, 35.0), (40.0, 50.0), (130.0, 100.0), (90.0, 120.0), (250.0, 290.0))
        for freedom in (2, 4, 9)
    ],
    "wilcoxon": [wilcoxon(d) for d in differences],
    "effect": [
        effect(differences[0]),
        effect(differences[0], 8000, 32000),
        effect(differences[3]),
        effect([-0.12, -0.08, -0.15], 13000, 26000),
        effect([10.0, 10.5, 9.5, 10.2, 10.1], 8000, 32000),
    ],
    "bootstrap": [bootstrap([1.0, 2.0, 4.0, 8.0, 0.5]), bootstrap([-0.25, 0.5, 0.125, 0.75])],
    "holm": [
        {"raw": raw, "adjusted": [float(p) for p in multipletests(raw, method="holm")[1]]}
        for raw in ([0.03, 0.01, 0.5, 0.02], [0.9, 0.8], [0.001, 0.001, 0.04, 0.04, 0.2, 1.0])
    ],
}, indent=1))
