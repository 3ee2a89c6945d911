import { checkKeys, checkOneOf, showLong } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import type { Batch } from "../data/batches.ts";
import type { PairVocabulary } from "../data/pair_tokens.ts";
import type { LanguageModel, SequenceToSequenceModel } from "../models/model.ts";
import { longestWindowOf } from "../models/window_length.ts";
import { pairReader, type Reader, textReader } from "../training/reader.ts";
import { isPairSpecification } from "../training/specification.ts";
import type { TrainedModel } from "../training/trained_model.ts";
import { type EnsembleMean, ensembleMeans } from "./mean.ts";
import { meanModel, type MemberModel } from "./mean_model.ts";

/** The mean of trained models: it reads and writes as each of them does. */
export interface TrainedEnsemble extends Reader {
  /** What is averaged. */
  readonly mean: EnsembleMean;
  /** The models, in their order. */
  readonly members: readonly TrainedModel[];
  /** Weights of all members. */
  readonly weights: number;
  /** The mean as one model, whose scores are log-probabilities. */
  readonly network: LanguageModel | SequenceToSequenceModel;
  /** Frees the members' tensors; so does the end of a block with `using`. */
  dispose(): void;
  /** The same as `dispose`. */
  [Symbol.dispose](): void;
}

/**
 * Makes one model of several: at each token it predicts the mean of their probabilities,
 * p(x) = (1/M) Σ_m p_m(x), or with `logits` the softmax of the mean of their logits.
 *
 * Members must have the same tokens, split text alike, and read it in windows of the same kind; model,
 * penalties, seeds and training may differ. Numbers are computed relative to the largest term, in double
 * precision; of one model they are that model's within single precision's rounding. With probabilities
 * the cross-entropy of any text is at most the mean of the members' (Jensen's inequality).
 *
 * Hansen and Salamon, Neural Network Ensembles (1990); Lakshminarayanan et al., Deep Ensembles (2017).
 *
 * @param models At least one, from `study.model` or {@link readTrainedModel}, none twice.
 * @param options `mean`: `probabilities` by default, or `logits`.
 * @throws {TypeError | RangeError} If there is no model or one twice, if vocabularies, tokenizers,
 * windows or engines differ, or an option is refused.
 *
 * @example
 * ```ts
 * import { characters } from "../data/tokenizers/characters.ts";
 * import { inlineText } from "../data/corpora.ts";
 * import { createModel } from "../models/create.ts";
 * import { rnnLanguageModel } from "../models/rnn_language_model.ts";
 * import { sgd } from "../optimizers/sgd.ts";
 * import { readTrainedModel, weightsFile } from "../training/trained_model.ts";
 * import { meanOfModels } from "./mean_of_models.ts";
 * import assert from "node:assert/strict";
 * const specification = {
 *   corpus: inlineText("abab"),
 *   tokenizer: characters(),
 *   model: rnnLanguageModel({ embeddingSize: 2, hiddenSize: 3 }),
 *   optimizer: sgd({ learningRate: 1 }),
 *   training: { steps: 1, batchSize: 1, windowLength: 2 },
 * };
 * const models = await Promise.all([1, 2, 3].map((seed) => {
 *   const model = createModel(specification.model, { vocabularySize: 3, seed, fold: 0 });
 *   const vocabulary = ["\uFFFD", "a", "b"];
 *   return readTrainedModel(weightsFile(model, { vocabulary }, { specification, id: "0" }));
 * }));
 * using ensemble = meanOfModels(models);
 * const losses = models.map((model) => model.crossEntropy("abab"));
 * assert.ok(ensemble.crossEntropy("abab") <= (losses[0] + losses[1] + losses[2]) / 3);
 * assert.equal(ensemble.generate({ prompt: "a", length: 5, seed: 1 }).length, 5);
 * ```
 */
export function meanOfModels(
  models: readonly TrainedModel[],
  options: { readonly mean?: EnsembleMean } = {},
): TrainedEnsemble {
  checkKeys("meanOfModels", options, ["mean"]);
  const mean = checkOneOf(
    "meanOfModels: mean",
    options.mean ?? "probabilities",
    [...ensembleMeans],
  );
  if (!Array.isArray(models) || models.length === 0) {
    throw new RangeError("meanOfModels: there must be at least 1 model, found none.");
  }
  if (new Set(models).size < models.length) {
    throw new RangeError("meanOfModels: the models must differ, found one of them twice.");
  }
  checkAlike(models);
  const network = meanModel(
    models.map(({ network }) => network as MemberModel<Batch, never>),
    mean,
  ) as TrainedEnsemble["network"];
  return {
    ...readerOf(models, network),
    mean,
    members: [...models],
    weights: models.reduce((sum, model) => sum + weightsIn(model), 0),
    network,
    dispose: () => network.dispose(),
    [Symbol.dispose]: () => network.dispose(),
  };
}

function readerOf(
  models: readonly TrainedModel[],
  network: TrainedEnsemble["network"],
): Reader {
  const { specification, vocabulary, sourceVocabulary } = models[0];
  if (!isPairSpecification(specification)) {
    const shortest = models.map(({ specification }) => specification.model)
      .reduce((least, model) => longestWindowOf(model) < longestWindowOf(least) ? model : least);
    return textReader(network as LanguageModel, vocabulary, {
      ...specification,
      model: shortest as typeof specification.model,
    });
  }
  const vocabularies = {
    sourceVocabulary: sourceVocabulary as PairVocabulary,
    targetVocabulary: vocabulary as PairVocabulary,
  };
  return pairReader(network as SequenceToSequenceModel, vocabularies, {
    ...specification,
    longestWindow: Math.min(
      ...models.map(({ specification }) => longestWindowOf(specification.model)),
    ),
  });
}

function weightsIn({ parameters }: TrainedModel): number {
  return parameters.reduce(
    (sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1),
    0,
  );
}

/** Refuses models whose mean would say nothing: of other tokens, or measured in another way. */
function checkAlike(models: readonly TrainedModel[]): void {
  const parts: readonly (readonly [string, (model: TrainedModel) => unknown])[] = [
    ["tokenizer", ({ specification }) => specification.tokenizer],
    ["vocabulary", ({ vocabulary }) => vocabulary.tokens],
    ["vocabulary of sources", ({ sourceVocabulary }) => sourceVocabulary?.tokens ?? null],
    ["windows", windowsOf],
    ["engine", ({ engine }) => engine],
  ];
  for (const [what, part] of parts) {
    const [first, ...others] = models.map((model) => part(model));
    const other = others.find((each) => canonicalJson(each) !== canonicalJson(first));
    if (other === undefined) continue;
    throw new RangeError(
      `meanOfModels: the models must all have the same ${what}, found ${showLong(first)} and ` +
        `${showLong(other)}.`,
    );
  }
}

function windowsOf({ specification }: TrainedModel) {
  if (isPairSpecification(specification)) return null;
  const { windowLength, carriedState } = specification.training;
  return { windowLength, carriedState };
}
