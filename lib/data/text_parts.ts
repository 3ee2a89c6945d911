import { tokenizerOf, type TokenizerSpecification } from "./tokenizers/kinds.ts";
import type { InfillMarks, Vocabulary } from "./tokenizers/vocabulary.ts";

/** A text in three parts, each as its token ids; any of them may be empty. */
export interface TextParts {
  readonly prefix: Int32Array;
  readonly middle: Int32Array;
  readonly suffix: Int32Array;
}

/** Two numbers in [0, 1), which say where a text is cut. */
export type Cuts = readonly [number, number];

/** Cuts a text of some tokens. */
export type CutText = (ids: Int32Array, cuts: Cuts) => TextParts;

/**
 * How texts of a tokenizer are cut at two random places, each of the n + 1 between, before and after its n
 * characters equally likely, so that parts may be empty.
 *
 * Where a token can be a part of a character or several of them, as those of bytes and byte pairs, the text
 * of the tokens is cut between characters and its parts are tokenized each by itself, as a prefix and a suffix
 * that somebody asks a model to fill in are; special tokens are not cut. What of a character stands alone at
 * either end of the tokens is left out. Other tokens, characters or words, are cut between tokens.
 *
 * @example
 * ```ts
 * import { textCutter } from "./text_parts.ts";
 * import { characters } from "./tokenizers/characters.ts";
 * import { restoreVocabulary } from "./tokenizers/vocabulary.ts";
 * import assert from "node:assert/strict";
 * const vocabulary = restoreVocabulary(characters(), ["�", "a", "b", "c"]);
 * const cut = textCutter(characters(), vocabulary);
 * const { prefix, middle, suffix } = cut(vocabulary.encodeText("abc"), [0.8, 0.3]);
 * assert.deepEqual([prefix, middle, suffix].map(vocabulary.decode), ["a", "bc", ""]);
 * ```
 */
export function textCutter(
  tokenizer: TokenizerSpecification,
  { decodeBegun, encodeText }: Pick<Vocabulary, "decodeBegun" | "encodeText">,
): CutText {
  const { joinBegun, specialTokens } = tokenizerOf(tokenizer);
  if (joinBegun === undefined) {
    return (ids, cuts) => cutAt(ids.length, cuts, (from, to) => ids.slice(from, to));
  }
  const unit = unitsOf(specialTokens?.(tokenizer) ?? []);
  return (ids, cuts) => {
    // What is left of a character whose first bytes stand before these tokens.
    const text = decodeBegun(ids).replace(/^\uFFFD{1,3}/u, "");
    const units = text.match(unit) ?? [];
    return cutAt(units.length, cuts, (from, to) => encodeText(units.slice(from, to).join("")));
  };
}

/** What is never cut: special tokens, and characters. */
function unitsOf(specialTokens: readonly string[]): RegExp {
  const longestFirst = [...specialTokens].sort((a, b) => b.length - a.length);
  return new RegExp([...longestFirst.map((each) => RegExp.escape(each)), "."].join("|"), "gsu");
}

function cutAt(
  length: number,
  cuts: Cuts,
  part: (from: number, to: number) => Int32Array,
): TextParts {
  const [first, second] = cuts.map((cut) => Math.floor(cut * (length + 1))).sort((a, b) => a - b);
  return { prefix: part(0, first), middle: part(first, second), suffix: part(second, length) };
}

/**
 * Parts that together have at most so many tokens: what is too much is left out at the end of the text, so of
 * the suffix, then of the middle, then of the prefix.
 */
export function fittingParts({ prefix, middle, suffix }: TextParts, room: number): TextParts {
  const first = prefix.subarray(0, room);
  const second = middle.subarray(0, room - first.length);
  return {
    prefix: first,
    middle: second,
    suffix: suffix.subarray(0, room - first.length - second.length),
  };
}

/**
 * The order in which a model reads parts of a text to fill in the middle, without the end mark after it:
 *
 *     <prefix> prefix <suffix> suffix <middle> middle        (PSM)
 *     <prefix> <suffix> suffix <middle> prefix middle        (SPM)
 *
 * @param suffixFirst Whether the second one.
 *
 * @example
 * ```ts
 * import { infillSequence } from "./text_parts.ts";
 * import assert from "node:assert/strict";
 * const [prefix, middle, suffix] = [[2], [3, 3], [4]].map((ids) => Int32Array.from(ids));
 * const marks = { prefixId: 7, suffixId: 8, middleId: 9 };
 * const parts = { prefix, middle, suffix };
 * assert.deepEqual([...infillSequence(parts, marks, false)], [7, 2, 8, 4, 9, 3, 3]);
 * assert.deepEqual([...infillSequence(parts, marks, true)], [7, 8, 4, 9, 2, 3, 3]);
 * ```
 *
 * Paper: Bavarian et al. (2022), "Efficient Training of Language Models to Fill in the Middle", both orders of
 * its joint training; the second is the one that its experiments use.
 */
export function infillSequence(
  { prefix, middle, suffix }: TextParts,
  { prefixId, suffixId, middleId }: InfillMarks,
  suffixFirst: boolean,
): Int32Array {
  return Int32Array.from(
    suffixFirst
      ? [prefixId, suffixId, ...suffix, middleId, ...prefix, ...middle]
      : [prefixId, ...prefix, suffixId, ...suffix, middleId, ...middle],
  );
}
