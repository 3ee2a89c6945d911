import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { boolean, checkOptions, integer, option } from "../../core/options.ts";
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

/** Options of {@link bayesianSearch}. */
export interface BayesianSearchOptions {
  /** As for `randomSearch`. */
  readonly dimensions: { readonly [axis: string]: Dimension };
  /** Points in all, those in the study's `space` included. */
  readonly count: number;
  /** A whole number. */
  readonly seed: number;
  /**
   * Points of a Latin hypercube to begin with.
   *
   * @default {10}
   */
  readonly startup?: number;
  /**
   * Points asked for at once: its folds and seeds train at the same time.
   *
   * @default {1}
   */
  readonly batchSize?: number;
  /**
   * Draws among which each point is chosen.
   *
   * @default {24}
   */
  readonly candidates?: number;
  /**
   * Whether unconditional axes are modelled together, or each by itself, as in the paper.
   *
   * @default {true}
   */
  readonly joint?: boolean;
}

const asked = { from: 1, to: mostAsked };
const described = {
  dimensions: option((_, value) => checkDimensions("bayesianSearch", value)),
  count: integer(asked),
  seed: integer(),
  startup: integer(asked, 10),
  batchSize: integer(asked, 1),
  candidates: integer(asked, 24),
  joint: boolean(true),
};

/**
 * Bayesian search by a tree-structured Parzen estimator (Bergstra et al. 2011), see
 * {@link ./tree_parzen.ts | askTreeParzen}: the objective is the fold mean of the held-out loss at
 * the last step, and a point with a diverged or failed run counts as the worst.
 *
 * The points asked for depend on the seed and the records alone. They are written to `study.json`
 * when they are asked for, and stay when folds or seeds are added; a larger `count` goes on.
 *
 * @param options See {@link BayesianSearchOptions}.
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
export function bayesianSearch(options: BayesianSearchOptions): BayesianSearchRecord {
  return { kind: "treeParzenEstimator", ...checkOptions("bayesianSearch", options, described) };
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
