"""Logits and losses of language models by PyTorch, with their weights as safetensors files.

    python lib/models/_reference/language_models.py

writes language_models.json and two .safetensors files a model beside this file (needs torch, numpy and
safetensors): one with our names, and one ending in _pytorch with the modules' own names and shapes. Weights are drawn in single precision, everything is computed in double precision. The
Transformer has nanoGPT's modules and parameter names; kernels are transposed to [inputs, outputs] on
writing, and the two biases of PyTorch's recurrent layers are added.
"""

import json
import platform
from pathlib import Path

import numpy
import safetensors
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
HERE = Path(__file__).parent
VOCABULARY, TIME, BATCH = 13, 9, 3


class Recurrent(nn.Module):
    def __init__(self, cell, embedding, hidden, layers, tied, **options):
        super().__init__()
        self.table = nn.Embedding(VOCABULARY, embedding)
        self.cell = cell(embedding, hidden, layers, **options)
        self.output = nn.Linear(hidden, VOCABULARY)
        if tied:
            self.output.weight = self.table.weight

    def forward(self, tokens):
        return self.output(self.cell(self.table(tokens))[0])


def recurrent_weights(model, prefix, tied):
    weights = {"embedding/table": model.table.weight}
    for layer in range(model.cell.num_layers):
        part = {name: getattr(model.cell, f"{name}_l{layer}") for name in (
            "weight_ih", "weight_hh", "bias_ih", "bias_hh"
        )}
        weights[f"{prefix}{layer}/kernel"] = part["weight_ih"].T
        weights[f"{prefix}{layer}/recurrentKernel"] = part["weight_hh"].T
        if prefix == "gru":
            weights[f"{prefix}{layer}/bias"] = part["bias_ih"]
            weights[f"{prefix}{layer}/recurrentBias"] = part["bias_hh"]
        else:
            weights[f"{prefix}{layer}/bias"] = part["bias_ih"] + part["bias_hh"]
    if not tied:
        weights["output/kernel"] = model.output.weight.T
    weights["output/bias"] = model.output.bias
    return weights


class LayerNorm(nn.Module):
    def __init__(self, width, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width)) if bias else None

    def forward(self, x):
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-5)


class CausalSelfAttention(nn.Module):
    def __init__(self, width, heads, bias):
        super().__init__()
        self.heads = heads
        self.c_attn = nn.Linear(width, 3 * width, bias=bias)
        self.c_proj = nn.Linear(width, width, bias=bias)

    def forward(self, x):
        batch, time, width = x.shape
        q, k, v = (
            part.view(batch, time, self.heads, width // self.heads).transpose(1, 2)
            for part in self.c_attn(x).split(width, dim=2)
        )
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(batch, time, width))


class MLP(nn.Module):
    def __init__(self, width, bias):
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width, bias=bias)
        self.c_proj = nn.Linear(4 * width, width, bias=bias)

    def forward(self, x):
        return self.c_proj(functional.gelu(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self, width, heads, bias):
        super().__init__()
        self.ln_1, self.attn = LayerNorm(width, bias), CausalSelfAttention(width, heads, bias)
        self.ln_2, self.mlp = LayerNorm(width, bias), MLP(width, bias)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    def __init__(self, width, layers, heads, block_size, bias):
        super().__init__()
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(VOCABULARY, width),
            "wpe": nn.Embedding(block_size, width),
            "h": nn.ModuleList(Block(width, heads, bias) for _ in range(layers)),
            "ln_f": LayerNorm(width, bias),
        })
        self.lm_head = nn.Linear(width, VOCABULARY, bias=False)
        self.transformer.wte.weight = self.lm_head.weight

    def forward(self, tokens):
        part = self.transformer
        x = part.wte(tokens.T) + part.wpe(torch.arange(tokens.shape[0]))
        for block in part.h:
            x = block(x)
        return self.lm_head(part.ln_f(x)).transpose(0, 1)


def gpt_weights(model):
    state = dict(model.named_parameters())
    ours = {"lm_head.weight": "embedding/table", "transformer.wte.weight": "embedding/table",
            "transformer.wpe.weight": "positions/table", "transformer.ln_f.weight": "finalNorm/gain",
            "transformer.ln_f.bias": "finalNorm/shift"}
    layers = {"ln_1": "attentionNorm", "attn.c_attn": "attention", "attn.c_proj": "attentionOutput",
              "ln_2": "feedForwardNorm", "mlp.c_fc": "feedForward",
              "mlp.c_proj": "feedForwardOutput"}
    for index in range(len(model.transformer.h)):
        for theirs, name in layers.items():
            weight, bias = ("gain", "shift") if name.endswith("Norm") else ("kernel", "bias")
            start = f"transformer.h.{index}.{theirs}"
            ours[f"{start}.weight"] = f"block{index}/{name}/{weight}"
            ours[f"{start}.bias"] = f"block{index}/{name}/{bias}"
    return {
        ours[name]: value.T if ours[name].endswith("kernel") else value
        for name, value in state.items()
    }


def case(name, specification, model, weights_of, seed):
    generator = numpy.random.default_rng(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            values = generator.normal(0, 0.4, parameter.shape).astype(numpy.float32)
            parameter.copy_(torch.tensor(values))
    tokens = torch.tensor(generator.integers(0, VOCABULARY, (TIME, BATCH)))
    targets = torch.tensor(generator.integers(0, VOCABULARY, (TIME, BATCH)))
    with torch.no_grad():
        logits = model(tokens)
        loss = functional.cross_entropy(logits.reshape(-1, VOCABULARY), targets.flatten())
    weights = {
        key: value.detach().to(torch.float32).contiguous().clone()
        for key, value in weights_of(model).items()
    }
    save_file(weights, HERE / f"{name}.safetensors", {"format": "pt"})
    own = {
        key: value.detach().to(torch.float32).contiguous().clone()
        for key, value in model.named_parameters()
    }
    save_file(own, HERE / f"{name}_pytorch.safetensors", {"format": "pt"})
    return {
        "name": name,
        "specification": specification,
        "tokens": tokens.flatten().tolist(),
        "targets": targets.flatten().tolist(),
        "logits": [float(f"{value:.9g}") for value in logits.flatten().tolist()],
        "loss": float(loss),
    }


def recurrent_case(name, kind, prefix, cell, embedding, hidden, layers, tied, options, seed, **more):
    sizes = {"embeddingSize": embedding, "hiddenSize": hidden, "layers": layers}
    model = Recurrent(cell, embedding, hidden, layers, tied, **more)
    specification = {"kind": kind, **sizes, **options}
    return case(name, specification, model, lambda m: recurrent_weights(m, prefix, tied), seed)


def gpt_case(name, bias, seed):
    sizes = {"embeddingSize": 12, "layers": 2, "heads": 3, "blockSize": 10}
    specification = {"kind": "transformerLanguageModel", **sizes, "bias": bias}
    return case(name, specification, GPT(12, 2, 3, 10, bias), gpt_weights, seed)


result = {
    "generator": "lib/models/_reference/language_models.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "safetensors": safetensors.__version__,
    },
    "vocabularySize": VOCABULARY,
    "time": TIME,
    "batch": BATCH,
    "cases": [
        recurrent_case("gru", "gruLanguageModel", "gru", nn.GRU, 6, 10, 2, False, {}, 1),
        recurrent_case("lstm", "lstmLanguageModel", "lstm", nn.LSTM, 6, 10, 2, False, {}, 2),
        recurrent_case(
            "lstm_tied", "lstmLanguageModel", "lstm", nn.LSTM, 8, 8, 1, True,
            {"tiedWeights": True}, 3,
        ),
        recurrent_case(
            "rnn", "rnnLanguageModel", "rnn", nn.RNN, 6, 10, 2, False, {"activation": "tanh"}, 4,
        ),
        recurrent_case(
            "rnn_relu", "rnnLanguageModel", "rnn", nn.RNN, 6, 7, 1, False, {"activation": "relu"},
            5, nonlinearity="relu",
        ),
        recurrent_case(
            "gru_tied", "gruLanguageModel", "gru", nn.GRU, 8, 8, 2, True, {"tiedWeights": True}, 8,
        ),
        recurrent_case(
            "rnn_tied", "rnnLanguageModel", "rnn", nn.RNN, 8, 8, 1, True,
            {"activation": "tanh", "tiedWeights": True}, 9,
        ),
        gpt_case("transformer", True, 6),
        gpt_case("transformer_without_bias", False, 7),
    ],
}
(HERE / "language_models.json").write_text(json.dumps(result) + "\n")
