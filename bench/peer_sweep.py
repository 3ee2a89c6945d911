"""PyTorch's side of the sweep: the same runs in two worker processes.

Reads the settings from the JSON file that is its argument; prints a line of JSON when the first run
trains, one for each run that is done, and one at the end.
"""

import json
import multiprocessing
import sys

import torch
from torch import nn
from torch.nn import functional

from peer import BETA2, EPSILON, Recurrent, shrink


def encode(settings, fold):
    """Vocabulary of the training spans, and each part as one tensor of ids a span."""
    tokens = settings["tokens"]
    cut = lambda spans: [tokens[span["start"] : span["end"]] for span in spans]
    training, held_out = cut(fold["training"]), cut(fold["heldOut"])
    known = sorted({token for span in training for token in span})
    ids = {token: index + 1 for index, token in enumerate(known)}
    encoded = lambda spans: [torch.tensor([ids.get(token, 0) for token in span]) for span in spans]
    return len(known) + 1, encoded(training), encoded(held_out)


def consecutive(spans, settings):
    """Windows of evaluation, time-major, evenly spaced over at most so many tokens."""
    length = settings["windowLength"]
    starts = [(s, i) for s, span in enumerate(spans) for i in range(0, len(span) - length, length)]
    count = min(len(starts), settings["evaluationTokens"] // length)
    chosen = [starts[int((i + 0.5) * len(starts) / count)] for i in range(count)]
    windows = torch.stack([spans[s][i : i + length + 1] for s, i in chosen], dim=1)
    return windows.split(64, dim=1)


def loss_of(model, windows):
    logits = model(windows[:-1])
    return functional.cross_entropy(logits.view(-1, logits.shape[-1]), windows[1:].reshape(-1))


def evaluate(model, kernels, parts):
    with torch.inference_mode():
        losses = []
        for part in parts:
            counted = [(loss_of(model, windows).item(), windows.shape[1]) for windows in part]
            losses.append(sum(l * n for l, n in counted) / sum(n for _, n in counted))
        zeros = sum((w == 0).sum().item() for w in kernels) / sum(w.numel() for w in kernels)
        norm = torch.stack(torch._foreach_norm(list(model.parameters()))).norm().item()
        return {"training": losses[0], "heldOut": losses[1], "zeros": zeros, "norm": norm}


def train(settings, strength, decay, data, started):
    vocabulary, training, held_out = data
    torch.manual_seed(1)
    model = Recurrent(nn.GRU, vocabulary, 64, 128)
    kernels = model.penalized()
    chosen = {id(w) for w in kernels}
    rest = [w for w in model.parameters() if id(w) not in chosen]
    rate, length = settings["learningRate"], settings["windowLength"]
    optimizer = torch.optim.AdamW(
        [{"params": rest, "weight_decay": 0.0}, {"params": kernels, "weight_decay": decay}],
        lr=rate, betas=(0.9, BETA2), eps=EPSILON, fused=True,
    )
    parts = [consecutive(training, settings), consecutive(held_out, settings)]
    # All starts at which a whole window fits, in one text of all spans.
    text = torch.cat(training)
    offsets = [0]
    for span in training:
        offsets.append(offsets[-1] + len(span))
    starts = torch.cat(
        [torch.arange(begin, end - length) for begin, end in zip(offsets, offsets[1:])]
    )
    places = torch.arange(length + 1).unsqueeze(1)
    curve = [evaluate(model, kernels, parts)]
    for step in range(1, settings["steps"] + 1):
        begin = starts[torch.randint(0, len(starts), (settings["batchSize"],))]
        loss = loss_of(model, text[begin + places])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if strength > 0:
            moments = [optimizer.state[w]["exp_avg_sq"] for w in kernels]
            with torch.no_grad():
                shrink(kernels, moments, 1 / (1 - BETA2**step), rate * strength)
        if step == 1:
            started()
        if step % settings["evaluateEvery"] == 0 or step == settings["steps"]:
            curve.append(evaluate(model, kernels, parts))
    return curve


def work(settings, jobs, events):
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    prepared = {}
    while (job := jobs.get()) is not None:
        strength, decay, fold = job
        if fold not in prepared:
            prepared[fold] = encode(settings, settings["folds"][fold])
        started = lambda: events.put({"event": "training"})
        curve = train(settings, strength, decay, prepared[fold], started)
        events.put({"event": "run", "loss": curve[-1]["heldOut"]})


def main():
    with open(sys.argv[1]) as file:
        settings = json.load(file)
    # Forked workers share the imports; elsewhere than on Linux they import for themselves.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    jobs, events = context.Queue(), context.Queue()
    runs = [
        (strength, decay, fold)
        for fold in range(len(settings["folds"]))
        for strength in settings["lambda"]
        for decay in settings["alpha"]
    ]
    for run in runs:
        jobs.put(run)
    workers = [
        context.Process(target=work, args=(settings, jobs, events))
        for _ in range(settings["workers"])
    ]
    for worker in workers:
        jobs.put(None)
        worker.start()
    training, losses = False, []
    while len(losses) < len(runs):
        event = events.get()
        if event["event"] == "run":
            losses.append(event["loss"])
            print(json.dumps({"event": "run"}), flush=True)
        elif not training:
            training = True
            print(json.dumps(event), flush=True)
    for worker in workers:
        worker.join()
    print(json.dumps({"event": "end", "engine": f"PyTorch {torch.__version__} eager",
                      "bestLoss": min(losses)}), flush=True)


if __name__ == "__main__":
    main()
