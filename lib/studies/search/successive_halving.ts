import { checkInteger, show } from "../../core/check.ts";
import { canonicalJson } from "../../core/json.ts";
import { mostSteps } from "../../core/limits.ts";
import { checkOptions, number, passed } from "../../core/options.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { SuccessiveHalvingRecord } from "../../records/strategy_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { counted } from "../../statistics/format.ts";
import { pointsPassing, rankAtRung } from "../../statistics/rungs.ts";
import { groupRuns } from "../../statistics/summarize.ts";
import { missingRuns, type PlannedRun, recordsOf } from "./planned_run.ts";
import type { DefinedPoints, StrategyKind } from "./strategy.ts";

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
 * import { successiveHalving } from "./successive_halving.ts";
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
  const { rungs, reductionFactor } = checkOptions(subject, options, {
    rungs: passed<readonly number[]>(),
    reductionFactor: number({ above: 1 }, 3),
  });
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

/** What `kinds.ts` lists. */
export const successiveHalvingKind: StrategyKind<SuccessiveHalvingRecord> = {
  make: successiveHalving,
  does: (strategy) => {
    const { rungs, reductionFactor } = strategy;
    const steps = () => `${rungs.length === 1 ? "step" : "steps"} ${rungs.join(", ")}`;
    return {
      checkFits: (study) => checkRungs(strategy, study),
      plan: (study, all, runs) => halvingRuns(strategy, study, all, runs),
      prunedInWords: (pruned) =>
        `successive halving by ${reductionFactor} pruned ${counted(pruned, "run")} at ${steps()}`,
      notes: (summaries) => {
        const pruned = summaries.filter(({ counts }) => counts.pruned > 0).length;
        return [
          `Successive halving by ${reductionFactor} pruned ${pruned} of ${summaries.length} points ` +
          `on their fold means at ${steps()}. Pruned points are never selected and not compared ` +
          `with points of full length; what learns faster leads early in training, so that strong ` +
          `remedies and small learning rates are pruned more often.`,
        ];
      },
    };
  },
};

function checkRungs({ rungs }: SuccessiveHalvingRecord, { specifications }: DefinedPoints): void {
  for (const { training } of specifications) {
    const { steps = Infinity, evaluateEvery = 1 } = (training ?? {}) as Partial<TrainingSteps>;
    for (const rung of rungs) {
      if (rung < steps && rung % evaluateEvery === 0) continue;
      throw new RangeError(
        `successiveHalving: a rung must be a multiple of training.evaluateEvery, ` +
          `${evaluateEvery}, and below training.steps, ${steps}; found ${rung}.`,
      );
    }
  }
}

interface TrainingSteps {
  readonly steps: number;
  readonly evaluateEvery: number;
}

/**
 * The runs that successive halving asks for, as far as the records decide it: those of the first
 * rung that is not complete are the last ones, or those to the last step.
 *
 * A point whose run diverged or failed passes no rung, also when that happens behind it: the next
 * point then takes its place. The baseline passes all.
 */
function halvingRuns(
  strategy: SuccessiveHalvingRecord,
  study: StudyRecord,
  all: readonly PlannedRun[],
  runs: readonly RunRecord[],
): PlannedRun[] {
  const groups = groupRuns(study, recordsOf(all, runs));
  const baseline = study.baseline === null ? null : canonicalJson(study.baseline);
  const keys = new Map(study.space.points.map((point) => [point, canonicalJson(point)]));
  const keyOf = (run: PlannedRun) => keys.get(run.point)!;
  const planned: PlannedRun[] = [];
  let remaining = new Set(keys.values());
  for (const [rung, step] of strategy.rungs.entries()) {
    const here = all.filter((run) => remaining.has(keyOf(run)))
      .map((run) => ({ ...run, stopAt: step }));
    planned.push(...here);
    if (missingRuns(here, runs).length > 0) return planned;
    const passing = pointsPassing(study.space.points.length, strategy.reductionFactor, rung);
    const ranking = rankAtRung(groups.filter(({ key }) => remaining.has(key)), step);
    remaining = new Set(
      ranking.filter(({ loss }, rank) => rank < passing && Number.isFinite(loss))
        .map(({ key }) => key),
    );
    if (baseline !== null) remaining.add(baseline);
  }
  return [...planned, ...all.filter((run) => remaining.has(keyOf(run)))];
}
