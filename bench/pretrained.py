"""What transformers makes of a folder of Hugging Face: python pretrained.py TASK FOLDER TEXT OUT.

Prints JSON, and writes logits in single precision to OUT. Tasks:

- scores: the mean loss of the text's first 1,024 tokens as 8 rows of 128, the logits of the first row, the
  greedy continuation of a prompt (30 tokens), and with AdamW the losses of five steps on 4 rows of 128
  with the token after each, seconds of a step and the most memory;
- logits: the logits of the first row alone.
"""

import json
import resource
import sys
import time

import torch
import transformers
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer

# The same in pretrained.ts.
ROWS, LENGTH, PROMPT, WRITTEN = 8, 128, "Call me Ishmael. Some years ago", 30
STEPS, BATCH, RATE, DECAY = 5, 4, 5e-5, 0.01


def main():
    task, folder, text, out = sys.argv[1:]
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    model.eval()
    with open(text, encoding="utf-8", newline="") as file:
        encode = tokenizer(file.read(), add_special_tokens=False, return_tensors="pt")
    ids = encode.input_ids[0]
    rows = ids[: ROWS * LENGTH].reshape(ROWS, LENGTH)
    answer = {
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "ids": ids[: STEPS * BATCH * LENGTH + 1].tolist(),
    }
    with torch.no_grad():
        model(rows[:1]).logits[0].numpy().tofile(out)
        if task == "scores":
            answer["loss"] = model(rows, labels=rows).loss.item()
            prompt = tokenizer(PROMPT, add_special_tokens=False, return_tensors="pt")
            written = model.generate(**prompt, max_new_tokens=WRITTEN, do_sample=False)[0]
            answer["written"] = written[prompt.input_ids.shape[1] :].tolist()
    if task == "scores":
        answer.update(train(model, ids))
    print(json.dumps(answer))


def train(model, ids):
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    losses, seconds = [], []
    for step in range(STEPS):
        begin = time.perf_counter()
        first = step * BATCH * LENGTH
        inputs = ids[first : first + BATCH * LENGTH].reshape(BATCH, LENGTH)
        targets = ids[first + 1 : first + BATCH * LENGTH + 1]
        logits = model(inputs, use_cache=False).logits
        loss = functional.cross_entropy(logits.reshape(BATCH * LENGTH, -1), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        seconds.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"losses": losses, "seconds": seconds, "peakMebibytes": peak}


main()
