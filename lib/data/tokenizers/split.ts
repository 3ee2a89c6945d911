import { show } from "../../core/check.ts";
import { tokenizerOf, type TokenizerSpecification, validateTokenizer } from "./kinds.ts";
import type { SplittingTokenizer } from "./tokenizer.ts";

/**
 * What splits without a vocabulary.
 *
 * @throws {RangeError} If the tokenizer needs one.
 */
export function splitting(
  tokenizer: TokenizerSpecification,
): SplittingTokenizer<TokenizerSpecification> {
  const found = tokenizerOf(tokenizer);
  if ("split" in found) return found;
  throw new RangeError(
    `${tokenizer.kind} needs folds that are laid before there are tokens: blockedFolds({ unit: "bytes" }) for ` +
      `a text, documentFolds for documents, groupedFolds({ unit: "pairs" }) for pairs. Where folds are in ` +
      `tokens the tokenizer must be one that splits without a vocabulary, found ${
        show(tokenizer.kind)
      }, which ` +
      `has no tokens before it has one.`,
  );
}

/**
 * Splits a text into tokens, without a vocabulary: positions of folds are positions in this list.
 *
 * @param tokenizer The tokenizer.
 * @param text The text.
 * @returns The tokens in their order.
 */
export function splitTokens(tokenizer: TokenizerSpecification, text: string): string[] {
  return Array.from(splitting(tokenizer).split(tokenizer, text));
}

/** Text of tokens, as `Vocabulary.decode` writes it. */
export function joinTokens(tokenizer: TokenizerSpecification, tokens: readonly string[]): string {
  return tokenizerOf(tokenizer).join(tokenizer, tokens);
}

/** A text as its tokens tell it: the text itself where they come from a vocabulary, which lose nothing. */
export function tokensTell(tokenizer: TokenizerSpecification, text: string): string {
  return "split" in tokenizerOf(tokenizer)
    ? joinTokens(tokenizer, splitTokens(tokenizer, text))
    : text;
}

/**
 * Makes a tokenizer ready for a study's text: loads what it names.
 *
 * @throws {TypeError | RangeError} If the specification is none.
 * @throws {Error} If it names another version of ICU, or a file that is not there or another one.
 */
export async function readyTokenizer(tokenizer: TokenizerSpecification): Promise<void> {
  const valid = validateTokenizer(tokenizer);
  const kind = tokenizerOf(valid);
  kind.refuseOtherSplitting?.(valid);
  await kind.load?.(valid);
}

/** Code units of a part, at least. */
const partLength = 1 << 16;

/**
 * A text that comes in pieces, in parts that no token goes over: the tokens of the parts, one part after
 * the other, are those of the whole text, wherever the pieces are cut.
 *
 * @param tokenizer The tokenizer.
 * @param pieces The pieces of one text, in their order, none of them cut inside a surrogate pair.
 * @returns The parts, mostly of some 65,536 code units; longer where no cut is found.
 *
 * @example
 * ```ts
 * import { cutBetweenTokens, splitTokens } from "./split.ts";
 * import { words } from "./words.ts";
 * import assert from "node:assert/strict";
 * const parts = Array.from(cutBetweenTokens(words(), ["call me Ish", "mael"]));
 * assert.deepEqual(parts, ["call me Ishmael"]);
 * assert.deepEqual(splitTokens(words(), parts[0]), ["call", "me", "Ishmael"]);
 * ```
 */
export function* cutBetweenTokens(
  tokenizer: TokenizerSpecification,
  pieces: Iterable<string>,
): Generator<string, void> {
  const { firstCut = afterLine } = tokenizerOf(tokenizer);
  let rest = "";
  // What was searched is not searched again when a piece is added.
  let from = partLength;
  for (const piece of pieces) {
    rest += piece;
    let start = 0;
    for (let cut; from < rest.length && (cut = firstCut(tokenizer, rest, from)) !== -1;) {
      yield rest.slice(start, cut);
      start = cut;
      from = start + partLength;
    }
    rest = rest.slice(start);
    from = Math.max(from - start, rest.length - 1);
  }
  if (rest !== "") yield rest;
}

function afterLine(_: unknown, text: string, from: number): number {
  return text.indexOf("\n", from) + 1 || -1;
}
