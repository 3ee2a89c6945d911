import { checkOptions, number, orAbsent } from "../core/options.ts";
import { checkFinite } from "./_check_finite.ts";
import {
  asymptoteContrast,
  dot,
  exponentContrast,
  linearized,
  predictionWeights,
} from "./_law_contrasts.ts";
import { mean, standardDeviation } from "./estimate.ts";
import type { FoldSizes } from "./mean_interval.ts";
import { confidence, overlap } from "./options.ts";
import { fitChecked, type PowerLawFit } from "./power_law.ts";
import { studentQuantile } from "./student_t.ts";

/** Values at some amounts, fold by fold. */
export interface FoldValues {
  /** Distinct, above 0, in any order. */
  readonly amounts: readonly number[];
  /** For each fold its value at each amount, seeds already averaged. */
  readonly folds: readonly (readonly number[])[];
}

/** Options of {@link powerLawOverFolds}. */
export interface OverFoldsOptions {
  /** Held-out and training tokens of a fold, for folds that share training text. */
  readonly sizes?: FoldSizes;
  /** c, where it is known or assumed; it is fitted when left out. */
  readonly asymptote?: number;
  /**
   * Of the intervals, from 0 to 1, both excluded.
   *
   * @default {0.95}
   */
  readonly confidence?: number;
}

const described = {
  sizes: overlap,
  asymptote: orAbsent(number({ from: 0 })),
  confidence,
};

/** Ends of an interval; 0 or `Infinity` where the values set no lower or no upper end. */
export type Ends = readonly [number, number];

/** A power law through the means over folds. */
export interface PowerLawOverFolds extends PowerLawFit {
  /** Of the asymptote; null where it was given, there is no law, or fewer than two folds. */
  readonly asymptoteInterval: Ends | null;
  /** Of the exponent; null where there is no law, or fewer than two folds. */
  readonly exponentInterval: Ends | null;
}

/** What an interval needs to know of the folds: how many, and by what their spread is multiplied. */
export interface FoldTest {
  /** √(1/K + n_test/n_train). */
  readonly scale: number;
  /** Student's t beyond which a value is refused. */
  readonly critical: number;
}

/**
 * Fits a power law to the means over folds, each amount alike, with intervals that keep what amounts share in a
 * fold.
 *
 * An interval holds the values that a test does not refuse at its level. To test an exponent or an asymptote,
 * each fold's values are added up with weights that make 0 on average if it is the true one, whatever the
 * other parameters are (to the first order): the orthogonalized score of Neyman's C(α) test. These
 * sums, one a fold, are tested by the corrected resampled t-test, with K − 1 degrees of freedom. What
 * all amounts of a fold have in common stays in its sum, so nothing is assumed of how values of a fold
 * vary together; and an interval has no end where the values set none.
 *
 * @param values Three or more amounts, two where the asymptote is given.
 * @param options See {@link OverFoldsOptions}.
 * @returns The law and the intervals.
 * @throws {RangeError} If a value is not finite, or a fold has not one for each amount.
 *
 * Neyman, Optimal asymptotic tests of composite statistical hypotheses (1959).
 *
 * @example
 * ```ts
 * import { powerLawOverFolds } from "./power_law_over_folds.ts";
 * import assert from "node:assert/strict";
 * const amounts = [1000, 2000, 4000, 8000];
 * const folds = [0.01, -0.02, 0.01].map((level, fold) =>
 *   amounts.map((amount, at) => 1.5 + level + 30 * amount ** -0.5 + 0.001 * ((fold + at) % 3 - 1))
 * );
 * const { law, exponentInterval } = powerLawOverFolds({ amounts, folds });
 * assert.ok(Math.abs(law!.exponent - 0.5) < 0.02);
 * assert.ok(exponentInterval![0] < 0.5 && exponentInterval![1] > 0.5);
 * ```
 */
export function powerLawOverFolds(
  values: FoldValues,
  options: OverFoldsOptions = {},
): PowerLawOverFolds {
  const { sizes, asymptote, confidence } = checkOptions("powerLawOverFolds", options, described);
  const { amounts, folds } = checkFolds(values);
  const none = { asymptoteInterval: null, exponentInterval: null };
  if (new Set(amounts).size < (asymptote === undefined ? 3 : 2)) {
    return { state: "tooFewAmounts", law: null, atBound: null, squares: null, ...none };
  }
  const means = meansOf(folds);
  const fit = fitChecked(amounts, means, { asymptote });
  const test = foldTest(folds.length, sizes, confidence);
  if (fit.law === null || test === null) return { ...fit, ...none };
  const logs = logsOf(amounts);
  return {
    ...fit,
    asymptoteInterval: asymptote === undefined
      ? asymptoteInterval({ amounts, folds, logs, means }, fit.law.asymptote, test)
      : null,
    exponentInterval: exponentInterval(
      { logs, folds, asymptote },
      fit.law.exponent,
      test,
    ),
  };
}

function checkFolds({ amounts, folds }: FoldValues): FoldValues {
  checkFinite("powerLawOverFolds: amounts", amounts);
  if (amounts.some((amount) => !(amount > 0)) || new Set(amounts).size < amounts.length) {
    throw new RangeError(
      `powerLawOverFolds: amounts must be distinct and above 0, found ${amounts.join(", ")}.`,
    );
  }
  for (const fold of folds) {
    checkFinite("powerLawOverFolds: folds", fold);
    if (fold.length === amounts.length) continue;
    throw new RangeError(
      `powerLawOverFolds: each fold must have a value for each of ${amounts.length} amounts, found ` +
        `${fold.length}.`,
    );
  }
  return { amounts, folds };
}

/** The mean of each column. */
export function meansOf(folds: readonly (readonly number[])[]): number[] {
  return folds[0].map((_, at) => mean(folds.map((fold) => fold[at])));
}

/** log(x / x₀), with x₀ the smallest. */
function logsOf(amounts: readonly number[]): number[] {
  const smallest = Math.min(...amounts);
  return amounts.map((amount) => Math.log(amount / smallest));
}

/** Null with fewer than two folds. */
export function foldTest(count: number, overlap: number, confidence: number): FoldTest | null {
  return count < 2 ? null : {
    scale: Math.sqrt(1 / count + overlap),
    critical: studentQuantile(1 - (1 - confidence) / 2, count - 1),
  };
}

/** Whether a mean of 0 is refused: |t| is beyond the critical value. */
export function isRefused(sums: readonly number[], { scale, critical }: FoldTest): boolean {
  return Math.abs(mean(sums)) > critical * scale * standardDeviation(sums);
}

function exponentInterval(
  { logs, folds, asymptote }: {
    readonly logs: readonly number[];
    readonly folds: readonly (readonly number[])[];
    readonly asymptote: number | undefined;
  },
  found: number,
  test: FoldTest,
): Ends {
  const fixed = asymptote !== undefined;
  const moved = fixed ? folds.map((fold) => fold.map((each) => each - asymptote)) : folds;
  const refuses = (logExponent: number) => {
    const contrast = exponentContrast(logs, Math.exp(logExponent), fixed);
    return isRefused(moved.map((fold) => dot(contrast, fold)), test);
  };
  const [first, last] = [Math.min(...logs.filter((log) => log > 0)), Math.max(...logs)];
  const range: Ends = [Math.log(1e-3 / last), Math.log(30 / first)];
  const [low, high] = acceptedAround(refuses, range, Math.log(found));
  return [low <= range[0] ? 0 : Math.exp(low), high >= range[1] ? Infinity : Math.exp(high)];
}

function asymptoteInterval(
  { amounts, folds, logs, means }: FoldValues & {
    readonly logs: readonly number[];
    readonly means: readonly number[];
  },
  found: number,
  test: FoldTest,
): Ends {
  const refuses = (asymptote: number) => {
    const { law } = fitChecked(amounts, means, { asymptote });
    // Above all values nothing falls towards it.
    if (law === null) return true;
    const contrast = asymptoteContrast(logs, law.exponent);
    return isRefused(
      folds.map((fold) => dot(contrast, fold.map((each) => each - asymptote))),
      test,
    );
  };
  return acceptedAround(refuses, [0, Math.max(...means)], found);
}

/**
 * The interval around a value within which a test refuses nothing: what it accepts again further out is
 * left out, such as amounts so far from the measured ones that the law says nothing about them.
 *
 * @param refuses Whether it refuses a value.
 * @param found One that it does not refuse.
 */
export function acceptedAround(
  refuses: (value: number) => boolean,
  range: Ends,
  found: number,
  cells = 48,
): Ends {
  const width = (range[1] - range[0]) / cells;
  const end = (towards: -1 | 1) => {
    const last = range[towards === 1 ? 1 : 0];
    let kept = Math.min(Math.max(found, range[0]), range[1]);
    while (kept !== last) {
      const next = towards * (kept + towards * width - last) < 0 ? kept + towards * width : last;
      if (refuses(next)) return edgeBetween(refuses, kept, next);
      kept = next;
    }
    return last;
  };
  return [end(-1), end(1)];
}

/** Where a test begins to refuse, between a value that it keeps and one that it refuses. */
function edgeBetween(refuses: (value: number) => boolean, kept: number, refused: number): number {
  for (let round = 0; round < 40; round++) {
    const middle = (kept + refused) / 2;
    if (refuses(middle)) refused = middle;
    else kept = middle;
  }
  return kept;
}

/** A comparison with a law at one amount, fold by fold. */
export interface OnLaw {
  /** Its law through the means. */
  readonly fit: PowerLawFit;
  /** Values of the law's folds. */
  readonly values: FoldValues;
  /** The amount at which was compared; one of the law's. */
  readonly at: number;
  /** In each fold the value that is compared minus the law's own at that amount. */
  readonly differences: readonly number[];
  /** Whether the asymptote was given. */
  readonly fixedAsymptote: boolean;
}

/**
 * The amounts at which a law may have the value that was measured beside it: those x at which the differences
 * of the folds, minus the law's from `at` to x, are not refused to be 0 on average.
 *
 * At x = `at` the law cancels, and what is tested are the differences alone: the interval holds `at` exactly
 * where the paired test does not refuse that there is no difference.
 *
 * @returns From 0 to `Infinity`: 0 where no small amount is refused down to a hundredth of the smallest,
 * `Infinity` where the asymptote is not. Null where none is accepted: the differences go below the asymptote.
 */
export function amountInterval(
  { fit, values: { amounts, folds }, at, differences, fixedAsymptote }: OnLaw,
  found: number,
  test: FoldTest,
): Ends | null {
  const { asymptote, exponent } = fit.law!;
  const smallest = Math.min(...amounts);
  const line = linearized(logsOf(amounts), exponent, fixedAsymptote);
  const moved = fixedAsymptote ? folds.map((fold) => fold.map((each) => each - asymptote)) : folds;
  const own = predictionWeights(line, Math.log(at / smallest));
  const refuses = (log: number) => {
    const weights = predictionWeights(line, log).map((weight, i) => weight - own[i]);
    return isRefused(differences.map((each, fold) => each - dot(weights, moved[fold])), test);
  };
  const range: Ends = [
    Math.log(1 / 100),
    Math.log(1e6 * Math.max(...amounts) / smallest),
  ];
  const start = startOf(refuses, range, found === Infinity ? Infinity : Math.log(found / smallest));
  if (start === null) return null;
  const [low, high] = withOwn(refuses, range, start, Math.log(at / smallest));
  return [
    low <= range[0] ? 0 : smallest * Math.exp(low),
    high >= range[1] ? Infinity : smallest * Math.exp(high),
  ];
}

/** What is accepted around a place, as far as the amount that is compared at, with it if it is accepted. */
function withOwn(refuses: (log: number) => boolean, range: Ends, start: number, own: number): Ends {
  if (refuses(own)) {
    const side: Ends = start > own ? [own, range[1]] : [range[0], own];
    return acceptedAround(refuses, side, start, 96);
  }
  const both = [start, own].map((each) => acceptedAround(refuses, range, each, 96));
  return [Math.min(...both.map(([low]) => low)), Math.max(...both.map(([, high]) => high))];
}

/** The estimate, or where it is not among what is accepted the highest place that is; null if none is. */
function startOf(refuses: (log: number) => boolean, range: Ends, found: number): number | null {
  if (found >= range[0] && found <= range[1] && !refuses(found)) return found;
  const cells = 96;
  for (let cell = cells; cell >= 0; cell--) {
    const value = range[0] + cell * (range[1] - range[0]) / cells;
    if (!refuses(value)) return value;
  }
  return refuses(Infinity) ? null : range[1];
}
