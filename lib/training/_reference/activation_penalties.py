"""Loss and gradients of a small RNN language model with each activation penalty, by PyTorch in double
precision: label smoothing by cross_entropy, AR and TAR as AWD-LSTM's main.py adds them, L1 on logits.

Run with torch: python activation_penalties.py > activation_penalties.json
"""
import json

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
time, batch, vocabulary, embedding, hidden = 5, 3, 7, 4, 6

table = nn.Embedding(vocabulary, embedding)
rnn = nn.RNN(embedding, hidden)
output = nn.Linear(hidden, vocabulary)
with torch.no_grad():
    rnn.bias_hh_l0.zero_()
    output.weight.mul_(2)
inputs = torch.randint(vocabulary, (time, batch))
targets = torch.randint(vocabulary, (time, batch))
named = {
    "embedding/table": table.weight,
    "rnn0/kernel": rnn.weight_ih_l0,
    "rnn0/recurrentKernel": rnn.weight_hh_l0,
    "rnn0/bias": rnn.bias_ih_l0,
    "output/kernel": output.weight,
    "output/bias": output.bias,
}


def ours(name, tensor):
    kernel = name.lower().endswith("kernel")
    return (tensor.detach().T if kernel else tensor.detach()).contiguous().flatten().tolist()


def loss(sum=0, mean=0, ar=0, tar=0, smoothing=0):
    states, _ = rnn(table(inputs))
    logits = output(states)
    total = F.cross_entropy(
        logits.view(-1, vocabulary), targets.view(-1), label_smoothing=smoothing
    )
    total = total + sum * logits.abs().sum() + mean * logits.abs().mean()
    total = total + ar * states.pow(2).mean()
    return total + tar * (states[1:] - states[:-1]).pow(2).mean()


cases = [
    {},
    {"sum": 0.01},
    {"mean": 0.5},
    {"ar": 2.0},
    {"tar": 1.0},
    {"smoothing": 0.1},
    {"sum": 0.01, "mean": 0.5, "ar": 2.0, "tar": 1.0, "smoothing": 0.1},
]
results = []
for case in cases:
    value = loss(**case)
    gradients = torch.autograd.grad(value, list(named.values()))
    results.append({
        "terms": case,
        "loss": value.item(),
        "gradients": {n: ours(n, g) for n, g in zip(named, gradients)},
    })
print(json.dumps({
    "torch": torch.__version__,
    "time": time,
    "batch": batch,
    "vocabulary": vocabulary,
    "embedding": embedding,
    "hidden": hidden,
    "inputs": inputs.flatten().tolist(),
    "targets": targets.flatten().tolist(),
    "weights": {n: ours(n, w) for n, w in named.items()},
    "cases": results,
}))
