"""Reference means of models' predictions, by PyTorch.

    python lib/ensembles/_reference/ensemble_means.py

writes ensemble_means.json beside this file (needs torch and numpy). Logits are single-precision numbers,
everything is computed in double precision: mean of probabilities by logsumexp of log_softmax, mean of
logits by log_softmax of their mean, losses by nll_loss over the rows whose mask is 1.
"""

import json
import platform
from pathlib import Path

import numpy
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
generator = numpy.random.default_rng(16)


def numbers(tensor):
    return [float(f"{value:.15g}") for value in tensor.flatten().tolist()]


def case(name, members, rows, size, spread, offset=0.0):
    logits = generator.normal(0, spread, (members, rows, size)).astype(numpy.float32)
    # Members differ by a constant, which changes neither mean of probabilities nor softmax of a mean.
    logits += numpy.float32(offset) * numpy.arange(members, dtype=numpy.float32)[:, None, None]
    targets = generator.integers(0, size, rows)
    mask = (generator.uniform(0, 1, rows) < 0.8).astype(numpy.float64)
    mask[0] = 1
    z = torch.tensor(logits.astype(numpy.float64))
    means = {
        "probabilities": torch.logsumexp(torch.log_softmax(z, -1), 0) - numpy.log(members),
        "logits": torch.log_softmax(z.mean(0), -1),
    }
    counted = torch.tensor(mask) == 1
    kept = torch.tensor(targets)[counted]
    return {
        "name": name,
        "members": members,
        "rows": rows,
        "size": size,
        # Single precision: 9 digits say them exactly.
        "logits": [[float(f"{v:.9g}") for v in member.flatten().tolist()] for member in logits],
        "targets": targets.tolist(),
        "mask": mask.tolist(),
        "means": {name: numbers(mean) for name, mean in means.items()},
        "losses": {
            name: float(torch.nn.functional.nll_loss(mean[counted], kept))
            for name, mean in means.items()
        },
        "memberLosses": [
            float(torch.nn.functional.cross_entropy(member[counted], kept)) for member in z
        ],
    }


cases = [
    case("one model", 1, 6, 5, 1.0),
    case("three models", 3, 8, 7, 1.5),
    case("far apart", 4, 6, 9, 30.0),
    case("large logits", 2, 5, 6, 1.0, offset=5000.0),
]

Path(__file__).with_suffix(".json").write_text(
    json.dumps(
        {
            "generator": "lib/ensembles/_reference/ensemble_means.py",
            "versions": {
                "python": platform.python_version(),
                "torch": torch.__version__,
                "numpy": numpy.__version__,
            },
            "cases": cases,
        }
    )
    + "\n"
)
