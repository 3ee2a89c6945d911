"""Reference trajectories of 50 steps of Muon, cautious decay and max-norm, in double precision.

    python lib/optimizers/_reference/remedies.py

writes remedies.json beside this file (needs torch from 2.9 and numpy). Start and data are
single-precision numbers. The direction of a step is PyTorch's own: torch.optim.SGD, Adam and Muon, without
decay. torch.optim.Muon iterates in bfloat16; here it gets float64 in its place, matrix by matrix, as
[outputs, inputs] and after the split into gates and into queries, keys and values. Beside that the same
formula is written out in numpy; both must agree within 1e-12, and "bfloat16" says how far PyTorch's own
precision is from them in the first step, as a share of the largest value. Decay (of the weights before the
step) and the bound of the norms (after it) are written out below: PyTorch has neither cautious decay nor
a renormalization without 1e-7 in its denominator.
"""

import json
import platform
from pathlib import Path

import numpy
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
steps = 50
kept_steps = [1, 10, 25, 50]
units = 3

parameters = [
    {"name": "embedding/table", "kind": "embedding", "layer": "embedding", "shape": [5, 3]},
    {"name": "gru0/kernel", "kind": "kernel", "layer": "gru0", "shape": [3, 3 * units]},
    {"name": "gru0/recurrentKernel", "kind": "recurrentKernel", "layer": "gru0", "shape": [units, 3 * units]},
    {"name": "gru0/bias", "kind": "bias", "layer": "gru0", "shape": [3 * units]},
    {"name": "block0/attention/kernel", "kind": "kernel", "layer": "block0", "shape": [4, 12], "matrices": 3},
    {"name": "block0/feedForward/kernel", "kind": "kernel", "layer": "block0", "shape": [4, 8]},
    {"name": "block0/feedForwardOutput/kernel", "kind": "kernel", "layer": "block0", "shape": [8, 4]},
    {"name": "output/kernel", "kind": "kernel", "layer": "output", "shape": [3, 5]},
    {"name": "output/bias", "kind": "bias", "layer": "output", "shape": [5]},
]
gates = {"gru0/kernel": 3, "gru0/recurrentKernel": 3, "block0/attention/kernel": 3}
weight_matrices = ("kernel", "recurrentKernel")
sizes = [int(numpy.prod(parameter["shape"])) for parameter in parameters]
starts = numpy.concatenate([[0], numpy.cumsum(sizes)])


def single(array):
    return numpy.asarray(array, dtype=numpy.float32).astype(numpy.float64)


def numbers(array):
    return [float(f"{value:.8g}") for value in numpy.asarray(array).flatten().tolist()]


generator = numpy.random.default_rng(16)
start = single(generator.normal(0, 1, starts[-1]))
targets = single(generator.normal(0, 1, starts[-1]))
problems = {
    "quadratic": single(generator.uniform(0.5, 2, starts[-1])),
    "badly scaled": single(10.0 ** generator.uniform(-1, 1, starts[-1])),
    "log cosh": single(generator.uniform(0.5, 2, starts[-1])),
}


def gradient_of(problem, weights):
    """Of the sum of c (w - t)^2/2, or of c ln cosh(w - t)."""
    difference = weights - targets
    return problems[problem] * (numpy.tanh(difference) if problem == "log cosh" else difference)


def parts_of(parameter, flat):
    """The matrices of a kernel as PyTorch has them, [outputs, inputs]."""
    kernel = flat.reshape(parameter["shape"])
    return [part.T for part in numpy.split(kernel, gates.get(parameter["name"], 1), axis=1)]


def orthogonal(update):
    """Newton and Schulz's iteration, written out."""
    x = update.T if update.shape[0] > update.shape[1] else update
    x = x / max(numpy.sqrt((x**2).sum()), 1e-7)
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.T if update.shape[0] > update.shape[1] else x


class Matrix:
    """One matrix under Muon: PyTorch's in float64, and the formula."""

    def __init__(self, values, options):
        self.options = options
        self.weights = torch.nn.Parameter(torch.tensor(values.copy()))
        self.optimizer = torch.optim.Muon(
            [self.weights],
            lr=1.0,
            weight_decay=0.0,
            momentum=options["momentum"],
            nesterov=options["nesterov"],
            adjust_lr_fn="match_rms_adamw" if options["scale"] == "matchRmsAdamW" else "original",
        )
        self.momentum = numpy.zeros_like(values)
        self.bfloat16 = None

    def direction(self, gradient):
        """Direction of the step, its scale included."""
        mu = self.options["momentum"]
        outputs, inputs = gradient.shape
        scale = 0.2 * max(outputs, inputs) ** 0.5
        if self.options["scale"] == "original":
            scale = max(1, outputs / inputs) ** 0.5
        self.momentum = mu * self.momentum + (1 - mu) * gradient
        update = (1 - mu) * gradient + mu * self.momentum if self.options["nesterov"] else self.momentum
        expected = scale * orthogonal(update)
        if self.bfloat16 is None:
            coarse = torch.optim._muon._zeropower_via_newtonschulz(
                torch.tensor(update), (3.4445, -4.7750, 2.0315), 5, 1e-7
            )
            difference = numpy.abs(scale * coarse.double().numpy() - expected).max()
            self.bfloat16 = difference / numpy.abs(expected).max()
        self.weights.data.zero_()
        self.weights.grad = torch.tensor(gradient.copy())
        precision, torch.bfloat16 = torch.bfloat16, torch.float64
        self.optimizer.step()
        torch.bfloat16 = precision
        found = -self.weights.detach().numpy()
        assert numpy.abs(found - expected).max() <= 1e-12 * numpy.abs(expected).max()
        return found


class Vector:
    """All weights of a parameter under one of PyTorch's other optimizers."""

    def __init__(self, values, options):
        self.weights = torch.nn.Parameter(torch.tensor(values.copy()))
        if options["kind"] == "sgd":
            momentum = options.get("momentum", 0)
            self.optimizer = torch.optim.SGD([self.weights], lr=1.0, momentum=momentum)
        else:
            self.optimizer = torch.optim.Adam([self.weights], lr=1.0)

    def direction(self, gradient):
        self.weights.data.zero_()
        self.weights.grad = torch.tensor(gradient.copy())
        self.optimizer.step()
        return -self.weights.detach().numpy()


def group_of_each(parameter, groups):
    rows, columns = parameter["shape"]
    row, column = numpy.divmod(numpy.arange(rows * columns), columns)
    if groups == "unit":
        return column % (units if parameter["layer"] == "gru0" else columns)
    return {"tensor": 0 * row, "row": row, "column": column}[groups]


def bound(parameter, weights, penalty):
    """Weights whose groups have norms of at most 1/strength."""
    group = group_of_each(parameter, penalty["groups"])
    norms = numpy.sqrt(numpy.bincount(group, weights**2))
    limit = 1 / penalty["strength"]
    factors = numpy.where(norms > limit, limit / numpy.maximum(norms, limit), 1)
    return weights * factors[group]


def run(problem, given, penalties=()):
    muon = given["kind"] == "muon"
    options = {"momentum": 0.95, "nesterov": True, "scale": "matchRmsAdamW", **given} if muon else given
    layers = options.get("muonLayers", ["gru0", "block0"])
    rate = options["learningRate"]
    decay = options.get("decay", 0)
    cautious = options.get("cautious", False)
    bounds = [penalty for penalty in penalties if penalty["kind"] == "maxNorm"]
    for penalty in penalties:
        if penalty["kind"] == "decoupledWeightDecay":
            decay, cautious = penalty["strength"], penalty.get("cautious", False)
    weights = [start[starts[i] : starts[i + 1]].copy() for i in range(len(parameters))]
    rules = []
    for parameter, values in zip(parameters, weights):
        matrix = muon and parameter["kind"] in weight_matrices and parameter["layer"] in layers
        if matrix:
            rules.append((rate, [Matrix(part, options) for part in parts_of(parameter, values)]))
        else:
            rules.append((options.get("adamLearningRate", rate), Vector(values, options)))
    trajectory = []
    for step in range(1, steps + 1):
        gradient = gradient_of(problem, numpy.concatenate(weights))
        for i, parameter in enumerate(parameters):
            own, rule = rules[i]
            g = gradient[starts[i] : starts[i + 1]]
            if isinstance(rule, list):
                parts = [part.direction(each) for part, each in zip(rule, parts_of(parameter, g))]
                u = numpy.concatenate([part.T for part in parts], axis=1).flatten()
            else:
                u = rule.direction(g)
            x = weights[i]
            share = decay if parameter["kind"] in weight_matrices else 0
            chosen = u * x >= 0 if cautious else 1
            weights[i] = x - own * (u + share * chosen * x)
            if parameter["kind"] in weight_matrices:
                for penalty in bounds:
                    weights[i] = bound(parameter, weights[i], penalty)
        if step in kept_steps:
            trajectory.append(numbers(numpy.concatenate(weights)))
    entry = {"problem": problem, "optimizer": given, "penalties": list(penalties), "weights": trajectory}
    if muon:
        matrices = [each for _, rule in rules if isinstance(rule, list) for each in rule]
        entry["bfloat16"] = float(f"{max(each.bfloat16 for each in matrices):.2g}")
    return entry


runs = []
for problem, rate in [("quadratic", 0.1), ("badly scaled", 0.02), ("log cosh", 0.1)]:
    muon = {"kind": "muon", "learningRate": 0.02, "decay": 0.5}
    original = {**muon, "decay": 0, "scale": "original", "adamLearningRate": 0.01}
    for specification in [
        muon,
        {**muon, "cautious": True},
        {**original, "nesterov": False, "momentum": 0.8},
        {**original, "muonLayers": ["block0", "output"], "decay": 0.2},
    ]:
        runs.append(run(problem, specification))
    sgd = {"kind": "sgd", "learningRate": rate}
    momentum = {"kind": "sgd", "learningRate": rate / 4, "momentum": 0.8}
    adam = {"kind": "adam", "learningRate": 0.02}
    cautious = {"kind": "decoupledWeightDecay", "strength": 0.5, "cautious": True}
    for specification in [sgd, momentum, adam]:
        runs.append(run(problem, specification, [cautious]))
    runs.append(run(problem, {**adam, "kind": "adamW", "decay": 0.5, "cautious": True}))
    for groups, strength in [("tensor", 0.3), ("row", 0.6), ("column", 0.8), ("unit", 0.5)]:
        penalty = {"kind": "maxNorm", "strength": strength, "groups": groups}
        for specification in [sgd, adam]:
            runs.append(run(problem, specification, [penalty]))
    column = {"kind": "maxNorm", "strength": 0.8, "groups": "column"}
    runs.append(run(problem, momentum, [column, cautious]))
    runs.append(run(problem, muon, [column]))

result = {
    "generator": "lib/optimizers/_reference/remedies.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "steps": kept_steps,
    "parameters": parameters,
    "start": numbers(start),
    "targets": numbers(targets),
    "curvatures": {name: numbers(values) for name, values in problems.items()},
    "runs": runs,
}
lines = ",\n".join(json.dumps(entry) for entry in result.pop("runs"))
head = json.dumps(result)[:-1]
Path(__file__).with_suffix(".json").write_text(f'{head}, "runs": [\n{lines}\n]}}\n')
