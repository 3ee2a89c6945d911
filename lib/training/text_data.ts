import { evaluationBatches, trainingBatches } from "../data/batches.ts";
import { carriedEvaluationBatches, carriedTrainingBatches } from "../data/carried_batches.ts";
import { epochBatches } from "../data/epochs.ts";
import type { EvaluatedSpans, PreparedBytes } from "../data/prepare_bytes.ts";
import { type RandomStream, randomStream } from "../core/random.ts";
import { textSizeOf } from "../data/tokenizers/text_size.ts";
import type { Vocabulary } from "../data/tokenizers/vocabulary.ts";
import { blankTokens, type Tokens } from "../data/tokens.ts";
import type { EvaluatedText, RunRecord } from "../records/run_record.ts";
import { countedTargets } from "./counted_targets.ts";
import { infillingOf } from "./infilling.ts";
import type { prepareFold } from "./prepare_fold.ts";
import type { TextSpecification } from "./specification.ts";
import {
  type BatchesPosition,
  type EvaluationBatches,
  evaluationBatchSize,
  inEpochs,
  type TaskBatches,
  type TaskContext,
  textLostOf,
} from "./task.ts";

type Training = TextSpecification["training"];
type Prepared = Awaited<ReturnType<typeof prepareFold>>;

/** What a record says of its text. */
export function toldOfText(data: Prepared, evaluation: EvaluationBatches): RunRecord["tokens"] {
  const { vocabulary } = data;
  return {
    training: countTokens(data.training, vocabulary),
    heldOut: countTokens(data.heldOut, vocabulary),
    vocabulary: vocabulary.size,
    unknownShare: data.unknownShare,
    ...(data.unknownShare > 0 && { trainingUnknownShare: data.trainingUnknownShare }),
    unigramEntropy: data.unigramEntropy,
    ...textLostOf(evaluation),
    ...(data.evaluated && { text: textsOf(data.evaluated) }),
  };
}

/** Training batches of a text, from a position on. */
export function textBatches(
  { windowLength, batchSize, documentWindows: documents, carriedState, sampling }: Training,
  spans: readonly Tokens[],
  stream: RandomStream,
  from: BatchesPosition | null,
): TaskBatches {
  const sizes = { windowLength, batchSize };
  if (carriedState) {
    const carried = from?.carried;
    const { next, position } = carriedTrainingBatches(spans, {
      ...sizes,
      ...(carried && { from: carried }),
    });
    return { next, state: () => stream.state(), position: () => ({ carried: position() }) };
  }
  if (sampling === "draws") return trainingBatches(spans, { ...sizes, stream, documents });
  return inEpochs(epochBatches(spans, { ...sizes, stream, read: from?.readOfEpoch, documents }));
}

/** Targets that the first training batches of a run count: the batches are drawn again. */
export function targetsOfBatches(
  specification: TextSpecification,
  { training: spans, vocabulary }: Prepared,
  { seed, purpose }: Pick<TaskContext, "seed" | "purpose">,
  count: number,
): number {
  const { training } = specification;
  // How a window is rearranged depends on its tokens; else they need not be read.
  const read = training.fillInTheMiddle === null ? spans.map(blankTokens) : spans;
  const { rearranging } = infillingOf(specification, vocabulary, { seed, purpose });
  const batches = rearranging((stream, from) => textBatches(training, read, stream, from))(
    randomStream(seed, purpose, "batches"),
    null,
  );
  let targets = 0;
  for (let left = count; left > 0; left--) targets += batches.next().tokens;
  return targets;
}

/** What the record says of the text that evaluations read. */
function textsOf({ training, heldOut, choosing }: PreparedBytes["evaluated"]) {
  const of = ({ tokens, size }: EvaluatedSpans): EvaluatedText => ({ tokens, ...size });
  return {
    training: of(training),
    heldOut: of(heldOut),
    ...(choosing && { choosing: of(choosing) }),
  };
}

/** What evaluations read: of folds in bytes the parts that were cut before they had tokens. */
export function evaluationOf(
  { tokenizer, training }: TextSpecification,
  data: Awaited<ReturnType<typeof prepareFold>>,
): EvaluationBatches {
  const { vocabulary, evaluated: parts } = data;
  const { windowLength, batchSize, evaluationTokens } = training;
  const stretchLength = training.carriedState
    ? stretchOf(parts?.heldOut.spans ?? data.heldOut, training)
    : null;
  const evaluated = (spans: readonly Tokens[]) => {
    const options = {
      windowLength,
      batchSize: evaluationBatchSize(batchSize),
      maximumTokens: evaluationTokens ?? undefined,
    };
    return stretchLength === null
      ? evaluationBatches(spans, { ...options, documents: training.documentWindows })
      : carriedEvaluationBatches(spans, { ...options, stretchLength });
  };
  const heldOut = evaluated(parts?.heldOut.spans ?? data.heldOut);
  const choosing = parts?.choosing?.spans ?? data.choosing;
  return {
    training: evaluated(parts?.training.spans ?? data.training),
    heldOut,
    heldOutText: parts === null
      ? textSizeOf(tokenizer, vocabulary, countedTargets(heldOut))
      : parts.heldOut.lost ?? parts.heldOut.size,
    ...(choosing && { choosing: evaluated(choosing) }),
    unknownId: vocabulary.unknownId,
  };
}

/**
 * Targets that an evaluation with carried state reads from one zero state: those of a stream of the
 * longest held-out span, or of the tokens that an evaluation may take. Training text is cut into
 * stretches of the same length, so that the gap compares the same task.
 */
function stretchOf(
  heldOut: readonly Tokens[],
  { windowLength, batchSize, evaluationTokens }: TextSpecification["training"],
): number {
  const longest = heldOut.reduce((most, { length }) => Math.max(most, length - 1), 0);
  const targets = Math.min(longest, evaluationTokens ?? Infinity);
  return Math.max(windowLength, Math.ceil(targets / batchSize));
}

/** Tokens of spans, without the mark before each. */
function countTokens(spans: readonly Tokens[], { marks }: Vocabulary): number {
  return spans.reduce((sum, { length }) => sum + length - marks, 0);
}
