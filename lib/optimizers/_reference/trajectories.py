"""Reference trajectories of 20 optimizer steps, by PyTorch.

    python lib/optimizers/_reference/trajectories.py

writes trajectories.json beside this file (needs torch and numpy). Start and data are single-precision
numbers, everything is computed in double precision. Parameters are a kernel [3, 2] and a bias [2];
penalties act on the kernel only, by parameter groups. SGD, Adam, AdamW, coupled decay and clipping are
torch.optim and torch.nn.utils.clip_grad_norm_; loss terms go through autograd; the proximal maps are
torch.nn.functional.softshrink after the step, with Adam's second moment read from its state.
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


generator = numpy.random.default_rng(11)
start = single(generator.normal(0, 1, 8))
targets = single(generator.normal(0, 1, 8))
features = single(generator.normal(0, 1, (12, 3)))
labels = generator.integers(0, 2, (12, 2)).astype(float)
problems = {
    "quadratic": {"curvatures": single(generator.uniform(0.5, 2, 8)), "targets": targets},
    "badly scaled": {"curvatures": single(10.0 ** numpy.linspace(-2, 2, 8)), "targets": targets},
    "logistic": {"features": features, "labels": labels},
}


def loss_of(name, kernel, bias):
    data = problems[name]
    if name == "logistic":
        logits = torch.tensor(data["features"]) @ kernel + bias
        total = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, torch.tensor(data["labels"]), reduction="sum"
        )
        return total / len(data["features"])
    weights = torch.cat([kernel.flatten(), bias])
    return 0.5 * (torch.tensor(data["curvatures"]) * (weights - torch.tensor(data["targets"])) ** 2).sum()


def torch_optimizer(specification, kernel, bias, coupled, decoupled):
    options = dict(specification)
    kind = options.pop("kind")
    rate = options.pop("learningRate")
    groups = [{"params": [kernel]}, {"params": [bias], "weight_decay": 0}]
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=rate, weight_decay=coupled, **options)
    betas = (options.pop("beta1", 0.9), options.pop("beta2", 0.999))
    eps = options.pop("epsilon", 1e-8)
    if kind == "adamW":
        return torch.optim.AdamW(groups, lr=rate, betas=betas, eps=eps, weight_decay=options["decay"])
    if decoupled:
        return torch.optim.AdamW(groups, lr=rate, betas=betas, eps=eps, weight_decay=decoupled)
    return torch.optim.Adam(groups, lr=rate, betas=betas, eps=eps, weight_decay=coupled)


def sizes_of_step(specification, optimizer, kernel, scalar):
    """Size of the step per unit of steady gradient, one a weight."""
    rate = specification["learningRate"]
    if scalar:
        return torch.full_like(kernel, rate)
    if specification["kind"] == "sgd":
        return torch.full_like(kernel, rate / (1 - specification.get("momentum", 0)))
    state = optimizer.state[kernel]
    beta2 = specification.get("beta2", 0.999)
    second = state["exp_avg_sq"] / (1 - beta2 ** float(state["step"]))
    return rate / (second.sqrt() + specification.get("epsilon", 1e-8))


def run(problem, specification, penalties=(), clipping=None):
    kernel = torch.tensor(start[:6].reshape(3, 2), requires_grad=True)
    bias = torch.tensor(start[6:], requires_grad=True)
    strength = {}
    for penalty in penalties:
        strength |= {penalty["kind"]: penalty.get("strength", penalty)}
    elastic = strength.get("elasticNet", {"l1Strength": 0, "l2Strength": 0})
    absolute = strength.get("l1", 0) + elastic["l1Strength"]
    square = strength.get("l2", 0) + elastic["l2Strength"]
    proximal = strength.get("proximalElasticNet", {"l1Strength": 0, "l2Strength": 0})
    threshold = strength.get("proximalL1", 0) + proximal["l1Strength"]
    shrinkage = proximal["l2Strength"]
    scalar = any(penalty.get("threshold") == "scalar" for penalty in penalties)
    decoupled = strength.get("decoupledWeightDecay", 0)
    optimizer = torch_optimizer(
        specification, kernel, bias, strength.get("coupledWeightDecay", 0), decoupled
    )
    trajectory = []
    norms = []
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        term = absolute * kernel.abs().sum() + 0.5 * square * (kernel**2).sum()
        (loss_of(problem, kernel, bias) + term).backward()
        limit = float("inf") if clipping is None else clipping["norm"]
        norm = float(torch.nn.utils.clip_grad_norm_([kernel, bias], limit))
        if decoupled and specification["kind"] == "sgd":
            with torch.no_grad():
                # torch has no SGD with decoupled decay: its gradient is of the weights before it.
                kernel.mul_(1 - specification["learningRate"] * decoupled)
        optimizer.step()
        if threshold or shrinkage:
            with torch.no_grad():
                sizes = sizes_of_step(specification, optimizer, kernel, scalar)
                for i in range(3):
                    for j in range(2):
                        s = float(sizes[i, j])
                        shrunk = torch.nn.functional.softshrink(kernel[i, j], s * threshold)
                        kernel[i, j] = shrunk / (1 + s * shrinkage)
        if step in kept_steps:
            norms.append(norm)
            trajectory.append(numbers(torch.cat([kernel.detach().flatten(), bias.detach()])))
    return {
        "problem": problem,
        "optimizer": specification,
        "penalties": list(penalties),
        "clipping": clipping,
        "gradientNorms": numbers(norms),
        "weights": trajectory,
    }


def sgd(rate, **options):
    return {"kind": "sgd", "learningRate": rate, **options}


def adam(rate, **options):
    return {"kind": "adam", "learningRate": rate, **options}


def penalty(kind, strength, **options):
    return {"kind": kind, "strength": strength, **options}


runs = []
for problem, rate in [("quadratic", 0.2), ("badly scaled", 0.008), ("logistic", 0.5)]:
    momentum = sgd(rate, momentum=0.8)
    for specification in [
        sgd(rate),
        momentum,
        sgd(rate, momentum=0.8, nesterov=True),
        adam(0.05),
        adam(0.05, beta1=0.5, beta2=0.9, epsilon=0.01),
        {"kind": "adamW", "learningRate": 0.05, "decay": 0.5, "targets": ["kernel"]},
    ]:
        runs.append(run(problem, specification))
        runs.append(run(problem, specification, clipping={"norm": 0.25}))
    elastic = {"l1Strength": 0.1, "l2Strength": 0.2}
    for specification in [sgd(rate), momentum, adam(0.05)]:
        for penalties in [
            [penalty("l1", 0.1)],
            [penalty("l2", 0.3)],
            [penalty("coupledWeightDecay", 0.3)],
            [penalty("decoupledWeightDecay", 0.4)],
            [{"kind": "elasticNet", **elastic}],
            [penalty("proximalL1", 0.2)],
            [penalty("proximalL1", 0.2, threshold="scalar")],
            [{"kind": "proximalElasticNet", **elastic}],
            [penalty("proximalL1", 0.1), penalty("decoupledWeightDecay", 0.4)],
        ]:
            runs.append(run(problem, specification, penalties))
    runs.append(run(problem, adam(0.05), [penalty("l2", 0.3)], {"norm": 0.25}))
    runs.append(run(problem, adam(0.05), [penalty("coupledWeightDecay", 0.3)], {"norm": 0.25}))

result = {
    "generator": "lib/optimizers/_reference/trajectories.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "steps": kept_steps,
    "start": numbers(start),
    "problems": {
        name: {key: numbers(value) for key, value in data.items()} for name, data in problems.items()
    },
    "runs": runs,
}
lines = ",\n".join(json.dumps(entry) for entry in result.pop("runs"))
head = json.dumps(result)[:-1]
Path(__file__).with_suffix(".json").write_text(f'{head}, "runs": [\n{lines}\n]}}\n')
