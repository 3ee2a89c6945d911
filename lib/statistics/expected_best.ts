import { checkInteger, checkOneOf, show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { checkOptions, oneOf, passed } from "../core/options.ts";
import { isArmsStudy, pointsOfArm } from "./arms_study.ts";
import {
  candidatesOf,
  chooseForFold,
  choosingLossFor,
  chosenBy,
  scoreOn,
} from "./choose_by_fold.ts";
import { mean } from "./estimate.ts";
import { tunedView } from "./options.ts";
import type { StudyRecords } from "./study_records.ts";
import type { View } from "./summarize.ts";
import { groupsOf, hasEnded } from "./tuned.ts";

/** Options of {@link expectedBest}. */
export interface ExpectedBestOptions {
  /** Arm of a study of arms; left out for a random search. */
  readonly arm?: string;
  /**
   * `withReplacement`: as if the n points were drawn from those that were tried (Dodge et al.
   * 2019); `unbiased`: the mean over all sets of n of them (2021), of higher variance.
   *
   * @default {"withReplacement"}
   */
  readonly estimator?: "withReplacement" | "unbiased";
  /**
   * `bestStep`: the step is chosen with the point; `lastStep`: trained to the end.
   *
   * @default {"bestStep"}
   */
  readonly view?: View;
}

/** Options of {@link expectedBest}, with what they must be. */
export const expectedBestOptions = {
  arm: passed<string | undefined>(),
  estimator: oneOf(["withReplacement", "unbiased"], "withReplacement"),
  view: tunedView,
};

/** Expected validation loss of the best of n points. */
export interface ExpectedBest {
  /** How many points are tried, from 1 to all. */
  readonly points: number;
  /** Mean over the folds, nats per token; null where points that diverged weigh in. */
  readonly loss: number | null;
  /** On each fold. */
  readonly foldLosses: readonly (number | null)[];
}

/**
 * What tuning with n points is expected to give, for n from 1 to the N that were tried.
 *
 * On each fold points are put in the order of their choosing loss, the lowest first, and their validation
 * losses v_i are averaged: with replacement Σ v_i · [((N − i + 1)/N)^n − ((N − i)/N)^n], unbiased
 * Σ v_i · C(N − i, n − 1)/C(N, n). Points with the same choosing loss share their weights. Where the order
 * is of other text than the score, the expectation may rise with n. Where D points diverged it is infinite
 * with replacement for every n, and unbiased for n up to D: then it is null.
 *
 * @param source A study of arms drawn at random, or of a random search; every run must have ended.
 * @param options See {@link ExpectedBestOptions}.
 * @returns One expectation for each n.
 * @throws {RangeError} If points are not independent random ones, or runs are missing.
 *
 * Papers: Dodge et al., Show Your Work: Improved Reporting of Experimental Results, EMNLP 2019; Dodge et al.,
 * Expected Validation Performance and Estimation of a Random Variable's Maximum, Findings of EMNLP 2021.
 *
 * @example
 * ```ts
 * import { expectedBest } from "./expected_best.ts";
 * import { armsHandStudy } from "./testing/arms_hand_study.ts";
 * import assert from "node:assert/strict";
 * const source = armsHandStudy({
 *   none: { points: [{}], dimensions: {}, losses: [[[1, 2]]] },
 *   decay: { draw: "random", points: [{ x: 1 }, { x: 2 }], losses: [[[1, 1.5]], [[2, 1.9]]] },
 * });
 * const losses = expectedBest(source, { arm: "decay", estimator: "unbiased" }).map(({ loss }) => loss);
 * assert.deepEqual(losses, [1.7, 1.5]);
 * ```
 */
export function expectedBest(
  source: StudyRecords,
  options: ExpectedBestOptions = {},
): ExpectedBest[] {
  const { arm, estimator, view } = checkOptions("expectedBest", options, expectedBestOptions);
  const { record } = source;
  const groups = groupsOf(source, randomPoints(source, arm));
  if (groups.some((group) => !hasEnded(group, record.seeds.length))) {
    throw new RangeError(
      `expectedBest: every run of study ${record.name} must have ended, found some missing.`,
    );
  }
  const by = chosenBy(record);
  const candidates = groups.map((group) => candidatesOf(group, view));
  const folds = record.folds.map((_, at) =>
    candidates.map((places): RankedLoss => {
      const chosen = chooseForFold(places, at, by);
      return chosen === null ? { choosing: Infinity, scoring: Infinity } : {
        choosing: choosingLossFor(chosen, at, by),
        scoring: mean(scoreOn(chosen, at).map(({ value }) => value)),
      };
    })
  );
  return groups.map((_, index) => {
    const foldLosses = folds.map((losses) => expectedLoss(losses, index + 1, estimator));
    const loss = foldLosses.includes(null) ? null : mean(foldLosses as number[]);
    return { points: index + 1, loss, foldLosses };
  });
}

/** A point's loss that orders it, and the one that is averaged. */
export interface RankedLoss {
  /** Infinite for a point that diverged. */
  readonly choosing: number;
  /** Infinite for a point that diverged. */
  readonly scoring: number;
}

/**
 * Expected scoring loss of the point with the lowest choosing loss among n.
 *
 * @param losses Of all N points, in any order.
 * @param points n, from 1 to N.
 * @returns Null where an infinite loss has a weight above 0.
 */
export function expectedLoss(
  losses: readonly RankedLoss[],
  points: number,
  estimator: "withReplacement" | "unbiased",
): number | null {
  const N = losses.length;
  const n = checkInteger("expectedBest: points", points, { from: 1, to: N });
  const ranked = [...losses].sort((a, b) =>
    a.choosing === b.choosing ? 0 : a.choosing - b.choosing
  );
  let sum = 0;
  for (let start = 0, end = 0; start < N; start = end) {
    while (end < N && ranked[end].choosing === ranked[start].choosing) end++;
    const tied = ranked.slice(start, end);
    const weight = estimator === "unbiased"
      ? shareWithin(N - start, n, N) - shareWithin(N - end, n, N)
      : ((N - start) / N) ** n - ((N - end) / N) ** n;
    if (weight > 0) sum += weight * mean(tied.map(({ scoring }) => scoring));
  }
  return Number.isFinite(sum) ? sum : null;
}

/** C(m, n) / C(N, n): the share of sets of n that lie within m of N. */
function shareWithin(m: number, n: number, N: number): number {
  let share = 1;
  for (let index = 0; index < n; index++) share *= Math.max(0, m - index) / (N - index);
  return share;
}

function randomPoints({ record }: StudyRecords, arm: string | undefined): readonly JsonObject[] {
  if (!isArmsStudy(record)) {
    if (arm !== undefined) {
      throw new RangeError(`expectedBest: study ${record.name} has no arms, found ${show(arm)}.`);
    }
    const { kind } = record.space;
    const found = record.strategy?.kind ?? kind;
    if (kind === "randomSearch" && record.strategy === undefined) return record.space.points;
    throw notIndependent(found);
  }
  const names = record.space.arms.map(({ name }) => name);
  const name = checkOneOf("expectedBest: arm", arm ?? "", names);
  const { draw, count } = record.space.arms.find((each) => each.name === name)!;
  if (draw !== "random" || count < 2) throw notIndependent(count < 2 ? "one point" : draw);
  return pointsOfArm(record, name);
}

function notIndependent(found: string): RangeError {
  return new RangeError(
    `expectedBest: points must be drawn independently at random (arms with draw "random", or ` +
      `randomSearch), found ${
        show(found)
      }: a grid, a Sobol sequence or a search that learns from its ` +
      `records is no sample whose smaller ones could be asked for.`,
  );
}
