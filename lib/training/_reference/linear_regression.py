"""Coefficients of penalized linear regressions, by scikit-learn and an independent solver.

    python lib/training/_reference/linear_regression.py

writes linear_regression.json beside this file (needs numpy and scikit-learn). For the objective
mean((y - Xw)^2)/2 + lambda |w|_1 + alpha |w|^2/2, without intercept, scikit-learn's parameters are
Lasso(alpha=lambda), ElasticNet(alpha=lambda + alpha, l1_ratio=lambda/(lambda + alpha)) and
Ridge(alpha=n * alpha). lambda_max = max |X'y|/n is the smallest lambda whose lasso is all zeros. The
group lasso, lambda * sum over groups of sqrt(size) |w_g|, is solved by accelerated proximal gradient
descent (FISTA with restarts) in double precision until its optimality conditions hold to 1e-12.
With several outputs and a group for each feature it is scikit-learn's multi-task lasso.
"""

import json
import platform
from pathlib import Path

import numpy
import sklearn
from sklearn.linear_model import ElasticNet, Lasso, MultiTaskLasso, Ridge


def single(array):
    return numpy.asarray(array, dtype=numpy.float32).astype(numpy.float64)


def numbers(array):
    return [float(f"{value:.9g}") for value in numpy.asarray(array).flatten().tolist()]


generator = numpy.random.default_rng(17)
rows, columns = 60, 10
features = generator.normal(0, 1, (rows, columns))
features[:, 1] = 0.8 * features[:, 0] + 0.6 * features[:, 1]
features[:, 7] = 0.5 * features[:, 6] + 0.9 * features[:, 7]
features = single(features)
truth = numpy.array([2, 0, -1.5, 0, 0, 0.8, 0, 0.3, 0, 0.05])
labels = single(features @ truth + generator.normal(0, 0.5, rows))

largest = float(numpy.abs(features.T @ labels).max() / rows)
# A millionth above it, so that single precision cannot make a weight of a tie.
strengths = numbers(largest * (1 + 1e-6) * numpy.logspace(0, -3, 16))
alpha = 0.25
exact = dict(fit_intercept=False, tol=1e-14, max_iter=1_000_000)


def lasso(strength):
    return Lasso(alpha=strength, **exact).fit(features, labels).coef_


def elastic(strength):
    share = strength / (strength + alpha)
    return ElasticNet(alpha=strength + alpha, l1_ratio=share, **exact).fit(features, labels).coef_


def ridge(strength):
    return Ridge(alpha=rows * strength, fit_intercept=False).fit(features, labels).coef_


groups = [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]


def group_lasso(strength):
    gram = features.T @ features / rows
    moment = features.T @ labels / rows
    step = 1 / numpy.linalg.eigvalsh(gram).max()
    x = z = numpy.zeros(columns)
    t = 1.0
    for _ in range(200_000):
        u = z - step * (gram @ z - moment)
        new = numpy.zeros(columns)
        for group in groups:
            norm = numpy.linalg.norm(u[group])
            threshold = step * strength * len(group) ** 0.5
            if norm > threshold:
                new[group] = u[group] * (1 - threshold / norm)
        if (u - new) @ (new - x) > 0:
            t = 1.0
        t_new = (1 + (1 + 4 * t * t) ** 0.5) / 2
        z = new + (t - 1) / t_new * (new - x)
        x, t = new, t_new
        if violation(x, strength, gram, moment) < 1e-12:
            return x
    raise RuntimeError("no convergence")


def violation(x, strength, gram, moment):
    worst = 0.0
    slope = gram @ x - moment
    for group in groups:
        limit = strength * len(group) ** 0.5
        norm = numpy.linalg.norm(x[group])
        if norm == 0:
            worst = max(worst, numpy.linalg.norm(slope[group]) - limit)
        else:
            worst = max(worst, numpy.abs(slope[group] + limit * x[group] / norm).max())
    return worst


group_largest = max(
    numpy.linalg.norm((features.T @ labels / rows)[group]) / len(group) ** 0.5 for group in groups
)
group_strengths = numbers(group_largest * numpy.array([1.01, 0.7, 0.3, 0.1, 0.02]))

# Several outputs: mean over rows and outputs of (Y - XW)^2/2 + lambda sqrt(outputs) sum_i |w_i| is
# scikit-learn's |Y - XW|^2/(2n) + alpha sum_i |w_i| with alpha = lambda outputs sqrt(outputs).
outputs = 3
task_truth = generator.normal(0, 1, (columns, outputs)) * (generator.uniform(0, 1, (columns, 1)) < 0.5)
tasks = single(features @ task_truth + generator.normal(0, 0.5, (rows, outputs)))
task_scale = outputs * outputs**0.5
task_largest = float(numpy.linalg.norm(features.T @ tasks / rows, axis=1).max() / task_scale)
task_strengths = numbers(task_largest * (1 + 1e-6) * numpy.logspace(0, -3, 16))


def multi_task(strength):
    return MultiTaskLasso(alpha=strength * task_scale, **exact).fit(features, tasks).coef_.T


result = {
    "generator": "lib/training/_reference/linear_regression.py",
    "versions": {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scikitLearn": sklearn.__version__,
    },
    "rows": rows,
    "columns": columns,
    "features": numbers(features),
    "labels": numbers(labels),
    "largestStrength": largest,
    "strengths": strengths,
    "alpha": alpha,
    "lasso": [numbers(lasso(strength)) for strength in strengths],
    "elasticNet": [numbers(elastic(strength)) for strength in strengths],
    "ridge": [numbers(ridge(strength)) for strength in strengths],
    "groupStrengths": group_strengths,
    "groupLasso": [numbers(group_lasso(strength)) for strength in group_strengths],
    "tasks": {
        "outputs": outputs,
        "labels": numbers(tasks),
        "strengths": task_strengths,
        "kernels": [numbers(multi_task(strength)) for strength in task_strengths],
    },
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(result, indent=1).replace("\n    ", " ").replace("\n   ", " ") + "\n")
