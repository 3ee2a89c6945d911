"""Reference trajectories of 20 RMSprop steps, by Keras.

    python lib/optimizers/_reference/keras_rmsprop.py

writes keras_rmsprop.json beside this file (needs keras, numpy, scipy, and jax, which Keras's numpy
backend imports). Everything is computed in double precision; the gradients are those of half the sum of
c (w - target)^2, with like and with badly scaled c, and of a logistic regression's mean cross-entropy. The
schedule is Keras's own
ExponentialDecay in stairs, whose steps count from 0. The value of keras.regularizers.L2 stands beside.
"""

import json
import os
import platform
from pathlib import Path

os.environ["KERAS_BACKEND"] = "numpy"

import keras
import numpy

keras.config.set_floatx("float64")


def numbers(array):
    return [float(f"{value:.9g}") for value in numpy.asarray(array).flatten().tolist()]


generator = numpy.random.default_rng(13)
start = numpy.float32(generator.normal(0, 1, 6)).astype(float)
targets = numpy.float32(generator.normal(0, 1, 6)).astype(float)
curvatures = numpy.float32(10.0 ** numpy.linspace(-2, 2, 6)).astype(float)
features = numpy.float32(generator.normal(0, 1, (12, 6))).astype(float)
labels = generator.integers(0, 2, 12).astype(float)
mild = numpy.float32(generator.uniform(0.5, 2, 6)).astype(float)


def gradient_of(problem, weights):
    if problem == "logistic":
        residuals = 1 / (1 + numpy.exp(-features @ weights)) - labels
        return features.T @ residuals / len(labels)
    return (mild if problem == "quadratic" else curvatures) * (weights - targets)


runs = []
for problem, options in [(problem, options) for problem in ["quadratic", "badly scaled", "logistic"] for options in [
    {},
    {"smoothing": 0.5, "epsilon": 0.01},
    {"momentum": 0.8},
    {"momentum": 0.5, "centered": True, "epsilon": 0.001},
    {"momentum": 0.8, "schedule": {"kind": "step", "every": 4, "factor": 0.7}},
]]:
    rate = 0.02
    schedule = options.get("schedule")
    weights = keras.Variable(start, dtype="float64")
    optimizer = keras.optimizers.RMSprop(
        learning_rate=rate
        if schedule is None
        else keras.optimizers.schedules.ExponentialDecay(
            rate, schedule["every"], schedule["factor"], staircase=True
        ),
        rho=options.get("smoothing", 0.9),
        momentum=options.get("momentum", 0.0),
        epsilon=options.get("epsilon", 1e-7),
        centered=options.get("centered", False),
    )
    trajectory = []
    for step in range(20):
        gradient = gradient_of(problem, numpy.array(weights.value))
        optimizer.apply([gradient], [weights])
        trajectory.append(numbers(weights.value))
    runs.append(
        {
            "problem": problem,
            "optimizer": {"kind": "rmsprop", "form": "keras", "learningRate": rate, **options},
            "weights": trajectory,
        }
    )

result = {
    "generator": "lib/optimizers/_reference/keras_rmsprop.py",
    "versions": {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "numpy": numpy.__version__,
    },
    "start": numbers(start),
    "targets": numbers(targets),
    "curvatures": {"quadratic": numbers(mild), "badly scaled": numbers(curvatures)},
    "features": numbers(features),
    "labels": numbers(labels),
    "l2": {"strength": 0.3, "value": float(keras.regularizers.L2(0.3)(start))},
    "runs": runs,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
