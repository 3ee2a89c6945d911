import { checkNumber } from "../../core/check.ts";
import { checkOptions, number, passed, text } from "../../core/options.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { EmpiricalMaximumRecord } from "../../records/strategy_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { groupRuns, keptEvaluation } from "../../statistics/summarize.ts";
import type { StrategyKind } from "./strategy.ts";

/** Options of {@link empiricalMaximum}. */
export interface EmpiricalMaximumOptions {
  /** Of the points, such as `lambda`. */
  readonly axis: string;
  /** A value, above 0, at which not all targets should be zero. */
  readonly from: number;
  /** One at which all should. */
  readonly to: number;
  /**
   * By how much the bounds may differ at the end.
   *
   * @default {1.25}
   */
  readonly factor?: number;
}

const described = {
  axis: text(),
  from: number({ above: 0 }),
  to: passed<number>(),
  factor: number({ above: 1 }, 1.25),
};

/**
 * Looks by bisection of the logarithm for the empirical λ_max: the smallest value of an axis at
 * which every trained target is zero, in every fold and with every seed, after the specified steps.
 *
 * For a generator there is no formula as for linear models (`largestL1Strength`), and nothing says
 * that zeros grow with the strength without exception, so that the value is empirical: it belongs to
 * these steps, this optimizer and these seeds. {@link empiricalMaximumOf}
 * reads it off the study.
 *
 * @param options See {@link EmpiricalMaximumOptions}.
 *
 * @example
 * ```ts
 * import { empiricalMaximum } from "./empirical_maximum.ts";
 * import assert from "node:assert/strict";
 * assert.equal(empiricalMaximum({ axis: "lambda", from: 1e-4, to: 1 }).factor, 1.25);
 * ```
 */
export function empiricalMaximum(options: EmpiricalMaximumOptions): EmpiricalMaximumRecord {
  const checked = checkOptions("empiricalMaximum", options, described);
  checkNumber("empiricalMaximum: to", checked.to, { above: checked.from });
  return { kind: "empiricalMaximum", ...checked };
}

/** What `kinds.ts` lists. */
export const empiricalMaximumKind: StrategyKind<EmpiricalMaximumRecord> = {
  make: empiricalMaximum,
  does: ({ axis, from, to }) => ({
    firstPoints: () => [{ [axis]: from }, { [axis]: to }],
    ask: (record, records) => {
      const { allZeroAt, notAllZeroAt, found } = empiricalMaximumOf({ record, records });
      if (found || allZeroAt === null || notAllZeroAt === null) return [];
      // The middle of both bounds by ratio.
      return [{ [axis]: Number(Math.sqrt(allZeroAt * notAllZeroAt).toPrecision(12)) }];
    },
    notes: () => [
      `The points look for the smallest ${axis} at which every trained target is zero; ` +
      `it is empirical and holds for these steps, this optimizer, these folds and seeds.`,
    ],
  }),
};

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
        const at = keptEvaluation(study, run);
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
