import { checkInteger, show } from "../core/check.ts";
import { checkOptions, integer, number, option, orAbsent, text } from "../core/options.ts";
import { foldsSuffice, limitOf, seedsEnough } from "./_plan_limits.ts";
import {
  likelyVarianceOfMean,
  type LikelyVariances,
  likelyVariances,
  type PlanModel,
  varianceOfMean,
} from "./plan_model.ts";
import { powerOf } from "./power.ts";
import {
  type StudyDifference,
  studyDifferences,
  type StudyDifferencesOptions,
  studyDifferencesOptions,
} from "./study_differences.ts";
import { type LossUnit, lossUnit } from "./study_loss.ts";
import type { StudyRecords } from "./study_records.ts";
import { textsNeeded } from "./texts_needed.ts";
import { type VarianceSplit, varianceSplit } from "./variance_split.ts";

/** Options of {@link planStudy}. */
export interface PlanStudyOptions extends StudyDifferencesOptions {
  /** The true difference that the study is to show, of either sign and above 0, in the pilot's unit. */
  readonly difference: number;
  /**
   * Share of such studies that are to show it, from 0 to 1, both excluded.
   *
   * @default {0.8}
   */
  readonly power?: number;
  /**
   * Of the test, two-sided, from 0 to 1, both excluded.
   *
   * @default {0.05}
   */
  readonly level?: number;
  /** Comparisons that Holm adjusts together, from 1; those of the pilot when left out. */
  readonly comparisons?: number;
  /** Name of the pilot's difference that is planned for; the one with the lowest mean when left out. */
  readonly of?: string;
  /**
   * Numbers of folds to consider.
   *
   * @default {[3, 4, 5, 6, 8, 10, 12, 16, 20]}
   */
  readonly folds?: readonly number[];
  /**
   * Numbers of seeds to consider.
   *
   * @default {[1, 2, 3, 4, 5, 6, 8, 10, 15, 20]}
   */
  readonly seeds?: readonly number[];
  /** Points trained on each fold with each seed, from 1; all of the pilot's when left out. */
  readonly points?: number;
  /**
   * Runs at a time.
   *
   * @default {1}
   */
  readonly workers?: number;
  /** The most that a plan may take; without end when left out. */
  readonly minutes?: number;
  /**
   * How the variance between folds rises as their blocks shrink, from 0 (not at all) to 1 (as 1/tokens).
   *
   * @default {1}
   */
  readonly growth?: number;
  /** Standard deviation of the difference over texts, where it is known; that of one text's noise when left out. */
  readonly deviationOverTexts?: number;
}

const counts = (from: number, ...byDefault: readonly number[]) =>
  option((name, value): readonly number[] => {
    if (!Array.isArray(value) || value.length === 0) {
      throw new TypeError(`${name} must be a list of whole numbers, found ${show(value)}.`);
    }
    const list = value.map((each) => checkInteger(name, each, { from, to: 10_000 }));
    return [...new Set(list)].sort((a, b) => a - b);
  }, byDefault);

const described = {
  ...studyDifferencesOptions,
  difference: number({ above: 0 }),
  power: number({ above: 0, below: 1 }, 0.8),
  level: number({ above: 0, below: 1 }, 0.05),
  comparisons: orAbsent(integer({ from: 1 })),
  of: orAbsent(text()),
  folds: counts(2, 3, 4, 5, 6, 8, 10, 12, 16, 20),
  seeds: counts(1, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20),
  points: orAbsent(integer({ from: 1 })),
  workers: integer({ from: 1 }, 1),
  minutes: orAbsent(number({ above: 0 })),
  growth: number({ from: 0, to: 1 }, 1),
  deviationOverTexts: orAbsent(number({ above: 0 })),
};

/** A study of so many folds and seeds. */
export interface StudyPlan {
  /** Folds K. */
  readonly folds: number;
  /** Seeds S. */
  readonly seeds: number;
  /** Points × folds × seeds. */
  readonly runs: number;
  /** As long as the pilot's runs took; null where they have no duration. */
  readonly minutes: number | null;
  /** Of the mean difference, with the pilot's variances. */
  readonly standardError: number;
  /** Share of such studies that show the difference, if the pilot's variances are the true ones. */
  readonly power: number;
  /** Where that lies with 95 % confidence, given how little a pilot knows of its variances. */
  readonly powerInterval: readonly [number, number];
  /** The power that is reached with 80 % confidence. */
  readonly cautiousPower: number;
}

/** What {@link planStudy} found. */
export interface StudyPlanning {
  /** Name of the pilot, and its size. */
  readonly pilot: { readonly name: string; readonly folds: number; readonly seeds: number };
  /** The difference of the pilot that is planned for. */
  readonly of: StudyDifference;
  /** Unit of differences and standard errors. */
  readonly unit: LossUnit;
  /** What is to be shown, and how surely. */
  readonly wanted: {
    readonly difference: number;
    readonly power: number;
    readonly level: number;
    readonly comparisons: number;
    readonly minutes: number | null;
  };
  /** The variance of the pilot's difference. */
  readonly split: VarianceSplit;
  /** What the plans reckon with. */
  readonly model: PlanModel;
  /** Every number of folds with every number of seeds. */
  readonly plans: readonly StudyPlan[];
  /** The plan with the fewest runs that reaches the power in the time; null where none does. */
  readonly cheapest: StudyPlan | null;
  /** The plan with the fewest runs that reaches it with 80 % confidence; null where none does. */
  readonly cautious: StudyPlan | null;
  /** For each number of folds the seeds from which twice as many lower the standard error by less than 5 %. */
  readonly seedsEnough: readonly { readonly folds: number; readonly seeds: number | null }[];
  /** The fewest folds of which twice as many lower the detectable difference by less than 5 %; null for none. */
  readonly foldsEnough: number | null;
  /** The smallest difference that this text could show by any of the numbers of folds, with endless seeds. */
  readonly limit: { readonly folds: number; readonly detectable: number | null };
  /** What several texts would take, each with a study of the pilot's size. */
  readonly texts: {
    /** Standard deviation of a text's difference. */
    readonly deviation: number;
    /** Whether it was given; else texts are taken to differ in nothing but noise. */
    readonly known: boolean;
    /** Texts that reach the power; null where a thousand do not. */
    readonly needed: number | null;
  };
}

/**
 * Plans a study from a pilot: how many folds and seeds would show a difference, what that takes, and where more of
 * either stops helping.
 *
 * The variance of the pilot's paired differences is split ({@link varianceSplit}); that of the mean over K folds and
 * S seeds is (1/K + n_test/n_train) · (σ²_fold(K) + σ²_rest/S), with n_test/n_train from the pilot's own folds and
 * σ²_fold(K) = σ²_fold · (K/K₀)^growth beyond the pilot's K₀: blocks of fewer tokens vary more. The power is that of
 * the corrected t-test at K − 1 degrees of freedom, at the first step of Holm.
 *
 * A pilot of three folds and two seeds knows its variances by two degrees of freedom: each plan has the 95 % interval
 * of its power, and `cautious` is the plan that reaches the power with 80 % confidence (Browne, Statistics in
 * Medicine 14, 1995).
 *
 * @param pilot A study of two folds or more, or its records; with one seed nothing is known of what seeds do, and no
 * plan counts on them.
 * @param options See {@link PlanStudyOptions}.
 * @returns The plans, the cheapest that reaches the power, and what cannot be reached on this text.
 * @throws {RangeError} If the pilot has no tested difference, none of the name asked for, or an option is outside its
 * range.
 *
 * @example
 * ```ts
 * import { planStudy } from "./plan_study.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy({ axes: { lambda: [0, 0.001] } });
 * const { cheapest, plans } = planStudy({ record, records }, { difference: 0.02, folds: [3, 5], seeds: [1, 2] });
 * assert.deepEqual(plans.map(({ folds, seeds }) => [folds, seeds]), [[3, 1], [3, 2], [5, 1], [5, 2]]);
 * assert.ok(cheapest === null || cheapest.power >= 0.8);
 * ```
 */
export function planStudy(pilot: StudyRecords, options: PlanStudyOptions): StudyPlanning {
  const given = checkOptions("planStudy", options, described);
  const { record, records } = pilot;
  const of = differenceOf(pilot, given);
  const split = varianceSplit(of.pairs);
  const model = modelOf(pilot, of, split, given.growth);
  const { difference, power, level, comparisons = of.family, minutes: longest = null } = given;
  const wanted = { difference, power, level, comparisons, minutes: longest };
  const points = given.points ?? record.space.points.length;
  const likely = likelyVariances(split, split.betweenFolds!);
  const minutesOfRun = minutesEach(records) / given.workers;
  const folds = given.folds.filter((each) => each > model.heldOut);
  if (folds.length === 0) {
    throw new RangeError(
      `planStudy: folds must leave a block to train on beside ${model.heldOut} held out, found ` +
        `${show(given.folds)}.`,
    );
  }
  const plans = folds.flatMap((each) =>
    given.seeds.map((seeds) => {
      const runs = points * each * seeds;
      const minutes = minutesOfRun > 0 ? runs * minutesOfRun : null;
      return { runs, minutes, ...planOf(model, likely, [each, seeds], wanted) };
    })
  );
  const affordable = plans.filter(({ minutes }) =>
    longest === null || minutes === null || minutes <= longest
  );
  const deviation = given.deviationOverTexts ?? Math.sqrt(
    varianceOfMean(model, split.folds, split.seeds),
  );
  return {
    pilot: { name: record.name, folds: split.folds, seeds: split.seeds },
    of,
    unit: lossUnit(record),
    wanted,
    split,
    model,
    plans,
    cheapest: fewestRuns(affordable.filter(({ power }) => power >= wanted.power)),
    cautious: fewestRuns(affordable.filter(({ cautiousPower }) => cautiousPower >= wanted.power)),
    seedsEnough: folds.map((each) => ({ folds: each, seeds: seedsEnough(model, each) })),
    foldsEnough: folds.find((each) => foldsSuffice(model, each, split.seeds, wanted)) ?? null,
    limit: limitOf(model, folds, wanted),
    texts: {
      deviation,
      known: given.deviationOverTexts !== undefined,
      needed: textsNeeded({ difference, deviation, power, level, comparisons }),
    },
  };
}

type Wanted = StudyPlanning["wanted"];

function differenceOf(
  pilot: StudyRecords,
  { of, view, contrasts }: Pick<PlanStudyOptions, "of" | "view" | "contrasts">,
): StudyDifference {
  const all = studyDifferences(pilot, {
    ...(view === undefined ? {} : { view }),
    ...(contrasts === undefined ? {} : { contrasts }),
  });
  const tested = all.filter(({ test }) => test?.state === "tested");
  if (tested.length === 0) {
    throw new RangeError(
      `planStudy: the pilot ${
        show(pilot.record.name)
      } must have a difference that is tested, which takes ` +
        `two folds and a baseline, arms or contrasts, found ${all.length} without a test.`,
    );
  }
  if (of === undefined) {
    return tested.reduce((best, each) => each.test!.mean < best.test!.mean ? each : best);
  }
  const found = tested.find(({ name, shortName }) => name === of || shortName === of);
  if (found) return found;
  throw new RangeError(
    `planStudy: of must be one of ${tested.map(({ name }) => name).join("; ")}, found ${show(of)}.`,
  );
}

/** What the pilot says of variances; the overlap is what its test took, whatever folds it has. */
function modelOf(
  { record }: StudyRecords,
  { test }: StudyDifference,
  { components, betweenFolds, folds }: VarianceSplit,
  growth: number,
): PlanModel {
  return {
    fold: components?.fold ?? betweenFolds!,
    rest: components?.rest ?? 0,
    folds,
    overlap: Math.max(0, test!.standardError! ** 2 / betweenFolds! - 1 / folds),
    heldOut: record.folds.some(({ choosing }) => choosing !== undefined) ? 2 : 1,
    growth,
  };
}

/** Minutes of a run of the folds, in the mean. */
function minutesEach(records: StudyRecords["records"]): number {
  const completed = records.filter(({ status, fold }) =>
    status === "completed" && fold !== "final"
  );
  return completed.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0) / 60 /
    Math.max(1, completed.length);
}

function planOf(
  model: PlanModel,
  likely: LikelyVariances,
  size: readonly [folds: number, seeds: number],
  { difference, comparisons, level }: Wanted,
): Omit<StudyPlan, "runs" | "minutes"> {
  const [folds, seeds] = size;
  const powerAt = (variance: number) =>
    powerOf({
      difference,
      standardError: Math.sqrt(variance),
      degreesOfFreedom: folds - 1,
      comparisons,
      level,
    });
  const variance = varianceOfMean(model, folds, seeds);
  const [low, cautious, high] = likelyVarianceOfMean(model, likely, size, [0.025, 0.8, 0.975]);
  return {
    folds,
    seeds,
    standardError: Math.sqrt(variance),
    power: powerAt(variance),
    powerInterval: [powerAt(high), powerAt(low)],
    cautiousPower: powerAt(cautious),
  };
}

function fewestRuns(plans: readonly StudyPlan[]): StudyPlan | null {
  return plans.reduce<StudyPlan | null>(
    (best, each) =>
      best === null || each.runs < best.runs ||
        each.runs === best.runs && each.power > best.power
        ? each
        : best,
    null,
  );
}
