import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { type CorpusSpecification, loadCorpus } from "./corpora.ts";
import { countTokensOf, type NumberedTokens, numberTokens } from "./numbered_tokens.ts";
import type { TokenizerSpecification } from "./tokenizers/kinds.ts";
import { joinTokens, readyTokenizer } from "./tokenizers/split.ts";
import { type Vocabulary, vocabularyOfCounts } from "./tokenizers/vocabulary.ts";
import { type Tokens, tokensInMemory } from "./tokens.ts";

/** The text of one fold as a model reads it. */
export interface PreparedText {
  /** Built from the training spans only. */
  readonly vocabulary: Vocabulary;
  /** Token ids of each training span; no window straddles two. */
  readonly training: readonly Tokens[];
  /** Token ids of each held-out span. */
  readonly heldOut: readonly Tokens[];
  /** Token ids of each choosing span; absent where the fold has none. */
  readonly choosing?: readonly Tokens[];
  /** Share of the held-out tokens that the vocabulary does not know, 0 to 1. */
  readonly unknownShare: number;
  /** The same of the training tokens: above 0 where the unknown token is trained. */
  readonly trainingUnknownShare: number;
  /** −Σ p ln p over the frequencies p of the training tokens' ids, nats per token. */
  readonly unigramEntropy: number;
}

/** The texts of one fold, one a span. */
export interface FoldTexts {
  /** What trains. */
  readonly training: readonly string[];
  /** What is held out. */
  readonly heldOut: readonly string[];
  /** What is held out to choose by; absent where the fold has none. */
  readonly choosing?: readonly string[];
}

/**
 * Loads a corpus and turns one fold of it into token ids.
 *
 * @param options `corpus` and `tokenizer`: their specifications. `fold`: spans of token positions
 * in the excerpt, as makeFolds gives them.
 * @throws {RangeError} If a span leaves the text.
 * @throws {Error} As loadCorpus throws.
 *
 * @example
 * ```ts
 * import { inlineText } from "./corpora.ts";
 * import { prepareText } from "./prepare.ts";
 * import { characters } from "./tokenizers/characters.ts";
 * import assert from "node:assert/strict";
 * const prepared = await prepareText({
 *   corpus: inlineText("abababab cc"),
 *   tokenizer: characters(),
 *   fold: { index: 0, training: [{ start: 0, end: 8 }], heldOut: [{ start: 7, end: 11 }] },
 * });
 * assert.deepEqual(prepared.vocabulary.tokens, ["�", "a", "b"]);
 * assert.equal(prepared.unknownShare, 0.75);
 * assert.equal(prepared.unigramEntropy, Math.LN2);
 * ```
 */
export async function prepareText(
  options: {
    readonly corpus: CorpusSpecification;
    readonly tokenizer: TokenizerSpecification;
    readonly fold: FoldRecord;
  },
): Promise<PreparedText> {
  const { corpus, tokenizer, fold } = options;
  const { types, numbers } = await corpusTokens(corpus, tokenizer);
  const cut = cutter("prepareText", numbers, fold);
  const training = fold.training.map(cut);
  const heldOut = fold.heldOut.map(cut);
  const vocabulary = vocabularyOfCounts(tokenizer, countsOf(types, training));
  const ids = vocabulary.encode(types);
  // In place, as a long text has room for its tokens once: spans are parts of it.
  for (let at = 0; at < numbers.length; at++) numbers[at] = ids[numbers[at]];
  return {
    vocabulary,
    training: training.map((ids) => tokensInMemory(ids)),
    heldOut: heldOut.map((ids) => tokensInMemory(ids)),
    ...(fold.choosing && { choosing: fold.choosing.map((span) => tokensInMemory(cut(span))) }),
    unknownShare: unknownShare(heldOut, vocabulary),
    trainingUnknownShare: unknownShare(training, vocabulary),
    unigramEntropy: unigramEntropy(training, vocabulary.size),
  };
}

/** How often each token stands in spans; a token that stands in none is not there. */
function countsOf(types: readonly string[], spans: readonly Int32Array[]): Map<string, number> {
  const counts = new Float64Array(types.length);
  for (const span of spans) for (const number of span) counts[number]++;
  return new Map(
    types.map((type, number) => [type, counts[number]] as const).filter(([, count]) => count > 0),
  );
}

/**
 * The texts of one fold, span by span: what a model of it was trained on and measured on.
 *
 * Splitting a span's text again gives the span's tokens, also of words, whose white space is written as
 * `decode` of a vocabulary writes it; not of bytes where a span begins or ends inside of a character,
 * whose bytes are `�` there.
 *
 * @param options `corpus`, `tokenizer` and `fold`, as of {@link prepareText}.
 * @throws {RangeError} If a span leaves the text.
 *
 * @example
 * ```ts
 * import { inlineText } from "./corpora.ts";
 * import { foldTexts } from "./prepare.ts";
 * import { characters } from "./tokenizers/characters.ts";
 * import assert from "node:assert/strict";
 * const texts = await foldTexts({
 *   corpus: inlineText("ahoy, whale"),
 *   tokenizer: characters(),
 *   fold: { index: 0, training: [{ start: 0, end: 4 }], heldOut: [{ start: 6, end: 11 }] },
 * });
 * assert.deepEqual(texts, { training: ["ahoy"], heldOut: ["whale"] });
 * ```
 */
export async function foldTexts(
  options: {
    readonly corpus: CorpusSpecification;
    readonly tokenizer: TokenizerSpecification;
    readonly fold: FoldRecord;
  },
): Promise<FoldTexts> {
  const { corpus, tokenizer, fold } = options;
  const { types, numbers } = await corpusTokens(corpus, tokenizer);
  const cut = cutter("foldTexts", numbers, fold);
  const texts = (spans: readonly TokenSpan[]) =>
    spans.map((span) => joinTokens(tokenizer, Array.from(cut(span), (number) => types[number])));
  return {
    training: texts(fold.training),
    heldOut: texts(fold.heldOut),
    ...(fold.choosing && { choosing: texts(fold.choosing) }),
  };
}

/** Cuts spans out of tokens, or throws. */
function cutter(subject: string, tokens: Int32Array, fold: FoldRecord) {
  if (fold.unit !== undefined) {
    throw new RangeError(`${subject}: positions must be tokens, found ${fold.unit}.`);
  }
  return ({ start, end }: TokenSpan): Int32Array => {
    if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end)) {
      throw new RangeError(
        `${subject}: a span must go from a whole number to a larger one, found ${start} to ` +
          `${end} in fold ${fold.index}.`,
      );
    }
    if (end > tokens.length) {
      throw new RangeError(
        `${subject}: spans must end at or before token ${tokens.length}, found ${end} in fold ` +
          `${fold.index}.`,
      );
    }
    return tokens.subarray(start, end);
  };
}

/**
 * The tokens of a corpus, numbered.
 *
 * @throws {Error} As loadCorpus throws, or if another version of ICU parted the study's words.
 */
export async function corpusTokens(
  corpus: CorpusSpecification,
  tokenizer: TokenizerSpecification,
): Promise<NumberedTokens> {
  await readyTokenizer(tokenizer);
  return numberTokens(tokenizer, await loadCorpus(corpus));
}

/** Number of tokens into which a corpus splits, for makeFolds. */
export async function countTokens(
  corpus: CorpusSpecification,
  tokenizer: TokenizerSpecification,
): Promise<number> {
  await readyTokenizer(tokenizer);
  return countTokensOf(tokenizer, await loadCorpus(corpus));
}

/** Share of token ids that are the unknown token; 0 when there are none at all. */
export function unknownShare(spans: readonly Int32Array[], vocabulary: Vocabulary): number {
  let unknown = 0;
  let total = 0;
  for (const span of spans) {
    total += span.length;
    for (const id of span) if (id === vocabulary.unknownId) unknown++;
  }
  return total === 0 ? 0 : unknown / total;
}

/**
 * Entropy of the frequencies of token ids, H = −Σ p ln p: the cross-entropy of a model that has
 * learned from counts alone.
 *
 * @param spans Token ids.
 * @param vocabularySize Ids are below it.
 * @returns Nats per token, 0 to ln vocabularySize.
 */
export function unigramEntropy(spans: readonly Int32Array[], vocabularySize: number): number {
  const counts = new Float64Array(vocabularySize);
  for (const span of spans) for (const id of span) counts[id]++;
  return entropyOfCounts(counts);
}

/** {@link unigramEntropy} of how often each id stands there. */
export function entropyOfCounts(counts: Float64Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let entropy = 0;
  for (const count of counts) if (count > 0) entropy -= count / total * Math.log(count / total);
  return entropy;
}
