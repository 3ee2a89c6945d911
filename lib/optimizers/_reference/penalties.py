"""Reference values of penalties and their fixed points, by PyTorch and scikit-learn.

    python lib/optimizers/_reference/penalties.py

writes penalties.json beside this file (needs torch, numpy and scikit-learn): value and gradient of
each loss term by autograd, soft thresholds by torch.nn.functional.softshrink, and the coefficients
of Lasso, ElasticNet and Ridge on one small least-squares problem. For the objective
mean((y - Xw)^2)/2 + lambda |w|_1 + alpha |w|^2/2 scikit-learn's parameters are
Lasso(alpha=lambda), ElasticNet(alpha=lambda + alpha, l1_ratio=lambda/(lambda + alpha)) and
Ridge(alpha=n * alpha), all without intercept.
"""

import json
import platform
from pathlib import Path

import numpy
import sklearn
import torch
from sklearn.linear_model import ElasticNet, Lasso, Ridge

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def single(array):
    return numpy.asarray(array, dtype=numpy.float32).astype(numpy.float64)


def numbers(array):
    return [float(f"{value:.9g}") for value in numpy.asarray(array).flatten().tolist()]


generator = numpy.random.default_rng(5)
weights = single([0, -0.0, 1e-7, -1e-7, 3.5, -120, *generator.normal(0, 0.3, 27)])

terms = []
for absolute, square in [(0.3, 0), (0, 0.7), (0.3, 0.7), (1e-5, 1e3)]:
    w = torch.tensor(weights, requires_grad=True)
    value = absolute * w.abs().sum() + 0.5 * square * (w**2).sum()
    value.backward()
    terms.append(
        {
            "l1Strength": absolute,
            "l2Strength": square,
            "value": float(value.detach()),
            "gradient": numbers(w.grad),
        }
    )

thresholds = [
    {
        "threshold": threshold,
        "weights": numbers(torch.nn.functional.softshrink(torch.tensor(weights), threshold)),
    }
    for threshold in [0.25, 1e-7, 4.0]
]

rows, columns = 40, 8
features = generator.normal(0, 1, (rows, columns))
features[:, 1] = 0.8 * features[:, 0] + 0.6 * features[:, 1]
features = single(features * numpy.linspace(0.5, 2, columns))
truth = numpy.array([1.5, 0, -2, 0, 0, 0.7, 0, 0.05])
labels = single(features @ truth + generator.normal(0, 0.3, rows))
largest = float(numpy.abs(features.T @ labels).max() / rows)
options = dict(fit_intercept=False)
exact = dict(tol=1e-14, max_iter=1_000_000)
fits = []
for share in [0.5, 0.1, 0.02]:
    strength = float(f"{share * largest:.6g}")
    fit = Lasso(alpha=strength, **options, **exact).fit(features, labels)
    fits.append({"l1Strength": strength, "l2Strength": 0, "weights": numbers(fit.coef_)})
    fit = ElasticNet(alpha=strength + 0.5, l1_ratio=strength / (strength + 0.5), **options, **exact)
    fit.fit(features, labels)
    fits.append({"l1Strength": strength, "l2Strength": 0.5, "weights": numbers(fit.coef_)})
fit = Ridge(alpha=rows * 0.5, **options).fit(features, labels)
fits.append({"l1Strength": 0, "l2Strength": 0.5, "weights": numbers(fit.coef_)})

result = {
    "generator": "lib/optimizers/_reference/penalties.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "scikitLearn": sklearn.__version__,
    },
    "weights": numbers(weights),
    "terms": terms,
    "softThresholds": thresholds,
    "leastSquares": {
        "rows": rows,
        "columns": columns,
        "features": numbers(features),
        "labels": numbers(labels),
        "largestStrength": largest,
        "fits": fits,
    },
}
Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1).replace("\n    ", " ") + "\n")
