"""Writes sobol.json: points of SciPy's Sobol sequence without scrambling, for sobol_test.ts.

Run: python sobol.py > sobol.json (needs scipy)
"""

import json

import scipy
from scipy.stats import qmc

print(json.dumps({
    "scipy": scipy.__version__,
    # 32 dimensions, the first 40 points, and point 1,000,003.
    "points": qmc.Sobol(32, scramble=False).random(40).tolist(),
    "late": {
        "index": 1000003,
        "point": qmc.Sobol(32, scramble=False).fast_forward(1000003).random(1)[0].tolist(),
    },
}))
