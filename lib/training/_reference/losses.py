"""Training with other losses than the cross-entropy, masks of dropout written out, by PyTorch in double
precision.

    python lib/training/_reference/losses.py

writes losses.json beside this file (needs torch and numpy). A simple recurrent model (Embedding, tanh
layer, output) whose weights are drawn in single precision does 50 steps of plain gradient descent on four
batches in turn, some of whose positions do not count. Formulas are written out below, gradients are
autograd's. The masks are those that the library draws, made anew by dropout_masks.py from what the stream
is for. Kernels are [inputs, outputs], tokens are kept step by step (place t * batch + b).
"""

import copy
import json
import platform
import sys
from pathlib import Path

import numpy
import torch
from torch.nn import functional

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "ops" / "_reference"))
from dropout_masks import Stream  # noqa: E402

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
VOCABULARY, EMBEDDING, HIDDEN, TIME, BATCH = 7, 4, 5, 6, 4
STEPS, KEPT, RATE = 50, [1, 10, 50], 0.3
generator = numpy.random.default_rng(21)


def batch_of(lengths):
    text = torch.tensor(generator.integers(0, VOCABULARY, (TIME + 1, BATCH)))
    mask = torch.arange(TIME)[:, None] < torch.tensor(lengths)[None, :]
    return {"inputs": text[:-1], "targets": text[1:], "mask": mask.double()}


batches = [batch_of(lengths) for lengths in ([6, 6, 6, 6], [6, 4, 5, 3], [6, 6, 2, 1], [1, 6, 6, 5])]
shapes = {
    "embedding/table": (VOCABULARY, EMBEDDING),
    "rnn0/kernel": (EMBEDDING, HIDDEN),
    "rnn0/recurrentKernel": (HIDDEN, HIDDEN),
    "rnn0/bias": (HIDDEN,),
    "output/kernel": (HIDDEN, VOCABULARY),
    "output/bias": (VOCABULARY,),
}
start = {
    name: torch.tensor(generator.normal(0, 0.6, shape).astype(numpy.float32).astype(numpy.float64))
    for name, shape in shapes.items()
}


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def states_of(weights, inputs, dropout, stream):
    """What the output layer reads, [time, batch, hidden], and the same before dropout."""
    x = weights["embedding/table"][inputs]
    if dropout.get("inputDropout", 0) > 0:
        x = x * stream.mask(dropout["inputDropout"], x.shape)
    state, states = torch.zeros(BATCH, HIDDEN), []
    for step in x:
        state = torch.tanh(
            step @ weights["rnn0/kernel"]
            + state @ weights["rnn0/recurrentKernel"]
            + weights["rnn0/bias"]
        )
        states.append(state)
    outputs = torch.stack(states)
    if dropout.get("outputDropout", 0) > 0:
        return outputs * stream.mask(dropout["outputDropout"], outputs.shape), outputs
    return outputs, outputs


def mean(values, mask):
    return (values * mask).sum() / mask.sum()


def cross_entropy(logarithms, targets):
    return -logarithms.gather(-1, targets[..., None])[..., 0]


def divergence(one, other):
    """KL of distributions from their logarithms."""
    return (one.exp() * (one - other)).sum(-1)


def loss_of(weights, given, case, stream, step):
    """Mean cross-entropy of a batch with what the case adds to it, the mean over passes if there are two."""
    targets, mask = given["targets"], given["mask"]
    strengths = {penalty["kind"]: penalty["strength"] for penalty in case["penalties"]}
    ahead = [penalty for penalty in case["penalties"] if penalty["kind"] == "tokensAhead"]

    def read():
        """Log-probabilities of a pass, and its loss."""
        dropped, outputs = states_of(weights, given["inputs"], case["dropout"], stream)
        logits = dropped @ weights["output/kernel"] + weights["output/bias"]
        logarithms = logits.log_softmax(-1)
        loss = mean(cross_entropy(logarithms, targets), mask)
        if "labelSmoothing" in strengths:
            share = strengths["labelSmoothing"]
            loss = (1 - share) * loss - share * mean(logarithms.mean(-1), mask)
        if "confidencePenalty" in strengths:
            entropy = -(logarithms.exp() * logarithms).sum(-1)
            loss = loss - strengths["confidencePenalty"] * mean(entropy, mask)
        for penalty in ahead:
            shares, factors = zip(*penalty["schedule"]["points"])
            share = (step - 1) / penalty["schedule"]["steps"]
            factor = penalty["strength"] * numpy.interp(share, shares, factors)
            for k, weight in enumerate(penalty["weights"], 2):
                both = mask[: 1 - k] * mask[k - 1 :]
                later = cross_entropy(logarithms[: 1 - k], targets[k - 1 :])
                loss = loss + factor * weight * mean(later, both)
        if "logitsL1" in strengths:
            loss = loss + strengths["logitsL1"] * (logits.abs().sum(-1) * mask).sum()
        if "activationRegularization" in strengths:
            squares = (dropped**2).mean(-1)
            loss = loss + strengths["activationRegularization"] * mean(squares, mask)
        if "temporalActivationRegularization" in strengths:
            both = mask[1:] * mask[:-1]
            squares = ((outputs[1:] - outputs[:-1]) ** 2).mean(-1)
            loss = loss + strengths["temporalActivationRegularization"] * mean(squares, both)
        return logarithms, loss

    p, loss = read()
    if "rDrop" in strengths:
        q, other = read()
        both = (divergence(p, q) + divergence(q, p)) / 2
        loss = (loss + other) / 2 + strengths["rDrop"] * mean(both, mask)
    return loss


def trained(case):
    weights = {name: values.clone().requires_grad_() for name, values in start.items()}
    stream = Stream([1, "fold 0", "dropout"])
    losses, kept = [], []
    for step in range(1, STEPS + 1):
        given = batches[(step - 1) % len(batches)]
        again = copy.copy(stream)
        loss = loss_of(weights, given, case, stream, step)
        gradients = torch.autograd.grad(loss, list(weights.values()))
        if "sharpnessRadius" in case:
            norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
            beside = {
                name: (weight + case["sharpnessRadius"] * gradient / norm).detach().requires_grad_()
                for (name, weight), gradient in zip(weights.items(), gradients)
            }
            other = loss_of(beside, given, case, again, step)
            gradients = torch.autograd.grad(other, list(beside.values()))
        losses.append(loss.item())
        with torch.no_grad():
            for weight, gradient in zip(weights.values(), gradients):
                weight -= RATE * gradient
        if step in KEPT:
            kept.append({name: numbers(weight) for name, weight in weights.items()})
    return {**case, "losses": losses, "weights": kept}


falling = {"kind": "piecewiseLinear", "steps": STEPS, "points": [[0, 1], [0.6, 0]]}
cases = [
    {
        "name": "a confidence penalty",
        "dropout": {"outputDropout": 0.2},
        "penalties": [{"kind": "confidencePenalty", "strength": 0.4}],
    },
    {
        "name": "R-Drop",
        "dropout": {"inputDropout": 0.2, "outputDropout": 0.3},
        "penalties": [{"kind": "rDrop", "strength": 1.5}],
    },
    {
        "name": "two tokens more ahead, at weights that fall to 0",
        "dropout": {},
        "penalties": [
            {"kind": "tokensAhead", "strength": 0.8, "weights": [1, 0.5], "schedule": falling}
        ],
    },
    {
        "name": "sharpness-aware minimization",
        "dropout": {"inputDropout": 0.2, "outputDropout": 0.3},
        "penalties": [],
        "sharpnessRadius": 0.2,
    },
    {
        "name": "sharpness-aware minimization of R-Drop",
        "dropout": {"outputDropout": 0.3},
        "penalties": [{"kind": "rDrop", "strength": 0.5}],
        "sharpnessRadius": 0.1,
    },
    {
        "name": "R-Drop beside every other term",
        "dropout": {"outputDropout": 0.3},
        "penalties": [
            {"kind": "rDrop", "strength": 0.7},
            {"kind": "labelSmoothing", "strength": 0.1},
            {"kind": "tokensAhead", "strength": 0.5, "weights": [0.5, 0, 1], "schedule": falling},
            {"kind": "confidencePenalty", "strength": 0.2},
            {"kind": "logitsL1", "strength": 0.002},
            {"kind": "activationRegularization", "strength": 0.5},
            {"kind": "temporalActivationRegularization", "strength": 0.4},
        ],
    },
]
result = {
    "generator": "lib/training/_reference/losses.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "sizes": {"embeddingSize": EMBEDDING, "hiddenSize": HIDDEN},
    "vocabulary": VOCABULARY,
    "time": TIME,
    "batch": BATCH,
    "rate": RATE,
    "keptSteps": KEPT,
    "batches": [{name: numbers(values) for name, values in each.items()} for each in batches],
    "start": {name: numbers(values) for name, values in start.items()},
    "runs": [trained(case) for case in cases],
}
(HERE / "losses.json").write_text(json.dumps(result) + "\n")
