"""Reference trajectories of 20 optimizer steps, by PyTorch.

    python lib/optimizers/_reference/trajectories.py

writes trajectories.json beside this file (needs torch and numpy). Start and data are single-precision
numbers, everything is computed in double precision. Parameters are a kernel [3, 2] and a bias [2];
penalties act on the kernel only, by parameter groups. SGD, Adam, AdamW, RMSprop, ASGD, coupled decay,
schedules and clipping are torch.optim, torch.optim.lr_scheduler (of cyclic schedules LambdaLR, with
numpy.interp), torch.nn.utils.clip_grad_norm_ and clip_grad_value_; loss terms go through autograd; the
proximal maps are torch.nn.functional.softshrink after the step, with the second moment read from the
optimizer's state, and for groups a search for the root of 1 = sum (d u)^2/(rho d + lambda)^2 by bisection
to the last bit of double precision.
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
    if kind == "rmsprop":
        return torch.optim.RMSprop(
            groups,
            lr=rate,
            alpha=options.get("smoothing", 0.99),
            eps=options.get("epsilon", 1e-8),
            momentum=options.get("momentum", 0),
            centered=options.get("centered", False),
            weight_decay=coupled,
        )
    if kind == "asgd":
        first = options["averageFromStep"]
        return torch.optim.ASGD(groups, lr=rate, lambd=0, t0=first - 2, weight_decay=coupled)
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
    rate = optimizer.param_groups[0]["lr"]
    if scalar:
        return torch.full_like(kernel, rate)
    if specification["kind"] in ("sgd", "asgd"):
        return torch.full_like(kernel, rate / (1 - specification.get("momentum", 0)))
    if specification["kind"] == "rmsprop":
        state = optimizer.state[kernel]
        second = state["square_avg"]
        if specification.get("centered", False):
            second = second - state["grad_avg"] ** 2
        rate = rate / (1 - specification.get("momentum", 0))
        return rate / (second.sqrt() + specification.get("epsilon", 1e-8))
    state = optimizer.state[kernel]
    beta2 = specification.get("beta2", 0.999)
    second = state["exp_avg_sq"] / (1 - beta2 ** float(state["step"]))
    return rate / (second.sqrt() + specification.get("epsilon", 1e-8))


def sawtooth(schedule, done):
    """Factor of the step after `done`: numpy's interpolation between the ends of a line, which jump."""
    if done < schedule["after"]:
        return 1.0
    place = (done - schedule["after"]) % schedule["every"] + 1
    return float(numpy.interp(place, [0, schedule["every"]], [schedule["highest"], schedule["lowest"]]))


def scheduler_of(optimizer, schedule):
    """torch's own scheduler of a schedule."""
    kind = schedule["kind"]
    if kind == "step":
        return torch.optim.lr_scheduler.StepLR(optimizer, schedule["every"], schedule["factor"])
    if kind == "cosine":
        final = schedule["finalShare"] * optimizer.param_groups[0]["lr"]
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, schedule["steps"], final)
    if kind == "cyclic":
        return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: sawtooth(schedule, done))
    rising = schedule["steps"]
    line = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / rising, 1, rising - 1)
    return torch.optim.lr_scheduler.SequentialLR(
        optimizer, [line, scheduler_of(optimizer, schedule["then"])], [rising]
    )


def factors_of(schedule, count):
    """Factor of each step, as torch's scheduler gives it for a learning rate of 1."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = scheduler_of(optimizer, schedule)
    factors = []
    for _ in range(count):
        factors.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return factors


def groups_of(kernel, by):
    """The groups of a kernel [3, 2] as lists of index pairs."""
    if by == "tensor":
        return [[(i, j) for i in range(3) for j in range(2)]]
    if by == "row":
        return [[(i, j) for j in range(2)] for i in range(3)]
    return [[(i, j) for i in range(3)] for j in range(2)]


def norms_of(kernel, penalty):
    """Sum of the norms of the groups, each times its factor."""
    total = 0
    for group in groups_of(kernel, penalty["groups"]):
        weights = torch.stack([kernel[index] for index in group])
        factor = 1 if penalty.get("weighting") == "none" else len(group) ** 0.5
        total = total + factor * torch.linalg.vector_norm(weights)
    return total


def map_groups(kernel, sizes, penalty):
    """The proximal map of the group lasso in the metric 1/sizes."""
    for group in groups_of(kernel, penalty["groups"]):
        u = numpy.array([float(kernel[index]) for index in group])
        d = 1 / numpy.array([float(sizes[index]) for index in group])
        strength = penalty["strength"] * (1 if penalty.get("weighting") == "none" else len(u) ** 0.5)
        x = numpy.zeros_like(u)
        if numpy.sqrt(((d * u) ** 2).sum()) > strength:
            low, high = 0.0, float(numpy.sqrt((u**2).sum()))
            for _ in range(200):
                middle = (low + high) / 2
                if ((d * u / (middle * d + strength)) ** 2).sum() > 1:
                    low = middle
                else:
                    high = middle
            x = low * d * u / (low * d + strength)
        for index, value in zip(group, x):
            kernel[index] = float(value)


def run(problem, specification, penalties=(), clipping=None):
    specification = dict(specification)
    given = dict(specification)
    schedule = specification.pop("schedule", None)
    scaled_by_schedule = any(penalty.get("scaledBy") == "schedule" for penalty in penalties)
    kernel = torch.tensor(start[:6].reshape(3, 2), requires_grad=True)
    bias = torch.tensor(start[6:], requires_grad=True)
    strength = {}
    for penalty in penalties:
        strength |= {penalty["kind"]: penalty.get("strength", penalty)}
    elastic = strength.get("elasticNet", {"l1Strength": 0, "l2Strength": 0})
    absolute = strength.get("l1", 0) + elastic["l1Strength"]
    square = strength.get("l2", 0) + elastic["l2Strength"] + 2 * strength.get("kerasL2", 0)
    norms_terms = [
        {**penalty, "groups": "tensor", "weighting": "none"}
        if penalty["kind"] == "unsquaredNorms"
        else penalty
        for penalty in penalties
        if penalty["kind"] in ("groupLasso", "unsquaredNorms")
    ]
    group_maps = [penalty for penalty in penalties if penalty["kind"] == "proximalGroupLasso"]
    proximal = strength.get("proximalElasticNet", {"l1Strength": 0, "l2Strength": 0})
    threshold = strength.get("proximalL1", 0) + proximal["l1Strength"]
    shrinkage = proximal["l2Strength"]
    scalar = any(penalty.get("threshold") == "scalar" for penalty in penalties)
    decoupled = strength.get("decoupledWeightDecay", 0)
    optimizer = torch_optimizer(
        specification, kernel, bias, strength.get("coupledWeightDecay", 0), decoupled
    )
    scheduler = None if schedule is None else scheduler_of(optimizer, schedule)
    trajectory = []
    norms = []
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        term = absolute * kernel.abs().sum() + 0.5 * square * (kernel**2).sum()
        for penalty in norms_terms:
            term = term + penalty["strength"] * norms_of(kernel, penalty)
        (loss_of(problem, kernel, bias) + term).backward()
        limit = (clipping or {}).get("norm", float("inf"))
        norm = float(torch.nn.utils.clip_grad_norm_([kernel, bias], limit))
        if clipping is not None and "value" in clipping:
            torch.nn.utils.clip_grad_value_([kernel, bias], clipping["value"])
        if decoupled and specification["kind"] in ("sgd", "rmsprop", "asgd"):
            with torch.no_grad():
                # torch has no SGD with decoupled decay: its gradient is of the weights before it.
                rate = optimizer.param_groups[0]["lr"]
                share = rate / specification["learningRate"] if scaled_by_schedule else rate
                kernel.mul_(1 - share * decoupled)
        optimizer.step()
        if group_maps:
            with torch.no_grad():
                sizes = sizes_of_step(specification, optimizer, kernel, False)
                if threshold:
                    for i in range(3):
                        for j in range(2):
                            kernel[i, j] = torch.nn.functional.softshrink(
                                kernel[i, j], float(sizes[i, j]) * threshold
                            )
                map_groups(kernel, sizes, group_maps[0])
        elif threshold or shrinkage:
            with torch.no_grad():
                sizes = sizes_of_step(specification, optimizer, kernel, scalar)
                for i in range(3):
                    for j in range(2):
                        s = float(sizes[i, j])
                        shrunk = torch.nn.functional.softshrink(kernel[i, j], s * threshold)
                        kernel[i, j] = shrunk / (1 + s * shrinkage)
        if step in kept_steps:
            norms.append(norm)
            measured = [kernel.detach(), bias.detach()]
            if specification["kind"] == "asgd" and step >= specification["averageFromStep"]:
                measured = [optimizer.state[parameter]["ax"] for parameter in (kernel, bias)]
            trajectory.append(numbers(torch.cat([part.flatten() for part in measured])))
        if scheduler is not None:
            scheduler.step()
    return {
        "problem": problem,
        "optimizer": given,
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

step_schedule = {"kind": "step", "every": 4, "factor": 0.7}
cosine_schedule = {"kind": "cosine", "steps": 19, "finalShare": 0.1}
warm_up_schedule = {"kind": "warmUp", "steps": 5, "then": {"kind": "cosine", "steps": 30, "finalShare": 0}}
cyclic_schedule = {"kind": "cyclic", "after": 6, "every": 5, "highest": 0.8, "lowest": 0.1}
schedules = [
    {"schedule": schedule, "factors": numbers(factors_of(schedule, 20))}
    for schedule in [
        step_schedule,
        cosine_schedule,
        warm_up_schedule,
        {"kind": "warmUp", "steps": 3, "then": step_schedule},
        cyclic_schedule,
        {**cyclic_schedule, "after": 0, "every": 1, "highest": 0.3},
        {**cyclic_schedule, "after": 7, "highest": 0.25, "lowest": 0.25},
    ]
]
for problem, rate in [("quadratic", 0.2), ("badly scaled", 0.008), ("logistic", 0.5)]:
    momentum = sgd(rate, momentum=0.8)
    rmsprop = {"kind": "rmsprop", "learningRate": 0.02}
    centered = {**rmsprop, "smoothing": 0.9, "momentum": 0.5, "centered": True, "epsilon": 0.001}
    asgd = {"kind": "asgd", "learningRate": rate, "averageFromStep": 6}
    for specification in [
        rmsprop,
        {**rmsprop, "smoothing": 0.5, "momentum": 0.8, "epsilon": 0.1},
        centered,
        asgd,
        {**asgd, "averageFromStep": 1},
    ]:
        runs.append(run(problem, specification))
        runs.append(run(problem, specification, clipping={"norm": 0.25}))
    for specification in [sgd(rate), adam(0.05)]:
        runs.append(run(problem, specification, clipping={"value": 0.2}))
        runs.append(run(problem, specification, [penalty("l1", 0.1)], {"value": 0.2}))
    group_penalties = [
        [penalty(kind, 0.2, groups=groups, **options)]
        for kind in ["groupLasso", "proximalGroupLasso"]
        for groups in ["tensor", "row", "column"]
        for options in [{}, {"weighting": "none"}]
    ]
    for specification in [sgd(rate), momentum, adam(0.05), rmsprop, centered]:
        for penalties in [
            [penalty("kerasL2", 0.2)],
            [penalty("unsquaredNorms", 0.3)],
            [penalty("unsquaredNorms", 1), penalty("coupledWeightDecay", 1e-5)],
            *group_penalties,
            [penalty("proximalL1", 0.05), penalty("proximalGroupLasso", 0.1, groups="column")],
        ]:
            # RMSprop's first steps jump over 0, where the direction of w/|w| turns: any rounding grows.
            if specification is rmsprop and penalties[0]["kind"] in ("groupLasso", "unsquaredNorms"):
                continue
            runs.append(run(problem, specification, penalties))
    for specification in [rmsprop, centered, asgd]:
        for penalties in [
            [penalty("proximalL1", 0.2)],
            [penalty("coupledWeightDecay", 0.3)],
            [penalty("decoupledWeightDecay", 0.4)],
        ]:
            # torch averages inside the step, before the proximal map.
            if specification is not asgd or penalties[0]["kind"] != "proximalL1":
                runs.append(run(problem, specification, penalties))
    for schedule in [step_schedule, cosine_schedule, warm_up_schedule, cyclic_schedule]:
        for specification in [
            momentum,
            adam(0.05),
            {"kind": "adamW", "learningRate": 0.05, "decay": 0.5, "targets": ["kernel"]},
            {**rmsprop, "momentum": 0.5},
        ]:
            runs.append(run(problem, {**specification, "schedule": schedule}))
        scheduled = {**sgd(rate), "schedule": schedule}
        runs.append(run(problem, scheduled, [penalty("proximalL1", 0.2)]))
        by_schedule = penalty("decoupledWeightDecay", 0.05, scaledBy="schedule")
        runs.append(run(problem, scheduled, [by_schedule]))

result = {
    "generator": "lib/optimizers/_reference/trajectories.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "steps": kept_steps,
    "schedules": schedules,
    "start": numbers(start),
    "problems": {
        name: {key: numbers(value) for key, value in data.items()} for name, data in problems.items()
    },
    "runs": runs,
}
lines = ",\n".join(json.dumps(entry) for entry in result.pop("runs"))
head = json.dumps(result)[:-1]
Path(__file__).with_suffix(".json").write_text(f'{head}, "runs": [\n{lines}\n]}}\n')
