import { type RandomStream, randomStream } from "../core/random.ts";
import { endId } from "../data/fold_tokens.ts";
import { batchOfSequences } from "../data/infilled_batches.ts";
import type { InfillVocabulary } from "../data/infill_marks.ts";
import { passagesOf } from "../data/passages.ts";
import { type CutText, fittingParts, infillSequence, type TextParts } from "../data/text_parts.ts";
import { readTokens, type Tokens } from "../data/tokens.ts";
import { consecutiveWindows, evenlySpaced } from "../data/windows.ts";
import { generate } from "../models/decoding.ts";
import type { LanguageModel } from "../models/model.ts";
import type { InfillingSummary } from "../records/run_record.ts";
import { meanCrossEntropy } from "./evaluation.ts";

/**
 * Pieces of held-out texts, evenly spaced, cut where a stream says: of all cuts whose middle is not empty each
 * equally likely.
 *
 * @param options `count`: how many at most. `length`: tokens of each at most; at the end of a document fewer.
 */
export function heldOutParts(
  spans: readonly Tokens[],
  { count, length, cut, stream }: {
    readonly count: number;
    readonly length: number;
    readonly cut: CutText;
    readonly stream: RandomStream;
  },
): TextParts[] {
  const windows = evenlySpaced(consecutiveWindows(passagesOf(spans, "inside"), length), count);
  return Array.from({ length: windows.count }, (_, place) => {
    const { span, start, length: targets } = windows.at(place);
    const ids = readTokens(span, start + 1, start + 1 + targets);
    return partsOf(ids.at(-1) === endId ? ids.subarray(0, -1) : ids, length, cut, stream);
  }).filter((parts) => parts !== null);
}

/** Tokens cut with a middle; null where they hold no whole character. */
function partsOf(
  ids: Int32Array,
  room: number,
  cut: CutText,
  stream: RandomStream,
): TextParts | null {
  if (cut(ids, [0, 1 - Number.EPSILON]).middle.length === 0) return null;
  for (;;) {
    const parts = fittingParts(cut(ids, [stream.uniform(), stream.uniform()]), room);
    if (parts.middle.length > 0) return parts;
  }
}

/**
 * How well a model fills in the middles of texts: its losses on them, and how often what it writes greedily is
 * the middle to the letter.
 *
 * @param pieces Texts in parts, their middles not empty.
 * @param options `suffixFirst`: in which order it reads them. `batchSize`: how many side by side.
 * @returns Undefined where there are no pieces.
 */
export function infillingScores(
  model: LanguageModel,
  pieces: readonly TextParts[],
  { vocabulary, suffixFirst, batchSize }: {
    readonly vocabulary: InfillVocabulary;
    readonly suffixFirst: boolean;
    readonly batchSize: number;
  },
): InfillingSummary | undefined {
  if (pieces.length === 0) return undefined;
  const { infillMarks } = vocabulary;
  const lossAfter = (sequenceOf: (parts: TextParts) => Int32Array) =>
    meanCrossEntropy(model, middlesOf(pieces, sequenceOf, batchSize));
  const written = pieces.filter(({ middle, ...sides }) => {
    const asked = infillSequence({ ...sides, middle: new Int32Array(0) }, infillMarks, suffixFirst);
    // A greedy choice draws nothing.
    const stream = randomStream(0, "infilling");
    const options = { temperature: 0, length: middle.length + 1, endId };
    const ids = generate(model, asked, options, stream);
    // With more it has not ended, though a mark behind the middle is no text.
    return ids.length <= middle.length && vocabulary.decode(ids) === vocabulary.decode(middle);
  });
  return {
    pieces: pieces.length,
    loss: lossAfter((parts) => infillSequence(parts, infillMarks, suffixFirst)),
    prefixLoss: lossAfter(({ prefix, middle }) => Int32Array.of(endId, ...prefix, ...middle)),
    exactMatch: written.length / pieces.length,
  };
}

/** Batches of sequences that end with the middles, which alone count. */
function* middlesOf(
  pieces: readonly TextParts[],
  sequenceOf: (parts: TextParts) => Int32Array,
  batchSize: number,
) {
  for (let start = 0; start < pieces.length; start += batchSize) {
    const rows = pieces.slice(start, start + batchSize);
    const sequences = rows.map(sequenceOf);
    const time = Math.max(...sequences.map(({ length }) => length)) - 1;
    yield batchOfSequences(
      sequences,
      time,
      (_, place, row) => place >= sequences[row].length - rows[row].middle.length,
    );
  }
}
