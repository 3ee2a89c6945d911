"""Reference trajectories of 20 steps under penalties towards the initial weights, by PyTorch.

    python lib/optimizers/_reference/towards_start.py

writes towards_start.json beside this file (needs torch and numpy). Start and data are single-precision
numbers, everything is computed in double precision. What torch.optim trains is v = w - w0, from 0 on, as
torch.nn.utils.parametrize would: then the decay of torch.optim.AdamW and SGD, torch's autograd of
v^2/2 and torch.nn.functional.softshrink of v are those towards w0, none of which PyTorch has by itself.
A cautious decay and one under RMSprop are written out. The problems are sums over the weights: c (w - t)^2/2,
the same badly scaled, and c ln cosh(w - t). Parameters are a kernel [3, 2] and a bias [2]; penalties act on
the kernel alone.
"""

import json
import platform
from pathlib import Path

import numpy
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
steps = 20
kept_steps = [1, 2, 3, 5, 10, 15, 20]


def single(array):
    return numpy.asarray(array, dtype=numpy.float32).astype(numpy.float64)


def numbers(array):
    return [float(f"{value:.9g}") for value in numpy.asarray(array).flatten().tolist()]


generator = numpy.random.default_rng(18)
start = single(generator.normal(0, 1, 8))
targets = single(generator.normal(0, 1, 8))
problems = {
    "quadratic": single(generator.uniform(0.5, 2, 8)),
    "badly scaled": single(10.0 ** numpy.linspace(-2, 2, 8)),
    "log cosh": single(generator.uniform(0.5, 2, 8)),
}
origin = torch.tensor(start)


def loss_of(problem, weights):
    difference = weights - torch.tensor(targets)
    each = torch.log(torch.cosh(difference)) if problem == "log cosh" else 0.5 * difference**2
    return (torch.tensor(problems[problem]) * each).sum()


def torch_optimizer(specification, kernel, bias, decay):
    options = dict(specification)
    kind = options.pop("kind")
    rate = options.pop("learningRate")
    groups = [{"params": [kernel]}, {"params": [bias], "weight_decay": 0}]
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=rate, **options)
    if kind == "rmsprop":
        return torch.optim.RMSprop(groups, lr=rate, alpha=0.99, eps=1e-8)
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=decay)


def sizes_of_step(specification, optimizer, kernel, scalar):
    """Size of the step per unit of steady gradient, one a weight."""
    rate = specification["learningRate"]
    if scalar:
        return torch.full_like(kernel, rate)
    if specification["kind"] == "sgd":
        return torch.full_like(kernel, rate / (1 - specification.get("momentum", 0)))
    state = optimizer.state[kernel]
    if specification["kind"] == "rmsprop":
        return rate / (state["square_avg"].sqrt() + 1e-8)
    second = state["exp_avg_sq"] / (1 - 0.999 ** float(state["step"]))
    return rate / (second.sqrt() + 1e-8)


def run(problem, specification, penalties, clipping=None):
    kernel = torch.zeros(3, 2, requires_grad=True)
    bias = torch.zeros(2, requires_grad=True)
    given = {penalty["kind"]: penalty for penalty in penalties}
    square = given.get("l2TowardsStart", {}).get("strength", 0)
    decay = given.get("decoupledDecayTowardsStart", {})
    share = specification["learningRate"] * decay.get("strength", 0)
    if decay.get("scaledBy") == "schedule":
        share = decay["strength"]
    by_adam = specification["kind"] == "adam" and set(decay) == {"kind", "strength"}
    proximal = given.get("proximalL1TowardsStart", {})
    optimizer = torch_optimizer(specification, kernel, bias, decay["strength"] if by_adam else 0)
    trajectory = []
    norms = []
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        weights = origin + torch.cat([kernel.flatten(), bias])
        (loss_of(problem, weights) + 0.5 * square * (kernel**2).sum()).backward()
        limit = (clipping or {}).get("norm", float("inf"))
        norms.append(float(torch.nn.utils.clip_grad_norm_([kernel, bias], limit)))
        if clipping is not None and "value" in clipping:
            torch.nn.utils.clip_grad_value_([kernel, bias], clipping["value"])
        before = kernel.detach().clone()
        optimizer.step()
        with torch.no_grad():
            if not by_adam:
                towards = (before - kernel) * before >= 0
                where = towards if decay.get("cautious") else torch.ones_like(towards)
                kernel -= share * where * before
            if proximal:
                sizes = sizes_of_step(specification, optimizer, kernel, proximal.get("threshold") == "scalar")
                for i in range(3):
                    for j in range(2):
                        threshold = float(sizes[i, j]) * proximal["strength"]
                        kernel[i, j] = torch.nn.functional.softshrink(kernel[i, j], threshold)
        if step in kept_steps:
            trajectory.append(numbers(origin + torch.cat([kernel.detach().flatten(), bias.detach()])))
    return {
        "problem": problem,
        "optimizer": specification,
        "penalties": penalties,
        "clipping": clipping,
        "gradientNorms": [norms[step - 1] for step in kept_steps],
        "weights": trajectory,
    }


def penalty(kind, strength, **options):
    return {"kind": kind, "strength": strength, **options}


runs = []
for problem, rate in [("quadratic", 0.2), ("badly scaled", 0.008), ("log cosh", 0.5)]:
    sgd = {"kind": "sgd", "learningRate": rate}
    adam = {"kind": "adam", "learningRate": 0.05}
    rmsprop = {"kind": "rmsprop", "learningRate": 0.02}
    for specification in [sgd, {**sgd, "momentum": 0.8}, adam, rmsprop]:
        for penalties in [
            [penalty("l2TowardsStart", 0.3)],
            [penalty("decoupledDecayTowardsStart", 0.4)],
            [penalty("decoupledDecayTowardsStart", 0.05, scaledBy="schedule")],
            [penalty("proximalL1TowardsStart", 0.2)],
            [penalty("proximalL1TowardsStart", 0.2, threshold="scalar")],
            [penalty("l2TowardsStart", 0.3), penalty("proximalL1TowardsStart", 0.1)],
        ]:
            runs.append(run(problem, specification, penalties))
    # At the minimum the sign of a step is that of a rounding, so that these stop before it.
    cautious = [penalty("decoupledDecayTowardsStart", 0.4, cautious=True)]
    for specification in [{**sgd, "learningRate": rate / 10}, {**adam, "learningRate": 0.01}]:
        runs.append(run(problem, specification, cautious))
    for clipping in [{"norm": 0.25}, {"value": 0.2}]:
        for specification in [sgd, adam]:
            runs.append(run(problem, specification, [penalty("l2TowardsStart", 0.3)], clipping))
            both = [penalty("decoupledDecayTowardsStart", 0.4), penalty("proximalL1TowardsStart", 0.1)]
            runs.append(run(problem, specification, both, clipping))

result = {
    "generator": "lib/optimizers/_reference/towards_start.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "steps": kept_steps,
    "start": numbers(start),
    "targets": numbers(targets),
    "curvatures": {name: numbers(value) for name, value in problems.items()},
    "runs": runs,
}
lines = ",\n".join(json.dumps(entry) for entry in result.pop("runs"))
head = json.dumps(result)[:-1]
Path(__file__).with_suffix(".json").write_text(f'{head}, "runs": [\n{lines}\n]}}\n')
