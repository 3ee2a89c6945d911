"""Writes hierarchical_quadrature.json: the same posteriors as hierarchical.json by numerical integration.

NUTS hardly reaches the narrow part of the posterior where the scale between studies is near 0; a grid does.
All but the mean, the scale and the degrees of freedom are integrated out: a study's standard deviation in closed
form, its difference and the prior's parameters on grids.

Run: python hierarchical_quadrature.py > hierarchical_quadrature.json
Needs numpy and scipy; their versions are in the file. Reads hierarchical.json beside it.
"""

import json
import pathlib

import numpy
import scipy
from scipy import special, stats

here = pathlib.Path(__file__).parent
cases = json.loads((here / "hierarchical.json").read_text())["cases"]


def prior_of_freedom(less):
    """Density of nu - 1 ~ Gamma(alpha, beta) with alpha uniform on (1, 2) and beta on (0.01, 0.1)."""
    nodes, weights = numpy.polynomial.legendre.leggauss(40)
    alpha = 1.5 + nodes / 2
    beta = 0.055 + 0.045 * nodes
    density = stats.gamma.pdf(less[:, None, None], alpha[None, :, None], scale=1 / beta[None, None, :])
    return (density * weights[None, :, None] * weights[None, None, :]).sum(axis=(1, 2)) / 4


def posterior(differences, region, correlation):
    x = numpy.array(differences)
    x, region = x / x.std(axis=1).mean(), region / x.std(axis=1).mean()
    folds = x.shape[1]
    means, squares = x.mean(axis=1), ((x - x.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    among, bound = means.std(), abs(x).max()
    # Substituted variables, so that grids are fine where the posterior is.
    spread = numpy.exp(numpy.linspace(numpy.log(1e-4 * among), numpy.log(1000 * among), 140))
    freedom = 1 + numpy.exp(numpy.linspace(numpy.log(0.02), numpy.log(600), 36))
    centre = numpy.linspace(-bound, bound, 121)
    errors = numpy.sqrt(squares / (folds - 1) * (1 + (folds - 1) * correlation) / folds)
    log_sum = numpy.zeros((len(spread), len(freedom), len(centre)))
    nodes = numpy.sinh(numpy.linspace(-9, 9, 241))
    steps = numpy.cosh(numpy.linspace(-9, 9, 241)) * 18 / 240
    for mean, square, error in zip(means, squares, errors):
        for s, scale in enumerate(spread):
            # Around the study's own mean where it is precise, around the centre where the scale is small.
            for n, nu in enumerate(freedom):
                if scale < error:
                    delta = centre[:, None] + scale * nodes
                    width = scale * steps
                else:
                    delta = numpy.broadcast_to(mean + error * nodes, (len(centre), len(nodes)))
                    width = error * steps
                form = square / (1 - correlation) + folds * (mean - delta) ** 2 / (1 + (folds - 1) * correlation)
                likelihood = form ** (-(folds - 1) / 2)
                t = (delta - centre[:, None]) / scale
                density = numpy.exp(
                    special.gammaln((nu + 1) / 2) - special.gammaln(nu / 2) - 0.5 * numpy.log(nu * numpy.pi)
                ) / scale * (1 + t * t / nu) ** (-(nu + 1) / 2)
                log_sum[s, n] += numpy.log((likelihood * density * width).sum(axis=1))
    prior = prior_of_freedom(freedom - 1) * (freedom - 1)  # by the logarithm of nu - 1
    weight = numpy.exp(log_sum - log_sum.max()) * prior[None, :, None] * spread[:, None, None]
    weight /= weight.sum()
    share = weight.sum(axis=(1, 2))
    # Half of what a grid point stands for lies below it.
    of_spread = numpy.cumsum(share) - share / 2
    nu, place = freedom[None, :, None], centre[None, None, :]
    below = stats.t.cdf((-region - place) / spread[:, None, None], nu)
    above = stats.t.cdf((place - region) / spread[:, None, None], nu)
    places = numpy.stack([below, 1 - below - above, above])
    winner = places.argmax(axis=0)
    scale = numpy.array(differences).std(axis=1).mean()
    return {
        "predictive": [float((each * weight).sum()) for each in places],
        "mostProbable": [float(weight[winner == index].sum()) for index in range(3)],
        "mean": float((weight * place).sum() * scale),
        "spread": [float(numpy.exp(numpy.interp(p, of_spread, numpy.log(spread))) * scale) for p in (0.025, 0.5, 0.975)],
    }


result = [
    {"name": case["name"], **posterior(case["differences"], case["region"], case["correlation"])} for case in cases
]
print(json.dumps({"numpy": numpy.__version__, "scipy": scipy.__version__, "cases": result}, indent=1))
