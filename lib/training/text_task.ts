import { evaluationBatches, trainingBatches } from "../data/batches.ts";
import { prepareText } from "../data/prepare.ts";
import { createModel } from "../models/create.ts";
import { generate } from "../models/decoding.ts";
import type { TextSpecification } from "./specification.ts";
import { evaluationBatchSize, type Task, type TaskContext } from "./task.ts";

/** A language model and the text that it learns. */
export async function textTask(
  specification: TextSpecification,
  { fold, seed, purpose, own }: TaskContext,
): Promise<Task> {
  const { corpus, tokenizer, training } = specification;
  const { windowLength, batchSize, evaluationTokens } = training;
  const data = await prepareText({ corpus, tokenizer, fold });
  const { vocabulary } = data;
  const evaluated = (spans: readonly Int32Array[]) =>
    evaluationBatches(spans, {
      windowLength,
      batchSize: evaluationBatchSize(batchSize),
      maximumTokens: evaluationTokens ?? undefined,
    });
  const evaluation = { training: evaluated(data.training), heldOut: evaluated(data.heldOut) };
  const model = createModel(specification.model, {
    vocabularySize: vocabulary.size,
    seed,
    fold: purpose,
    own,
  });
  return {
    model,
    batches: (stream) => trainingBatches(data.training, { windowLength, batchSize, stream }),
    evaluation,
    tokens: {
      training: countTokens(data.training),
      heldOut: countTokens(data.heldOut),
      vocabulary: vocabulary.size,
      unknownShare: data.unknownShare,
      unigramEntropy: data.unigramEntropy,
    },
    vocabularies: { vocabulary: vocabulary.tokens },
    samples(stream) {
      const { count, promptLength, length, temperature, topK, topP } = training.samples;
      const prompt = data.heldOut[0].subarray(0, promptLength);
      return Array.from({ length: count }, () => ({
        prompt: vocabulary.decode(prompt),
        text: vocabulary.decode(
          generate(model, prompt, { length, temperature, topK, topP }, stream),
        ),
        temperature,
      }));
    },
  };
}

function countTokens(spans: readonly Int32Array[]): number {
  return spans.reduce((sum, span) => sum + span.length, 0);
}
