import { formatNumber } from "./format.ts";

/** What is not shown. */
export interface DetectableWordsOptions {
  /** A difference, or the gap of the baseline. */
  readonly what?: "difference" | "gap";
  /** Whether the level is that of Holm's first step. */
  readonly holm?: boolean;
}

/**
 * Beside whatever is not shown: the smallest true difference that 80 % of such studies would show, as a part of a
 * sentence. Every "not shown" says it by this.
 *
 * @param detectable That of `detectableDifference`, or those of several differences of which none is shown; null where
 * not even 300 standard errors would be.
 * @param options A difference at the first step of Holm when left out.
 *
 * @example
 * ```ts
 * import { detectableWords } from "./detectable_words.ts";
 * import assert from "node:assert/strict";
 * assert.equal(
 *   detectableWords(0.0312),
 *   "the power is 80 % only for a true difference of at least 0.031, at the first step of Holm",
 * );
 * assert.match(detectableWords([0.02, 0.01]), /of at least 0\.010 to 0\.020, at/);
 * ```
 */
export function detectableWords(
  detectable: number | null | readonly (number | null)[],
  { what = "difference", holm = true }: DetectableWordsOptions = {},
): string {
  const known = [detectable].flat().filter((each) => each !== null).sort((a, b) => a - b);
  if (known.length === 0) {
    return `no true ${what} of up to 300 standard errors has a power of 80 %`;
  }
  const [least, most] = [known[0], known.at(-1)!].map((each) => formatNumber(each));
  return `the power is 80 % only for a true ${what} of at least ${
    least === most ? least : `${least} to ${most}`
  }${holm ? ", at the first step of Holm" : ""}`;
}
