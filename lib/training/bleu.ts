/**
 * Corpus-level BLEU (Papineni et al. 2002): how well texts agree with their references in n-grams of words.
 *
 * With matches clipped to the reference's counts and summed over all pairs, P_n = matches / n-grams written
 * for n = 1 … 4, c tokens written and r tokens of the references,
 *
 *     BLEU = 100 · min(1, exp(1 − r/c)) · (P₁ P₂ P₃ P₄)^(1/4).
 *
 * Tokens are those of mteval-v13a: punctuation is parted from words, case stays. Where an order has n-grams
 * but no match, its k-th such order counts as 1/2ᵏ of a match (`exp` smoothing); without any match BLEU is 0,
 * and so it is where no text has four tokens. The same as sacrebleu's (nrefs:1, case:mixed, eff:no, tok:13a,
 * smooth:exp).
 *
 * @param written Texts that a model wrote.
 * @param references One reference for each.
 * @returns 0 (nothing in common) to 100 (the same tokens).
 * @throws {RangeError} If there are none, or not as many of one as of the other.
 *
 * @example
 * ```ts
 * import { bleu } from "./bleu.ts";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(bleu(["the cat sat down"], ["the cat sat down"]) - 100) < 1e-9);
 * assert.equal(bleu(["xyz"], ["the cat sat down"]), 0);
 * ```
 */
export function bleu(written: readonly string[], references: readonly string[]): number {
  if (written.length === 0 || written.length !== references.length) {
    throw new RangeError(
      `bleu: there must be one reference for each of at least one text, found ` +
        `${references.length} for ${written.length}.`,
    );
  }
  const matches = new Array<number>(maximumOrder).fill(0);
  const totals = new Array<number>(maximumOrder).fill(0);
  let [inWritten, inReferences] = [0, 0];
  for (const [index, text] of written.entries()) {
    const found = tokensOf(text);
    const expected = tokensOf(references[index]);
    inWritten += found.length;
    inReferences += expected.length;
    for (let order = 1; order <= maximumOrder; order++) {
      const known = ngrams(expected, order);
      for (const [ngram, count] of ngrams(found, order)) {
        totals[order - 1] += count;
        matches[order - 1] += Math.min(count, known.get(ngram) ?? 0);
      }
    }
  }
  if (matches.every((count) => count === 0) || totals.includes(0)) return 0;
  let without = 0;
  const logarithms = matches.map((count, order) =>
    Math.log(count === 0 ? 0.5 ** ++without / totals[order] : count / totals[order])
  );
  const brevity = Math.min(0, 1 - inReferences / inWritten);
  return 100 * Math.exp(brevity + logarithms.reduce((sum, each) => sum + each, 0) / maximumOrder);
}

const maximumOrder = 4;

/** Python's white space. */
// deno-lint-ignore no-control-regex -- four control characters are among it
const space = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const spaceAtEnd = new RegExp(`${space.source}$`);

/** Tokens as mteval-v13a splits Western languages. */
function tokensOf(text: string): string[] {
  const plain = text.replace(spaceAtEnd, "")
    .replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ")
    .replaceAll("&quot;", '"').replaceAll("&amp;", "&").replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return ` ${plain} `
    .replace(/([\{-~\[-` -&\(-\+:-@\/])/gu, " $1 ")
    .replace(/([^0-9])([.,])/gu, "$1 $2 ")
    .replace(/([.,])([^0-9])/gu, " $1 $2")
    .replace(/([0-9])(-)/gu, "$1 $2 ")
    .split(space).filter((token) => token !== "");
}

function ngrams(tokens: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= tokens.length; start++) {
    const ngram = tokens.slice(start, start + order).join(" ");
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}
