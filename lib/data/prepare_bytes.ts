import type { JsonObject } from "../core/json.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { checkFold } from "./check_fold.ts";
import { keptTokens } from "./kept_tokens.ts";
import { entropyOfCounts, type FoldTexts, type PreparedText } from "./prepare.ts";
import type { TokenWriter } from "./stored_tokens.ts";
import { countCodePoints } from "./text.ts";
import type { TextSource } from "./text_source.ts";
import { tokenizerOf, type TokenizerSpecification } from "./tokenizers/kinds.ts";
import { refuseOtherSplitting } from "./tokenizers/split.ts";
import type { TextSize } from "./tokenizers/tokenizer.ts";
import { learnVocabulary, restoreVocabulary, type Vocabulary } from "./tokenizers/vocabulary.ts";
import type { Tokens } from "./tokens.ts";

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
export interface EvaluatedSpans {
  /** Tokens of each span, or of each stretch of them; the first is the end mark. */
  readonly spans: readonly Tokens[];
  /** Tokens that are predicted: all but the mark before each span. */
  readonly tokens: number;
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
    readonly training: EvaluatedSpans;
    readonly heldOut: EvaluatedSpans;
    readonly choosing?: EvaluatedSpans;
  };
}

/** Sides of a fold, in the order in which their tokens are kept. */
const sides = ["training", "heldOut", "choosing"] as const;

/** What is counted of the spans of one side as they are tokenized. */
type Counted = {
  /** Tokens that are predicted: all but the mark before each span. */
  tokens: number;
  unknown: number;
  bytes: number;
  characters: number;
};

/** What is kept of a fold beside its tokens. */
type Said = {
  readonly vocabulary: readonly string[];
  /** Of each side that the fold has; of what is evaluated, where that is not all of it. */
  readonly sides: readonly Counted[];
  readonly evaluated: readonly Counted[] | null;
  readonly unigramEntropy: number;
};

/**
 * Turns one fold of a text, whose spans are in bytes, into token ids.
 *
 * The vocabulary is learned from the texts of the training spans alone. Each span is then tokenized by
 * itself, after {@link endMark}: every byte of it is in a token that is predicted, whatever the tokenizer.
 *
 * @param text The text.
 * @param options `tokenizer`. `fold`: its spans begin and end at characters. `evaluationBytes`: at most
 * this many bytes of each side are evaluated, in evenly spaced stretches of 1,000 bytes that are tokenized
 * by themselves, the same ones for every tokenizer; null for all. `kept`: where tokens are kept, and what
 * says which text this is; null, the default, for memory.
 * @throws {RangeError} If a span leaves the text or cuts a character.
 *
 * @example
 * ```ts
 * import { prepareBytes } from "./prepare_bytes.ts";
 * import { textOf } from "./text_source.ts";
 * import { characters } from "./tokenizers/characters.ts";
 * import { readTokens } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * const fold = { index: 0, training: [{ start: 0, end: 6 }], heldOut: [{ start: 6, end: 9 }] };
 * const options = { tokenizer: characters(), fold, evaluationBytes: null };
 * const { vocabulary, training, heldOut } = await prepareBytes(textOf("aé鯨é7"), options);
 * assert.deepEqual(vocabulary.tokens, ["�", "<|end|>", "a", "é", "鯨"]);
 * assert.deepEqual([...readTokens(training[0])], [1, 2, 3, 4]);
 * assert.deepEqual([...readTokens(heldOut[0])], [1, 3, 0]);
 * ```
 */
export async function prepareBytes(
  text: TextSource,
  options: {
    readonly tokenizer: TokenizerSpecification;
    readonly fold: FoldRecord;
    readonly evaluationBytes: number | null;
    readonly kept?: { readonly store: string; readonly text: JsonObject } | null;
  },
): Promise<PreparedBytes> {
  const { tokenizer, evaluationBytes, kept = null } = options;
  refuseOtherSplitting(tokenizer);
  const fold = checkFold(`fold ${options.fold.index}`, options.fold);
  const present = sides.filter((side) => fold[side] !== undefined);
  const whole = present.map((side) => fold[side]!);
  const parts = present.map((side) => evaluatedOf(text, fold[side]!, evaluationBytes));
  const cut = parts.some((spans, at) => spans !== whole[at]) ? parts : null;
  const { spans, said } = await keptTokens<Said>({
    store: kept?.store ?? null,
    key: JSON.parse(JSON.stringify({ text: kept?.text ?? null, tokenizer, fold, evaluationBytes })),
    make: (begin) => tokenize(text, tokenizer, { whole, cut }, begin),
  });
  const vocabulary = restoreVocabulary(tokenizer, said.vocabulary, 1);
  const all = take(spans, [...whole, ...cut ?? []].map(({ length }) => length));
  const read = all.slice(cut === null ? 0 : whole.length);
  const evaluated = present.map((
    side,
    at,
  ) => [side, {
    spans: read[at],
    ...told(tokenizer, vocabulary, (said.evaluated ?? said.sides)[at]),
  }]);
  const share = ({ unknown, tokens }: Counted) => tokens === 0 ? 0 : unknown / tokens;
  const [training, heldOut] = said.sides;
  return {
    vocabulary,
    ...Object.fromEntries(present.map((side, at) => [side, all[at]])) as {
      [side in "training" | "heldOut"]: readonly Tokens[];
    },
    evaluated: Object.fromEntries(evaluated),
    unknownShare: share(heldOut),
    trainingUnknownShare: share(training),
    unigramEntropy: said.unigramEntropy,
  };
}

/** A list in parts of given lengths. */
function take<Item>(list: readonly Item[], lengths: readonly number[]): (readonly Item[])[] {
  let end = 0;
  return lengths.map((length) => list.slice(end, end += length));
}

/** Learns the vocabulary and writes the tokens of all sides, then of what is evaluated of them. */
function tokenize(
  text: TextSource,
  tokenizer: TokenizerSpecification,
  { whole, cut }: {
    readonly whole: readonly (readonly TokenSpan[])[];
    readonly cut: readonly (readonly TokenSpan[])[] | null;
  },
  begin: (vocabularySize: number) => TokenWriter,
): Said {
  const [training] = whole;
  const vocabulary = learnVocabulary(tokenizer, textsOf(text, training), [endMark]);
  const writer = begin(vocabulary.size);
  const frequencies = new Float64Array(vocabulary.size);
  const count = (spans: readonly TokenSpan[], into: Float64Array | null) =>
    writeSpans(writer, { text, vocabulary, spans, frequencies: into });
  const counted = whole.map((spans, at) => count(spans, at === 0 ? frequencies : null));
  return {
    vocabulary: vocabulary.tokens,
    sides: counted,
    evaluated: cut && cut.map((spans) => count(spans, null)),
    unigramEntropy: entropyOfCounts(frequencies),
  };
}

/** Writes the tokens of spans, each after a mark, and counts them. */
function writeSpans(
  writer: TokenWriter,
  { text, vocabulary, spans, frequencies }: {
    readonly text: TextSource;
    readonly vocabulary: Vocabulary;
    readonly spans: readonly TokenSpan[];
    /** How often each token is predicted; null where nobody asks. */
    readonly frequencies: Float64Array | null;
  },
): Counted {
  const counted: Counted = { tokens: 0, unknown: 0, bytes: 0, characters: 0 };
  const mark = Int32Array.of(endId);
  const write = (ids: Int32Array) => {
    writer.write(ids);
    counted.tokens += ids.length;
    for (const id of ids) {
      if (id === vocabulary.unknownId) counted.unknown++;
      if (frequencies !== null) frequencies[id]++;
    }
  };
  for (const span of spans) {
    counted.bytes += span.end - span.start;
    writer.write(mark);
    for (const piece of piecesOf(text, span)) {
      counted.characters += countCodePoints(piece.text);
      write(vocabulary.encodeText(piece.text));
      if (!piece.ends) continue;
      write(mark);
      writer.endDocument();
    }
    writer.endSpan();
  }
  return counted;
}

/** What tokens tell of a text that was counted. */
function told(
  tokenizer: TokenizerSpecification,
  { size, marks }: Vocabulary,
  { tokens, unknown, bytes, characters }: Counted,
): Omit<EvaluatedSpans, "spans"> {
  const { lost, spelling } = tokenizerOf(tokenizer);
  const missing = lost(tokenizer);
  const text = { bytes, characters };
  if (unknown === 0) return { tokens, size: text, lost: missing };
  if (spelling === undefined) return { tokens, size: text, lost: missing ?? "unknown tokens" };
  const spelled = unknown * spelling(size - marks - 1);
  return { tokens, size: { ...text, spelling: spelled }, lost: missing };
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
  const available = bytesIn(fold.training);
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

function bytesIn(spans: readonly TokenSpan[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0);
}

function* textsOf(text: TextSource, spans: readonly TokenSpan[]): Generator<string, void> {
  for (const span of spans) for (const piece of piecesOf(text, span)) yield piece.text;
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

/** Evenly spaced stretches of spans, which hold at most so many bytes; the spans themselves where they do. */
function evaluatedOf(
  text: TextSource,
  spans: readonly TokenSpan[],
  most: number | null,
): readonly TokenSpan[] {
  if (most === null || bytesIn(spans) <= most) return spans;
  const counts = spans.map(({ start, end }) => Math.ceil((end - start) / stretchBytes));
  const count = counts.reduce((sum, each) => sum + each, 0);
  const chosen = Math.max(1, Math.floor(most / stretchBytes));
  return Array.from({ length: chosen }, (_, index): TokenSpan => {
    let place = Math.floor((index + 0.5) * count / chosen);
    let at = 0;
    while (place >= counts[at]) place -= counts[at++];
    const { start, end } = spans[at];
    const edge = (stretch: number) =>
      text.boundary(Math.min(end, start + stretch * stretchBytes), "forward");
    return { start: edge(place), end: edge(place + 1) };
  });
}
