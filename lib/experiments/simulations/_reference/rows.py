"""Writes rows.json: some rows of docs/simulations.md by a program of their own, in NumPy and SciPy.

Run: python rows.py > rows.json
Needs numpy and scipy; their versions are in the file. All tests here depend on differences alone, so the
variance of a point's fold mean is 1 beside what folds share, (rho / (1 - rho)) with rho = 1 / K.
"""

import json

import numpy
import scipy
from scipy import stats

studies = 20000
generator = numpy.random.default_rng(1)


def draw(points, folds):
    shared = numpy.sqrt(1 / (folds - 1)) * generator.standard_normal((studies, points, 1))
    return shared + generator.standard_normal((studies, points, folds))


def p_value(d, widening=1.0):
    folds = d.shape[-1]
    error = numpy.sqrt((1 / folds + widening / (folds - 1)) * d.var(axis=-1, ddof=1))
    return 2 * stats.t.sf(abs(d.mean(axis=-1) / error), folds - 1)


def chosen(y):
    """Of each fold the loss of the point with the lowest sum over the other folds."""
    others = y.sum(axis=2, keepdims=True) - y
    best = others.argmin(axis=1)
    return numpy.take_along_axis(y, best[:, None, :], axis=1)[:, 0, :]


def share(hits):
    return float(numpy.mean(hits))


def row(family, folds, false, plain=None):
    return {"family": family, "folds": folds, "falseVerdicts": share(false),
            "plainFalseVerdicts": None if plain is None else share(plain)}


rows = []
for folds in (2, 3, 5, 10):
    y = draw(10, folds)
    # Some adjusted p is below 5 % exactly when the smallest one times their number is.
    rows.append(row("plain", folds, 9 * p_value(y[:, 1:] - y[:, :1]).min(axis=1) < 0.05))
    for one, other in ((5, 1), (5, 5), (12, 12)):
        y = draw(one + other, folds)
        d = chosen(y[:, :one]) - chosen(y[:, one:])
        rows.append(row(f"tuned on other folds, {one} against {other}", folds,
                        p_value(d, 2.5) < 0.05, p_value(d) < 0.05))
    for points in (27, 81):
        y = draw(points + 1, folds)
        p = p_value(y[:, 1:] - y[:, :1])
        left = y[:, 1:].mean(axis=2).argsort(axis=1)[:, :3]
        smallest = numpy.take_along_axis(p, left, axis=1).min(axis=1)
        rows.append(row(f"halved, {points} to 3", folds, points * smallest < 0.05, 3 * smallest < 0.05))
    for points in (9, 19):
        y = draw(points + 1, folds)
        d = chosen(y[:, 1:]) - y[:, 0]
        lowest = y[:, 1:].mean(axis=2).argmin(axis=1)
        best = numpy.take_along_axis(y[:, 1:], lowest[:, None, None], axis=1)[:, 0] - y[:, 0]
        rows.append(row(f"selected point, of {points}", folds, p_value(d, 2.5) < 0.05, p_value(best) < 0.05))
    gap = draw(1, folds)[:, 0]
    naive = abs(gap.mean(axis=1)) > 3 * gap.std(axis=1, ddof=1) / numpy.sqrt(folds)
    rows.append(row("gap of the baseline", folds, p_value(gap) < 0.05, naive))

# Why the factor is 2.5: the largest rate without widening, by the factor.
y = draw(24, 10)
d = chosen(y[:, :12]) - chosen(y[:, 12:])
widening = {str(factor): share(p_value(d, factor) < 0.05) for factor in (1.5, 2, 2.5, 3)}

print(json.dumps({
    "versions": {"numpy": numpy.__version__, "scipy": scipy.__version__},
    "studies": studies,
    "falseVerdictsOf12Against12With10FoldsByWidening": widening,
    "rows": rows,
}, indent=1))
