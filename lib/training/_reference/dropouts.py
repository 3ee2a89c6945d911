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
VOCABULARY, TIME, BATCH, STEPS, KEPT = 7, 6, 4, 50, [50]
RATE, UNKNOWN = 0.1, 0
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


def recurrent_shapes(kind, width, hidden):
    gates = {"gru": 3, "lstm": 4, "rnn": 1}[kind]
    return {
        "embedding/table": (VOCABULARY, width),
        f"{kind}0/kernel": (width, gates * hidden),
        f"{kind}0/recurrentKernel": (hidden, gates * hidden),
        f"{kind}0/bias": (gates * hidden,),
        **({"gru0/recurrentBias": (gates * hidden,)} if kind == "gru" else {}),
        "output/kernel": (hidden, VOCABULARY),
        "output/bias": (VOCABULARY,),
    }


def recurrent(weights, tokens, stream, model, factor):
    """Logits, [batch, time, vocabulary], in training mode."""
    kind, hidden = model["kind"].removesuffix("LanguageModel"), model["hiddenSize"]
    cell = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM, "rnn": torch.nn.RNN}[kind]
    kernel = weights[f"{kind}0/recurrentKernel"]
    if "recurrentDropout" in model:
        kernel = kernel * stream.mask(factor * model["recurrentDropout"], kernel.shape)
    bias = weights[f"{kind}0/bias"]
    own = {
        "weight_ih_l0": weights[f"{kind}0/kernel"].T,
        "weight_hh_l0": kernel.T,
        "bias_ih_l0": bias,
        "bias_hh_l0": weights.get("gru0/recurrentBias", torch.zeros_like(bias)),
    }
    # [time, batch, width]
    inputs = weights["embedding/table"][tokens.T]
    module = cell(model["embeddingSize"], hidden)
    states, _ = torch.func.functional_call(module, own, (inputs,))
    if "outputDropout" in model:
        states = states * stream.mask(factor * model["outputDropout"], states.shape)
    return (states @ weights["output/kernel"] + weights["output/bias"]).transpose(0, 1)


def transformer(weights, tokens, stream, model, factor):
    """Logits, [batch, time, vocabulary], in training mode."""
    width, layers, heads = model["embeddingSize"], model["layers"], model["heads"]
    names = ("inputDropout", "residualDropout", "attentionDropout", "stochasticDepth")
    # Masks are drawn at a rate of 0 too, where it is a schedule that makes it 0.
    rates = {name: factor * model[name] for name in names if name in model}
    state = stream.state()
    attention = Stream([0, "attention dropout", *state])
    depth = Stream([0, "stochastic depth", *state])
    if "inputDropout" not in rates and "residualDropout" not in rates:
        stream.uint32()

    def norm(x, name):
        return functional.layer_norm(
            x, (width,), weights[f"{name}/gain"], weights[f"{name}/shift"], 1e-5
        )

    def linear(x, name):
        return x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]

    def added(branch, block):
        if "residualDropout" in rates:
            branch = branch * stream.mask(rates["residualDropout"], branch.shape)
        if "stochasticDepth" in rates:
            rate = rates["stochasticDepth"] * (block + 1) / layers
            branch = branch * depth.mask(rate, (BATCH, 1, 1))
        return branch

    x = weights["embedding/table"][tokens] + weights["positions/table"]
    if "inputDropout" in rates:
        x = x * stream.mask(rates["inputDropout"], x.shape)
    for block in range(layers):
        name = f"block{block}"
        parts = linear(norm(x, f"{name}/attentionNorm"), f"{name}/attention")
        q, k, v = parts.reshape(BATCH, TIME, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        mask = 1
        if "attentionDropout" in rates:
            mask = attention.mask(rates["attentionDropout"], (BATCH, heads, TIME, TIME))
        y = dropped_attention(q, k, v, mask).transpose(1, 2).reshape(BATCH, TIME, width)
        x = x + added(linear(y, f"{name}/attentionOutput"), block)
        y = functional.gelu(linear(norm(x, f"{name}/feedForwardNorm"), f"{name}/feedForward"))
        x = x + added(linear(y, f"{name}/feedForwardOutput"), block)
    return norm(x, "finalNorm") @ weights["embedding/table"].T


def weight_masks(weights, stream, dropped, factor):
    """Masks by name of the parameters that are targets, from a stream of their own."""
    if dropped is None:
        return {}
    own = Stream([0, "weight dropout", *stream.state()])

    def is_target(name):
        layer, own_name = name.split("/")[0], name.split("/")[-1]
        return own_name in dropped["targets"] and layer in dropped.get("layers", [layer])

    return {
        name: own.mask(factor * dropped["rate"], weight.shape)
        for name, weight in weights.items()
        if is_target(name)
    }


def masked_inputs(tokens, stream, share):
    """Input tokens, [batch, time], some of them the unknown one; drawn step by step."""
    if share is None:
        return tokens
    own = Stream([0, "masked inputs", *stream.state()])
    drawn = numpy.array([own.uniform() < share for _ in range(TIME * BATCH)])
    return tokens.masked_fill(torch.tensor(drawn.reshape(TIME, BATCH).T), UNKNOWN)


def factor_of(schedule, step):
    if schedule is None:
        return 1
    shares, factors = zip(*schedule["points"])
    return float(numpy.interp((step - 1) / schedule["steps"], shares, factors))


def trained(name, model, dropped=None, schedule=None, share=None):
    kind = model["kind"].removesuffix("LanguageModel")
    if kind == "transformer":
        compute, shapes = transformer, transformer_shapes(model["embeddingSize"], model["layers"])
    else:
        shapes = recurrent_shapes(kind, model["embeddingSize"], model["hiddenSize"])
        compute = recurrent
    weights = drawn(shapes)
    start = {name: numbers(weight) for name, weight in weights.items()}
    stream = Stream([1, "fold 0", "dropout"])
    losses, kept = [], []
    for step in range(1, STEPS + 1):
        text = torch.tensor(batches[(step - 1) % len(batches)])
        factor = factor_of(schedule, step)
        before = stream.state()
        masks = weight_masks(weights, stream, dropped, factor)
        masked = {name: weight * masks.get(name, 1) for name, weight in weights.items()}
        inputs = masked_inputs(text[:, :-1], stream, share)
        logits = compute(masked, inputs, stream, model, factor)
        if (dropped or share) and stream.state() == before:
            stream.uint32()
        loss = functional.cross_entropy(logits.reshape(-1, VOCABULARY), text[:, 1:].reshape(-1))
        gradients = torch.autograd.grad(loss, list(weights.values()))
        losses.append(loss.item())
        with torch.no_grad():
            for weight, gradient in zip(weights.values(), gradients):
                weight -= RATE * gradient
        if step in KEPT:
            kept.append({name: numbers(weight) for name, weight in weights.items()})
    training = {"weightDropout": dropped, "dropoutSchedule": schedule, "maskedInputs": share}
    return {
        "name": name,
        "model": model,
        "training": {name: value for name, value in training.items() if value is not None},
        "start": start,
        "losses": losses,
        "weights": kept,
    }


sizes = {
    "kind": "transformerLanguageModel",
    "embeddingSize": 6,
    "layers": 2,
    "heads": 2,
    "blockSize": TIME,
}
cell = {"embeddingSize": 5, "hiddenSize": 6}
kernels = {"rate": 0.3, "targets": ["kernel", "recurrentKernel"]}
rising = {"kind": "piecewiseLinear", "steps": 40, "points": [[0, 0], [0.5, 1], [1, 0.5]]}
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
        trained(
            "scheduled dropouts of a Transformer",
            {**sizes, "residualDropout": 0.2, "attentionDropout": 0.2, "stochasticDepth": 0.3},
            schedule=rising,
        ),
        trained("weight dropout of a Transformer", {**sizes, "attentionDropout": 0.2}, kernels),
        trained(
            "masked inputs of a Transformer with dropout",
            {**sizes, "residualDropout": 0.2, "stochasticDepth": 0.3},
            share=0.15,
        ),
        trained("weight dropout of a GRU", {"kind": "gruLanguageModel", **cell}, kernels),
        trained(
            "weight dropout of an LSTM's recurrent kernel",
            {"kind": "lstmLanguageModel", **cell, "outputDropout": 0.2},
            {"rate": 0.5, "targets": ["recurrentKernel"]},
        ),
        trained(
            "scheduled dropouts of an RNN with weight dropout in its cell",
            {"kind": "rnnLanguageModel", **cell, "outputDropout": 0.4, "recurrentDropout": 0.3},
            {**kernels, "layers": ["rnn0"]},
            rising,
        ),
        trained("masked inputs of a GRU", {"kind": "gruLanguageModel", **cell}, share=0.3),
    ],
}
(HERE / "dropouts.json").write_text(json.dumps(result) + "\n")
