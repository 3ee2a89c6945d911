"""Reference trajectories of 20 steps under the group lasso by unit, by PyTorch.

    python lib/optimizers/_reference/unit_groups.py

writes unit_groups.json beside this file (needs torch and numpy). A kernel [3, 6] and a recurrent kernel
[2, 6] of a layer of two units with three gates, as a GRU's: unit j owns the columns j, 2 + j and 4 + j of
each. A bias [6] and a kernel [2, 2] of another layer, whose units have a column each. Start and data
are single-precision numbers, everything is computed in double precision. The loss is half the sum of
c (w - target)^2. The term lambda * sum of sqrt(size) |w_g| over the units goes through autograd by
torch.linalg.vector_norm of a view [rows, gates, units]; the proximal map after SGD's step is
u * max(0, 1 - eta lambda sqrt(size)/|u|), after Adam's the minimum of sum d (x - u)^2/2 + lambda
sqrt(size) |x| with d = (sqrt(v) + epsilon)/eta from the optimizer's state, found by bisection for |x|.
"""

import json
import platform
from pathlib import Path

import numpy
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
kept_steps = [1, 2, 5, 10, 20]
units = 2
shapes = {
    "gru0/kernel": [3, 6],
    "gru0/recurrentKernel": [2, 6],
    "gru0/bias": [6],
    "output/kernel": [2, 2],
}
penalized = {"gru0/kernel": 3, "gru0/recurrentKernel": 3, "output/kernel": 1}


def single(array):
    return numpy.asarray(array, dtype=numpy.float32).astype(numpy.float64)


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


generator = numpy.random.default_rng(17)
start = {name: single(generator.normal(0, 1, shape)) for name, shape in shapes.items()}
# The first unit of each has small targets, so that it dies.
targets = {name: single(generator.normal(0, 1, shape)) for name, shape in shapes.items()}
for name in penalized:
    targets[name][:, 0::units] = single(0.05 * targets[name][:, 0::units])
curvatures = {name: single(generator.uniform(0.5, 2, shape)) for name, shape in shapes.items()}


def by_unit(tensor, gates):
    """[units, weights of a unit]"""
    return tensor.reshape(-1, gates, units).permute(2, 0, 1).reshape(units, -1)


def proximal(weights, sizes, strength):
    """Of one unit, in the metric 1/sizes."""
    d = 1 / sizes
    strength = strength * len(weights) ** 0.5
    if torch.linalg.vector_norm(d * weights) <= strength:
        return torch.zeros_like(weights)
    low, high = 0.0, float(torch.linalg.vector_norm(weights))
    for _ in range(200):
        middle = (low + high) / 2
        if float(((d * weights / (middle * d + strength)) ** 2).sum()) > 1:
            low = middle
        else:
            high = middle
    return low * d * weights / (low * d + strength)


def map_units(kernel, sizes, gates, strength):
    for unit, (weights, size) in enumerate(zip(by_unit(kernel, gates), by_unit(sizes, gates))):
        mapped = proximal(weights.clone(), size, strength)
        kernel.view(-1, gates, units)[:, :, unit] = mapped.reshape(-1, gates)


def run(specification, penalty):
    weights = {name: torch.tensor(value, requires_grad=True) for name, value in start.items()}
    rate = specification["learningRate"]
    if specification["kind"] == "sgd":
        optimizer = torch.optim.SGD(weights.values(), lr=rate)
    else:
        optimizer = torch.optim.Adam(weights.values(), lr=rate)
    strength = penalty["strength"]
    trajectory = []
    for step in range(1, 21):
        optimizer.zero_grad()
        loss = sum(
            0.5 * (torch.tensor(curvatures[name]) * (w - torch.tensor(targets[name])) ** 2).sum()
            for name, w in weights.items()
        )
        if penalty["kind"] == "groupLasso":
            for name, gates in penalized.items():
                groups = by_unit(weights[name], gates)
                size = groups.shape[1] ** 0.5
                loss = loss + strength * size * torch.linalg.vector_norm(groups, dim=1).sum()
        loss.backward()
        optimizer.step()
        if penalty["kind"] == "proximalGroupLasso":
            with torch.no_grad():
                for name, gates in penalized.items():
                    kernel = weights[name]
                    sizes = torch.full_like(kernel, rate)
                    if specification["kind"] == "adam":
                        state = optimizer.state[kernel]
                        second = state["exp_avg_sq"] / (1 - 0.999 ** float(state["step"]))
                        sizes = rate / (second.sqrt() + 1e-8)
                    map_units(kernel, sizes, gates, strength)
        if step in kept_steps:
            trajectory.append({name: numbers(w) for name, w in weights.items()})
    return {"optimizer": specification, "penalty": penalty, "weights": trajectory}


def values_of(arrays):
    return {name: numbers(torch.tensor(value)) for name, value in arrays.items()}


runs = [
    run(specification, {"kind": kind, "strength": 0.5, "groups": "unit"})
    for specification in [
        {"kind": "sgd", "learningRate": 0.2},
        {"kind": "adam", "learningRate": 0.15},
    ]
    for kind in ["groupLasso", "proximalGroupLasso"]
]
result = {
    "generator": "lib/optimizers/_reference/unit_groups.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "steps": kept_steps,
    "start": values_of(start),
    "targets": values_of(targets),
    "curvatures": values_of(curvatures),
}
head = json.dumps(result)[:-1]
lines = ",\n".join(json.dumps(entry) for entry in runs)
Path(__file__).with_suffix(".json").write_text(f'{head}, "runs": [\n{lines}\n]}}\n')
