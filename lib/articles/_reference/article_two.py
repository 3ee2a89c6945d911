"""Article 2's linear regression by PyTorch: torch.optim.SGD with weight_decay on nn.Linear and MSELoss.

    python lib/articles/_reference/article_two.py

writes article_two.json beside this file (needs torch). Full batch, in double precision, from given
weights; the weights after each step.
"""

import json
import platform
from pathlib import Path

import torch

strength, learning_rate, steps = 0.5, 0.1, 20
features = [[1.0, 2.0], [0.0, 1.0], [-1.0, 1.0], [0.5, -0.5]]
labels = [1.0, 0.0, 2.0, -1.0]
# The same numbers in single precision.
kernel, bias = [0.25, -0.1875], 0.125

model = torch.nn.Linear(2, 1).double()
with torch.no_grad():
    model.weight.copy_(torch.tensor([kernel]))
    model.bias.copy_(torch.tensor([bias]))
optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, weight_decay=strength)
inputs = torch.tensor(features, dtype=torch.float64)
targets = torch.tensor(labels, dtype=torch.float64).unsqueeze(1)
after = []
for _ in range(steps):
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(model(inputs), targets).backward()
    optimizer.step()
    after.append({"kernel": model.weight.flatten().tolist(), "bias": model.bias.item()})

result = {
    "generator": "lib/articles/_reference/article_two.py",
    "versions": {"torch": torch.__version__, "python": platform.python_version()},
    "strength": strength,
    "learningRate": learning_rate,
    "features": features,
    "labels": labels,
    "from": {"kernel": kernel, "bias": bias},
    "after": after,
}
path = Path(__file__).with_name("article_two.json")
path.write_text(json.dumps(result) + "\n")
