"""Reference values and all gradients of the layers besides the GRU, by PyTorch.

    python lib/ops/_reference/layers.py

writes layers.json beside this file (needs torch and numpy). Inputs are drawn in single precision,
everything is computed in double precision. Layout: kernels [inputs, outputs], gates of the LSTM in
PyTorch's order (input, forget, candidate, output), rows of recurrent layers time-major (row
t * batch + b), of attention sequence by sequence (row b * time + t). The gradients are those of the
sum of all outputs times the stored random weights.
"""

import json
import platform
from pathlib import Path

import numpy
import torch
from torch.nn import functional

from dropout_masks import dropped_attention, mask_of

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def numbers(tensor):
    """Nine digits, row by row: enough to name every single-precision number."""
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def case(operation, options, shapes, compute, seed):
    """shapes: name -> (shape, spread); compute: name -> tensor, to name -> output."""
    generator = numpy.random.default_rng(seed)

    def draw(shape, spread):
        values = generator.normal(0, spread, shape).astype(numpy.float32).astype(numpy.float64)
        return torch.tensor(values, requires_grad=True)

    tensors = {name: draw(*shape) for name, shape in shapes.items()}
    outputs = compute(tensors)
    weights = {name: draw(output.shape, 1).detach() for name, output in outputs.items()}
    sum((output * weights[name]).sum() for name, output in outputs.items()).backward()
    return {
        "operation": operation,
        "options": options,
        "tensors": {
            name: {"shape": list(tensor.shape), "values": numbers(tensor)}
            for name, tensor in tensors.items()
        },
        "weights": {name: numbers(weight) for name, weight in weights.items()},
        "outputs": {name: numbers(output) for name, output in outputs.items()},
        "gradients": {name: numbers(tensor.grad) for name, tensor in tensors.items()},
    }


def recurrent_shapes(time, batch, size, hidden, gates, states):
    columns = gates * hidden
    return {
        "inputs": ((time * batch, size), 1),
        "kernel": ((size, columns), 0.6),
        "recurrentKernel": ((hidden, columns), 0.5),
        "bias": ((columns,), 0.3),
        "recurrentBias": ((columns,), 0.3),
        **{state: ((batch, hidden), 0.5) for state in states},
    }


def weights_of(tensors):
    return {
        "weight_ih_l0": tensors["kernel"].T,
        "weight_hh_l0": tensors["recurrentKernel"].T,
        "bias_ih_l0": tensors["bias"],
        "bias_hh_l0": tensors["recurrentBias"],
    }


def lstm(time, batch, size, hidden, with_state, seed):
    def compute(tensors):
        cell = torch.nn.LSTM(size, hidden)
        zeros = torch.zeros(batch, hidden)
        state = [tensors.get(name, zeros)[None] for name in ("initialHidden", "initialCell")]
        inputs = tensors["inputs"].reshape(time, batch, size)
        call = (inputs, tuple(state))
        states, (hidden_, cell_) = torch.func.functional_call(cell, weights_of(tensors), call)
        return {"states": states.reshape(-1, hidden), "hidden": hidden_[0], "cell": cell_[0]}

    states = ["initialHidden", "initialCell"] if with_state else []
    shapes = recurrent_shapes(time, batch, size, hidden, 4, states)
    return case("lstm", {"time": time, "batch": batch}, shapes, compute, seed)


def simple_rnn(time, batch, size, hidden, activation, with_state, seed):
    def compute(tensors):
        cell = torch.nn.RNN(size, hidden, nonlinearity=activation)
        state = tensors.get("initialState", torch.zeros(batch, hidden))[None]
        inputs = tensors["inputs"].reshape(time, batch, size)
        states, _ = torch.func.functional_call(cell, weights_of(tensors), (inputs, state))
        return {"states": states.reshape(-1, hidden)}

    shapes = recurrent_shapes(time, batch, size, hidden, 1, ["initialState"] if with_state else [])
    options = {"time": time, "batch": batch, "activation": activation}
    return case("simpleRnn", options, shapes, compute, seed)


def layer_norm(rows, columns, with_shift, seed):
    def compute(tensors):
        shift = tensors.get("shift")
        return {
            "normalized": functional.layer_norm(
                tensors["inputs"], (columns,), tensors["gain"], shift, 1e-5
            )
        }

    shapes = {"inputs": ((rows, columns), 2), "gain": ((columns,), 1)}
    if with_shift:
        shapes["shift"] = ((columns,), 1)
    return case("layerNorm", {}, shapes, compute, seed)


def gelu(count, approximation, seed):
    def compute(tensors):
        approximate = "none" if approximation == "none" else "tanh"
        return {"activated": functional.gelu(tensors["inputs"], approximate=approximate)}

    options = {"approximation": approximation}
    return case("gelu", options, {"inputs": ((count,), 2)}, compute, seed)


def causal_attention(time, batch, heads, width, seed, rate=None):
    # Two numbers of 32 bits that a stream would have drawn for the mask.
    keys = [3141592653 + seed, 2718281828]

    def compute(tensors):
        parts = tensors["projections"].reshape(batch, time, 3, heads, width // heads)
        # [3, batch, heads, time, head]
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        if rate is None:
            y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            y = dropped_attention(q, k, v, mask_of(keys, rate, (batch, heads, time, time)))
        return {"attended": y.transpose(1, 2).reshape(batch * time, width)}

    options = {"time": time, "batch": batch, "heads": heads}
    if rate is not None:
        options["dropout"] = {"rate": rate, "keys": keys}
    shapes = {"projections": ((batch * time, 3 * width), 1)}
    return case("causalAttention", options, shapes, compute, seed)


def rms_norm(rows, columns, epsilon, seed):
    def compute(tensors):
        x, gain = tensors["inputs"], tensors["gain"]
        return {"normalized": functional.rms_norm(x, (columns,), gain, epsilon)}

    shapes = {"inputs": ((rows, columns), 2), "gain": ((columns,), 1)}
    return case("rmsNorm", {"epsilon": epsilon}, shapes, compute, seed)


def rotary(time, batch, heads, size, theta, first, seed):
    def compute(tensors):
        # As complex numbers: columns i and i + size / 2 are real and imaginary part.
        parts = tensors["inputs"].reshape(batch, time, heads, 2, size // 2)
        numbers = torch.complex(parts[..., 0, :], parts[..., 1, :])
        positions = torch.arange(first, first + time)[:, None, None]
        angles = positions * theta ** (-2 * torch.arange(size // 2) / size)
        turned = numbers * torch.polar(torch.ones_like(angles), angles)
        stacked = torch.stack([turned.real, turned.imag], 3)
        return {"turned": stacked.reshape(batch * time, heads * size)}

    options = {"time": time, "headSize": size, "theta": theta, "firstPosition": first}
    return case("rotary", options, {"inputs": ((batch * time, heads * size), 1)}, compute, seed)


def swiglu(rows, columns, seed):
    def compute(tensors):
        return {"gated": functional.silu(tensors["gate"]) * tensors["up"]}

    shape = (rows, columns)
    return case("swiglu", {}, {"gate": (shape, 2), "up": (shape, 1)}, compute, seed)


def grouped_attention(time, batch, heads, groups, size, seed):
    def compute(tensors):
        q, k, v = (
            tensors[name].reshape(batch, time, -1, size).transpose(1, 2)
            for name in ("queries", "keys", "values")
        )
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        return {"attended": y.transpose(1, 2).reshape(batch * time, heads * size)}

    options = {"time": time, "batch": batch, "heads": heads, "keyValueHeads": groups}
    shapes = {
        "queries": ((batch * time, heads * size), 1),
        "keys": ((batch * time, groups * size), 1),
        "values": ((batch * time, groups * size), 1),
    }
    return case("groupedAttention", options, shapes, compute, seed)


result = {
    "generator": "lib/ops/_reference/layers.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "cases": [
        lstm(5, 3, 4, 6, True, 1),
        lstm(4, 2, 3, 5, False, 2),
        lstm(1, 1, 1, 1, False, 3),
        simple_rnn(5, 3, 4, 6, "tanh", True, 4),
        simple_rnn(5, 3, 4, 6, "relu", True, 5),
        simple_rnn(4, 2, 3, 5, "tanh", False, 6),
        layer_norm(5, 17, True, 7),
        layer_norm(3, 8, False, 8),
        gelu(101, "none", 9),
        gelu(101, "tanh", 10),
        causal_attention(7, 2, 2, 6, 11),
        causal_attention(17, 3, 1, 5, 12),
        causal_attention(1, 1, 3, 9, 13),
        causal_attention(7, 2, 2, 6, 14, 0.3),
        causal_attention(70, 1, 2, 4, 15, 0.6),
        rms_norm(5, 17, 1e-5, 16),
        rms_norm(3, 8, 1e-6, 17),
        rotary(7, 2, 3, 6, 10_000, 0, 18),
        rotary(3, 1, 2, 8, 100, 5000, 19),
        swiglu(5, 17, 20),
        swiglu(3, 8, 21),
        grouped_attention(7, 2, 4, 2, 3, 22),
        grouped_attention(70, 1, 3, 1, 4, 23),
        grouped_attention(5, 3, 2, 2, 2, 24),
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
