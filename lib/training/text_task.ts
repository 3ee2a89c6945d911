import { evaluationBatches, trainingBatches } from "../data/batches.ts";
import { carriedEvaluationBatches, carriedTrainingBatches } from "../data/carried_batches.ts";
import { epochBatches } from "../data/epochs.ts";
import { withFirstTokens } from "../data/first_tokens.ts";
import { meanTargets } from "../data/mean_targets.ts";
import { prepareText } from "../data/prepare.ts";
import { textSizeOf } from "../data/tokenizers/text_size.ts";
import { readTokens, type Tokens } from "../data/tokens.ts";
import { createModel } from "../models/create.ts";
import { generateTexts } from "../models/decoding.ts";
import { beforeStop, tokensBeforeStop } from "../models/stop_strings.ts";
import { countedTargets } from "./evaluation.ts";
import { withMaskedInputs } from "./masked_inputs.ts";
import { sampleStatistics } from "./sample_statistics.ts";
import type { TextSpecification } from "./specification.ts";
import { evaluationBatchSize, inEpochs, type Task, type TaskContext, textLostOf } from "./task.ts";
import { tokenAccuracy } from "./token_accuracy.ts";

/** A language model and the text that it learns. */
export async function textTask(
  specification: TextSpecification,
  { fold, seed, purpose, own, network = (create) => create() }: TaskContext,
): Promise<Task> {
  const { corpus, tokenizer, training } = specification;
  const { windowLength, batchSize, evaluationTokens, trainingTokens } = training;
  const documents = training.documentWindows;
  const data = await prepareText({
    corpus,
    tokenizer,
    fold: withFirstTokens(fold, trainingTokens),
  });
  const { vocabulary } = data;
  const stretchLength = training.carriedState ? stretchOf(data.heldOut, training) : null;
  const evaluated = (spans: readonly Tokens[]) => {
    const options = {
      windowLength,
      batchSize: evaluationBatchSize(batchSize),
      maximumTokens: evaluationTokens ?? undefined,
    };
    return stretchLength === null
      ? evaluationBatches(spans, { ...options, documents })
      : carriedEvaluationBatches(spans, { ...options, stretchLength });
  };
  const heldOut = evaluated(data.heldOut);
  const evaluation = {
    training: evaluated(data.training),
    heldOut,
    heldOutText: textSizeOf(tokenizer, vocabulary, countedTargets(heldOut)),
    ...(data.choosing && { choosing: evaluated(data.choosing) }),
    unknownId: vocabulary.unknownId,
  };
  const created = network(() =>
    createModel(specification.model, {
      vocabularySize: vocabulary.size,
      seed,
      fold: purpose,
      own,
    })
  );
  const model = withMaskedInputs(created, training.maskedInputs, vocabulary);
  return {
    model,
    batches(stream, from) {
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
    },
    evaluation,
    tokensPerBatch: meanTargets(data.training, { ...training, documents }),
    tokens: {
      training: countTokens(data.training),
      heldOut: countTokens(data.heldOut),
      vocabulary: vocabulary.size,
      unknownShare: data.unknownShare,
      ...(data.unknownShare > 0 && { trainingUnknownShare: data.trainingUnknownShare }),
      unigramEntropy: data.unigramEntropy,
      ...textLostOf(evaluation),
    },
    vocabularies: { vocabulary: vocabulary.tokens },
    ...(training.tokenAccuracy && {
      tokenAccuracy: () => ({
        training: tokenAccuracy(model, evaluation.training),
        heldOut: tokenAccuracy(model, evaluation.heldOut),
      }),
    }),
    samples(stream) {
      const { promptLength, nGramLength, ...writing } = training.samples;
      const { temperature, beams, stopStrings } = writing;
      const prompt = readTokens(data.heldOut[0], 0, promptLength);
      return generateTexts(model, prompt, writing, stream, vocabulary).map((written) => {
        const kept = tokensBeforeStop(written, stopStrings, vocabulary);
        return {
          prompt: vocabulary.decode(prompt),
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

function countTokens(spans: readonly Tokens[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0);
}
