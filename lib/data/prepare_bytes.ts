import { checkFold } from "./check_fold.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { numberTokens } from "./numbered_tokens.ts";
import { type FoldTexts, type PreparedText, unigramEntropy, unknownShare } from "./prepare.ts";
import { countCodePoints } from "./text.ts";
import type { TextSource } from "./text_source.ts";
import { tokenizerOf, type TokenizerSpecification } from "./tokenizers/kinds.ts";
import { refuseOtherSplitting } from "./tokenizers/split.ts";
import type { TextSize } from "./tokenizers/tokenizer.ts";
import { restoreVocabulary, type Vocabulary, vocabularyOfCounts } from "./tokenizers/vocabulary.ts";

/**
 * The mark that stands before each span, so that its first token is predicted as well, and after each
 * document of a corpus of documents. It stands for no text.
 */
export const endMark = "<|end|>";

/** Id of {@link endMark}: the one after the unknown token's. */
export const endId = 1;

/** Bytes of a stretch that is evaluated where not all of a text is. */
export const stretchBytes = 1000;

/** What an evaluation reads of the spans of one side of a fold, and how much text that is. */
export interface EvaluatedText {
  /** Token ids of each span, or of each stretch of them; the first is the end mark. */
  readonly spans: Int32Array[];
  /**
   * How much text that is. Unknown tokens do not say what they stand for; where the tokenizer knows among
   * how many it is, writing it out is counted, so that the whole is a code of the text: of characters
   * ln(1,112,064 − known ones) nats for each, one of all other code points.
   */
  readonly size: TextSize;
  /** What of it the tokens do not tell, in words; null where they tell it all. */
  readonly lost: string | null;
}

/** The text of one fold whose spans are in bytes, as a model reads it. */
export interface PreparedBytes extends PreparedText {
  /** What evaluations read: the whole sides, or stretches of them. */
  readonly evaluated: {
    readonly training: EvaluatedText;
    readonly heldOut: EvaluatedText;
    readonly choosing?: EvaluatedText;
  };
}

/**
 * Turns one fold of a text, whose spans are in bytes, into token ids.
 *
 * The vocabulary is learned from the texts of the training spans alone. Each span is then tokenized by
 * itself, after {@link endMark}: every byte of it is in a token that is predicted, whatever the tokenizer.
 *
 * @param text The text.
 * @param options `tokenizer`. `fold`: its spans begin and end at characters. `evaluationBytes`: at most
 * this many bytes of each side are evaluated, in evenly spaced stretches of 1,000 bytes that are tokenized
 * by themselves, the same ones for every tokenizer; null for all.
 * @throws {RangeError} If a span leaves the text or cuts a character.
 *
 * @example
 * ```ts
 * import { prepareBytes } from "./prepare_bytes.ts";
 * import { textOf } from "./text_source.ts";
 * import { characters } from "./tokenizers/characters.ts";
 * import assert from "node:assert/strict";
 * const fold = { index: 0, training: [{ start: 0, end: 6 }], heldOut: [{ start: 6, end: 10 }] };
 * const options = { tokenizer: characters(), fold, evaluationBytes: null };
 * const { vocabulary, training, heldOut, evaluated } = prepareBytes(textOf("aé鯨é鯨"), options);
 * assert.deepEqual(vocabulary.tokens, ["�", "<|end|>", "a", "é", "鯨"]);
 * assert.deepEqual([...training[0]], [1, 2, 3, 4]);
 * assert.deepEqual([...heldOut[0]], [1, 3, 4].slice(0, 1 + evaluated.heldOut.size.characters));
 * ```
 */
export function prepareBytes(
  text: TextSource,
  options: {
    readonly tokenizer: TokenizerSpecification;
    readonly fold: FoldRecord;
    readonly evaluationBytes: number | null;
  },
): PreparedBytes {
  const { tokenizer, evaluationBytes } = options;
  refuseOtherSplitting(tokenizer);
  const fold = checkFold(`fold ${options.fold.index}`, options.fold);
  const vocabulary = learned(tokenizer, text, fold.training);
  const ids = (spans: readonly TokenSpan[]) =>
    spans.map((span) => encode(tokenizer, vocabulary, text, span));
  const evaluated = (spans: readonly TokenSpan[], all: Int32Array[]): EvaluatedText => {
    const stretches = evaluationBytes === null ? null : stretchesOf(text, spans, evaluationBytes);
    const read = stretches === null ? all : ids(stretches);
    const size = sizeOf(text, stretches ?? spans);
    return { spans: read, ...told(tokenizer, vocabulary, size, read) };
  };
  const [training, heldOut] = [ids(fold.training), ids(fold.heldOut)];
  const choosing = fold.choosing && ids(fold.choosing);
  // The mark before a span is never predicted.
  const predicted = (spans: readonly Int32Array[]) => spans.map((span) => span.subarray(1));
  return {
    vocabulary,
    training,
    heldOut,
    ...(choosing && { choosing }),
    evaluated: {
      training: evaluated(fold.training, training),
      heldOut: evaluated(fold.heldOut, heldOut),
      ...(choosing && { choosing: evaluated(fold.choosing!, choosing) }),
    },
    unknownShare: unknownShare(predicted(heldOut), vocabulary),
    trainingUnknownShare: unknownShare(predicted(training), vocabulary),
    unigramEntropy: unigramEntropy(predicted(training), vocabulary.size),
  };
}

/** What ids tell of a text of some size. */
function told(
  tokenizer: TokenizerSpecification,
  { size, marks, unknownId }: Vocabulary,
  text: TextSize,
  spans: readonly Int32Array[],
): Omit<EvaluatedText, "spans"> {
  const { lost, spelling } = tokenizerOf(tokenizer);
  let unknown = 0;
  for (const span of spans) for (const id of span) if (id === unknownId) unknown++;
  if (unknown === 0) return { size: text, lost: lost(tokenizer) };
  if (spelling === undefined) return { size: text, lost: lost(tokenizer) ?? "unknown tokens" };
  return {
    size: { ...text, spelling: unknown * spelling(size - marks - 1) },
    lost: lost(tokenizer),
  };
}

/** The texts of one fold whose spans are in bytes, one a span. */
export function textsOfBytes(text: TextSource, fold: FoldRecord): FoldTexts {
  const read = (spans: readonly TokenSpan[]) =>
    spans.map(({ start, end }) => text.read(start, end));
  return {
    training: read(fold.training),
    heldOut: read(fold.heldOut),
    ...(fold.choosing && { choosing: read(fold.choosing) }),
  };
}

/**
 * A fold that trains on the first bytes of its training text alone; its held-out text stays. The last
 * character is one that they hold whole.
 *
 * @param count Bytes to train on, from 1; undefined for all.
 * @throws {RangeError} If the fold has fewer training bytes.
 */
export function withFirstBytes(
  fold: FoldRecord,
  count: number | undefined,
  text: Pick<TextSource, "boundary">,
): FoldRecord {
  if (count === undefined) return fold;
  const available = fold.training.reduce((sum, { start, end }) => sum + end - start, 0);
  if (available < count) {
    throw new RangeError(
      `training.trainingBytes must be at most ${available}, the training bytes of fold ` +
        `${fold.index}, found ${count}.`,
    );
  }
  let left = count;
  const training: TokenSpan[] = [];
  for (const { start, end } of fold.training) {
    const last = Math.min(end, text.boundary(start + left, "backward"));
    left -= Math.min(left, end - start);
    if (last > start) training.push({ start, end: last });
    if (left === 0) break;
  }
  return { ...fold, training };
}

/** Texts of the documents of a span, whole or what of them lies in it; of one text the span itself. */
function* piecesOf(
  text: TextSource,
  { start, end }: TokenSpan,
): Generator<{ readonly text: string; readonly ends: boolean }, void> {
  const ends = text.documentEnds;
  if (ends === null) {
    yield { text: text.read(start, end), ends: false };
    return;
  }
  let from = start;
  for (let at = firstAfter(ends, start); from < end; at++) {
    const to = Math.min(end, ends[at]);
    yield { text: text.read(from, to), ends: to === ends[at] };
    from = to;
  }
}

/** Place of the first of ascending numbers that is larger. */
function firstAfter(numbers: Float64Array, value: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function learned(
  tokenizer: TokenizerSpecification,
  text: TextSource,
  training: readonly TokenSpan[],
): Vocabulary {
  const counts = new Map<string, number>();
  for (const span of training) {
    for (const piece of piecesOf(text, span)) {
      const { types, numbers } = numberTokens(tokenizer, piece.text);
      const found = new Float64Array(types.length);
      for (const number of numbers) found[number]++;
      types.forEach((type, number) => counts.set(type, (counts.get(type) ?? 0) + found[number]));
    }
  }
  const [unknown, ...known] = vocabularyOfCounts(tokenizer, counts).tokens;
  return restoreVocabulary(tokenizer, [unknown, endMark, ...known], 1);
}

function encode(
  tokenizer: TokenizerSpecification,
  vocabulary: Vocabulary,
  text: TextSource,
  span: TokenSpan,
): Int32Array {
  const parts = [Int32Array.of(endId)];
  for (const piece of piecesOf(text, span)) {
    const { types, numbers } = numberTokens(tokenizer, piece.text);
    const ids = vocabulary.encode(types);
    parts.push(numbers.map((number) => ids[number]));
    if (piece.ends) parts.push(Int32Array.of(endId));
  }
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Evenly spaced stretches of spans, which hold at most so many bytes; null where the spans do. */
function stretchesOf(
  text: TextSource,
  spans: readonly TokenSpan[],
  most: number,
): TokenSpan[] | null {
  const total = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  if (total <= most) return null;
  const counts = spans.map(({ start, end }) => Math.ceil((end - start) / stretchBytes));
  const count = counts.reduce((sum, each) => sum + each, 0);
  const chosen = Math.max(1, Math.floor(most / stretchBytes));
  return Array.from({ length: chosen }, (_, index): TokenSpan => {
    let place = Math.floor((index + 0.5) * count / chosen);
    let at = 0;
    while (place >= counts[at]) place -= counts[at++];
    const span = spans[at];
    const edge = (stretch: number) =>
      Math.min(
        span.end,
        text.boundary(Math.min(span.end, span.start + stretch * stretchBytes), "forward"),
      );
    return { start: edge(place), end: edge(place + 1) };
  }).filter(({ start, end }) => end > start);
}

function sizeOf(text: TextSource, spans: readonly TokenSpan[]): TextSize {
  const size = { bytes: 0, characters: 0 };
  for (const span of spans) {
    size.bytes += span.end - span.start;
    for (const piece of piecesOf(text, span)) size.characters += countCodePoints(piece.text);
  }
  return size;
}
