import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { checkFold } from "./check_fold.ts";
import { foldTokens, type KeptFor, type SideCounts, tokensOfSpans } from "./fold_tokens.ts";
import type { FoldTexts, PreparedText } from "./prepare.ts";
import type { TextSource } from "./text_source.ts";
import type { TokenizerSpecification } from "./tokenizers/kinds.ts";
import { readyTokenizer } from "./tokenizers/split.ts";
import { toldOf, type ToldText } from "./tokenizers/text_size.ts";
import type { Tokens } from "./tokens.ts";

/** Bytes of a stretch that is evaluated where not all of a text is. */
export const stretchBytes = 1000;

/** Bytes by which an edge of a stretch moves at most, to the next character. */
const moved = 3;

/** What an evaluation reads of the spans of one side of a fold, and how much text that is. */
export interface EvaluatedSpans extends ToldText {
  /** Tokens of each span, or of each stretch of them; the first is the end mark. */
  readonly spans: readonly Tokens[];
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

/**
 * Turns one fold of a text, whose spans are in bytes, into token ids.
 *
 * The vocabulary is learned from the texts of the training spans alone. Each span is then tokenized by
 * itself, after an end mark: every byte of it is in a token that is predicted, unless the
 * tokenizer loses it, such as `words()` white space.
 *
 * @param text The text.
 * @param options `tokenizer`. `fold`: its spans begin and end at characters. `evaluationBytes`: at most
 * this many bytes of each side are evaluated, in evenly spaced stretches of 1,000 bytes that are tokenized
 * by themselves, the same ones for every tokenizer; null for all. `kept` and `breathe`: as of
 * {@link foldTokens}.
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
    readonly kept?: KeptFor | null;
    readonly breathe?: () => void;
  },
): Promise<PreparedBytes> {
  const { tokenizer, evaluationBytes, kept, breathe } = options;
  await readyTokenizer(tokenizer);
  const fold = checkFold(`fold ${options.fold.index}`, options.fold);
  const made = await foldTokens(text, { tokenizer, fold, kept, breathe });
  const { counts, unigramEntropy, ...tokens } = made;
  const { vocabulary } = tokens;
  const evaluated = (side: keyof typeof counts): EvaluatedSpans => {
    const spans = evaluatedOf(text, fold[side]!, evaluationBytes);
    const read = spans === fold[side]
      ? { spans: tokens[side]!, counts: counts[side]! }
      : tokensOfSpans(text, { tokenizer, vocabulary }, spans);
    return {
      spans: read.spans,
      ...toldOf(tokenizer, vocabulary, { bytes: bytesIn(spans), ...read.counts }),
    };
  };
  const share = ({ unknown, tokens }: SideCounts) => tokens === 0 ? 0 : unknown / tokens;
  return {
    ...tokens,
    evaluated: {
      training: evaluated("training"),
      heldOut: evaluated("heldOut"),
      ...(counts.choosing && { choosing: evaluated("choosing") }),
    },
    unknownShare: share(counts.heldOut),
    trainingUnknownShare: share(counts.training),
    unigramEntropy,
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

/** Evenly spaced stretches of spans, which hold at most so many bytes; the spans themselves where they do. */
function evaluatedOf(
  text: TextSource,
  spans: readonly TokenSpan[],
  most: number | null,
): readonly TokenSpan[] {
  if (most === null || bytesIn(spans) <= most) return spans;
  // What an edge may move over is no stretch of its own: the last one goes to the span's end.
  const counts = spans.map(({ start, end }) =>
    Math.max(1, Math.ceil((end - start - moved) / stretchBytes))
  );
  const count = counts.reduce((sum, each) => sum + each, 0);
  const chosen = Math.max(1, Math.floor(most / stretchBytes));
  return Array.from({ length: chosen }, (_, index): TokenSpan => {
    let place = Math.floor((index + 0.5) * count / chosen);
    let at = 0;
    while (place >= counts[at]) place -= counts[at++];
    const { start, end } = spans[at];
    const edge = (stretch: number) =>
      stretch === counts[at] ? end : text.boundary(start + stretch * stretchBytes, "forward");
    return { start: edge(place), end: edge(place + 1) };
  });
}
