import { checkOptions, integer, number, orNotGiven } from "../core/options.ts";
import { powerOf } from "./power.ts";

/** Options of {@link textsNeeded}. */
export interface TextsNeededOptions {
  /** The true mean difference over texts, above 0, of either sign. */
  readonly difference: number;
  /** Standard deviation of the difference over texts, above 0. */
  readonly deviation: number;
  /**
   * Comparisons that are adjusted together; the level is divided by them.
   *
   * @default {1}
   */
  readonly comparisons?: number;
  /**
   * Share of studies of so many texts that would show it, from 0 to 1, both excluded.
   *
   * @default {0.8}
   */
  readonly power?: number;
  /**
   * Two-sided, from 0 to 1, both excluded.
   *
   * @default {0.05}
   */
  readonly level?: number;
}

const described = {
  difference: number({ above: 0 }),
  deviation: number({ above: 0 }),
  comparisons: orNotGiven(integer({ from: 1 }, 1)),
  power: orNotGiven(number({ above: 0, below: 1 }, 0.8)),
  level: orNotGiven(number({ above: 0, below: 1 }, 0.05)),
};

/** The most texts that are tried. */
const mostTexts = 1000;

/**
 * The fewest texts R whose paired t-test over texts, one difference a text and R − 1 degrees of freedom, shows a
 * difference with the given power.
 *
 * @param options See {@link TextsNeededOptions}.
 * @returns R, from 2; null where a thousand are too few.
 * @throws {RangeError} If an option is outside its range.
 *
 * @example
 * ```ts
 * import { textsNeeded } from "./texts_needed.ts";
 * import assert from "node:assert/strict";
 * // A difference of 0.9 standard deviations between texts takes 12 of them.
 * assert.equal(textsNeeded({ difference: 0.9, deviation: 1 }), 12);
 * ```
 */
export function textsNeeded(options: TextsNeededOptions): number | null {
  const { difference, deviation, power, ...of } = checkOptions("textsNeeded", options, described);
  const reaches = (texts: number) =>
    powerOf({
      ...of,
      difference,
      standardError: deviation / Math.sqrt(texts),
      degreesOfFreedom: texts - 1,
    }) >= power;
  if (!reaches(mostTexts)) return null;
  let [lower, upper] = [1, mostTexts];
  while (upper - lower > 1) {
    const middle = Math.floor((lower + upper) / 2);
    if (reaches(middle)) upper = middle;
    else lower = middle;
  }
  return upper;
}
