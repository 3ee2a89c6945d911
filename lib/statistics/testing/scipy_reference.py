"""Writes scipy_reference.json: values of SciPy for the tests of this folder.

Run: python scipy_reference.py > scipy_reference.json (needs scipy and numpy)
"""

import json

import numpy
import scipy
from scipy import stats

freedoms = [0.5, 1, 2, 3, 4, 9, 29.5, 200, 1e4]
ts = [-40.0, -6.5, -2.5, -1.0, -0.1, 0.0, 1e-3, 0.7, 2.0, 12.0]
probabilities = [1e-8, 0.001, 0.025, 0.2, 0.4999, 0.5, 0.6, 0.95, 0.975, 0.9999]

# Nadeau and Bengio's corrected resampled t-test by its formula, SciPy giving the distribution.
corrected = []
for differences, test, train in [
    ([-0.12, -0.08, -0.15], 13000, 26000),
    ([0.01, -0.02, 0.03, 0.005, 0.04], 8000, 32000),
    ([1.0, 1.1, 0.9, 1.05, 0.95, 1.02, 0.97, 1.01, 1.03, 0.99], 100, 900),
]:
    d = numpy.array(differences)
    k = len(d)
    error = float(numpy.sqrt((1 / k + test / train) * d.var(ddof=1)))
    t = float(d.mean()) / error
    half = float(stats.t.ppf(0.975, k - 1)) * error
    corrected.append({
        "differences": differences,
        "testSize": test,
        "trainingSize": train,
        "statistic": t,
        "pValue": float(2 * stats.t.sf(abs(t), k - 1)),
        "interval": [float(d.mean()) - half, float(d.mean()) + half],
    })

means = []
for values, confidence in [([1.0, 2.0, 4.0], 0.95), ([2.404, 2.51, 2.3, 2.62, 2.47], 0.9)]:
    test = stats.ttest_1samp(values, 0.0)
    means.append({
        "values": values,
        "confidence": confidence,
        "standardError": float(stats.sem(values)),
        "interval": [float(end) for end in test.confidence_interval(confidence)],
    })

print(json.dumps({
    "scipy": scipy.__version__,
    "numpy": numpy.__version__,
    "cumulative": [
        [t, freedom, float(stats.t.cdf(t, freedom))] for freedom in freedoms for t in ts
    ],
    "quantile": [
        [p, freedom, float(stats.t.ppf(p, freedom))] for freedom in freedoms for p in probabilities
    ],
    "corrected": corrected,
    "means": means,
}, indent=1))
