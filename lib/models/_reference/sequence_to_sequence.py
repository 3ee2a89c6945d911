"""PyTorch's logits, loss and gradients of an LSTM encoder-decoder on padded pairs.

Run from this folder, with torch from PyPI: python sequence_to_sequence.py

Sources are packed (so PyTorch never reads their padding), targets are masked by ignore_index. Matrices
are stored as PyTorch has them (gates in the order input, forget, candidate, output; weight_ih is
[4 hidden, input]), computed in double precision from single-precision weights.
"""

import json

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence

EMBEDDING, HIDDEN, LAYERS, SOURCE, TARGET, PADDING = 5, 7, 2, 11, 13, 1
SOURCES = [[4, 9, 10, 2], [7, 2], [3, 5, 5, 6, 8, 2]]
TARGETS = [[5, 12, 3], [4, 7, 7, 9, 3], [11, 3]]
BEGIN = 2


class SequenceToSequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.source, self.target = nn.Embedding(SOURCE, EMBEDDING), nn.Embedding(TARGET, EMBEDDING)
        self.encoder = nn.LSTM(EMBEDDING, HIDDEN, LAYERS)
        self.decoder = nn.LSTM(EMBEDDING, HIDDEN, LAYERS)
        self.output = nn.Linear(HIDDEN, TARGET)

    def forward(self, sources, lengths, inputs):
        packed = pack_padded_sequence(self.source(sources), lengths, enforce_sorted=False)
        state = self.encoder(packed)[1]
        return self.output(self.decoder(self.target(inputs), state)[0])


def padded(rows):
    time = max(len(row) for row in rows)
    return torch.tensor([row + [PADDING] * (time - len(row)) for row in rows]).T


torch.manual_seed(1)
model = SequenceToSequence()
weights = {name: value.detach().clone() for name, value in model.named_parameters()}
model = model.double()
targets = padded(TARGETS)
logits = model(
    padded(SOURCES),
    torch.tensor([len(row) for row in SOURCES]),
    padded([[BEGIN] + row[:-1] for row in TARGETS]),
)
loss = functional.cross_entropy(
    logits.reshape(-1, TARGET), targets.reshape(-1), ignore_index=PADDING
)
loss.backward()


def plain(tensor):
    digits = [float(f"{value:.9g}") for value in tensor.reshape(-1).tolist()]
    return {"shape": list(tensor.shape), "values": digits}


result = {
    "torch": torch.__version__,
    "sources": SOURCES,
    "targets": TARGETS,
    "loss": loss.item(),
    "logits": plain(logits.detach()),
    "weights": {name: plain(value) for name, value in weights.items()},
    "gradients": {name: plain(value.grad) for name, value in model.named_parameters()},
}
with open("sequence_to_sequence.json", "w") as file:
    json.dump(result, file, separators=(",", ":"))
    file.write("\n")
