"""Truncated backpropagation through time with the state carried over windows, by PyTorch.

    python lib/training/_reference/carried_state.py

writes carried_state.json beside this file (needs torch and numpy). Two spans, each read as two streams;
the hidden state is detached between windows and zero again at the beginning of a span. Plain SGD on the
mean cross-entropy of a window; afterwards a held-out span is read as stretches from a zero state. Weights
are stored as PyTorch has them, computed in double precision from single-precision values.
"""

import json
import platform
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn import functional

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
VOCABULARY, EMBEDDING, HIDDEN, LAYERS = 7, 5, 6, 2
WINDOW, STREAMS, STEPS, RATE, STRETCH = 3, 2, 11, 0.5, 5
generator = numpy.random.default_rng(11)
# 19 targets: 9 a stream, 3 windows. 8 targets: 4 a stream, 2 windows, the second of one target.
SPANS = [generator.integers(0, VOCABULARY, length).tolist() for length in (20, 9)]
HELD_OUT = generator.integers(0, VOCABULARY, 14).tolist()


class Model(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.table = nn.Embedding(VOCABULARY, EMBEDDING)
        self.cell = cell(EMBEDDING, HIDDEN, LAYERS)
        self.output = nn.Linear(HIDDEN, VOCABULARY)

    def forward(self, tokens, state):
        states, state = self.cell(self.table(tokens), state)
        return self.output(states), state


def detach(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def window_loss(model, rows, start, state, reduction="mean"):
    tokens = torch.tensor([row[start : start + WINDOW] for row in rows]).T
    targets = torch.tensor([row[start + 1 : start + 1 + WINDOW] for row in rows]).T
    tokens = tokens[: targets.shape[0]]
    logits, state = model(tokens, state)
    loss = functional.cross_entropy(
        logits.reshape(-1, VOCABULARY), targets.flatten(), reduction=reduction
    )
    return loss, detach(state)


def windows():
    """(rows, start) of every window of an epoch, again and again."""
    while True:
        for span in SPANS:
            length = (len(span) - 1) // STREAMS
            rows = [span[b * length : (b + 1) * length + 1] for b in range(STREAMS)]
            for start in range(0, length, WINDOW):
                yield rows, start


def held_out_loss(model):
    total, targets = 0.0, len(HELD_OUT) - 1
    with torch.no_grad():
        for first in range(0, targets, STRETCH):
            row = HELD_OUT[first : min(first + STRETCH, targets) + 1]
            state = None
            for start in range(0, len(row) - 1, WINDOW):
                loss, state = window_loss(model, [row], start, state, "sum")
                total += loss.item()
    return total / targets


def plain(tensor):
    digits = [float(f"{value:.9g}") for value in tensor.detach().reshape(-1).tolist()]
    return {"shape": list(tensor.shape), "values": digits}


def weights(model):
    return {name: plain(value) for name, value in model.named_parameters()}


def case(kind, cell):
    model = Model(cell)
    draw = numpy.random.default_rng(5)
    with torch.no_grad():
        for parameter in model.parameters():
            values = draw.normal(0, 0.5, parameter.shape).astype(numpy.float32)
            parameter.copy_(torch.tensor(values))
    before = weights(model)
    optimizer = torch.optim.SGD(model.parameters(), RATE)
    losses, state = [], None
    for _, (rows, start) in zip(range(STEPS), windows()):
        optimizer.zero_grad()
        loss, state = window_loss(model, rows, start, None if start == 0 else state)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {
        "kind": kind,
        "before": before,
        "losses": losses,
        "after": weights(model),
        "heldOutLoss": held_out_loss(model),
    }


result = {
    "generator": "lib/training/_reference/carried_state.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "vocabularySize": VOCABULARY,
    "embeddingSize": EMBEDDING,
    "hiddenSize": HIDDEN,
    "layers": LAYERS,
    "windowLength": WINDOW,
    "streams": STREAMS,
    "learningRate": RATE,
    "stretchLength": STRETCH,
    "spans": SPANS,
    "heldOut": HELD_OUT,
    "cases": [
        case("gruLanguageModel", nn.GRU),
        case("lstmLanguageModel", nn.LSTM),
        case("rnnLanguageModel", nn.RNN),
    ],
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
