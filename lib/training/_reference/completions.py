"""Losses and gradients of an RNN language model over prompts with completions, by PyTorch in double
precision: sequences are padded on the right, and every target that does not count is ignore_index.

Run with torch: python completions.py > completions.json
"""
import json
import random

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(3)
random.seed(3)
torch.set_default_dtype(torch.float64)
vocabulary, embedding, hidden = 11, 5, 7
padding, begin, end, first = 1, 2, 3, 4
ignored = -100


def tokens(fewest, most):
    return [random.randrange(first, vocabulary) for _ in range(random.randint(fewest, most))]


pairs = [(tokens(1, 7), tokens(1, 5)) for _ in range(6)]
# As long as the longest of all, so that it has no padding, and the shortest.
pairs += [(tokens(9, 9), tokens(6, 6)), (tokens(1, 1), tokens(1, 1))]

inputs, targets = [], []
for prompt, completion in pairs:
    read = prompt + [begin] + completion
    predicted = [ignored] * len(prompt) + completion + [end]
    assert len(read) == len(predicted)
    inputs.append(torch.tensor(read))
    targets.append(torch.tensor(predicted))
inputs = nn.utils.rnn.pad_sequence(inputs, padding_value=padding)
targets = nn.utils.rnn.pad_sequence(targets, padding_value=ignored)

table = nn.Embedding(vocabulary, embedding)
rnn = nn.RNN(embedding, hidden)
output = nn.Linear(hidden, vocabulary)
with torch.no_grad():
    rnn.bias_hh_l0.zero_()
    output.weight.mul_(3)
named = {
    "embedding/table": table.weight,
    "rnn0/kernel": rnn.weight_ih_l0,
    "rnn0/recurrentKernel": rnn.weight_hh_l0,
    "rnn0/bias": rnn.bias_ih_l0,
    "output/kernel": output.weight,
    "output/bias": output.bias,
}
logits = output(rnn(table(inputs))[0])
loss = F.cross_entropy(logits.view(-1, vocabulary), targets.view(-1), ignore_index=ignored)
gradients = torch.autograd.grad(loss, list(named.values()))


def ours(name, tensor):
    kernel = name.lower().endswith("kernel")
    return (tensor.detach().T if kernel else tensor.detach()).contiguous().flatten().tolist()


print(json.dumps({
    "torch": torch.__version__,
    "vocabulary": vocabulary,
    "sizes": {"embeddingSize": embedding, "hiddenSize": hidden},
    "pairs": [{"prompt": prompt, "completion": completion} for prompt, completion in pairs],
    "counted": int((targets != ignored).sum()),
    "weights": {name: ours(name, weight) for name, weight in named.items()},
    "loss": loss.item(),
    "gradients": {name: ours(name, g) for name, g in zip(named, gradients)},
}))
