import {
  checkBoolean,
  checkInteger,
  checkKeys,
  checkOneOf,
  checkText,
  show,
} from "../core/check.ts";
import { longestText } from "../core/limits.ts";
import { icuVersion, refuseOtherIcu, splitUnicodeWords } from "./_unicode_words.ts";

/** How a text is split into tokens, as a specification holds it. */
export type TokenizerSpecification =
  & {
    /**
     * Tokens that the training part has fewer times become the unknown token, which is thereby
     * trained; from 2, absent where every token of the training part is known.
     */
    readonly minimumCount?: number;
  }
  & (
    | { readonly kind: "characters" }
    | {
      readonly kind: "words";
      /** Most tokens of a vocabulary, the unknown token included; null for no limit. */
      readonly maximumVocabulary: number | null;
      readonly lowercase: boolean;
      /** `unicode`: parted by Unicode's rules, white space kept; absent for the plain rule. */
      readonly segmentation?: "unicode";
      /** Version of the ICU library that parts words by Unicode's rules; absent for the plain rule. */
      readonly icu?: string;
    }
    | {
      readonly kind: "spacedWords";
      /** Most tokens of a vocabulary, the unknown token included; null for no limit. */
      readonly maximumVocabulary: number | null;
    }
  );

/** Which tokens of the training part a vocabulary leaves to the unknown token. */
export interface RareTokenOptions {
  /**
   * Tokens that the training part has fewer times become the unknown token: token w is known where
   * count(w) ≥ minimumCount. From 1, which knows them all and is the default.
   */
  readonly minimumCount?: number;
}

/** The tokens that a model knows, numbered from 0. */
export interface Vocabulary {
  /** Number of tokens, the unknown one included. */
  readonly size: number;
  /** Token of each id. */
  readonly tokens: readonly string[];
  /** Id that stands for every token outside the vocabulary: 0. */
  readonly unknownId: number;
  /** Ids of tokens, in their order. */
  encode(tokens: readonly string[]): Int32Array;
  /** Text of ids. Splitting it again gives the same tokens (of Unicode's words: mostly). */
  decode(ids: ArrayLike<number>): string;
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
 * @param options See {@link RareTokenOptions}.
 *
 * @example
 * ```ts
 * import { buildVocabulary, characters, splitTokens } from "./tokenizers.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(splitTokens(characters(), "a🐋\n"), ["a", "🐋", "\n"]);
 * const rareUnknown = characters({ minimumCount: 2 });
 * const vocabulary = buildVocabulary(rareUnknown, splitTokens(rareUnknown, "鲸鱼鲸"));
 * assert.deepEqual(vocabulary.tokens, ["�", "鲸"]);
 * ```
 */
export function characters(options: RareTokenOptions = {}): TokenizerSpecification {
  checkKeys("characters", options, ["minimumCount"]);
  return validateTokenizer({ kind: "characters", ...known("characters", options) });
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
 * @param options `maximumVocabulary`: keep the most frequent ones, the unknown token counted; from
 * 2, or null (the default) for all. `minimumCount`: see {@link RareTokenOptions}. `lowercase`: fold
 * case before splitting; false by default. `segmentation`: `plain`, the rule above, by default, or
 * `unicode`.
 *
 * @example
 * ```ts
 * import { joinTokens, splitTokens, words } from "./tokenizers.ts";
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
export function words(
  options:
    & RareTokenOptions
    & {
      readonly maximumVocabulary?: number | null;
      readonly lowercase?: boolean;
      readonly segmentation?: "plain" | "unicode";
    } = {},
): TokenizerSpecification {
  checkKeys("words", options, [
    "maximumVocabulary",
    "minimumCount",
    "lowercase",
    "segmentation",
  ]);
  const { maximumVocabulary = null, lowercase = false, segmentation = "plain" } = options;
  checkOneOf("words: segmentation", segmentation, ["plain", "unicode"]);
  return validateTokenizer({
    kind: "words",
    maximumVocabulary,
    lowercase,
    ...known("words", options),
    ...(segmentation === "unicode" && { segmentation, icu: icuVersion }),
  });
}

/**
 * A tokenizer for texts that are split already, such as the Penn Treebank and WikiText: a token is a
 * run of anything but white space, or the end of a line (`\n`, which those corpora call `<eos>`).
 *
 * @param options `maximumVocabulary` and `minimumCount`: as of {@link words}.
 *
 * @example
 * ```ts
 * import { spacedWords, splitTokens } from "./tokenizers.ts";
 * import assert from "node:assert/strict";
 * const tokens = splitTokens(spacedWords(), " mr. <unk> does n't\n N years\n");
 * assert.deepEqual(tokens, ["mr.", "<unk>", "does", "n't", "\n", "N", "years", "\n"]);
 * ```
 */
export function spacedWords(
  options: RareTokenOptions & { readonly maximumVocabulary?: number | null } = {},
): TokenizerSpecification {
  checkKeys("spacedWords", options, ["maximumVocabulary", "minimumCount"]);
  return validateTokenizer({
    kind: "spacedWords",
    maximumVocabulary: options.maximumVocabulary ?? null,
    ...known("spacedWords", options),
  });
}

/** `minimumCount` as a specification holds it: not at all where every token is known. */
function known(subject: string, { minimumCount = 1 }: RareTokenOptions): RareTokenOptions {
  checkInteger(`${subject}: minimumCount`, minimumCount, { from: 1, to: longestText });
  return minimumCount === 1 ? {} : { minimumCount };
}

/**
 * Checks that a value read from JSON is the specification of a tokenizer.
 *
 * @throws {TypeError | RangeError} With the field, the value found and those allowed.
 */
export function validateTokenizer(value: unknown): TokenizerSpecification {
  const specification = value as TokenizerSpecification;
  checkOneOf("tokenizer: kind", specification?.kind, ["characters", "words", "spacedWords"]);
  const { kind, minimumCount } = specification;
  const own = {
    characters: [],
    words: ["maximumVocabulary", "lowercase", "segmentation", "icu"],
    spacedWords: ["maximumVocabulary"],
  }[kind];
  checkKeys(kind, value, ["kind", "minimumCount", ...own]);
  if (minimumCount !== undefined) {
    checkInteger(`${kind}: minimumCount`, minimumCount, { from: 2, to: longestText });
  }
  if (specification.kind === "characters") return specification;
  if (specification.kind === "words") {
    checkBoolean("words: lowercase", specification.lowercase);
    const { segmentation, icu } = specification;
    if (segmentation !== undefined) {
      checkOneOf("words: segmentation", segmentation, ["unicode"]);
      checkText("words: icu", icu);
    } else if (icu !== undefined) {
      throw new RangeError(`words: icu must be absent without segmentation, found ${show(icu)}.`);
    }
  }
  if (specification.maximumVocabulary !== null) {
    checkInteger(`${kind}: maximumVocabulary`, specification.maximumVocabulary, {
      from: 2,
      to: longestText,
    });
  }
  return specification;
}

/**
 * Refuses to split a study's text where the tokens could be others than those of the study.
 *
 * @throws {TypeError | RangeError} If the specification is none.
 * @throws {Error} If it names another version of ICU.
 */
export function refuseOtherSplitting(tokenizer: TokenizerSpecification): void {
  const valid = validateTokenizer(tokenizer);
  if (valid.kind === "words" && valid.icu !== undefined) refuseOtherIcu(valid.icu);
}

const wordToken =
  /\r\n|[\n\r\u2028\u2029]|<unk>|[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*|\S/gu;
const lineBreak = /^[\r\n\u2028\u2029]/;
// U+FEFF is white space in ECMAScript and none in Python, whose counts are published.
const spacedToken = /\r\n|[\n\r\u2028\u2029]|[\S\uFEFF]+/gu;

/**
 * Splits a text into tokens, without a vocabulary: positions of folds are positions in this list.
 *
 * @param tokenizer The tokenizer.
 * @param text The text.
 * @returns The tokens in their order.
 */
export function splitTokens(tokenizer: TokenizerSpecification, text: string): string[] {
  if (tokenizer.kind === "characters") return Array.from(text);
  const spaced = tokenizer.kind === "spacedWords";
  const cased = !spaced && tokenizer.lowercase ? text.toLowerCase() : text;
  if (keepsWhiteSpace(tokenizer)) return splitUnicodeWords(cased);
  return (cased.match(spaced ? spacedToken : wordToken) ?? []).map((token) =>
    lineBreak.test(token) ? "\n" : token
  );
}

function keepsWhiteSpace(tokenizer: TokenizerSpecification): boolean {
  return tokenizer.kind === "words" && tokenizer.segmentation === "unicode";
}

/**
 * Builds the vocabulary of training tokens; id 0 is the unknown token (`�` for characters, `<unk>`
 * for words). Characters follow by code point; words by falling frequency, equally frequent ones by
 * UTF-16 code unit, cut at `maximumVocabulary`. Those that stand fewer than `minimumCount` times are
 * left out.
 *
 * @param tokenizer The tokenizer that gave the tokens.
 * @param trainingTokens Tokens of the training part only, never of held-out text.
 * @throws {RangeError} If there are none, or none as frequent as `minimumCount`.
 *
 * @example
 * ```ts
 * import { buildVocabulary, characters, splitTokens } from "./tokenizers.ts";
 * import assert from "node:assert/strict";
 * const vocabulary = buildVocabulary(characters(), splitTokens(characters(), "banana"));
 * assert.deepEqual(vocabulary.tokens, ["�", "a", "b", "n"]);
 * assert.deepEqual([...vocabulary.encode(["n", "z"])], [3, 0]);
 * assert.equal(vocabulary.decode([2, 1, 3]), "ban");
 * ```
 */
export function buildVocabulary(
  tokenizer: TokenizerSpecification,
  trainingTokens: Iterable<string>,
): Vocabulary {
  const counts = new Map<string, number>();
  for (const token of trainingTokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return vocabularyOfCounts(tokenizer, counts);
}

/** {@link buildVocabulary} of how often each training token stands there. */
export function vocabularyOfCounts(
  tokenizer: TokenizerSpecification,
  counts: ReadonlyMap<string, number>,
): Vocabulary {
  if (counts.size === 0) {
    throw new RangeError("buildVocabulary: tokens must not be empty, found 0.");
  }
  const unknown = unknownToken(tokenizer);
  const { minimumCount = 1 } = tokenizer;
  const known = [...counts.keys()].filter((token) =>
    token !== unknown && counts.get(token)! >= minimumCount
  );
  if (known.length === 0 && minimumCount > 1) {
    throw new RangeError(
      `buildVocabulary: at least one token must stand minimumCount = ${minimumCount} times in the ` +
        `training part, found none of ${counts.size} different ones.`,
    );
  }
  if (tokenizer.kind === "characters") {
    known.sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  } else {
    known.sort((a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1));
    if (tokenizer.maximumVocabulary !== null) known.splice(tokenizer.maximumVocabulary - 1);
  }
  return restoreVocabulary(tokenizer, [unknown, ...known]);
}

/**
 * The vocabulary of a stored list of tokens, as {@link buildVocabulary} numbered them.
 *
 * @param tokenizer The tokenizer.
 * @param tokens The tokens by id.
 * @param marks How many ids after the unknown token's are marks of a model, which stand for no text:
 * a token of a text may be written like one of them. 0 by default.
 * @throws {RangeError} If the list does not begin with the unknown token or names a token twice.
 */
export function restoreVocabulary(
  tokenizer: TokenizerSpecification,
  tokens: readonly string[],
  marks = 0,
): Vocabulary {
  const unknownId = 0;
  if (!Array.isArray(tokens) || tokens.some((token) => typeof token !== "string")) {
    throw new TypeError(
      `restoreVocabulary: tokens must be a list of texts, found ${show(tokens)}.`,
    );
  }
  if (tokens[unknownId] !== unknownToken(tokenizer)) {
    throw new RangeError(
      `restoreVocabulary: the first token must be ${show(unknownToken(tokenizer))}, found ` +
        `${show(tokens[unknownId])}.`,
    );
  }
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) {
    if (id > 0 && id <= marks) continue;
    if (ids.has(token)) {
      throw new RangeError(`restoreVocabulary: tokens must differ, found ${show(token)} twice.`);
    }
    ids.set(token, id);
  }
  return {
    size: tokens.length,
    tokens,
    unknownId,
    encode: (list) => Int32Array.from(list, (token) => ids.get(token) ?? unknownId),
    decode(list) {
      const chosen = Array.from(list, (id) => {
        const token = tokens[id];
        if (token === undefined) {
          throw new RangeError(
            `decode: ids must be whole numbers from 0 to ${tokens.length - 1}, found ${show(id)}.`,
          );
        }
        return token;
      });
      return joinTokens(tokenizer, chosen);
    },
  };
}

/** Text of tokens, as {@link Vocabulary.decode} writes it. */
export function joinTokens(tokenizer: TokenizerSpecification, tokens: readonly string[]): string {
  if (tokenizer.kind === "characters") return tokens.join("");
  if (keepsWhiteSpace(tokenizer)) return joinUnicodeWords(tokens);
  return tokenizer.kind === "words" ? joinWords(tokens) : joinSpaced(tokens);
}

function unknownToken(tokenizer: TokenizerSpecification): string {
  return tokenizer.kind === "characters" ? "\uFFFD" : "<unk>";
}

/** The text itself; the unknown token, which no text splits into, stands apart from a word before it. */
function joinUnicodeWords(tokens: readonly string[]): string {
  return tokens.map((token, index) => {
    const apart = token === "<unk>" && index > 0 && /\S$/u.test(tokens[index - 1]);
    return apart ? ` ${token}` : token;
  }).join("");
}

function joinSpaced(tokens: readonly string[]): string {
  return tokens.join(" ").replaceAll(/ ?\n ?/g, "\n");
}

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
