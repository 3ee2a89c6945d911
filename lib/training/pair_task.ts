import { randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { epochPairBatches, meanBatch } from "../data/epochs.ts";
import { fullLengths, padSources, trainingPairBatches } from "../data/pair_batches.ts";
import { type PreparedPairs, preparePairs } from "../data/prepare_pairs.ts";
import { spacedEvenly } from "../data/windows.ts";
import { writeTargets } from "../models/conditional_generation.ts";
import type { DecodingOptions } from "../models/decoding_options.ts";
import { beforeStop } from "../models/stop_strings.ts";
import type { PairScores } from "../records/run_record.ts";
import { checkLongestPair } from "./check_completions.ts";
import { checkFoldUnit } from "./fold_unit.ts";
import { isBeginOrPadding, isMark, withMaskedInputs } from "./masked_inputs.ts";
import { countTargetTokens, pairEvaluation, sum } from "./pair_evaluation.ts";
import { batchOfPairs, createPairModel } from "./pair_model.ts";
import { type AnyPairSpecification, isCompletionSpecification } from "./specification.ts";
import {
  builtFor,
  evaluationBatchSize,
  inEpochs,
  type Task,
  type TaskContext,
  textLostOf,
} from "./task.ts";
import { tokenAccuracy } from "./token_accuracy.ts";
import { writtenScores } from "./written_scores.ts";

/** A model of pairs and the pairs that it learns: sources and targets, or prompts and completions. */
export async function pairTask(
  specification: AnyPairSpecification,
  { fold, seed, purpose, own, network = (create) => create() }: TaskContext,
): Promise<Task> {
  const { corpus, tokenizer, training } = specification;
  checkFoldUnit(training, fold);
  const data = await preparePairs({ corpus, tokenizer, fold });
  checkLongestPair(specification, data);
  const { sourceVocabulary, targetVocabulary } = data;
  const full = training.padding === undefined
    ? null
    : fullLengths([...data.training, ...data.heldOut, ...data.choosing ?? []]);
  const batchOf = batchOfPairs(specification, data, full);
  const { evaluation, text } = pairEvaluation(specification, data, {
    unit: fold.unit,
    batchOf,
    full,
  });
  const created = network(() =>
    createPairModel(specification, data, { seed, fold: purpose, own, ...builtFor(specification) })
  );
  const kept = isCompletionSpecification(specification)
    ? isMark(targetVocabulary)
    : isBeginOrPadding;
  const masked = { unknownId: evaluation.unknownId, kept };
  const model = withMaskedInputs(created, training.maskedInputs, masked);
  const maximumLength = training.maximumLength ??
    Math.max(...data.training.map(({ target }) => target.length));
  const places = data.heldOut.map((_, index) => index);

  /** Targets for held-out pairs by their place, as text. */
  function write(
    chosen: readonly number[],
    decoding: DecodingOptions,
    stream: ReturnType<typeof randomStream>,
  ): string[] {
    const size = evaluationBatchSize(training.batchSize);
    const written: string[] = [];
    for (let start = 0; start < chosen.length; start += size) {
      const sources = chosen.slice(start, start + size).map((place) => data.heldOut[place].source);
      const padded = padSources(sources, sourceVocabulary, full);
      const options = { ...decoding, maximumLength };
      written.push(
        ...writeTargets(model, padded, targetVocabulary, options, stream)
          .map((tokens) => beforeStop(targetVocabulary.decode(tokens), decoding.stopStrings ?? [])),
      );
    }
    return written;
  }

  function scores(): PairScores | null {
    const count = training.decodedPairs ?? places.length;
    if (count === 0) return null;
    const chosen = spacedEvenly(places, count);
    const greedy = { temperature: 0 };
    // A greedy choice draws nothing.
    const written = write(chosen, greedy, randomStream(seed, purpose, "scores"));
    const references = chosen.map((place) => data.heldOutTexts[place][1]);
    return writtenScores(written, references, training.metrics);
  }

  return {
    model,
    batches(stream, from) {
      const options = { batchOf, batchSize: training.batchSize, stream };
      return training.sampling === "draws"
        ? trainingPairBatches(data.training, options)
        : inEpochs(epochPairBatches(data.training, { ...options, read: from?.readOfEpoch }));
    },
    evaluation,
    tokensPerBatch: tokensPerBatch(training, data, evaluation.training),
    tokens: {
      ...targetTokens(data),
      ...textLostOf(evaluation),
      ...text,
    },
    vocabularies: vocabulariesOf(data),
    samples(stream) {
      const { count, ...decoding } = training.samples;
      const chosen = spacedEvenly(places, count);
      return write(chosen, decoding, stream).map((text, index) => {
        const [prompt, reference] = data.heldOutTexts[chosen[index]];
        const { temperature, beams } = decoding;
        return { prompt, text, reference, temperature, ...(beams > 1 && { beams }) };
      });
    },
    pairs: () => ({
      ...sizesOf(data),
      tokenAccuracy: tokenAccuracy(model, evaluation.heldOut),
      written: scores(),
    }),
  };
}

function vocabulariesOf(
  { sourceVocabulary, targetVocabulary }: PreparedPairs,
): Task["vocabularies"] {
  return {
    vocabulary: targetVocabulary.tokens,
    ...(targetVocabulary.merges && { merges: targetVocabulary.merges }),
    ...(sourceVocabulary !== targetVocabulary && {
      sourceVocabulary: sourceVocabulary.tokens,
      ...(sourceVocabulary.merges && { sourceMerges: sourceVocabulary.merges }),
    }),
  };
}

/** As many pairs as a batch has, of the mean length of those that are evaluated. */
function tokensPerBatch(
  { sampling, batchSize }: AnyPairSpecification["training"],
  { training }: PreparedPairs,
  evaluated: readonly Batch[],
): number {
  const pairs = sampling === "draws" ? batchSize : meanBatch(training.length, batchSize);
  return pairs * sum(evaluated, ({ tokens }) => tokens) / sum(evaluated, ({ batch }) => batch);
}

function sizesOf({ training, heldOut, sourceVocabulary, sourceUnknownShare }: PreparedPairs) {
  return {
    training: training.length,
    heldOut: heldOut.length,
    sourceVocabulary: sourceVocabulary.size,
    sourceUnknownShare,
  };
}

function targetTokens(data: PreparedPairs): Task["tokens"] {
  return {
    training: countTargetTokens(data.training),
    heldOut: countTargetTokens(data.heldOut),
    vocabulary: data.targetVocabulary.size,
    unknownShare: data.unknownShare,
    ...(data.unknownShare > 0 && { trainingUnknownShare: data.trainingUnknownShare }),
    unigramEntropy: data.unigramEntropy,
  };
}
