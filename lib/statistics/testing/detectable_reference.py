"""Writes detectable_reference.json: smallest differences by SciPy's noncentral t.

Run: python detectable_reference.py > detectable_reference.json
Needs numpy and scipy; the version of SciPy is in the file.
"""

import json

import numpy
import scipy
from scipy import optimize, stats


def detectable(standard_error, freedom, comparisons, power, level):
    critical = stats.t.ppf(1 - level / comparisons / 2, freedom)

    def shown(delta):
        # SciPy gives NaN where the lower tail is too small for it.
        lower = numpy.nan_to_num(stats.nct.cdf(-critical, freedom, delta))
        return stats.nct.sf(critical, freedom, delta) + lower - power

    # Far out the upper tail is NaN too, so the upper end is no further than it must be.
    upper = 0.1
    while shown(upper) < 0:
        upper *= 1.3
    return standard_error * float(optimize.brentq(shown, 1e-6, upper, xtol=1e-12))


cases = [
    {"standardError": 1.0, "degreesOfFreedom": 1, "comparisons": 1, "power": 0.8, "level": 0.05},
    {"standardError": 0.02, "degreesOfFreedom": 2, "comparisons": 1, "power": 0.8, "level": 0.05},
    {"standardError": 0.02, "degreesOfFreedom": 4, "comparisons": 9, "power": 0.8, "level": 0.05},
    {"standardError": 0.013, "degreesOfFreedom": 9, "comparisons": 27, "power": 0.9, "level": 0.05},
    {"standardError": 0.3, "degreesOfFreedom": 11, "comparisons": 1, "power": 0.8, "level": 0.01},
    # So little power that the other tail counts.
    {"standardError": 1.0, "degreesOfFreedom": 9, "comparisons": 1, "power": 0.06, "level": 0.05},
]
print(json.dumps({
    "versions": {"scipy": scipy.__version__},
    "cases": [{**case, "difference": detectable(*case.values())} for case in cases],
}, indent=1))
