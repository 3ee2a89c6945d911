import { checkInteger, checkNumber, show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { choosingLossOf } from "../records/choosing_loss.ts";
import type { RunRecord } from "../records/run_record.ts";
import { estimateOverFolds } from "./estimate.ts";
import { commonSteps, groupRuns, type PointRuns } from "./summarize.ts";
import type { StudyRecords } from "./study_records.ts";

/** The loss by which a point is chosen, by step, in the mean over folds, seeds averaged within a fold. */
export interface PointCurve {
  /** Its values by axis. */
  readonly point: JsonObject;
  /** Canonical JSON of the point. */
  readonly key: string;
  /** Steps at which every run of the point was evaluated, ascending. */
  readonly steps: readonly number[];
  /** Fold means there, nats per token. */
  readonly losses: readonly number[];
}

/** A point at a rung. */
export interface RungEntry {
  /** Its values by axis. */
  readonly point: JsonObject;
  /** Canonical JSON of the point. */
  readonly key: string;
  /** Fold mean of the loss that chooses; infinite when a run of the point diverged or failed. */
  readonly loss: number;
}

/**
 * How many of n points pass rung r, counted from 0, with reduction factor η: ⌊n / η^(r + 1)⌋, at
 * least one (Jamieson and Talwalkar 2016).
 *
 * @example
 * ```ts
 * import { pointsPassing } from "./rungs.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual([0, 1, 2].map((rung) => pointsPassing(20, 3, rung)), [6, 2, 1]);
 * ```
 */
export function pointsPassing(count: number, reductionFactor: number, rung: number): number {
  return Math.max(1, Math.floor(count / reductionFactor ** (rung + 1)));
}

/**
 * Points at a rung, the best first: by the fold mean over all folds and seeds of the loss that chooses at
 * that step, a tie in the order of the study. A run that stops early counts with the best evaluation up to
 * there, whose weights it keeps; one that diverged or failed makes its point's loss infinite.
 *
 * @param groups Points with all their runs, each recorded at least to the step.
 */
export function rankAtRung(groups: readonly PointRuns[], step: number): RungEntry[] {
  return groups
    .map(({ point, key, folds, stopsEarly }) => {
      const loss = (run: RunRecord) => stopsEarly ? lowestLoss(run, step) : lossAt(run, step);
      const over = estimateOverFolds(folds.map((runs) => runs.map(loss)));
      return { point, key, loss: over?.mean ?? Infinity };
    })
    .sort((a, b) => a.loss === b.loss ? 0 : a.loss - b.loss);
}

/** Of the evaluations up to a step, as early stopping keeps it. */
function lowestLoss(run: RunRecord, step: number): number {
  if (hasNoLoss(run)) return Infinity;
  return Math.min(...run.curve.filter((at) => at.step <= step).map(choosingLossOf));
}

function hasNoLoss({ status }: RunRecord): boolean {
  return status === "failed" || status === "diverged";
}

function lossAt(run: RunRecord, step: number): number {
  if (hasNoLoss(run)) return Infinity;
  const at = run.curve.findLast((at) => at.step <= step);
  return at === undefined ? Infinity : choosingLossOf(at);
}

/**
 * The curves of the points whose every run is completed, in the order of the study.
 *
 * @param study A study, or its records.
 */
export function curvesOfPoints({ record: study, records: runs }: StudyRecords): PointCurve[] {
  const expected = study.folds.length * study.seeds.length;
  return groupRuns(study, runs)
    .filter(({ folds }) => {
      const completed = folds.flat().filter(({ status }) => status === "completed");
      return completed.length === expected;
    })
    .map(({ point, key, folds }) => {
      const steps = commonSteps(folds.flat());
      const losses = steps.map((step) =>
        estimateOverFolds(folds.map((runs) => runs.map((run) => lossAt(run, step))))!.mean
      );
      return { point, key, steps, losses };
    });
}

/** What a rung would have done to the point that is best at full length. */
export interface RungVerdict {
  /** Step of the rung. */
  readonly step: number;
  /** Points that pass it. */
  readonly passing: number;
  /** Rank, from 1, that the winner has at the rung among all points. */
  readonly winnerRank: number;
  /** Whether the winner would have been pruned there. */
  readonly discarded: boolean;
  /** Full-length loss of the best point that passes, minus the winner's; nats per token. */
  readonly regret: number;
}

/**
 * What successive halving would have done to the winner, from the curves of points that were all
 * trained to the end: for each rung, whether the point with the lowest loss at the last common step
 * is among those that pass.
 *
 * Each rung is looked at by itself, as if no rung stood before it.
 *
 * @param curves As {@link curvesOfPoints} gives them, at least one.
 * @param options `rungs`: steps; `reductionFactor` η, above 1.
 * @returns One verdict a rung.
 * @throws {RangeError} If a curve has no evaluation at a rung, or there is no curve.
 *
 * @example
 * ```ts
 * import { rungVerdicts } from "./rungs.ts";
 * import assert from "node:assert/strict";
 * // Without a penalty the loss falls first, and rises later.
 * const curve = (lambda: number, ...losses: number[]) =>
 *   ({ point: { lambda }, key: `${lambda}`, steps: [10, 20, 40], losses });
 * const curves = [curve(0, 2.0, 2.0, 2.4), curve(1, 2.2, 1.9, 1.8)];
 * const verdicts = rungVerdicts(curves, { rungs: [10, 20], reductionFactor: 2 });
 * assert.deepEqual(verdicts.map(({ discarded }) => discarded), [true, false]);
 * ```
 */
export function rungVerdicts(
  curves: readonly PointCurve[],
  options: { readonly rungs: readonly number[]; readonly reductionFactor: number },
): RungVerdict[] {
  const { rungs, reductionFactor } = options;
  checkNumber("rungVerdicts: reductionFactor", reductionFactor, { above: 1 });
  if (curves.length === 0) throw new RangeError("rungVerdicts: there must be a curve, found none.");
  const last = Math.min(...curves.map(({ steps }) => steps.at(-1) ?? 0));
  const at = (curve: PointCurve, step: number) => {
    const loss = curve.losses[curve.steps.indexOf(step)];
    if (loss === undefined) {
      throw new RangeError(
        `rungVerdicts: a rung must be a step at which point ${curve.key} was evaluated, one of ` +
          `${curve.steps.join(", ")}; found ${show(step)}.`,
      );
    }
    return loss;
  };
  const rank = (step: number) => [...curves].sort((a, b) => at(a, step) - at(b, step));
  const [winner] = rank(last);
  return rungs.map((step, rung) => {
    checkInteger("rungVerdicts: a rung", step, { from: 0 });
    const ranking = rank(step);
    const passing = pointsPassing(curves.length, reductionFactor, rung);
    const winnerRank = ranking.indexOf(winner) + 1;
    const kept = ranking.slice(0, passing).map((curve) => at(curve, last));
    return {
      step,
      passing,
      winnerRank,
      discarded: winnerRank > passing,
      regret: Math.min(...kept) - at(winner, last),
    };
  });
}
