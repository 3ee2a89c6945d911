"""PyTorch's logits, loss and gradients of an LSTM encoder-decoder on padded pairs, without and with
Luong's dot attention.

Run from this folder, with torch from PyPI: python sequence_to_sequence.py

Sources are packed (so PyTorch never reads their padding), targets are masked by ignore_index. Matrices
are stored as PyTorch has them (gates in the order input, forget, candidate, output; weight_ih is
[4 hidden, input]), computed in double precision from single-precision weights.
"""

import json

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

EMBEDDING, HIDDEN, LAYERS, SOURCE, TARGET, PADDING = 5, 7, 2, 11, 13, 1
SOURCES = [[4, 9, 10, 2], [7, 2], [3, 5, 5, 6, 8, 2]]
TARGETS = [[5, 12, 3], [4, 7, 7, 9, 3], [11, 3]]
BEGIN = 2


class SequenceToSequence(nn.Module):
    def __init__(self, attention):
        super().__init__()
        self.source, self.target = nn.Embedding(SOURCE, EMBEDDING), nn.Embedding(TARGET, EMBEDDING)
        self.encoder = nn.LSTM(EMBEDDING, HIDDEN, LAYERS)
        self.decoder = nn.LSTM(EMBEDDING, HIDDEN, LAYERS)
        self.output = nn.Linear(HIDDEN, TARGET)
        if attention:
            self.attention = nn.Linear(2 * HIDDEN, HIDDEN, bias=False)

    def forward(self, sources, lengths, inputs):
        packed = pack_padded_sequence(self.source(sources), lengths, enforce_sorted=False)
        read, state = self.encoder(packed)
        written = self.decoder(self.target(inputs), state)[0]
        if hasattr(self, "attention"):
            memory = pad_packed_sequence(read)[0]
            scores = torch.einsum("tbh,sbh->bts", written, memory)
            scores = scores.masked_fill((sources == PADDING).T[:, None, :], float("-inf"))
            context = torch.einsum("bts,sbh->tbh", scores.softmax(dim=2), memory)
            written = torch.tanh(self.attention(torch.cat([context, written], dim=2)))
        return self.output(written)


def padded(rows):
    time = max(len(row) for row in rows)
    return torch.tensor([row + [PADDING] * (time - len(row)) for row in rows]).T


def plain(tensor):
    digits = [float(f"{value:.9g}") for value in tensor.reshape(-1).tolist()]
    return {"shape": list(tensor.shape), "values": digits}


def run(attention):
    torch.manual_seed(1)
    model = SequenceToSequence(attention)
    weights = {name: value.detach().clone() for name, value in model.named_parameters()}
    model = model.double()
    logits = model(
        padded(SOURCES),
        torch.tensor([len(row) for row in SOURCES]),
        padded([[BEGIN] + row[:-1] for row in TARGETS]),
    )
    targets = padded(TARGETS).reshape(-1)
    loss = functional.cross_entropy(logits.reshape(-1, TARGET), targets, ignore_index=PADDING)
    loss.backward()
    return {
        "loss": loss.item(),
        "logits": plain(logits.detach()),
        "weights": {name: plain(value) for name, value in weights.items()},
        "gradients": {name: plain(value.grad) for name, value in model.named_parameters()},
    }


result = {
    "torch": torch.__version__,
    "sources": SOURCES,
    "targets": TARGETS,
    "none": run(attention=False),
    "dot": run(attention=True),
}
with open("sequence_to_sequence.json", "w") as file:
    json.dump(result, file, separators=(",", ":"))
    file.write("\n")
