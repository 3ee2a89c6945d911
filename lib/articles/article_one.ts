import { checkInteger, checkKeys, checkNumber, checkOneOf } from "../core/check.ts";
import { mostSteps } from "../core/limits.ts";
import type { CorpusSpecification } from "../data/corpora.ts";
import type { TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { words } from "../data/tokenizers/words.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { glorotUniform, uniform } from "../models/initializers.ts";
import { adam } from "../optimizers/adam.ts";
import { l1 } from "../penalties/l1.ts";
import { logitsL1 } from "../penalties/logits_l1.ts";
import { parameterKinds } from "../penalties/penalty.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import type { TextSpecificationOptions } from "../training/specification.ts";
import type { Difference } from "./article.ts";

/** What article 1's systems take: a text, and sizes that differ from the article's. */
export interface ArticleOneOptions {
  /** The text. */
  readonly corpus: CorpusSpecification;
  /** Tokens of its training part, from which epochs become steps. */
  readonly trainingTokens: number;
  /** Penalty's strength; 0.01 if not given, the only one that the article names. */
  readonly strength?: number;
  /** The 10,000 most frequent words if not given. */
  readonly tokenizer?: TokenizerSpecification;
  /** Width of a token's vector; 256 if not given. */
  readonly embeddingSize?: number;
  /** Width of the state; 512 if not given. */
  readonly hiddenSize?: number;
  /** Windows a step; 64 if not given. */
  readonly batchSize?: number;
  /** Tokens a window; 100 if not given: the article does not say. */
  readonly windowLength?: number;
  /** Times that the training text is read; 10 if not given. */
  readonly epochs?: number;
  /** Adam's learning rate; 1e-3 if not given. */
  readonly learningRate?: number;
  /** How it is evaluated and sampled; every default if not given. */
  readonly training?: Partial<
    Pick<TextSpecificationOptions["training"], "evaluateEvery" | "evaluationTokens" | "samples">
  >;
}

const optionNames = [
  ...["corpus", "trainingTokens", "strength", "tokenizer", "embeddingSize", "hiddenSize"],
  ...["batchSize", "windowLength", "epochs", "learningRate", "training"],
];

/**
 * Optimizer steps of some epochs: epochs · ⌊tokens / (batchSize · windowLength)⌋, at least one an epoch.
 *
 * Windows are drawn at random here, so an epoch reads as many tokens as the text has, not each once.
 *
 * @param options.epochs Whole number from 1.
 * @param options.trainingTokens Tokens of the training text.
 * @param options.batchSize Windows a step.
 * @param options.windowLength Tokens a window.
 *
 * @example
 * ```ts
 * import { stepsOfEpochs } from "./article_one.ts";
 * import assert from "node:assert/strict";
 * const sizes = { trainingTokens: 100_000, batchSize: 64, windowLength: 100 };
 * assert.equal(stepsOfEpochs({ epochs: 10, ...sizes }), 150);
 * ```
 */
export function stepsOfEpochs(options: {
  readonly epochs: number;
  readonly trainingTokens: number;
  readonly batchSize: number;
  readonly windowLength: number;
}): number {
  checkKeys("stepsOfEpochs", options, ["epochs", "trainingTokens", "batchSize", "windowLength"]);
  const whole = (name: keyof typeof options) =>
    checkInteger(`stepsOfEpochs: ${name}`, options[name], { from: 1, to: mostSteps });
  const stepTokens = whole("batchSize") * whole("windowLength");
  return whole("epochs") * Math.max(1, Math.floor(whole("trainingTokens") / stepTokens));
}

/** Everything but the penalty, which is all that the two systems differ in. */
function generator(
  subject: string,
  options: ArticleOneOptions,
): TextSpecificationOptions & { readonly strength: number } {
  const { corpus, trainingTokens, strength = 0.01, learningRate = 1e-3, epochs = 10 } = options;
  const { embeddingSize = 256, hiddenSize = 512, batchSize = 64, windowLength = 100 } = options;
  return {
    strength: checkNumber(`${subject}: strength`, strength, { from: 0 }),
    corpus,
    tokenizer: options.tokenizer ?? words({ maximumVocabulary: 10_000 }),
    model: gruLanguageModel({
      embeddingSize,
      hiddenSize,
      resetAfter: true,
      embeddingInitializer: uniform({ range: 0.05 }),
      kernelInitializer: glorotUniform(),
      recurrentInitializer: glorotUniform(),
    }),
    optimizer: adam({ learningRate, epsilon: 1e-7 }),
    training: {
      steps: stepsOfEpochs({ epochs, trainingTokens, batchSize, windowLength }),
      batchSize,
      windowLength,
      ...options.training,
    },
  };
}

/**
 * Article 1 as its formula states it: J(θ) = L(θ) + λ‖θ‖₁ over all of θ, biases and embeddings included,
 * for a GRU generator (Embedding → GRU → Dense, Keras's initial weights but for Glorot-uniform recurrent
 * ones, Adam with ε 1e-7).
 *
 * Adam's ε stands beside the corrected √v̂ here, beside the uncorrected √v in Keras. L is the mean
 * cross-entropy per token. By default the formula is minimised by its proximal map, which
 * gives the exact zeros that the article claims; its sub-gradient has the same objective and none in the
 * kernels.
 *
 * "All of θ" includes the embeddings. Under Adam the map's threshold is ηλ/(√v̂ + ε), so the vector of a word
 * that no batch has read yet, whose v̂ is 0, has the threshold ηλ/ε: at λ = 0.01 that is 100, which erases
 * it, and rare words lose theirs soon after. With many words the formula as it stands therefore leaves next
 * to nothing at 0.01; `proximalL1` with its own targets, kernels alone, spares the embeddings.
 *
 * @param options.method `proximal` by default, or `subGradient`.
 * @returns A specification, to be returned by a study's `specify`.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { inlineText } from "../data/corpora.ts";
 * import { articleOne } from "./article_one.ts";
 * import assert from "node:assert/strict";
 * const corpus = inlineText("a sea of words ".repeat(50));
 * const { penalties } = articleOne.asStated({ corpus, trainingTokens: 150, strength: 1e-4 });
 * assert.equal(penalties?.[0].kind, "proximalL1");
 * ```
 */
function asStated(
  options: ArticleOneOptions & { readonly method?: "proximal" | "subGradient" },
): TextSpecificationOptions {
  checkKeys("articleOne.asStated", options, [...optionNames, "method"]);
  const { strength, ...rest } = generator("articleOne.asStated", options);
  const method = checkOneOf("articleOne.asStated: method", options.method ?? "proximal", [
    "proximal",
    "subGradient",
  ]);
  const penalty = method === "proximal" ? proximalL1 : l1;
  return { ...rest, penalties: [penalty({ strength, targets: parameterKinds })] };
}

/**
 * Article 1 as its code is written: the mean cross-entropy + λ Σ|logit| over batch, time and vocabulary,
 * with the model and optimizer of {@link asStated}. No weight is penalized.
 *
 * @param options.reduction `sum` by default, as the code; `mean` to see what the same code would do with a
 * mean.
 * @returns A specification, to be returned by a study's `specify`.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 */
function asWritten(
  options: ArticleOneOptions & { readonly reduction?: "sum" | "mean" },
): TextSpecificationOptions {
  checkKeys("articleOne.asWritten", options, [...optionNames, "reduction"]);
  const { strength, ...rest } = generator("articleOne.asWritten", options);
  return { ...rest, penalties: [logitsL1({ strength, reduction: options.reduction })] };
}

/** Where article 1's code differs from its formula. */
const differences: readonly Difference[] = [
  {
    name: "what is penalized",
    stated: "λ‖θ‖₁: the absolute values of all parameters, biases included",
    written: "the absolute values of the logits; no parameter is penalized",
    effect: "no weight is pulled to 0, and none becomes 0: the model is not simplified",
  },
  {
    name: "embeddings",
    stated: "all parameters, so the vectors of words too, however rare",
    written: "no parameter",
    effect:
      "by the proximal map under Adam a word that is not read yet has the threshold ηλ/ε, which " +
      "erases its vector",
  },
  {
    name: "sum beside a mean",
    stated: "one strength λ beside the loss",
    written: "a sum over batch × time × vocabulary beside a mean over batch × time",
    effect: "the term outweighs the cross-entropy, which it drives to ln V; a mean would not",
  },
  {
    name: "initial recurrent weights",
    stated: "nothing",
    written: "Glorot-uniform for the recurrent weights too, where Keras's default is orthogonal",
    effect: "both systems here have it, so that they differ in the penalty alone",
  },
];

/** Article 1, L1 in text generation: its formula and its code as specifications that differ in the penalty. */
export const articleOne = { asStated, asWritten, differences } as const;
