import {
  checkBoolean,
  checkInteger,
  checkKeys,
  checkNumber,
  checkOneOf,
  checkText,
  show,
} from "../../core/check.ts";
import { mostSteps } from "../../core/limits.ts";
import type {
  BayesianSearchRecord,
  EmpiricalMaximumRecord,
  StrategyRecord,
  SuccessiveHalvingRecord,
  WarmStartPathRecord,
} from "../../records/strategy_record.ts";
import type { Dimension } from "./dimensions.ts";
import { checkDimensions } from "./random_search.ts";

/**
 * Successive halving (Jamieson and Talwalkar 2016): all points are trained to the first rung, the
 * better ones to the next, and so on; of n points ⌊n / reductionFactor^(r + 1)⌋ pass rung r, counted
 * from 0. Points are compared by the fold mean of the held-out loss over all folds and seeds.
 *
 * Rungs are synchronous: a rung is decided when all its runs are there, from the records alone, so
 * that the result is the same whatever the number of workers, and after any interruption. (ASHA
 * decides as runs end, so that its results depend on their order.) A run goes on from its checkpoint
 * to the bits of an uninterrupted one. The baseline is never pruned, because everything is compared
 * with it. Pruned runs stay in the journal as `pruned`, and no pruned point is ever selected.
 *
 * It is never the default: early in training an unpenalized model leads, so that halving is biased
 * against penalties. {@link ../../statistics/rungs.ts | rungVerdicts} says from a full study how often
 * a rung would have discarded the winner.
 *
 * @param options `rungs`: steps, ascending, multiples of `training.evaluateEvery` and below
 * `training.steps`. `reductionFactor`: above 1; 3 by default.
 *
 * @example
 * ```ts
 * import { successiveHalving } from "./strategies.ts";
 * import assert from "node:assert/strict";
 * const strategy = successiveHalving({ rungs: [100, 300] });
 * assert.deepEqual(strategy, {
 *   kind: "successiveHalving", rungs: [100, 300], reductionFactor: 3,
 * });
 * // const study = await runStudy({ name, space: grid({ … }), strategy, specify, folds, seeds });
 * ```
 */
export function successiveHalving(
  options: { readonly rungs: readonly number[]; readonly reductionFactor?: number },
): SuccessiveHalvingRecord {
  const subject = "successiveHalving";
  checkKeys(subject, options, ["rungs", "reductionFactor"]);
  const { rungs, reductionFactor = 3 } = options;
  checkNumber(`${subject}: reductionFactor`, reductionFactor, { above: 1 });
  if (!Array.isArray(rungs) || rungs.length === 0) {
    throw new TypeError(`${subject}: rungs must be a list of steps, found ${show(rungs)}.`);
  }
  for (const [index, step] of rungs.entries()) {
    checkInteger(`${subject}: a rung`, step, { from: 1, to: mostSteps });
    if (index > 0 && step <= rungs[index - 1]) {
      throw new RangeError(`${subject}: rungs must ascend, found ${show(rungs)}.`);
    }
  }
  return { kind: subject, rungs: [...rungs], reductionFactor };
}

/**
 * Bayesian search by a tree-structured Parzen estimator (Bergstra et al. 2011), see
 * {@link ./tree_parzen.ts | askTreeParzen}: the objective is the fold mean of the held-out loss at
 * the last step, and a point with a diverged or failed run counts as the worst.
 *
 * The points asked for depend on the seed and the records alone. They are written to `study.json`
 * when they are asked for, and stay when folds or seeds are added; a larger `count` goes on.
 *
 * @param options `dimensions`: as for `randomSearch`. `count`: points in all, those in the study's
 * `space` included. `seed`: a whole number. `startup`: points of a Latin hypercube to begin with, 10
 * by default. `batchSize`: points asked for at once, 1 by default: its folds and seeds train at the
 * same time. `candidates`: draws among which each point is chosen, 24 by default. `joint`: whether
 * unconditional axes are modelled together, as by default, or each by itself, as in the paper.
 *
 * @example
 * ```ts
 * import { logRange } from "./dimensions.ts";
 * import { bayesianSearch } from "./strategies.ts";
 * import assert from "node:assert/strict";
 * const strategy = bayesianSearch({
 *   dimensions: { lambda: logRange(1e-6, 1e-3, { zeroShare: 0.1 }), alpha: logRange(0.01, 3) },
 *   count: 40,
 *   seed: 1,
 * });
 * assert.equal(strategy.startup, 10);
 * // const study = await runStudy({ name, strategy, specify, folds, seeds });
 * ```
 */
export function bayesianSearch(options: {
  readonly dimensions: { readonly [axis: string]: Dimension };
  readonly count: number;
  readonly seed: number;
  readonly startup?: number;
  readonly batchSize?: number;
  readonly candidates?: number;
  readonly joint?: boolean;
}): BayesianSearchRecord {
  const subject = "bayesianSearch";
  const names = ["dimensions", "count", "seed", "startup", "batchSize", "candidates", "joint"];
  checkKeys(subject, options, names);
  const { dimensions, count, seed, startup = 10, batchSize = 1 } = options;
  const { candidates = 24, joint = true } = options;
  checkDimensions(subject, dimensions);
  checkInteger(`${subject}: count`, count, { from: 1, to: mostAsked });
  checkInteger(`${subject}: seed`, seed);
  checkInteger(`${subject}: startup`, startup, { from: 1, to: mostAsked });
  checkInteger(`${subject}: batchSize`, batchSize, { from: 1, to: mostAsked });
  checkInteger(`${subject}: candidates`, candidates, { from: 1, to: mostAsked });
  checkBoolean(`${subject}: joint`, joint);
  const kind = "treeParzenEstimator";
  return { kind, dimensions, count, seed, startup, batchSize, candidates, joint };
}

/**
 * A path of warm starts along a strength: for each fold and seed, and for each value of the other
 * axes, a point begins with the trained weights of the next weaker one; the weakest with the
 * initializer's. A run's id includes the run whose weights it began with.
 *
 * **It changes what is estimated**: a point is then not "trained for these steps" but "trained along
 * the path up to here", and its number depends on which weaker points there are. Off by default, and
 * stated in tables and reports. From weak to strong, because a recurrent model that begins with all
 * weights at zero never leaves. A point whose weaker neighbour did not complete is not trained. For
 * linear models see `linearRegressionPath`, from strong to weak.
 *
 * @param options `axis`: a number in every point of the space.
 *
 * @example
 * ```ts
 * import { warmStartPath } from "./strategies.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(warmStartPath({ axis: "lambda" }), { kind: "warmStartPath", axis: "lambda" });
 * ```
 */
export function warmStartPath(options: { readonly axis: string }): WarmStartPathRecord {
  checkKeys("warmStartPath", options, ["axis"]);
  return { kind: "warmStartPath", axis: checkText("warmStartPath: axis", options.axis) };
}

/**
 * Looks by bisection of the logarithm for the empirical λ_max: the smallest value of an axis at
 * which every trained target is zero, in every fold and with every seed, after the specified steps.
 *
 * For a generator there is no formula as for linear models (`largestL1Strength`), and nothing says
 * that zeros grow with the strength without exception, so that the value is empirical: it belongs to
 * these steps, this optimizer and these seeds. {@link ./empirical_maximum.ts | empiricalMaximumOf}
 * reads it off the study.
 *
 * @param options `axis`: of the points, such as `lambda`. `from`: a value, above 0, at which not all
 * targets should be zero. `to`: one at which all should. `factor`: by how much the bounds may differ
 * at the end; 1.25 by default.
 *
 * @example
 * ```ts
 * import { empiricalMaximum } from "./strategies.ts";
 * import assert from "node:assert/strict";
 * assert.equal(empiricalMaximum({ axis: "lambda", from: 1e-4, to: 1 }).factor, 1.25);
 * ```
 */
export function empiricalMaximum(options: {
  readonly axis: string;
  readonly from: number;
  readonly to: number;
  readonly factor?: number;
}): EmpiricalMaximumRecord {
  const subject = "empiricalMaximum";
  checkKeys(subject, options, ["axis", "from", "to", "factor"]);
  const { axis, from, to, factor = 1.25 } = options;
  checkText(`${subject}: axis`, axis);
  checkNumber(`${subject}: from`, from, { above: 0 });
  checkNumber(`${subject}: to`, to, { above: from });
  checkNumber(`${subject}: factor`, factor, { above: 1 });
  return { kind: subject, axis, from, to, factor };
}

/** Points, and candidates for one, of a search that learns. */
const mostAsked = 100_000;

const kinds = [
  "successiveHalving",
  "treeParzenEstimator",
  "warmStartPath",
  "empiricalMaximum",
] as const;

/**
 * Checks that a value is a strategy, as the functions above give it.
 *
 * @throws {TypeError | RangeError} With the field, the value found and those allowed.
 */
export function checkStrategy(subject: string, value: unknown): StrategyRecord {
  if (value === null || typeof value !== "object") {
    throw new TypeError(
      `${subject} must be a strategy such as successiveHalving({ … }) or bayesianSearch({ … }), ` +
        `found ${show(value)}.`,
    );
  }
  const { kind, ...options } = value as StrategyRecord;
  checkOneOf(`${subject}: kind`, kind, kinds);
  const make = {
    successiveHalving,
    treeParzenEstimator: bayesianSearch,
    warmStartPath,
    empiricalMaximum,
  } as unknown as { readonly [kind: string]: (options: object) => StrategyRecord };
  return make[kind](options);
}
