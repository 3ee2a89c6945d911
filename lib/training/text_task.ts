import { evaluationBatches, trainingBatches } from "../data/batches.ts";
import { carriedEvaluationBatches, carriedTrainingBatches } from "../data/carried_batches.ts";
import { epochBatches } from "../data/epochs.ts";
import { meanTargets } from "../data/mean_targets.ts";
import type { EvaluatedSpans, PreparedBytes } from "../data/prepare_bytes.ts";
import { endOf } from "../data/fold_tokens.ts";
import { textSizeOf } from "../data/tokenizers/text_size.ts";
import type { Vocabulary } from "../data/tokenizers/vocabulary.ts";
import { readTokens, type Tokens } from "../data/tokens.ts";
import type { EvaluatedText } from "../records/run_record.ts";
import { createModel } from "../models/create.ts";
import { generateTexts } from "../models/decoding.ts";
import { beforeStop, tokensBeforeStop } from "../models/stop_strings.ts";
import { countedTargets } from "./evaluation.ts";
import { infillingOf } from "./infilling.ts";
import { withMaskedInputs } from "./masked_inputs.ts";
import { prepareFold } from "./prepare_fold.ts";
import { sampleStatistics } from "./sample_statistics.ts";
import type { TextSpecification } from "./specification.ts";
import {
  type EvaluationBatches,
  evaluationBatchSize,
  inEpochs,
  type Task,
  type TaskContext,
  textLostOf,
} from "./task.ts";
import { tokenAccuracy } from "./token_accuracy.ts";

/** A language model and the text that it learns. */
export async function textTask(
  specification: TextSpecification,
  { fold, seed, purpose, own, breathe, network = (create) => create() }: TaskContext,
): Promise<Task> {
  const { training } = specification;
  const { windowLength, batchSize, documentWindows: documents } = training;
  const data = await prepareFold(specification, fold, { breathe });
  const { vocabulary } = data;
  const evaluation = evaluationOf(specification, data);
  const created = network(() =>
    createModel(specification.model, {
      vocabularySize: vocabulary.size,
      seed,
      fold: purpose,
      own,
      recomputeBlocks: training.recomputeBlocks,
      undrawn: specification.initialWeights !== undefined,
    })
  );
  const { unknownId, infillMarks = {} } = vocabulary;
  const marks = Object.values(infillMarks);
  const model = withMaskedInputs(created, training.maskedInputs, {
    unknownId,
    kept: ({ inputs }, row) => marks.includes(inputs[row]),
  });
  const infilling = infillingOf(specification, vocabulary, { seed, purpose });
  return {
    model,
    batches: infilling.rearranging((stream, from) => {
      const sizes = { windowLength, batchSize };
      if (training.carriedState) {
        const carried = from?.carried;
        const { next, position } = carriedTrainingBatches(data.training, {
          ...sizes,
          ...(carried && { from: carried }),
        });
        return { next, state: () => stream.state(), position: () => ({ carried: position() }) };
      }
      if (training.sampling === "draws") {
        return trainingBatches(data.training, { ...sizes, stream, documents });
      }
      const read = from?.readOfEpoch;
      return inEpochs(epochBatches(data.training, { ...sizes, stream, read, documents }));
    }),
    evaluation,
    tokensPerBatch: infilling.counted(meanTargets(data.training, { ...training, documents })),
    tokens: {
      training: countTokens(data.training, vocabulary),
      heldOut: countTokens(data.heldOut, vocabulary),
      vocabulary: vocabulary.size,
      unknownShare: data.unknownShare,
      ...(data.unknownShare > 0 && { trainingUnknownShare: data.trainingUnknownShare }),
      unigramEntropy: data.unigramEntropy,
      ...textLostOf(evaluation),
      ...(data.evaluated && { text: textsOf(data.evaluated) }),
    },
    vocabularies: {
      vocabulary: vocabulary.tokens,
      ...(vocabulary.marks > 0 && { marks: vocabulary.marks }),
      ...(vocabulary.merges && { merges: vocabulary.merges }),
    },
    ...(training.tokenAccuracy && {
      tokenAccuracy: () => ({
        training: tokenAccuracy(model, evaluation.training),
        heldOut: tokenAccuracy(model, evaluation.heldOut),
      }),
    }),
    ...infilling.measuring(model, data.evaluated?.heldOut.spans ?? data.heldOut),
    samples(stream) {
      const { promptLength, nGramLength, ...writing } = training.samples;
      const { temperature, beams, stopStrings } = writing;
      // A mark before the text is read, and is none of it.
      const { marks } = vocabulary;
      const prompt = readTokens(data.heldOut[0], 0, marks + promptLength);
      const options = { ...writing, endId: endOf(vocabulary) };
      return generateTexts(model, prompt, options, stream, vocabulary).map((written) => {
        const kept = tokensBeforeStop(written, stopStrings, vocabulary);
        return {
          prompt: vocabulary.decode(prompt.subarray(marks)),
          text: beforeStop(vocabulary.decode(written), stopStrings),
          temperature,
          ...(beams > 1 && { beams }),
          ...(nGramLength && kept.length >= nGramLength &&
            { statistics: sampleStatistics(kept, data, { nGramLength }) }),
        };
      });
    },
  };
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
function evaluationOf(
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
