"""Optuna as a search: asks for points of the unit cube on stdout, is told values on stdin.

One JSON line a message. In: {"dimensions", "budget", "seed", "search"} begins a search; then, for
each point, {"value"} or, with pruning, {"curve": [[step, value], ...]}. Out: {"at"} for each point,
none after the last one, with pruning and {"completed"} of the point before.
"""

import json
import sys
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")


def say(message):
    print(json.dumps(message), flush=True)


def heard():
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


def sampler_of(name, seed):
    if name == "TPE":
        return optuna.samplers.TPESampler(seed=seed)
    if name == "TPE, each axis":
        return optuna.samplers.TPESampler(seed=seed, multivariate=False)
    if name == "random, halving":
        return optuna.samplers.RandomSampler(seed=seed)
    raise ValueError(name)


def search(order):
    pruner = optuna.pruners.SuccessiveHalvingPruner(
        min_resource=order.get("minimumSteps", 1), reduction_factor=3
    )
    study = optuna.create_study(sampler=sampler_of(order["search"], order["seed"]), pruner=pruner)
    left = order["budget"]
    outcome = {}
    while left > 0:
        trial = study.ask()
        say({**outcome, "at": [trial.suggest_float(f"x{i}", 0, 1) for i in range(order["dimensions"])]})
        told = heard()
        if "value" in told:
            study.tell(trial, told["value"])
            left -= 1
            continue
        pruned = False
        for step, value in told["curve"]:
            trial.report(value, step)
            if step < told["curve"][-1][0] and trial.should_prune():
                pruned = True
                break
        if pruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, value)
        left -= step
        outcome = {"completed": not pruned}
    say(outcome)


say({"optuna": optuna.__version__, "python": sys.version.split()[0]})
while True:
    search(heard())
