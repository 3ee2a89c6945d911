"""Factors of piecewise linear schedules by numpy.interp.

    python lib/core/_reference/schedules.py

writes schedules.json beside this file (needs numpy).
"""

import json
import platform
from pathlib import Path

import numpy

cases = [
    (10, [(0, 1), (1, 0)]),
    (30, [(0, 0), (0.1, 1), (0.7, 1), (1, 0.05)]),
    (37, [(0.2, 2.5), (1 / 3, 0.125), (0.9, 7)]),
    (1, [(0, 0.3), (1, 0.6)]),
]


def factors(steps, points):
    shares = numpy.arange(steps + 3) / steps
    return numpy.interp(shares, *zip(*points)).tolist()


result = {
    "generator": "lib/core/_reference/schedules.py",
    "versions": {"python": platform.python_version(), "numpy": numpy.__version__},
    "cases": [
        {"steps": steps, "points": points, "factors": factors(steps, points)}
        for steps, points in cases
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
