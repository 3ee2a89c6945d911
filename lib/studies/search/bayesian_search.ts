import { checkBoolean, checkInteger, checkKeys } from "../../core/check.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { BayesianSearchRecord } from "../../records/strategy_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { rankAtRung } from "../../statistics/rungs.ts";
import { groupRuns } from "../../statistics/summarize.ts";
import type { Dimension } from "./dimensions.ts";
import { checkDimensions } from "./random_search.ts";
import type { StrategyKind } from "./strategy.ts";
import { askTreeParzen, startupPoints } from "./tree_parzen.ts";

/** Points, and candidates for one. */
const mostAsked = 100_000;

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
 * import { bayesianSearch } from "./bayesian_search.ts";
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

/** What `kinds.ts` lists. */
export const bayesianSearchKind: StrategyKind<BayesianSearchRecord> = {
  make: bayesianSearch,
  does: (strategy) => ({
    dimensions: strategy.dimensions,
    firstPoints: () => startupPoints(strategy),
    ask: (study, runs) => nextPoints(strategy, study, runs),
    growsBy: "count",
    notes: () => [noteOf(strategy)],
  }),
};

function nextPoints(
  strategy: BayesianSearchRecord,
  study: StudyRecord,
  runs: readonly RunRecord[],
): JsonObject[] {
  const { points } = study.space;
  const left = strategy.count - points.length;
  if (left <= 0) return [];
  const places = new Map(points.map((point, place) => [canonicalJson(point), place]));
  // The order of the study decides ties.
  const observations = rankAtRung(groupRuns(study, runs), Infinity)
    .sort((a, b) => places.get(a.key)! - places.get(b.key)!);
  return askTreeParzen(strategy, observations, [], Math.min(left, strategy.batchSize));
}

function noteOf({ count, startup, seed }: BayesianSearchRecord): string {
  return count <= startup
    ? `No point was asked for by the tree-structured Parzen estimator: it is asked after ${startup} ` +
      `points of a Latin hypercube (startup), and the search ends at ${count} (count). With a ` +
      `larger count the study goes on from here.`
    : `The points were asked for by a tree-structured Parzen estimator (${count} points in all, ` +
      `${startup} of a Latin hypercube to begin with, seed ${seed}) that minimizes the fold mean ` +
      `at the last step.`;
}
