"""PyTorch's side of the bench: one process, driven by lines on standard input.

The first line it writes is {"torch": version, "threads": n, …}. Then it answers JSON lines:

- {"task": "training", "configuration": "A", "addition": "none", "mode": "eager", "steps": 20} with
  {"milliseconds": …} a step: forward, backward and Adam, with the batches in memory, and what the
  addition says;
- {"task": "evaluation", …} likewise: forward only, in inference mode;
- {"task": "product"} with the GFLOP/s of a square matrix product;
- {"task": "memory"} with the most memory the process ever had.

Modes: "eager"; "compile", where torch.compile has the model with its loss, and the penalty; and
"compile penalty", where it has the penalty only.
"""

import json
import platform
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional
from torch.optim import swa_utils

# The same in engine_process.ts.
LEARNING_RATE, STRENGTH, DECAY, BATCHES = 2e-3, 1e-5, 1e-2, 8
AVERAGE_DECAY, DEPTH_RATE, DROPOUT_RATE, DIVERGENCE = 0.999, 0.1, 0.1, 1.0
BETA2, EPSILON = 0.999, 1e-8


class Recurrent(nn.Module):
    def __init__(self, cell, vocabulary, embedding, hidden, layers=1):
        super().__init__()
        self.dropout = nn.Dropout(0.0)
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.cell = cell(embedding, hidden, layers)
        self.output = nn.Linear(hidden, vocabulary)

    def forward(self, tokens):
        return self.output(self.dropout(self.cell(self.embedding(tokens))[0]))

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
        self.dropout, self.depth_rate = nn.Dropout(0.0), 0.0

    def add(self, x, branch):
        """x + branch, with dropout and the whole branch left out of some sequences, as timm's DropPath."""
        branch = self.dropout(branch)
        if self.training and self.depth_rate > 0:
            keep = 1 - self.depth_rate
            mask = branch.new_empty(branch.shape[0], 1, 1).bernoulli_(keep).div_(keep)
            branch = branch * mask
        return x + branch

    def forward(self, x):
        batch, length, width = x.shape
        parts = self.attention(self.before_attention(x)).split(width, dim=2)
        q, k, v = (p.view(batch, length, self.heads, -1).transpose(1, 2) for p in parts)
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = self.add(x, self.projection(y.transpose(1, 2).reshape(batch, length, width)))
        return self.add(x, self.down(functional.gelu(self.up(self.before_mlp(x)))))


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
        return [p for p in self.blocks.parameters() if p.dim() == 2]


class LlamaBlock(nn.Module):
    def __init__(self, width, heads, key_value_heads, feed_forward):
        super().__init__()
        self.size, part = width // heads, width // heads * key_value_heads
        self.before_attention, self.before_mlp = nn.RMSNorm(width, 1e-5), nn.RMSNorm(width, 1e-5)
        self.query, self.projection = (nn.Linear(width, width, bias=False) for _ in range(2))
        self.key, self.value = (nn.Linear(width, part, bias=False) for _ in range(2))
        self.gate, self.up = (nn.Linear(width, feed_forward, bias=False) for _ in range(2))
        self.down = nn.Linear(feed_forward, width, bias=False)

    def forward(self, x, cosines, sines):
        batch, length, width = x.shape

        def heads(layer):
            return layer(y).view(batch, length, -1, self.size).transpose(1, 2)

        def turned(z):
            first, second = z.chunk(2, dim=-1)
            return z * cosines + torch.cat([-second, first], dim=-1) * sines

        y = self.before_attention(x)
        attended = functional.scaled_dot_product_attention(
            turned(heads(self.query)),
            turned(heads(self.key)),
            heads(self.value),
            is_causal=True,
            enable_gqa=True,
        )
        x = x + self.projection(attended.transpose(1, 2).reshape(batch, length, width))
        z = self.before_mlp(x)
        return x + self.down(functional.silu(self.gate(z)) * self.up(z))


class Llama(nn.Module):
    """As transformers has it, with tied weights."""

    def __init__(self, vocabulary, width, heads, key_value_heads, feed_forward, layers, block, theta):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.blocks = nn.ModuleList(
            LlamaBlock(width, heads, key_value_heads, feed_forward) for _ in range(layers)
        )
        self.norm = nn.RMSNorm(width, 1e-5)
        self.output = nn.Linear(width, vocabulary, bias=False)
        self.output.weight = self.tokens.weight
        size = width // heads
        frequencies = theta ** (-torch.arange(0, size, 2) / size)
        angles = torch.outer(torch.arange(block), frequencies).repeat(1, 2)
        self.register_buffer("cosines", angles.cos())
        self.register_buffer("sines", angles.sin())

    def forward(self, tokens):
        x = self.tokens(tokens)
        for block in self.blocks:
            x = block(x, self.cosines, self.sines)
        return self.output(self.norm(x))

    def penalized(self):
        return [p for p in self.blocks.parameters() if p.dim() == 2]


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


# Model, one batch of inputs, vocabulary. Recurrent batches are time-major, PyTorch's default.
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
    "F": (
        lambda: Llama(49152, 576, 9, 3, 1536, 30, 128, 100000.0),
        lambda: draw(49152, 4, 128),
        49152,
    ),
    "G": (lambda: Transformer(10000, 576, 9, 2, 128), lambda: draw(10000, 4, 128), 10000),
}


def shrink(weights, moments, scale, amount):
    """Soft threshold of each weight by amount/(√v̂ + ε), list by list as PyTorch's optimizers do."""
    limits = torch._foreach_mul(moments, scale)
    torch._foreach_sqrt_(limits)
    torch._foreach_add_(limits, EPSILON)
    torch._foreach_reciprocal_(limits)
    torch._foreach_mul_(limits, amount)
    parts = [w.clamp(-limit, limit) for w, limit in zip(weights, limits)]
    torch._foreach_sub_(weights, parts)


def shrink_compiled(weights, moments, scale, amount):
    """The same for the compiler, which makes one loop of each line."""
    for weight, moment in zip(weights, moments):
        limit = amount / ((moment * scale).sqrt() + EPSILON)
        weight.copy_(weight - torch.minimum(torch.maximum(weight, -limit), limit))


class Trainer:
    """A model in training whose step can be called again and again."""

    def __init__(self, name, addition, mode):
        build, batch, vocabulary = CONFIGURATIONS[name]
        torch.manual_seed(1)
        self.model = build()
        if addition == "stochastic depth":
            for index, block in enumerate(self.model.blocks):
                block.depth_rate = DEPTH_RATE * (index + 1) / len(self.model.blocks)
        if addition == "R-Drop":
            for module in self.model.modules():
                if isinstance(module, nn.Dropout):
                    module.p = DROPOUT_RATE
        inputs = [batch() for _ in range(BATCHES)]
        rows = (inputs[0][1] if isinstance(inputs[0], tuple) else inputs[0]).numel()
        self.batches = [(tokens, draw(vocabulary, rows)) for tokens in inputs]
        self.kernels = self.model.penalized() if addition == "penalties" else []
        # Muon acts on the matrices between embeddings and output layer.
        orthogonal = []
        if addition == "Muon":
            outer = {id(self.model.output.weight)}
            orthogonal = [w for w in self.model.penalized() if id(w) not in outer]
        chosen = {id(p) for p in [*self.kernels, *orthogonal]}
        rest = [p for p in self.model.parameters() if id(p) not in chosen]
        groups = [{"params": rest, "weight_decay": 0.0}]
        if self.kernels:
            groups.append({"params": self.kernels, "weight_decay": DECAY})
        self.optimizers = [
            torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, BETA2), eps=EPSILON, fused=True)
        ]
        if orthogonal:
            self.optimizers.append(
                torch.optim.Muon(
                    orthogonal,
                    lr=LEARNING_RATE,
                    weight_decay=0.0,
                    adjust_lr_fn="match_rms_adamw",
                )
            )
        self.average = None
        if addition == "EMA":
            self.average = swa_utils.AveragedModel(
                self.model, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(AVERAGE_DECAY)
            )

        def loss(tokens, targets):
            return functional.cross_entropy(self.model(tokens).view(-1, vocabulary), targets)

        def divergent_loss(tokens, targets):
            """Both passes as one batch of twice the size, as the paper's code has them."""
            twice = torch.cat([tokens, tokens], dim=self.batch_dimension)
            logits = self.model(twice).chunk(2, dim=self.batch_dimension)
            first, second = (each.reshape(-1, vocabulary) for each in logits)
            entropy = functional.cross_entropy(first, targets)
            entropy = (entropy + functional.cross_entropy(second, targets)) / 2
            p, q = first.log_softmax(-1), second.log_softmax(-1)
            there = functional.kl_div(q, p, reduction="batchmean", log_target=True)
            back = functional.kl_div(p, q, reduction="batchmean", log_target=True)
            return entropy + DIVERGENCE * (there + back) / 2

        # Recurrent batches are time-major.
        self.batch_dimension = 1 if isinstance(self.model, Recurrent) else 0
        chosen_loss = divergent_loss if addition == "R-Drop" else loss
        self.loss = torch.compile(chosen_loss) if mode == "compile" else chosen_loss
        self.shrink = shrink if mode == "eager" else torch.compile(shrink_compiled)
        self.done = 0

    def batch(self):
        self.done += 1
        return self.batches[self.done % BATCHES]

    def training(self):
        loss = self.loss(*self.batch())
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in self.optimizers:
            optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.model)
        if self.kernels:
            state = self.optimizers[0].state
            moments = [state[w]["exp_avg_sq"] for w in self.kernels]
            # A tensor, so that the compiled function is the same in every step.
            scale = torch.tensor(1 / (1 - BETA2**self.done))
            with torch.no_grad():
                self.shrink(self.kernels, moments, scale, LEARNING_RATE * STRENGTH)

    def evaluation(self):
        with torch.inference_mode():
            return self.loss(*self.batch()).item()


def product_speed():
    a, b = torch.ones(1024, 1024), torch.ones(1024, 1024)
    best = float("inf")
    for _ in range(8):
        started = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - started)
    return 2 * 1024**3 / best / 1e9


def answer(request, trainers):
    if request["task"] == "product":
        return {"gigaflopsPerSecond": product_speed()}
    if request["task"] == "memory":
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # Kilobytes, but bytes on macOS.
        return {"peakMebibytes": peak / (2**20 if sys.platform == "darwin" else 2**10)}
    key = (request["configuration"], request["addition"], request["mode"])
    if key not in trainers:
        trainers[key] = Trainer(*key)
    step = getattr(trainers[key], request["task"])
    started = time.perf_counter()
    for _ in range(request["steps"]):
        step()
    return {"milliseconds": (time.perf_counter() - started) * 1000 / request["steps"]}


def describe():
    """What a table must say about PyTorch."""
    settings = torch.__config__.show()
    names = [line.strip(" -") for line in settings.splitlines()]
    blas = next((n for n in names if "Math Kernel Library" in n or "OpenBLAS" in n), None)
    if blas is None:
        blas = next((part for part in settings.split(", ") if "BLAS_INFO" in part), "unknown")
    return {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "blas": blas.replace("Intel(R) oneAPI Math Kernel Library Version", "MKL").split(" for ")[0],
        "threads": torch.get_num_threads(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(threads)
    print(json.dumps(describe()), flush=True)
    trainers = {}
    for line in sys.stdin:
        try:
            result = answer(json.loads(line), trainers)
        except Exception as error:  # a peer that cannot compile is still a peer when eager
            result = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
