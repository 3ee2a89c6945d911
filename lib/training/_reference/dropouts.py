"""Training under dropout with masks written out, by PyTorch in double precision.

    python lib/training/_reference/dropouts.py

writes dropouts.json beside this file (needs torch and numpy). Weights are drawn in single precision;
50 steps of plain gradient descent, w - rate * gradient of the mean cross-entropy, read four batches in
turn. The masks are those that the library draws, made anew by dropout_masks.py from what the streams are
for. Kernels are [inputs, outputs], tokens are kept step by step (place t * batch + b).
"""

import json
import platform
import sys
from pathlib import Path

import numpy
import torch
from torch.nn import functional

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "ops" / "_reference"))
from dropout_masks import Stream, dropped_attention  # noqa: E402

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
VOCABULARY, TIME, BATCH, STEPS, KEPT = 7, 6, 4, 50, [1, 50]
RATE = 0.1
generator = numpy.random.default_rng(16)
batches = [generator.integers(0, VOCABULARY, (BATCH, TIME + 1)) for _ in range(4)]


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def drawn(shapes):
    """Weights by name, in single precision; gains near 1."""
    def draw(name, shape):
        values = generator.normal(1.0 if name.endswith("gain") else 0.0, 0.3, shape)
        return torch.tensor(values.astype(numpy.float32).astype(numpy.float64), requires_grad=True)

    return {name: draw(name, shape) for name, shape in shapes.items()}


def transformer_shapes(width, layers):
    shapes = {"embedding/table": (VOCABULARY, width), "positions/table": (TIME, width)}

    def norm(name):
        shapes[f"{name}/gain"] = shapes[f"{name}/shift"] = (width,)

    def linear(name, inputs, outputs):
        shapes[f"{name}/kernel"], shapes[f"{name}/bias"] = (inputs, outputs), (outputs,)

    for block in (f"block{index}" for index in range(layers)):
        norm(f"{block}/attentionNorm")
        linear(f"{block}/attention", width, 3 * width)
        linear(f"{block}/attentionOutput", width, width)
        norm(f"{block}/feedForwardNorm")
        linear(f"{block}/feedForward", width, 4 * width)
        linear(f"{block}/feedForwardOutput", 4 * width, width)
    norm("finalNorm")
    return shapes


def transformer(weights, tokens, stream, model):
    """Logits, [batch, time, vocabulary], in training mode."""
    width, layers, heads = model["embeddingSize"], model["layers"], model["heads"]
    rates = {
        name: model.get(name, 0)
        for name in ("inputDropout", "residualDropout", "attentionDropout", "stochasticDepth")
    }
    state = stream.state()
    attention = Stream([0, "attention dropout", *state])
    depth = Stream([0, "stochastic depth", *state])
    if rates["inputDropout"] == 0 and rates["residualDropout"] == 0:
        stream.uint32()

    def norm(x, name):
        return functional.layer_norm(
            x, (width,), weights[f"{name}/gain"], weights[f"{name}/shift"], 1e-5
        )

    def linear(x, name):
        return x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]

    def added(branch, block):
        if rates["residualDropout"] > 0:
            branch = branch * stream.mask(rates["residualDropout"], branch.shape)
        if rates["stochasticDepth"] > 0:
            rate = rates["stochasticDepth"] * (block + 1) / layers
            branch = branch * depth.mask(rate, (BATCH, 1, 1))
        return branch

    x = weights["embedding/table"][tokens] + weights["positions/table"]
    if rates["inputDropout"] > 0:
        x = x * stream.mask(rates["inputDropout"], x.shape)
    for block in range(layers):
        name = f"block{block}"
        parts = linear(norm(x, f"{name}/attentionNorm"), f"{name}/attention")
        q, k, v = parts.reshape(BATCH, TIME, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        rate = rates["attentionDropout"]
        mask = attention.mask(rate, (BATCH, heads, TIME, TIME)) if rate > 0 else 1
        y = dropped_attention(q, k, v, mask).transpose(1, 2).reshape(BATCH, TIME, width)
        x = x + added(linear(y, f"{name}/attentionOutput"), block)
        y = functional.gelu(linear(norm(x, f"{name}/feedForwardNorm"), f"{name}/feedForward"))
        x = x + added(linear(y, f"{name}/feedForwardOutput"), block)
    return norm(x, "finalNorm") @ weights["embedding/table"].T


def trained(name, model):
    weights = drawn(transformer_shapes(model["embeddingSize"], model["layers"]))
    start = {name: numbers(weight) for name, weight in weights.items()}
    stream = Stream([1, "fold 0", "dropout"])
    losses, kept = [], []
    for step in range(1, STEPS + 1):
        text = torch.tensor(batches[(step - 1) % len(batches)])
        logits = transformer(weights, text[:, :-1], stream, model)
        loss = functional.cross_entropy(logits.reshape(-1, VOCABULARY), text[:, 1:].reshape(-1))
        gradients = torch.autograd.grad(loss, list(weights.values()))
        losses.append(loss.item())
        with torch.no_grad():
            for weight, gradient in zip(weights.values(), gradients):
                weight -= RATE * gradient
        if step in KEPT:
            kept.append({name: numbers(weight) for name, weight in weights.items()})
    return {"name": name, "model": model, "start": start, "losses": losses, "weights": kept}


sizes = {
    "kind": "transformerLanguageModel",
    "embeddingSize": 6,
    "layers": 2,
    "heads": 2,
    "blockSize": TIME,
}
result = {
    "generator": "lib/training/_reference/dropouts.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "vocabulary": VOCABULARY,
    "time": TIME,
    "batch": BATCH,
    "rate": RATE,
    "steps": STEPS,
    "keptSteps": KEPT,
    "batches": [batch.T.flatten().tolist() for batch in batches],
    "runs": [
        trained("attention dropout", {**sizes, "attentionDropout": 0.3}),
        trained("stochastic depth", {**sizes, "stochasticDepth": 0.5}),
        trained("every dropout of a Transformer", {
            **sizes,
            "inputDropout": 0.1,
            "residualDropout": 0.2,
            "attentionDropout": 0.2,
            "stochasticDepth": 0.3,
        }),
    ],
}
(HERE / "dropouts.json").write_text(json.dumps(result) + "\n")
