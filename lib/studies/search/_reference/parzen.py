"""Log densities of Optuna's Parzen estimator, for parzen_test.ts.

    pip install optuna==5.0.0 && python parzen.py > parzen.json
"""

import json

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_gamma, default_weights

rng = np.random.RandomState(7)
cases = []
for multivariate in (False, True):
    for count in (0, 1, 2, 3, 8, 24):
        space = {"x": FloatDistribution(0, 1)}
        if multivariate:
            space |= {"y": FloatDistribution(0, 1), "c": CategoricalDistribution(["a", "b", "c"])}
        draw = lambda n: {
            name: rng.randint(0, 3, n).astype(float)
            if isinstance(distribution, CategoricalDistribution)
            else rng.uniform(size=n)
            for name, distribution in space.items()
        }
        observed, asked = draw(count), draw(5)
        estimator = _ParzenEstimator(
            observed,
            space,
            _ParzenEstimatorParameters(
                prior_weight=1.0,
                consider_magic_clip=True,
                consider_endpoints=False,
                weights=default_weights,
                multivariate=multivariate,
            ),
        )
        rows = lambda columns: np.array(list(columns.values())).T.tolist()
        cases.append(
            {
                "axes": list(space),
                "observed": rows(observed) if count else [],
                "asked": rows(asked),
                "logDensities": estimator.log_pdf(asked).tolist(),
            }
        )
print(
    json.dumps(
        {
            "optuna": optuna.__version__,
            "gamma": [[n, default_gamma(n)] for n in (1, 9, 10, 11, 40, 249, 250, 300)],
            "cases": cases,
        },
        indent=1,
    )
)
