import { checkText, show } from "../../core/check.ts";
import { boolean, checkOptions, oneOf, option, orAbsent } from "../../core/options.ts";
import {
  type LimitedVocabulary,
  limitedVocabulary,
  matches,
  ofWords,
  type SplittingTokenizer,
} from "./tokenizer.ts";
import {
  icuVersion,
  joinUnicodeWords,
  refuseOtherIcu,
  splitUnicodeWords,
} from "./_unicode_words.ts";

/** A tokenizer of words, as plain JSON. */
export interface WordsSpecification extends LimitedVocabulary {
  /** Which tokenizer it is. */
  readonly kind: "words";
  /**
   * Whether case is folded before splitting.
   *
   * @default {false}
   */
  readonly lowercase: boolean;
  /** `unicode`: parted by Unicode's rules, white space kept; absent for the plain rule. */
  readonly segmentation?: "unicode";
  /** Version of the ICU library that parts words by Unicode's rules; absent for the plain rule. */
  readonly icu?: string;
}

/** What {@link words} takes. */
export interface WordsOptions
  extends Partial<Omit<WordsSpecification, "kind" | "segmentation" | "icu">> {
  /**
   * By which rule words are parted.
   *
   * @default {"plain"}
   */
  readonly segmentation?: "plain" | "unicode";
}

/**
 * A tokenizer of words. A token is, in this order of preference: a line break (always written
 * `\n`); the literal `<unk>`; a run of letters, marks and digits of any script with single
 * apostrophes (`'` or `’`) inside; any other single code point that is no white space. Other white
 * space only separates.
 *
 * That rule suits English prose. With `segmentation: "unicode"` words are those of Unicode Standard
 * Annex 29, in Chinese, Japanese, Thai and other scripts without spaces by the dictionaries of the
 * ICU library, and nothing of the text is lost: one space belongs to the token after it (`" whale"`),
 * any other white space is a token of its own, and the tokens joined are the text. `<unk>` in a text
 * is then no unknown token. Versions of ICU can part words at other places, so the specification
 * names the version, and another one refuses to split the study's text.
 *
 * Without `maximumVocabulary` or `minimumCount` every training word is known, so the unknown token
 * is in no training example, and each new word of the held-out text costs as much as the model's
 * worst guess: one of the two belongs in every study of words. `minimumCount: 2` is a good start.
 *
 * @param options How words are parted, and which are unknown.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { joinTokens, splitTokens } from "./split.ts";
 * import { words } from "./words.ts";
 * import assert from "node:assert/strict";
 * const tokens = splitTokens(words({ lowercase: true }), "Don't—it's mid-sea,\nÉmile!");
 * assert.deepEqual(tokens, [
 *   "don't", "—", "it's", "mid", "-", "sea", ",", "\n", "émile", "!",
 * ]);
 * const unicode = words({ segmentation: "unicode" });
 * assert.deepEqual(splitTokens(unicode, "by 3.14  miles"), ["by", " 3.14", " ", " miles"]);
 * assert.equal(joinTokens(unicode, splitTokens(unicode, "by 3.14  miles")), "by 3.14  miles");
 * ```
 */
export function words(options: WordsOptions = {}): WordsSpecification {
  const { segmentation, ...plain } = checkOptions("words", options, {
    ...limitedVocabulary.given,
    lowercase: boolean(false),
    segmentation: oneOf(["plain", "unicode"], "plain"),
  });
  return segmentation === "unicode"
    ? { kind: "words", ...plain, segmentation, icu: icuVersion }
    : { kind: "words", ...plain };
}

const wordToken =
  /\r\n|[\n\r\u2028\u2029]|<unk>|[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*|\S/gu;

/** What is known of {@link words}. */
export const wordsTokenizer: SplittingTokenizer<WordsSpecification> = {
  ...ofWords,
  create: words,
  options: {
    ...ofWords.options,
    lowercase: boolean(),
    segmentation: orAbsent(oneOf(["unicode"])),
    icu: option((_, value) => value),
  },
  checkTogether({ segmentation, icu }) {
    if (segmentation !== undefined) checkText("words: icu", icu);
    else if (icu !== undefined) {
      throw new RangeError(`words: icu must be absent without segmentation, found ${show(icu)}.`);
    }
  },
  refuseOtherSplitting({ icu }) {
    if (icu !== undefined) refuseOtherIcu(icu);
  },
  lost({ lowercase, segmentation }) {
    if (segmentation === "unicode") return lowercase ? "case" : null;
    return lowercase ? "case and white space" : "white space";
  },
  split({ lowercase, segmentation }, text) {
    const cased = lowercase ? text.toLowerCase() : text;
    return segmentation === "unicode" ? splitUnicodeWords(cased) : matches(cased, wordToken);
  },
  join: ({ segmentation }, tokens) =>
    segmentation === "unicode" ? joinUnicodeWords(tokens) : joinWords(tokens),
};

// Spaces as print has them. None of these marks can join its neighbours into one token, so the
// joined text splits into the same tokens again.
const noSpaceBefore = /^[\n.,;:!?)\]}%…—–-]$/;
const noSpaceAfter = /^[\n([{—–-]$/;

function joinWords(tokens: readonly string[]): string {
  let text = "";
  for (const [index, token] of tokens.entries()) {
    const tight = index === 0 || noSpaceBefore.test(token) || noSpaceAfter.test(tokens[index - 1]);
    text += tight ? token : ` ${token}`;
  }
  return text;
}
