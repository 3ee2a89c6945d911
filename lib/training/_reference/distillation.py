"""Fifty steps of a small RNN language model that learns from teachers, by PyTorch in double precision: loss,
gradients of the first step, weights. The loss is (1 - a) * cross-entropy + a * T^2 * KL(teacher || student),
mean over counted targets; several teachers are averaged by their probabilities at T, or by their logits.

Run with torch: python distillation.py > distillation.json
"""
import json

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(2)
torch.set_default_dtype(torch.float64)
time, batch, vocabulary = 4, 3, 7
batches = [
    {
        "inputs": torch.randint(vocabulary, (time, batch)),
        "targets": torch.randint(vocabulary, (time, batch)),
        "mask": (torch.rand(time, batch) < 0.8).double(),
    }
    for _ in range(5)
]
checkpoints = [1, 10, 50]
rate = 0.3


class Model(nn.Module):
    def __init__(self, embedding, hidden, scale):
        super().__init__()
        self.sizes = {"embedding": embedding, "hidden": hidden}
        self.table = nn.Embedding(vocabulary, embedding)
        self.rnn = nn.RNN(embedding, hidden)
        self.output = nn.Linear(hidden, vocabulary)
        with torch.no_grad():
            self.rnn.bias_hh_l0.zero_()
            self.output.weight.mul_(scale)

    def named(self):
        return {
            "embedding/table": self.table.weight,
            "rnn0/kernel": self.rnn.weight_ih_l0,
            "rnn0/recurrentKernel": self.rnn.weight_hh_l0,
            "rnn0/bias": self.rnn.bias_ih_l0,
            "output/kernel": self.output.weight,
            "output/bias": self.output.bias,
        }

    def forward(self, inputs):
        return self.output(self.rnn(self.table(inputs))[0])

    def ours(self):
        return {n: ours(n, w) for n, w in self.named().items()}


def ours(name, tensor):
    kernel = name.lower().endswith("kernel")
    return (tensor.detach().T if kernel else tensor.detach()).contiguous().flatten().tolist()


teachers = [Model(5, 9, 4), Model(3, 6, 5)]
student = Model(4, 5, 2)
initial = {n: w.detach().clone() for n, w in student.named().items()}


def soft_targets(inputs, count, temperature, mean):
    with torch.no_grad():
        logits = [teacher(inputs) / temperature for teacher in teachers[:count]]
        if mean == "logits":
            return torch.stack(logits).mean(0).softmax(-1)
        return torch.stack([each.softmax(-1) for each in logits]).mean(0)


def loss(given, teachers, share, temperature, mean):
    logits = student(given["inputs"])
    mask = given["mask"]
    counted = mask.sum()
    entropy = F.cross_entropy(
        logits.view(-1, vocabulary), given["targets"].view(-1), reduction="none"
    ).view(time, batch)
    q = soft_targets(given["inputs"], teachers, temperature, mean)
    divergence = F.kl_div(
        (logits / temperature).log_softmax(-1), q, reduction="none"
    ).sum(-1)
    each = (1 - share) * entropy + share * temperature**2 * divergence
    return (each * mask).sum() / counted


cases = [
    {"teachers": 1, "share": 0.5, "temperature": 1, "mean": "probabilities"},
    {"teachers": 2, "share": 0.7, "temperature": 2, "mean": "probabilities"},
    {"teachers": 2, "share": 1, "temperature": 3, "mean": "logits"},
]
results = []
for case in cases:
    with torch.no_grad():
        for n, w in student.named().items():
            w.copy_(initial[n])
    losses, weights = [], []
    for step in range(1, checkpoints[-1] + 1):
        value = loss(batches[(step - 1) % len(batches)], **case)
        named = student.named()
        gradients = torch.autograd.grad(value, list(named.values()))
        if step == 1:
            first = {n: ours(n, g) for n, g in zip(named, gradients)}
        losses.append(value.item())
        with torch.no_grad():
            for w, g in zip(named.values(), gradients):
                w -= rate * g
        if step in checkpoints:
            weights.append(student.ours())
    results.append({**case, "losses": losses, "gradients": first, "weights": weights})

with torch.no_grad():
    for n, w in student.named().items():
        w.copy_(initial[n])
print(json.dumps({
    "torch": torch.__version__,
    "time": time,
    "batch": batch,
    "vocabulary": vocabulary,
    "rate": rate,
    "checkpoints": checkpoints,
    "batches": [
        {name: values.flatten().tolist() for name, values in each.items()} for each in batches
    ],
    "student": {**student.sizes, "weights": student.ours()},
    "teachers": [{**each.sizes, "weights": each.ours()} for each in teachers],
    "cases": results,
}))
