"""Reads safetensors files that Parsimony wrote with the package `safetensors`, computes the models'
outputs from them with numpy alone, and writes the same tensors to other files.

    python lib/models/testing/models.py < cases.json > answers.json

A case is {"path", "copy", "specification"} and what the model reads: of a language model "tokens"
(time-major), "time" and "batch"; of an encoder-decoder "sources" and "inputs", a list of tokens a row,
without padding; of a linear regression "features", a list a row. The answer holds names, shapes, types and
SHA-256 of the tensors, the file's metadata, and in double precision the logits (of an encoder-decoder those
of all rows' first tokens, then the second ones, without padding) or predictions. The Transformer is
nanoGPT's; recurrent layers are PyTorch's with both biases in one, gates in its order; the GRU without a
recurrent bias is the paper's.
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
    if "recurrentBias" not in w:
        hr, hz = numpy.split(hidden @ w["recurrentKernel"][:, : 2 * hidden.shape[1]], 2, axis=1)
        z = sigmoid(xz + hz)
        reset = (sigmoid(xr + hr) * hidden) @ w["recurrentKernel"][:, 2 * hidden.shape[1] :]
        return (1 - z) * numpy.tanh(xn + reset) + z * hidden, state[1]
    hr, hz, hn = numpy.split(hidden @ w["recurrentKernel"] + w["recurrentBias"], 3, axis=1)
    z = sigmoid(xz + hz)
    return (1 - z) * numpy.tanh(xn + sigmoid(xr + hr) * hn) + z * hidden, state[1]


def rnn(x, state, w):
    hidden = state[0]
    return numpy.tanh(x @ w["kernel"] + hidden @ w["recurrentKernel"] + w["bias"]), state[1]


def relu_rnn(x, state, w):
    hidden = state[0]
    return numpy.maximum(x @ w["kernel"] + hidden @ w["recurrentKernel"] + w["bias"], 0), state[1]


def states_of(name, cell, weights, inputs, states):
    """Top states [time, batch, size], and the last states of all layers."""
    layers = [
        {part.split("/")[1]: value for part, value in weights.items() if part.startswith(f"{name}{i}/")}
        for i in range(len(states))
    ]
    states = list(states)
    tops = []
    for x in inputs:
        for index, layer in enumerate(layers):
            states[index] = cell(x, states[index], layer)
            x = states[index][0]
        tops.append(x)
    return numpy.stack(tops), states


def zero_states(specification, batch):
    return [(numpy.zeros((batch, specification["hiddenSize"])),) * 2] * specification["layers"]


def recurrent(name, cell, weights, specification, tokens):
    states = zero_states(specification, tokens.shape[1])
    tops, _ = states_of(name, cell, weights, weights["embedding/table"][tokens], states)
    return tops @ weights.get("output/kernel", weights["embedding/table"].T) + weights["output/bias"]


def encoder_decoder(weights, specification, source, inputs):
    """Logits of one pair, [time, vocabulary]."""
    x = weights["sourceEmbedding/table"][source][:, None]
    memory, states = states_of("encoder", lstm, weights, x, zero_states(specification, 1))
    y = weights["targetEmbedding/table"][inputs][:, None]
    tops = states_of("decoder", lstm, weights, y, states)[0][:, 0]
    if specification["attention"] == "dot":
        scores = tops @ memory[:, 0].T
        shares = numpy.exp(scores - scores.max(axis=1, keepdims=True))
        context = shares / shares.sum(axis=1, keepdims=True) @ memory[:, 0]
        tops = numpy.tanh(context @ weights["attention/contextKernel"] + tops @ weights["attention/stateKernel"])
    return tops @ weights["output/kernel"] + weights["output/bias"]


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


def outputs_of(weights, case):
    specification = case["specification"]
    kind = specification["kind"]
    if kind == "linearRegression":
        return numpy.array(case["features"]) @ weights["output/kernel"] + weights["output/bias"]
    if kind == "lstmSequenceToSequence":
        rows = [
            encoder_decoder(weights, specification, source, inputs)
            for source, inputs in zip(case["sources"], case["inputs"])
        ]
        longest = max(len(row) for row in rows)
        return numpy.stack([row[step] for step in range(longest) for row in rows if step < len(row)])
    tokens = numpy.array(case["tokens"]).reshape(case["time"], case["batch"])
    if kind == "transformerLanguageModel":
        return transformer(weights, specification, tokens)
    simple = relu_rnn if specification.get("activation") == "relu" else rnn
    cells = {"gru": gru, "lstm": lstm, "rnn": simple}
    name = kind.removesuffix("LanguageModel")
    return recurrent(name, cells[name], weights, specification, tokens)


def answer(case):
    tensors = load_file(case["path"])
    with safe_open(case["path"], framework="numpy") as file:
        metadata = file.metadata()
    save_file(tensors, case["copy"], {"format": "np"})
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
        "outputs": outputs_of(weights, case).flatten().tolist(),
    }


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
