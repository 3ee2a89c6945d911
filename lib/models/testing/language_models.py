"""Reads safetensors files that Parsimony wrote with the package `safetensors`, computes the models' logits
from them with numpy alone, and writes the same tensors to other files.

    python lib/models/testing/language_models.py < cases.json > answers.json

A case is {"path", "copy", "specification", "tokens", "time", "batch"}; tokens are time-major. The answer
holds names, shapes, types and SHA-256 of the tensors, the file's metadata, and the logits in double
precision. The Transformer is nanoGPT's; recurrent layers are PyTorch's with both biases in one, gates in
its order.
"""

import hashlib
import json
import math
import sys

import numpy
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

erf = numpy.vectorize(math.erf)


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def lstm(x, state, w):
    hidden, cell = state
    gates = x @ w["kernel"] + hidden @ w["recurrentKernel"] + w["bias"]
    i, f, n, o = numpy.split(gates, 4, axis=1)
    cell = sigmoid(f) * cell + sigmoid(i) * numpy.tanh(n)
    return sigmoid(o) * numpy.tanh(cell), cell


def gru(x, state, w):
    hidden = state[0]
    xr, xz, xn = numpy.split(x @ w["kernel"] + w["bias"], 3, axis=1)
    hr, hz, hn = numpy.split(hidden @ w["recurrentKernel"] + w["recurrentBias"], 3, axis=1)
    z = sigmoid(xz + hz)
    return (1 - z) * numpy.tanh(xn + sigmoid(xr + hr) * hn) + z * hidden, state[1]


def rnn(x, state, w):
    hidden = state[0]
    return numpy.tanh(x @ w["kernel"] + hidden @ w["recurrentKernel"] + w["bias"]), state[1]


def recurrent(name, cell, weights, specification, tokens):
    layers = [
        {part.split("/")[1]: value for part, value in weights.items() if part.startswith(f"{name}{i}/")}
        for i in range(specification["layers"])
    ]
    size = specification["hiddenSize"]
    states = [(numpy.zeros((tokens.shape[1], size)),) * 2 for _ in layers]
    kernel = weights.get("output/kernel", weights["embedding/table"].T)
    logits = []
    for step in tokens:
        x = weights["embedding/table"][step]
        for index, layer in enumerate(layers):
            states[index] = cell(x, states[index], layer)
            x = states[index][0]
        logits.append(x @ kernel + weights["output/bias"])
    return numpy.stack(logits)


def transformer(weights, specification, tokens):
    time, batch = tokens.shape
    width, heads = specification["embeddingSize"], specification["heads"]

    def linear(x, name):
        return x @ weights[f"{name}/kernel"] + weights.get(f"{name}/bias", 0)

    def norm(x, name):
        centered = x - x.mean(axis=-1, keepdims=True)
        scaled = centered / numpy.sqrt((centered**2).mean(axis=-1, keepdims=True) + 1e-5)
        return scaled * weights[f"{name}/gain"] + weights.get(f"{name}/shift", 0)

    def split(x):
        return x.reshape(batch, time, heads, width // heads).transpose(0, 2, 1, 3)

    x = weights["embedding/table"][tokens.T] + weights["positions/table"][:time]
    for index in range(specification["layers"]):
        block = f"block{index}"
        projections = linear(norm(x, f"{block}/attentionNorm"), f"{block}/attention")
        q, k, v = (split(part) for part in numpy.split(projections, 3, axis=-1))
        scores = q @ k.transpose(0, 1, 3, 2) / math.sqrt(width // heads)
        scores = numpy.where(numpy.tril(numpy.ones((time, time))) == 1, scores, -numpy.inf)
        shares = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
        attended = shares / shares.sum(axis=-1, keepdims=True) @ v
        attended = attended.transpose(0, 2, 1, 3).reshape(batch, time, width)
        x = x + linear(attended, f"{block}/attentionOutput")
        u = linear(norm(x, f"{block}/feedForwardNorm"), f"{block}/feedForward")
        x = x + linear(u * (1 + erf(u / math.sqrt(2))) / 2, f"{block}/feedForwardOutput")
    kernel = weights.get("output/kernel", weights["embedding/table"].T)
    return (norm(x, "finalNorm") @ kernel).transpose(1, 0, 2)


def logits_of(weights, specification, tokens):
    kind = specification["kind"]
    if kind == "transformerLanguageModel":
        return transformer(weights, specification, tokens)
    cells = {"gru": gru, "lstm": lstm, "rnn": rnn}
    name = kind.removesuffix("LanguageModel")
    return recurrent(name, cells[name], weights, specification, tokens)


def answer(case):
    tensors = load_file(case["path"])
    with safe_open(case["path"], framework="numpy") as file:
        metadata = file.metadata()
    save_file(tensors, case["copy"], {"format": "np"})
    tokens = numpy.array(case["tokens"]).reshape(case["time"], case["batch"])
    weights = {name: value.astype(numpy.float64) for name, value in tensors.items()}
    return {
        "tensors": {
            name: {
                "shape": list(value.shape),
                "type": str(value.dtype),
                "sha256": hashlib.sha256(value.tobytes()).hexdigest(),
            }
            for name, value in tensors.items()
        },
        "metadata": metadata,
        "logits": logits_of(weights, case["specification"], tokens).flatten().tolist(),
    }


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
