"""PyTorch's side of the training bench: one process, driven by lines on standard input.

Reads JSON lines {"configuration": "A", "penalty": false, "steps": 20, "mode": "eager"} and answers
each with {"milliseconds": …} a step: forward, backward and Adam, after the batch is in memory. The
first answer is {"torch": version, "threads": n, "blas": text}.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
torch.manual_seed(1)

LEARNING_RATE, STRENGTH, DECAY, EPSILON, BETA2 = 2e-3, 1e-5, 1e-2, 1e-8, 0.999


class Recurrent(nn.Module):
    def __init__(self, cell, vocabulary, embedding, hidden, layers=1):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.cell = cell(embedding, hidden, layers)
        self.output = nn.Linear(hidden, vocabulary)

    def forward(self, tokens):
        return self.output(self.cell(self.embedding(tokens))[0])

    def penalized(self):
        cell = [w for name, w in self.cell.named_parameters() if name.startswith("weight")]
        return [*cell, self.output.weight]


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, time_, width = x.shape
        parts = self.attention(self.before_attention(x)).split(width, dim=2)
        q, k, v = (p.view(batch, time_, self.heads, -1).transpose(1, 2) for p in parts)
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.projection(y.transpose(1, 2).reshape(batch, time_, width))
        return x + self.down(functional.gelu(self.up(self.before_mlp(x))))


class Transformer(nn.Module):
    def __init__(self, vocabulary, width, heads, layers, block):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(block, width)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.norm, self.output = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
        self.output.weight = self.tokens.weight

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
        return self.output(self.norm(self.blocks(x)))

    def penalized(self):
        return [p for name, p in self.blocks.named_parameters() if p.dim() == 2]


class SequenceToSequence(nn.Module):
    def __init__(self, source, target, hidden):
        super().__init__()
        self.source, self.target = nn.Embedding(source, hidden), nn.Embedding(target, hidden)
        self.encoder, self.decoder = nn.LSTM(hidden, hidden), nn.LSTM(hidden, hidden)
        self.output = nn.Linear(hidden, target)

    def forward(self, tokens):
        source, target = tokens
        state = self.encoder(self.source(source))[1]
        return self.output(self.decoder(self.target(target), state)[0])

    def penalized(self):
        cells = [*self.encoder.named_parameters(), *self.decoder.named_parameters()]
        return [*(w for name, w in cells if name.startswith("weight")), self.output.weight]


def draw(vocabulary, *shape):
    return torch.randint(0, vocabulary, shape)


CONFIGURATIONS = {
    "A": (lambda: Recurrent(nn.GRU, 65, 64, 128), lambda: draw(65, 64, 32), 65),
    "B": (lambda: Recurrent(nn.GRU, 10000, 256, 512), lambda: draw(10000, 32, 64), 10000),
    "C": (lambda: Recurrent(nn.LSTM, 10000, 200, 200, 2), lambda: draw(10000, 20, 20), 10000),
    "D": (lambda: Transformer(65, 128, 4, 4, 64), lambda: draw(65, 12, 64), 65),
    "E": (
        lambda: SequenceToSequence(70, 93, 256),
        lambda: (draw(70, 16, 64), draw(93, 59, 64)),
        93,
    ),
}


def prepare(name, penalty, mode):
    build, batch, vocabulary = CONFIGURATIONS[name]
    model = build()
    inputs = batch()
    targets = draw(vocabulary, (inputs[1] if isinstance(inputs, tuple) else inputs).numel())
    kernels = model.penalized() if penalty else []
    chosen = {id(p) for p in kernels}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    groups = [{"params": rest, "weight_decay": 0.0}]
    if kernels:
        groups.append({"params": kernels, "weight_decay": DECAY})
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, fused=True)
    forward = torch.compile(model) if mode == "compile" else model
    done = 0

    def step():
        nonlocal done
        logits = forward(inputs)
        loss = functional.cross_entropy(logits.reshape(-1, vocabulary), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        done += 1
        if kernels:
            with torch.no_grad():
                # Soft threshold by ηλ/(√v̂+ε), with PyTorch's fastest elementwise form: foreach.
                moments = [optimizer.state[w]["exp_avg_sq"] for w in kernels]
                scale = 1 / (1 - BETA2**done)
                root = torch._foreach_sqrt(torch._foreach_mul(moments, scale))
                torch._foreach_add_(root, EPSILON)
                threshold = torch._foreach_div(
                    [torch.full((), LEARNING_RATE * STRENGTH).expand_as(r) for r in root], root
                )
                for weight, limit in zip(kernels, threshold):
                    weight.sub_(weight.clamp(-limit, limit))

    return step


def main():
    blas = next((l.strip() for l in torch.__config__.show().splitlines() if "BLAS" in l), "?")
    first = {"torch": torch.__version__, "threads": torch.get_num_threads(), "blas": blas[:60]}
    print(json.dumps(first), flush=True)
    ready = {}
    for line in sys.stdin:
        request = json.loads(line)
        key = (request["configuration"], request["penalty"], request["mode"])
        try:
            if key not in ready:
                ready[key] = prepare(*key)
                for _ in range(3):
                    ready[key]()
            started = time.perf_counter()
            for _ in range(request["steps"]):
                ready[key]()
            answer = {"milliseconds": (time.perf_counter() - started) * 1000 / request["steps"]}
        except Exception as error:  # a peer that cannot compile is still a peer when eager
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(answer), flush=True)


main()
