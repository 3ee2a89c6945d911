import { checkOptions } from "../../core/options.ts";
import {
  frequentTokens,
  type RareTokenOptions,
  rareTokens,
  type SplittingTokenizer,
} from "./tokenizer.ts";

/** A tokenizer of characters, as plain JSON. */
export interface CharactersSpecification extends RareTokenOptions {
  /** Which tokenizer it is. */
  readonly kind: "characters";
}

/**
 * A tokenizer of one token a Unicode code point (so a 4-byte character is one token, and a letter
 * with a combining accent is two).
 *
 * Where held-out text has characters that the training part lacks (Chinese, emoji), no training
 * example contains the unknown token, and each of them costs as much as the untrained model's worst
 * guess. `minimumCount: 2` makes characters that stand once in the training part the unknown token,
 * so that a probability for new ones is learned.
 *
 * @param options Which characters are unknown, if any of the training part are to be.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { characters } from "./characters.ts";
 * import { splitTokens } from "./split.ts";
 * import { buildVocabulary } from "./vocabulary.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(splitTokens(characters(), "a🐋\n"), ["a", "🐋", "\n"]);
 * const rareUnknown = characters({ minimumCount: 2 });
 * const vocabulary = buildVocabulary(rareUnknown, splitTokens(rareUnknown, "鲸鱼鲸"));
 * assert.deepEqual(vocabulary.tokens, ["�", "鲸"]);
 * ```
 */
export function characters(options: RareTokenOptions = {}): CharactersSpecification {
  return { kind: "characters", ...checkOptions("characters", options, rareTokens.given) };
}

const unknown = "\uFFFD";

/** Code points of Unicode that a text in UTF-8 can hold: all but the halves of surrogate pairs. */
const codePoints = 0x110000 - 0x800;

/** What is known of {@link characters}. */
export const charactersTokenizer: SplittingTokenizer<CharactersSpecification> = {
  create: characters,
  options: rareTokens.stated,
  // A string is a list of code points; a list of them would take many times its memory.
  split: (_, text) => text,
  join: (_, tokens) => tokens.join(""),
  lost: () => null,
  // One of the other code points of Unicode, all as likely.
  spelling: (known) => Math.log(codePoints - known),
  unknown,
  vocabulary: (specification, counts) => [
    unknown,
    ...frequentTokens(specification, unknown, counts)
      .sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!),
  ],
  unit: "characters",
  stretch: 50,
  textHoldsUnknown: false,
  trainsUnknown: "To train the unknown token, set minimumCount: 2 in characters().",
};
