"""Fine-tuning by PyTorch in double precision: frozen parameters, low-rank adapters, learning rates by layer,
penalties towards the initial weights.

    python lib/training/_reference/tuning.py

writes tuning.json beside this file (needs torch and numpy). A simple recurrent model (Embedding, tanh
layer, output) whose weights are drawn in single precision does 20 steps of torch.optim.SGD, Adam or AdamW on
three batches in turn. Frozen tensors have requires_grad False; adapters are computed as the paper writes
them, x W0 + (alpha/r) (x A) B, and are tensors of their own for the optimizer; learning rates by layer are
parameter groups, as is decay. L2 towards the start is a term of the loss; the proximal map is
torch.nn.functional.softshrink of w - w0 after the step, with Adam's second moment read from its state.
Kernels are [inputs, outputs], tokens are kept step by step (place t * batch + b).
"""

import json
import platform
from pathlib import Path

import numpy
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
VOCABULARY, EMBEDDING, HIDDEN, TIME, BATCH = 7, 4, 5, 6, 4
STEPS, KEPT = 20, [1, 20]
generator = numpy.random.default_rng(181)
batches = [torch.tensor(generator.integers(0, VOCABULARY, (TIME + 1, BATCH))) for _ in range(3)]
shapes = {
    "embedding/table": (VOCABULARY, EMBEDDING),
    "rnn0/kernel": (EMBEDDING, HIDDEN),
    "rnn0/recurrentKernel": (HIDDEN, HIDDEN),
    "rnn0/bias": (HIDDEN,),
    "output/kernel": (HIDDEN, VOCABULARY),
    "output/bias": (VOCABULARY,),
}
kernels = ["rnn0/kernel", "rnn0/recurrentKernel", "output/kernel"]


def drawn(shape, deviation):
    return torch.tensor(generator.normal(0, deviation, shape).astype(numpy.float32).astype(numpy.float64))


start = {name: drawn(shape, 0.6) for name, shape in shapes.items()}
RANK = 2
adapters = {name: drawn((shapes[name][0], RANK), 0.5) for name in kernels + ["embedding/table"]}


def numbers(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().flatten().tolist()]


def trained(case):
    training = case["training"]
    adapter = training.get("adapters")
    adapted = [] if adapter is None else ["embedding/table"] if "kinds" in adapter else kernels
    weights = {name: values.clone() for name, values in start.items()}
    sides = {}
    for name in adapted:
        sides[f"{name}/adapterA"] = adapters[name].clone()
        sides[f"{name}/adapterB"] = torch.zeros(RANK, shapes[name][1])
    own = [name for name in weights if name not in case["frozenNames"] and name not in adapted]
    for tensor in [weights[name] for name in own] + list(sides.values()):
        tensor.requires_grad_()

    def times(x, name):
        result = x @ weights[name]
        if name in adapted:
            scale = adapter["alpha"] / RANK
            result = result + scale * ((x @ sides[f"{name}/adapterA"]) @ sides[f"{name}/adapterB"])
        return result

    def rate_factor(name):
        return case["rateFactors"].get(name.split("/")[0], 1)

    options = case["optimizer"]
    rate = options["learningRate"]
    decayed = options.get("targets", ["kernel", "recurrentKernel"])

    def decays(name):
        kind = "adapter" if "adapter" in name else name.split("/")[1]
        return options.get("decay", 0) if kind in decayed else 0

    tensors = {name: weights[name] for name in own} | sides
    groups = [
        {"params": [tensor], "lr": rate * rate_factor(name), "weight_decay": decays(name)}
        for name, tensor in tensors.items()
    ]
    if options["kind"] == "sgd":
        optimizer = torch.optim.SGD(groups, lr=rate, momentum=options.get("momentum", 0))
    else:
        optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.999), eps=1e-8)
    pulls = {penalty["kind"]: penalty["strength"] for penalty in case["penalties"]}
    losses, kept = [], []
    for step in range(1, STEPS + 1):
        text = batches[(step - 1) % len(batches)]
        x = weights["embedding/table"][text[:-1]]
        if "embedding/table" in adapted:
            scale = adapter["alpha"] / RANK
            x = x + scale * sides["embedding/table/adapterA"][text[:-1]] @ sides["embedding/table/adapterB"]
        state, states = torch.zeros(BATCH, HIDDEN), []
        for vectors in x:
            state = torch.tanh(
                times(vectors, "rnn0/kernel") + times(state, "rnn0/recurrentKernel") + weights["rnn0/bias"]
            )
            states.append(state)
        logits = times(torch.stack(states), "output/kernel") + weights["output/bias"]
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), text[1:].flatten())
        losses.append(float(loss.detach()))
        total = loss
        for name in [name for name in own if name in kernels]:
            square = ((weights[name] - start[name]) ** 2).sum()
            total = total + 0.5 * pulls.get("l2TowardsStart", 0) * square
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        if "proximalL1TowardsStart" in pulls:
            with torch.no_grad():
                for name in [name for name in own if name in kernels]:
                    size = torch.full_like(weights[name], rate * rate_factor(name))
                    if options["kind"] != "sgd":
                        memory = optimizer.state[weights[name]]
                        second = memory["exp_avg_sq"] / (1 - 0.999 ** float(memory["step"]))
                        size = size / (second.sqrt() + 1e-8)
                    change = weights[name] - start[name]
                    threshold = size * pulls["proximalL1TowardsStart"]
                    # softshrink, of a threshold for each weight.
                    weights[name].copy_(start[name] + change.sign() * (change.abs() - threshold).clamp(min=0))
        if step in KEPT:
            merged = {name: values.detach() for name, values in weights.items()}
            for name in adapted:
                product = sides[f"{name}/adapterA"] @ sides[f"{name}/adapterB"]
                merged[name] = merged[name] + adapter["alpha"] / RANK * product
            kept.append({name: numbers(values) for name, values in (merged | sides).items()})
    return {**case, "losses": losses, "weights": kept}


def case(name, optimizer, training, penalties=(), frozen=(), factors=None):
    return {
        "name": name,
        "optimizer": optimizer,
        "training": training,
        "penalties": list(penalties),
        "frozenNames": list(frozen),
        "rateFactors": factors or {},
    }


sgd = {"kind": "sgd", "learningRate": 0.3}
adam = {"kind": "adam", "learningRate": 0.02}
adam_w = {"kind": "adamW", "learningRate": 0.02, "decay": 0.3}
of_adapters = {**adam_w, "targets": ["adapter"]}
biases_and_table = ["embedding/table", "rnn0/bias", "output/bias"]
freeze = {"frozen": [{"kinds": ["bias"]}, {"layers": ["embedding"]}]}
lora = {"adapters": {"rank": RANK, "alpha": 5}}
beside = {"adapters": {"rank": RANK, "alpha": 5, "others": "trained"}}
of_table = {"adapters": {"rank": RANK, "alpha": 1, "kinds": ["embedding"], "others": "trained"}}
per_block = {"learningRateFactors": {"perBlock": 0.5}}
by_layer = {"learningRateFactors": {"layers": {"embedding": 0.1, "output": 2}}}
halves = {"output": 1, "rnn0": 0.5, "embedding": 0.25}
pull = [{"kind": "l2TowardsStart", "strength": 0.2}]
sparse = [{"kind": "proximalL1TowardsStart", "strength": 0.05}]
frozen_but_adapters = biases_and_table

cases = []
for optimizer in [sgd, adam_w]:
    kind = optimizer["kind"]
    cases += [
        case(f"frozen biases and table under {kind}", optimizer, freeze, frozen=biases_and_table),
        case(f"a whole rate per block halved under {kind}", optimizer, per_block, factors=halves),
        case(f"rates by layer under {kind}", optimizer, by_layer, factors={"embedding": 0.1, "output": 2}),
        case(f"adapters of the table under {kind}", optimizer, of_table),
    ]
for optimizer in [sgd, of_adapters]:
    name = f"adapters beside what else is trained under {optimizer['kind']}"
    cases.append(case(name, optimizer, beside))
for optimizer in [sgd, {**sgd, "learningRate": 0.05, "momentum": 0.8}, adam, of_adapters]:
    cases.append(case(f"adapters alone under {json.dumps(optimizer)}", optimizer, lora, frozen=biases_and_table))
for optimizer in [sgd, adam]:
    for penalties in [pull, sparse, pull + sparse]:
        names = " and ".join(penalty["kind"] for penalty in penalties)
        cases.append(case(f"{names} under {optimizer['kind']}", optimizer, {}, penalties))
        name = f"{names}, frozen, at halved rates under {optimizer['kind']}"
        both = {**freeze, **per_block}
        cases.append(case(name, optimizer, both, penalties, biases_and_table, halves))
    name = f"adapters at halved rates under {optimizer['kind']}"
    cases.append(case(name, optimizer, {**lora, **per_block}, (), biases_and_table, halves))

result = {
    "generator": "lib/training/_reference/tuning.py",
    "versions": {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    },
    "time": TIME,
    "batch": BATCH,
    "vocabulary": VOCABULARY,
    "keptSteps": KEPT,
    "sizes": {"embeddingSize": EMBEDDING, "hiddenSize": HIDDEN},
    "batches": [
        {"inputs": text[:-1].flatten().tolist(), "targets": text[1:].flatten().tolist()} for text in batches
    ],
    "start": {name: numbers(values) for name, values in start.items()},
    "adapters": {name: numbers(values) for name, values in adapters.items()},
}
lines = ",\n".join(json.dumps(trained(each)) for each in cases)
head = json.dumps(result)[:-1]
Path(__file__).with_suffix(".json").write_text(f'{head}, "runs": [\n{lines}\n]}}\n')
