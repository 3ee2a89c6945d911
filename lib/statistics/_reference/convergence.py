"""Writes convergence.json: R-hat and bulk effective size of ArviZ for chains that this script draws.

Run: python convergence.py > convergence.json
Needs arviz below 1; its version and that of numpy are in the file.
"""

import importlib.metadata
import json

import arviz
import numpy

random = numpy.random.default_rng(11)


def autoregressive(chains, draws, coefficient, shifts):
    rows = []
    for shift in shifts[:chains]:
        values = [random.normal()]
        for _ in range(draws - 1):
            values.append(coefficient * values[-1] + random.normal())
        rows.append(numpy.round(numpy.array(values) + shift, 4))
    return numpy.array(rows)


cases = {
    "independent": autoregressive(4, 200, 0.0, [0, 0, 0, 0]),
    "slow": autoregressive(4, 250, 0.9, [0, 0, 0, 0]),
    "alternating": autoregressive(2, 201, -0.6, [0, 0]),
    "apart": autoregressive(4, 200, 0.3, [0, 0, 0, 1.5]),
    "wider": autoregressive(4, 200, 0.0, [0, 0, 0, 0]) * numpy.array([[1], [1], [1], [3]]),
    "heavy tails": numpy.round(random.standard_cauchy((4, 200)), 3),
    "ties": numpy.floor(autoregressive(3, 150, 0.5, [0, 0, 0])),
}

result = [
    {
        "name": name,
        "chains": chains.tolist(),
        "rHat": float(arviz.rhat(chains, method="rank")),
        "effectiveSize": float(arviz.ess(chains, method="bulk")),
    }
    for name, chains in cases.items()
]
versions = {name: importlib.metadata.version(name) for name in ["arviz", "numpy"]}
print(json.dumps({**versions, "cases": result}))
