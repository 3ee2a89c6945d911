"""Power laws fitted by SciPy, for power_law_test.ts.

python lib/statistics/testing/power_law_reference.py > lib/statistics/testing/power_law_reference.json
"""

import json

import numpy as np
import scipy
from scipy.optimize import brentq, curve_fit
from scipy.stats import t as student

random = np.random.default_rng(1)


def law(x, c, b, a):
    return c + b * (x / 1000) ** -a


cases = []
for c, b, a, count, noise, weighted in [
    (1.8, 1.5, 0.5, 4, 0.01, False),
    (1.8, 1.5, 0.5, 6, 0.02, True),
    (0.5, 2.0, 0.25, 6, 0.002, False),
    (2.2, 0.8, 1.3, 5, 0.01, True),
    (1.0, 3.0, 0.9, 3, 0.0, False),
    (0.0, 3.0, 0.2, 5, 0.0, False),
    (1.5, 1.0, 0.7, 8, 0.05, True),
]:
    amounts = 1000.0 * 2 ** np.arange(count)
    errors = random.uniform(0.005, 0.05, count) if weighted else None
    values = law(amounts, c, b, a) + noise * random.normal(size=count)
    # A start on each of several exponents, the best of them: SciPy finds a local minimum.
    found = []
    for start in [0.1, 0.3, 1.0, 3.0]:
        parameters, _ = curve_fit(
            law, amounts, values, p0=[values[-1] * 0.9, 1.0, start], sigma=errors,
            bounds=([0, 0, 1e-6], [np.inf, np.inf, 50]), ftol=1e-15, xtol=1e-15, gtol=1e-15,
            max_nfev=100_000,
        )
        rest = (values - law(amounts, *parameters)) / (1 if errors is None else errors)
        found.append((float(rest @ rest), parameters.tolist()))
    squares, (asymptote, scale, exponent) = min(found)
    cases.append({
        "amounts": amounts.tolist(),
        "values": values.tolist(),
        "standardErrors": None if errors is None else errors.tolist(),
        "law": {"asymptote": asymptote, "scale": scale * 1000 ** exponent, "exponent": exponent},
        "squares": squares,
    })



def statistic(sums, overlap):
    """Corrected resampled t."""
    return sums.mean() / (np.sqrt(1 / len(sums) + overlap) * sums.std(ddof=1))


def ends(test, found, low, high):
    """Where |test| is the critical value on both sides of a place, if it is at all."""
    def end(beyond):
        steps = np.linspace(found, beyond, 2000)
        for inner, outer in zip(steps, steps[1:]):
            if test(outer) > 0:
                return brentq(test, inner, outer, xtol=1e-14)
        return None
    return [end(low), end(high)]


def gradients(logs, a):
    return np.stack([np.ones_like(logs), np.exp(-a * logs), logs * np.exp(-a * logs)], axis=-1)


folded = []
for count, k, factor, noise in [(4, 3, 1.4, 0.005), (5, 5, 1.3, 0.02), (6, 10, 0.8, 0.02)]:
    amounts = 1000.0 * 2 ** np.arange(count)
    logs = np.log(amounts / amounts[0])
    folds = law(amounts, 1.8, 1.5, 0.5) + 0.08 * random.normal(size=(k, 1)) \
        + noise * random.normal(size=(k, count))
    at = count - 2
    differences = law(factor * amounts[at], 0, 1.5, 0.5) - law(amounts[at], 0, 1.5, 0.5) \
        + noise * random.normal(size=k)
    overlap = 1 / (k - 1)
    critical = student.ppf(0.975, k - 1)
    (c, b, a), _ = curve_fit(
        law, amounts, folds.mean(axis=0), p0=[1.8, 1.5, 0.5],
        bounds=([0, 0, 1e-6], [np.inf, np.inf, 50]), ftol=1e-15, xtol=1e-15, gtol=1e-15,
    )

    def of_exponent(log_exponent):
        columns = gradients(logs, np.exp(log_exponent))
        rest = columns[:, 2] - columns[:, :2] @ np.linalg.lstsq(columns[:, :2], columns[:, 2])[0]
        return abs(statistic(folds @ rest, overlap)) - critical

    def of_asymptote(asymptote):
        (own_b, own_a), _ = curve_fit(
            lambda x, b, a: law(x, asymptote, b, a), amounts, folds.mean(axis=0), p0=[b, a],
            bounds=([0, 1e-6], [np.inf, 50]), ftol=1e-15, xtol=1e-15, gtol=1e-15,
        )
        columns = gradients(logs, own_a)
        rest = np.ones(count) - columns[:, 1:] @ np.linalg.lstsq(columns[:, 1:], np.ones(count))[0]
        return abs(statistic((folds - asymptote) @ rest, overlap)) - critical

    def of_amount(log_amount):
        columns = gradients(logs, a)
        wanted = gradients(np.array([log_amount, logs[at]]), a)
        weights = np.linalg.lstsq(columns.T, wanted[0] - wanted[1])[0]
        return abs(statistic(differences - folds @ weights, overlap)) - critical

    target = law(amounts[at], c, b, a) + differences.mean()
    amount = 1000 * ((target - c) / b) ** (-1 / a)
    exponents = ends(of_exponent, np.log(a), np.log(1e-3), np.log(40))
    reached = ends(of_amount, np.log(amount / amounts[0]), np.log(0.011), np.log(1e6 * 2 ** count))
    folded.append({
        "amounts": amounts.tolist(),
        "folds": folds.tolist(),
        "at": float(amounts[at]),
        "differences": differences.tolist(),
        "sizes": {"test": 1, "training": k - 1},
        "exponent": a,
        "exponentEnds": [None if end is None else float(np.exp(end)) for end in exponents],
        "asymptote": c,
        "asymptoteEnds": ends(of_asymptote, c, 0, folds.mean(axis=0).min() - 1e-3),
        "amount": amount,
        "amountEnds": [None if end is None else float(amounts[0] * np.exp(end)) for end in reached],
    })

print(json.dumps({
    "scipy": scipy.__version__, "numpy": np.__version__, "cases": cases, "folded": folded,
}, indent=2))
