import type { JsonObject } from "../../core/json.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { EmpiricalMaximumRecord } from "../../records/strategy_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { groupRuns, keptEvaluation } from "../../statistics/summarize.ts";

/** Where every trained target becomes zero, as a study found it. */
export interface EmpiricalMaximum {
  /** Smallest value looked at with every target zero in every fold and seed; null when there is none. */
  readonly allZeroAt: number | null;
  /** Largest value below it that leaves a target; null when there is none. */
  readonly notAllZeroAt: number | null;
  /** Whether the two are as close as the strategy asks for. */
  readonly found: boolean;
}

/**
 * Reads the empirical λ_max off the records of a study with the strategy `empiricalMaximum`: it
 * holds for the study's steps, optimizer, folds and seeds, and for nothing else.
 *
 * @throws {TypeError} If the study has another strategy.
 */
export function empiricalMaximumOf(
  study: { readonly record: StudyRecord; readonly records: readonly RunRecord[] },
): EmpiricalMaximum {
  const { record: { strategy } } = study;
  if (strategy?.kind !== "empiricalMaximum") {
    throw new TypeError(
      `empiricalMaximumOf: the study's strategy must be empiricalMaximum({ … }), found ` +
        `${strategy?.kind ?? "none"}.`,
    );
  }
  const values = groupRuns(study.record, study.records)
    .filter(({ folds }) => folds.flat().length > 0)
    .map(({ point, folds }) => ({
      value: Number(point[strategy.axis]),
      allZero: folds.flat().every((run) => {
        const at = keptEvaluation(study.record, run);
        return run.status === "completed" && at!.countedWeights > 0 &&
          at!.exactZeros === at!.countedWeights;
      }),
    }));
  const notZero = values.filter(({ allZero }) => !allZero).map(({ value }) => value);
  const notAllZeroAt = notZero.length > 0 ? Math.max(...notZero) : null;
  // Above everything that leaves a weight, should zeros not grow with the value.
  const zero = values.filter(({ allZero, value }) => allZero && value > (notAllZeroAt ?? 0))
    .map(({ value }) => value);
  const allZeroAt = zero.length > 0 ? Math.min(...zero) : null;
  const found = allZeroAt !== null && notAllZeroAt !== null &&
    allZeroAt / notAllZeroAt <= strategy.factor;
  return { allZeroAt, notAllZeroAt, found };
}

/** Both ends of the range: the points with which the search begins. */
export function endPoints({ axis, from, to }: EmpiricalMaximumRecord): JsonObject[] {
  return [{ [axis]: from }, { [axis]: to }];
}

/** The next point: the middle of both bounds by ratio; none when they are close, or one is not there. */
export function nextBisection(
  study: { readonly record: StudyRecord; readonly records: readonly RunRecord[] },
): JsonObject[] {
  const { axis } = study.record.strategy as EmpiricalMaximumRecord;
  const { allZeroAt, notAllZeroAt, found } = empiricalMaximumOf(study);
  if (found || allZeroAt === null || notAllZeroAt === null) return [];
  return [{ [axis]: Number(Math.sqrt(allZeroAt * notAllZeroAt).toPrecision(12)) }];
}
