import { checkBoolean, checkInteger, checkKeys, checkOneOf, show } from "../core/check.ts";

/** How a text is split into tokens, as a specification holds it. */
export type TokenizerSpecification =
  | { readonly kind: "characters" }
  | {
    readonly kind: "words";
    /** Most tokens of a vocabulary, the unknown token included; null for no limit. */
    readonly maximumVocabulary: number | null;
    readonly lowercase: boolean;
  }
  | {
    readonly kind: "spacedWords";
    /** Most tokens of a vocabulary, the unknown token included; null for no limit. */
    readonly maximumVocabulary: number | null;
  };

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
  /** Text of ids. Splitting it again gives the same tokens. */
  decode(ids: ArrayLike<number>): string;
}

/**
 * A tokenizer of one token a Unicode code point (so a 4-byte character is one token, and a letter
 * with a combining accent is two).
 *
 * @example
 * ```ts
 * import { characters, splitTokens } from "./tokenizers.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(splitTokens(characters(), "a🐋\n"), ["a", "🐋", "\n"]);
 * ```
 */
export function characters(options: Record<never, never> = {}): TokenizerSpecification {
  checkKeys("characters", options, []);
  return { kind: "characters" };
}

/**
 * A tokenizer of words. A token is, in this order of preference: a line break (always written
 * `\n`); the literal `<unk>`; a run of letters, marks and digits of any script with single
 * apostrophes (`'` or `’`) inside; any other single code point that is no white space. Other white
 * space only separates.
 *
 * @param options `maximumVocabulary`: keep the most frequent ones, the unknown token counted; from
 * 2, or null (the default) for all. `lowercase`: fold case before splitting; false by default.
 *
 * @example
 * ```ts
 * import { splitTokens, words } from "./tokenizers.ts";
 * import assert from "node:assert/strict";
 * const tokens = splitTokens(words({ lowercase: true }), "Don't—it's mid-sea,\nÉmile!");
 * assert.deepEqual(tokens, [
 *   "don't", "—", "it's", "mid", "-", "sea", ",", "\n", "émile", "!",
 * ]);
 * ```
 */
export function words(
  options: { readonly maximumVocabulary?: number | null; readonly lowercase?: boolean } = {},
): TokenizerSpecification {
  checkKeys("words", options, ["maximumVocabulary", "lowercase"]);
  const { maximumVocabulary = null, lowercase = false } = options;
  return validateTokenizer({ kind: "words", maximumVocabulary, lowercase });
}

/**
 * A tokenizer for texts that are split already, such as the Penn Treebank and WikiText: a token is a
 * run of anything but white space, or the end of a line (`\n`, which those corpora call `<eos>`).
 *
 * @param options `maximumVocabulary`: as of {@link words}.
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
  options: { readonly maximumVocabulary?: number | null } = {},
): TokenizerSpecification {
  checkKeys("spacedWords", options, ["maximumVocabulary"]);
  return validateTokenizer({
    kind: "spacedWords",
    maximumVocabulary: options.maximumVocabulary ?? null,
  });
}

/**
 * Checks that a value read from JSON is the specification of a tokenizer.
 *
 * @throws {TypeError | RangeError} With the field, the value found and those allowed.
 */
export function validateTokenizer(value: unknown): TokenizerSpecification {
  const specification = value as TokenizerSpecification;
  checkOneOf("tokenizer: kind", specification?.kind, ["characters", "words", "spacedWords"]);
  if (specification.kind === "characters") {
    checkKeys("characters", value, ["kind"]);
    return specification;
  }
  const { kind, maximumVocabulary } = specification;
  checkKeys(kind, value, ["kind", "maximumVocabulary", ...(kind === "words" ? ["lowercase"] : [])]);
  if (kind === "words") checkBoolean("words: lowercase", specification.lowercase);
  if (maximumVocabulary !== null) {
    checkInteger(`${kind}: maximumVocabulary`, maximumVocabulary, { from: 2 });
  }
  return specification;
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
  return (cased.match(spaced ? spacedToken : wordToken) ?? []).map((token) =>
    lineBreak.test(token) ? "\n" : token
  );
}

/**
 * Builds the vocabulary of training tokens; id 0 is the unknown token (`�` for characters, `<unk>`
 * for words). Characters follow by code point; words by falling frequency, equally frequent ones by
 * UTF-16 code unit, cut at `maximumVocabulary`.
 *
 * @param tokenizer The tokenizer that gave the tokens.
 * @param trainingTokens Tokens of the training part only, never of held-out text.
 * @throws {RangeError} If there are none.
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
  if (counts.size === 0) {
    throw new RangeError("buildVocabulary: tokens must not be empty, found 0.");
  }
  counts.delete(unknownToken(tokenizer));
  const known = [...counts.keys()];
  if (tokenizer.kind === "characters") {
    known.sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  } else {
    known.sort((a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1));
    if (tokenizer.maximumVocabulary !== null) known.splice(tokenizer.maximumVocabulary - 1);
  }
  return restoreVocabulary(tokenizer, [unknownToken(tokenizer), ...known]);
}

/**
 * The vocabulary of a stored list of tokens, as {@link buildVocabulary} numbered them.
 *
 * @throws {RangeError} If the list does not begin with the unknown token or names a token twice.
 */
export function restoreVocabulary(
  tokenizer: TokenizerSpecification,
  tokens: readonly string[],
): Vocabulary {
  const unknownId = 0;
  if (tokens[unknownId] !== unknownToken(tokenizer)) {
    throw new RangeError(
      `restoreVocabulary: the first token must be ${show(unknownToken(tokenizer))}, found ` +
        `${show(tokens[unknownId])}.`,
    );
  }
  const ids = new Map(tokens.map((token, id) => [token, id]));
  if (ids.size !== tokens.length) {
    const twice = tokens.find((token, id) => ids.get(token) !== id);
    throw new RangeError(`restoreVocabulary: tokens must differ, found ${show(twice)} twice.`);
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
  return tokenizer.kind === "words" ? joinWords(tokens) : joinSpaced(tokens);
}

function unknownToken(tokenizer: TokenizerSpecification): string {
  return tokenizer.kind === "characters" ? "\uFFFD" : "<unk>";
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
