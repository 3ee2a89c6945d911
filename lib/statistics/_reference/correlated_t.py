"""Posterior probabilities of the correlated Bayesian t-test by baycomp 1.0.3, with the p-values of the two one-sided
tests by scipy, for correlated_bayesian_t_test.ts and equivalence_test.ts.

baycomp takes y - x, fixes n_test/n_train at 1/(K - 1), and has runs = 1 of seed-averaged folds.

    pip install baycomp==1.0.3 numpy==2.4.6 scipy==1.17.1
    python correlated_t.py > correlated_t.json
"""

import json

import numpy as np
from baycomp import two_on_single
from scipy import stats

random = np.random.default_rng(19)
cases = []
for folds in (2, 3, 5, 10, 20):
    for shift in (0.0, 0.004, -0.03, 0.2):
        for region in (0.002, 0.02, 0.1):
            differences = np.round(shift + 0.01 * random.standard_normal(folds), 6)
            below, inside, above = two_on_single(np.zeros(folds), differences, rope=region, runs=1)
            error = np.sqrt((1 / folds + 1 / (folds - 1)) * np.var(differences, ddof=1))
            mean = float(np.mean(differences))
            cases.append({
                "differences": differences.tolist(),
                "region": region,
                "posterior": [float(below), float(inside), float(above)],
                # Against a mean of at most -region, and of at least region.
                "pValues": [
                    float(stats.t.sf((mean + region) / error, folds - 1)),
                    float(stats.t.cdf((mean - region) / error, folds - 1)),
                ],
                "interval": [float(end) for end in stats.t.interval(0.9, folds - 1, mean, error)],
            })

lines = ",\n".join(json.dumps(case) for case in cases)
print(f'{{"baycomp": "1.0.3", "cases": [\n{lines}\n]}}')
