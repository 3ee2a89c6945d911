"""Reference averages of weights over 50 optimizer steps, by PyTorch.

    python lib/averages/_reference/averages.py

writes averages.json beside this file (needs torch and numpy). Start and data are single-precision
numbers, everything is computed in double precision: steps by torch.optim, the learning rate of SWA by
LambdaLR, averages by torch.optim.swa_utils.AveragedModel, whose weighted mean is an avg_fn of ours.
"""

import json
import platform
from pathlib import Path

import numpy
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, get_swa_multi_avg_fn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
steps = 50
size = 7
evaluate_every = 5
kept_steps = [1, 2, 3, 5, 8, 10, 11, 15, 20, 25, 30, 40, 45, 50]


def single(array):
    return numpy.asarray(array, dtype=numpy.float32).astype(numpy.float64)


def numbers(array):
    return [float(f"{value:.9g}") for value in numpy.asarray(array).flatten().tolist()]


generator = numpy.random.default_rng(16)
start = single(generator.normal(0, 1, size))
curvatures = single(generator.uniform(0.5, 2, size))
targets = single(generator.normal(0, 1, (steps, size)))


def factor(schedule, step):
    """Equation 1 of Izmailov et al. after the first steps."""
    if step <= schedule["after"]:
        return 1.0
    every = schedule["every"]
    part = ((step - schedule["after"] - 1) % every + 1) / every
    return (1 - part) * schedule["highest"] + part * schedule["lowest"]


def torch_optimizer(specification, module):
    options = dict(specification)
    kind = options.pop("kind")
    rate = options.pop("learningRate")
    options.pop("schedule", None)
    if kind == "sgd":
        return torch.optim.SGD(module.parameters(), lr=rate, **options)
    if kind == "rmsprop":
        return torch.optim.RMSprop(module.parameters(), lr=rate)
    if kind == "adam":
        return torch.optim.Adam(module.parameters(), lr=rate)
    return torch.optim.AdamW(module.parameters(), lr=rate, weight_decay=options["decay"])


class Weights(torch.nn.Module):
    def __init__(self, values):
        super().__init__()
        self.w = torch.nn.Parameter(torch.tensor(values))


def mean_of(snapshots, coefficients):
    """AveragedModel over the snapshots, from the oldest to the newest."""
    total = numpy.cumsum(coefficients)

    def average(mean, new, count):
        share = coefficients[int(count)] / total[int(count)]
        return mean + share * (new - mean)

    model = AveragedModel(Weights(snapshots[0]), avg_fn=average)
    for values in snapshots:
        model.update_parameters(Weights(values))
    return model.module.w.detach().numpy().copy()


def follow(average, trajectory):
    """The average at each step whose weights it has, or None before it begins."""
    kind = average["kind"]
    found = []
    if kind == "lastEvaluations":
        count = average["count"]
        mean = None
        snapshots = []
        for step in range(1, steps + 1):
            if step % evaluate_every == 0:
                snapshots = (snapshots + [trajectory[step - 1]])[-count:]
                linear = average["weighting"] == "linear"
                weights = [i + 1.0 if linear else 1.0 for i in range(len(snapshots))]
                mean = mean_of(snapshots, weights)
            found.append(mean)
        return found
    if kind == "ema":
        decay = average.get("decay", None)
        if decay is None:
            decay = 1 - average["every"] / average["horizon"]
        model = AveragedModel(Weights(start), multi_avg_fn=get_ema_multi_avg_fn(decay))
    else:
        model = AveragedModel(Weights(start), multi_avg_fn=get_swa_multi_avg_fn())
    for step in range(1, steps + 1):
        if step >= average["start"] and (step - average["start"]) % average["every"] == 0:
            model.update_parameters(Weights(trajectory[step - 1]))
        begun = int(model.n_averaged) > 0
        found.append(model.module.w.detach().numpy().copy() if begun else None)
    return found


averages = [
    {"kind": "ema", "decay": 0.9, "start": 1, "every": 1},
    {"kind": "ema", "decay": 0, "start": 3, "every": 1},
    {"kind": "ema", "decay": 0.99, "start": 11, "every": 1},
    {"kind": "ema", "horizon": 20, "start": 5, "every": 3},
    {"kind": "swa", "start": 1, "every": 1},
    {"kind": "swa", "start": 25, "every": 5},
    {"kind": "lastEvaluations", "count": 3, "weighting": "equal"},
    {"kind": "lastEvaluations", "count": 4, "weighting": "linear"},
]
schedule = {"kind": "cyclic", "after": 20, "every": 5, "highest": 0.5, "lowest": 0.05}
constant = {"kind": "cyclic", "after": 20, "every": 5, "highest": 0.25, "lowest": 0.25}
sgd = {"kind": "sgd", "learningRate": 0.2}

runs = []
for optimizer in [
    sgd,
    {**sgd, "schedule": schedule},
    {**sgd, "schedule": constant},
    {**sgd, "momentum": 0.8, "nesterov": True},
    {"kind": "rmsprop", "learningRate": 0.02},
    {"kind": "adam", "learningRate": 0.05},
    {"kind": "adam", "learningRate": 0.05, "schedule": schedule},
    {"kind": "adamW", "learningRate": 0.05, "decay": 0.5},
]:
    module = Weights(start)
    stepper = torch_optimizer(optimizer, module)
    cycle = optimizer.get("schedule")
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        stepper, lambda done: 1.0 if cycle is None else factor(cycle, done + 1)
    )
    trajectory = []
    for step in range(steps):
        stepper.zero_grad()
        gap = module.w - torch.tensor(targets[step])
        (0.5 * torch.tensor(curvatures) * gap**2).sum().backward()
        stepper.step()
        scheduler.step()
        trajectory.append(module.w.detach().numpy().copy())
    runs.append({
        "optimizer": optimizer,
        "trained": numbers(trajectory[-1]),
        "averages": [
            [None if found[step - 1] is None else numbers(found[step - 1]) for step in kept_steps]
            for found in (follow(average, trajectory) for average in averages)
        ],
    })

result = {
    "generator": "lib/averages/_reference/averages.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "steps": steps,
    "evaluateEvery": evaluate_every,
    "keptSteps": kept_steps,
    "start": numbers(start),
    "curvatures": numbers(curvatures),
    "targets": [numbers(row) for row in targets],
    "averages": averages,
}
lines = ",\n".join(json.dumps(run) for run in runs)
head = json.dumps(result)[:-1]
Path(__file__).with_suffix(".json").write_text(f'{head}, "runs": [\n{lines}\n]}}\n')
