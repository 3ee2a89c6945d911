"""Writes hierarchical.json: posteriors of baycomp's hierarchical test, sampled by Stan.

Run in an empty folder, since baycomp keeps its last sample there:
python hierarchical.py > hierarchical.json
Needs baycomp 1.0.3, pystan 3.10.0 and a C++ compiler; versions are in the file. Half an hour on two busy cores.
"""

import contextlib
import importlib.metadata
import json
import os
import sys

import aiohttp
import aiohttp.client
import baycomp
import numpy
import stan

# Compiling the model takes longer than a client waits by default.
aiohttp.client.DEFAULT_TIMEOUT = aiohttp.ClientTimeout(total=None)

draws_of_a_chain = 10_000


def scores(seed, effects, spreads, folds, correlation):
    """Differences of folds that share a part of their noise, rounded so that JSON holds them exactly."""
    random = numpy.random.default_rng(seed)
    rows = []
    for effect, spread in zip(effects, spreads):
        shared = numpy.sqrt(correlation) * random.normal()
        own = numpy.sqrt(1 - correlation) * random.normal(size=folds)
        rows.append(numpy.round(effect + spread * (shared + own), 4))
    return numpy.array(rows)


random = numpy.random.default_rng(2017)
cases = [
    ("four studies of five folds", scores(1, [-0.08, -0.05, -0.11, -0.02], [0.03] * 4, 5, 0.2), 0.02, 1),
    ("eight studies of ten folds", scores(2, random.normal(-0.03, 0.03, 8), random.uniform(0.02, 0.06, 8), 10, 0.1), 0.02, 1),
    ("an outlier among twelve", scores(3, [*random.normal(-0.04, 0.01, 11), 0.3], [0.03] * 12, 5, 0.2), 0.01, 1),
    ("six studies that agree", scores(4, [0.005] * 6, [0.04] * 6, 10, 0.1), 0.03, 1),
    ("two repetitions of five folds", scores(5, random.normal(0.05, 0.04, 5), [0.05] * 5, 10, 0.2), 0.02, 2),
]


def sample(differences, region, runs):
    """What baycomp returns, and the fit that it drew from."""
    fits = []

    class Model:
        def __init__(self, model):
            self.model = model

        def sample(self, **options):
            # With the default step the narrow part of the posterior, where the scale between studies is near 0, is
            # hardly reached: probabilities are then up to 0.0125 away from those of numerical integration.
            fits.append(self.model.sample(**options, num_warmup=2000, delta=0.99))
            return fits[0]

    build = stan.build
    stan.build = lambda code, data: Model(build(code, data=data, random_seed=1))
    if os.path.exists("last-sample.pickle"):
        os.remove("last-sample.pickle")
    try:
        test = baycomp.HierarchicalTest
        found = test.sample(
            numpy.zeros_like(differences), differences.copy(), region, runs=runs, nsamples=draws_of_a_chain
        )
    finally:
        stan.build = build
    return found, fits[0]


def quantiles(values):
    return [float(each) for each in numpy.quantile(values, [0.025, 0.5, 0.975])]


result = []
for name, differences, region, runs in cases:
    with contextlib.redirect_stdout(sys.stderr):
        found, fit = sample(differences, region, runs)
    scale = float(numpy.mean(numpy.std(differences, axis=1)))
    winners = numpy.bincount(numpy.argmax(found, axis=1), minlength=3) / len(found)
    result.append({
        "name": name,
        "differences": differences.tolist(),
        "region": region,
        "correlation": runs / differences.shape[1],
        "mostProbable": winners.tolist(),
        "predictive": found.mean(axis=0).tolist(),
        "scale": scale,
        "mean": {
            "mean": float(fit["delta0"].mean()) * scale,
            "quantiles": [each * scale for each in quantiles(fit["delta0"][0])],
        },
        "spread": {"quantiles": [each * scale for each in quantiles(fit["std0"][0])]},
        "degreesOfFreedom": {"quantiles": quantiles(fit["nu"][0])},
        "studies": [
            {
                "mean": float(row.mean()) * scale,
                "quantiles": [each * scale for each in quantiles(row)],
            }
            for row in fit["delta"]
        ],
    })

versions = {name: importlib.metadata.version(name) for name in ["baycomp", "pystan", "httpstan", "numpy"]}
print(json.dumps({**versions, "draws": 4 * draws_of_a_chain, "cases": result}, indent=1))
