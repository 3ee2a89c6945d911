"""Reference values of Embedding -> GRU -> Dense -> cross-entropy and all gradients, by PyTorch.

    python lib/ops/_reference/gru.py

writes gru.json beside this file (needs torch and numpy). Weights are drawn in single precision,
everything is computed in double precision. The reset-after form is torch.nn.GRU; the reset-before
form is written out below, and the same code with the reset after is asserted to equal nn.GRU.
Layout: kernels [inputs, outputs], gates in the order reset, update, candidate, rows time-major
(row t * batch + b). The loss is the mean over tokens whose mask is 1.
"""

import json
import platform
from pathlib import Path

import numpy
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def draw(generator, shape, scale):
    values = generator.normal(0, scale, shape).astype(numpy.float32).astype(numpy.float64)
    return torch.tensor(values, requires_grad=True)


def plain_gru(inputs, state, kernel, recurrent_kernel, bias, recurrent_bias, reset_after):
    """inputs [time, batch, inputs]; returns states [time, batch, hidden]."""
    hidden = state.shape[1]
    states = []
    for x in inputs:
        xr, xz, xn = (x @ kernel + bias).split(hidden, 1)
        ur, uz, un = recurrent_kernel.split(hidden, 1)
        if reset_after:
            cr, cz, cn = recurrent_bias.split(hidden)
            r = torch.sigmoid(xr + state @ ur + cr)
            z = torch.sigmoid(xz + state @ uz + cz)
            n = torch.tanh(xn + r * (state @ un + cn))
        else:
            r = torch.sigmoid(xr + state @ ur)
            z = torch.sigmoid(xz + state @ uz)
            n = torch.tanh(xn + (r * state) @ un)
        state = (1 - z) * n + z * state
        states.append(state)
    return torch.stack(states)


def nn_gru(inputs, state, kernel, recurrent_kernel, bias, recurrent_bias):
    cell = torch.nn.GRU(inputs.shape[2], state.shape[1])
    weights = {
        "weight_ih_l0": kernel.T,
        "weight_hh_l0": recurrent_kernel.T,
        "bias_ih_l0": bias,
        "bias_hh_l0": recurrent_bias,
    }
    states, _ = torch.func.functional_call(cell, weights, (inputs, state[None]))
    return states


def case(seed, reset_after, time, batch, vocabulary, embedding, hidden, with_state, with_mask):
    generator = numpy.random.default_rng(seed)
    parameters = {
        "table": draw(generator, (vocabulary, embedding), 0.7),
        "kernel": draw(generator, (embedding, 3 * hidden), 0.6),
        "recurrentKernel": draw(generator, (hidden, 3 * hidden), 0.5),
        "bias": draw(generator, (3 * hidden,), 0.3),
    }
    if reset_after:
        parameters["recurrentBias"] = draw(generator, (3 * hidden,), 0.3)
    parameters["outputKernel"] = draw(generator, (hidden, vocabulary), 0.8)
    parameters["outputBias"] = draw(generator, (vocabulary,), 0.2)
    if with_state:
        parameters["initialState"] = draw(generator, (batch, hidden), 0.5)
    count = time * batch
    # The last symbol never occurs, so its row of the table has a gradient of 0.
    tokens = generator.integers(0, vocabulary - 1, count)
    targets = generator.integers(0, vocabulary, count)
    mask = generator.integers(0, 2, count) if with_mask else numpy.ones(count, dtype=int)

    state = parameters.get("initialState", torch.zeros(batch, hidden))
    cell = [parameters[name] for name in ("kernel", "recurrentKernel", "bias")]
    recurrent_bias = parameters.get("recurrentBias")
    inputs = parameters["table"][torch.tensor(tokens)]
    inputs.retain_grad()
    shaped = inputs.reshape(time, batch, embedding)
    states = plain_gru(shaped, state, *cell, recurrent_bias, reset_after)
    if reset_after:
        plain = states
        states = nn_gru(shaped, state, *cell, recurrent_bias)
        assert torch.allclose(states, plain, rtol=1e-12, atol=1e-12)
    states = states.reshape(count, hidden)
    logits = states @ parameters["outputKernel"] + parameters["outputBias"]
    losses = torch.nn.functional.cross_entropy(logits, torch.tensor(targets), reduction="none")
    weights = torch.tensor(mask, dtype=torch.float64)
    loss = (losses * weights).sum() / weights.sum()
    loss.backward()
    return {
        "resetAfter": reset_after,
        "time": time,
        "batch": batch,
        "vocabulary": vocabulary,
        "embedding": embedding,
        "hidden": hidden,
        "tokens": tokens.tolist(),
        "targets": targets.tolist(),
        "mask": mask.tolist() if with_mask else None,
        "parameters": {name: numbers(value) for name, value in parameters.items()},
        "states": numbers(states),
        "logits": numbers(logits),
        "loss": float(loss.detach()),
        "inputGradient": numbers(inputs.grad),
        "gradients": {name: numbers(value.grad) for name, value in parameters.items()},
    }


def numbers(tensor):
    """Nine digits, row by row: enough to name every single-precision number."""
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


sizes = dict(time=5, batch=3, vocabulary=7, embedding=3, hidden=5)
one = dict(time=1, batch=1, vocabulary=2, embedding=1, hidden=1)
result = {
    "generator": "lib/ops/_reference/gru.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "cases": [
        case(1, True, **sizes, with_state=False, with_mask=False),
        case(2, True, **sizes, with_state=True, with_mask=True),
        case(3, False, **sizes, with_state=False, with_mask=False),
        case(4, False, **sizes, with_state=True, with_mask=True),
        case(5, True, **one, with_state=False, with_mask=False),
        case(6, False, **one, with_state=False, with_mask=False),
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
