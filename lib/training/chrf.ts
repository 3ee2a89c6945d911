/**
 * Corpus-level chrF2 (Popović 2015): how well texts agree with their references in character n-grams.
 *
 * For n = 1 … 6, with matches clipped to the reference's counts and summed over all pairs, precision
 * P_n = matches / n-grams written and recall R_n = matches / n-grams of the references. P and R are
 * their means over the n that both sides have, and chrF = 100 · (1 + β²) P R / (β² P + R) with β = 2.
 *
 * White space does not count. The same as sacrebleu's `chrF2` (nrefs:1, case:mixed, eff:yes, nc:6,
 * nw:0, space:no).
 *
 * @param written Texts that a model wrote.
 * @param references One reference for each.
 * @returns 0 (nothing in common) to 100 (the same but for white space).
 * @throws {RangeError} If there are none, or not as many of one as of the other.
 *
 * @example
 * ```ts
 * import { chrf } from "./chrf.ts";
 * import assert from "node:assert/strict";
 * assert.equal(chrf(["the cat"], ["the cat"]), 100);
 * assert.equal(chrf(["xyz"], ["the cat"]), 0);
 * ```
 */
export function chrf(written: readonly string[], references: readonly string[]): number {
  if (written.length === 0 || written.length !== references.length) {
    throw new RangeError(
      `chrf: there must be one reference for each of at least one text, found ` +
        `${references.length} for ${written.length}.`,
    );
  }
  let precision = 0;
  let recall = 0;
  let orders = 0;
  for (let order = 1; order <= maximumOrder; order++) {
    let [inWritten, inReferences, matches] = [0, 0, 0];
    for (const [index, text] of written.entries()) {
      const found = ngrams(text, order);
      const expected = ngrams(references[index], order);
      // As in sacrebleu: what is written counts only where the reference has n-grams of this length.
      if (expected.size > 0) inWritten += total(found);
      inReferences += total(expected);
      for (const [ngram, count] of found) matches += Math.min(count, expected.get(ngram) ?? 0);
    }
    if (inWritten === 0 || inReferences === 0) continue;
    precision += matches / inWritten;
    recall += matches / inReferences;
    orders++;
  }
  if (precision + recall === 0) return 0;
  const [p, r] = [precision / orders, recall / orders];
  return 100 * (1 + beta ** 2) * p * r / (beta ** 2 * p + r);
}

const maximumOrder = 6;
const beta = 2;

function ngrams(text: string, order: number): Map<string, number> {
  const characters = Array.from(text.replace(/\s/gu, ""));
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= characters.length; start++) {
    const ngram = characters.slice(start, start + order).join("");
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
