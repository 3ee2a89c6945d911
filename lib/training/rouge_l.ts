/**
 * Mean ROUGE-L (Lin 2004): how much of texts and references is one subsequence of words.
 *
 * With L the length of the longest common subsequence of a text of c words and its reference of r words,
 * P = L / c, R = L / r and ROUGE-L = 2 P R / (P + R), 0 where one of both has no word; its mean over pairs.
 *
 * Words are runs of a to z and 0 to 9 in lower case; other letters part words, so that a text without any of
 * these has none. The same as the mean of `fmeasure` of the package rouge-score (rougeL, no stemmer).
 *
 * @param written Texts that a model wrote.
 * @param references One reference for each.
 * @returns 0 (nothing in common) to 1 (the same words).
 * @throws {RangeError} If there are none, or not as many of one as of the other.
 *
 * @example
 * ```ts
 * import { rougeL } from "./rouge_l.ts";
 * import assert from "node:assert/strict";
 * // Two words of three are one subsequence: P = 2/2, R = 2/3.
 * assert.equal(rougeL(["The mat!"], ["the soft mat"]), 0.8);
 * ```
 */
export function rougeL(written: readonly string[], references: readonly string[]): number {
  if (written.length === 0 || written.length !== references.length) {
    throw new RangeError(
      `rougeL: there must be one reference for each of at least one text, found ` +
        `${references.length} for ${written.length}.`,
    );
  }
  const scores = written.map((text, index) => {
    const [found, expected] = [wordsOf(text), wordsOf(references[index])];
    const common = longestCommon(found, expected);
    return common === 0 ? 0 : 2 * common / (found.length + expected.length);
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

/** Length of the longest common subsequence. */
function longestCommon(first: readonly string[], second: readonly string[]): number {
  let above = new Int32Array(second.length + 1);
  for (const word of first) {
    const row = new Int32Array(second.length + 1);
    for (const [at, other] of second.entries()) {
      row[at + 1] = word === other ? above[at] + 1 : Math.max(above[at + 1], row[at]);
    }
    above = row;
  }
  return above[second.length];
}
