import { mostSteps } from "../core/limits.ts";
import {
  type Checked,
  checkOptions,
  integer,
  number,
  oneOf,
  orNotGiven,
  passed,
} from "../core/options.ts";
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
  /**
   * Penalty's strength, the only one that the article names.
   *
   * @default {0.01}
   */
  readonly strength?: number;
  /** The 10,000 most frequent words if not given. */
  readonly tokenizer?: TokenizerSpecification;
  /**
   * Width of a token's vector.
   *
   * @default {256}
   */
  readonly embeddingSize?: number;
  /**
   * Width of the state.
   *
   * @default {512}
   */
  readonly hiddenSize?: number;
  /**
   * Windows a step.
   *
   * @default {64}
   */
  readonly batchSize?: number;
  /**
   * Tokens a window; the article does not say.
   *
   * @default {100}
   */
  readonly windowLength?: number;
  /**
   * Times that the training text is read.
   *
   * @default {10}
   */
  readonly epochs?: number;
  /**
   * Adam's learning rate.
   *
   * @default {1e-3}
   */
  readonly learningRate?: number;
  /** How it is evaluated and sampled; every default if not given. */
  readonly training?: Partial<
    Pick<TextSpecificationOptions["training"], "evaluateEvery" | "evaluationTokens" | "samples">
  >;
}

/** What {@link ArticleOneOptions} holds; what has no check here is checked where it goes. */
export const articleOneOptions = {
  corpus: passed<CorpusSpecification>(),
  trainingTokens: passed<number>(),
  strength: number({ from: 0 }, 0.01),
  tokenizer: orNotGiven(passed<TokenizerSpecification>(words({ maximumVocabulary: 10_000 }))),
  embeddingSize: passed<number>(256),
  hiddenSize: passed<number>(512),
  batchSize: passed<number>(64),
  windowLength: passed<number>(100),
  epochs: passed<number>(10),
  learningRate: passed<number>(1e-3),
  training: passed<ArticleOneOptions["training"]>(),
};

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
  const whole = integer({ from: 1, to: mostSteps });
  const described = { epochs: whole, trainingTokens: whole, batchSize: whole, windowLength: whole };
  const checked = checkOptions("stepsOfEpochs", options, described);
  const stepTokens = checked.batchSize * checked.windowLength;
  return checked.epochs * Math.max(1, Math.floor(checked.trainingTokens / stepTokens));
}

/** Everything but the penalty, which is all that the two systems differ in. */
function generator(
  options: Omit<Checked<typeof articleOneOptions>, "strength">,
): TextSpecificationOptions {
  const { corpus, tokenizer, embeddingSize, hiddenSize, learningRate, training } = options;
  const { epochs, trainingTokens, batchSize, windowLength } = options;
  return {
    corpus,
    tokenizer,
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
      ...training,
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
  const { strength, method, ...rest } = checkOptions("articleOne.asStated", options, {
    ...articleOneOptions,
    method: orNotGiven(oneOf(["proximal", "subGradient"], "proximal")),
  });
  const penalty = method === "proximal" ? proximalL1 : l1;
  return { ...generator(rest), penalties: [penalty({ strength, targets: parameterKinds })] };
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
  const { strength, reduction, ...rest } = checkOptions("articleOne.asWritten", options, {
    ...articleOneOptions,
    reduction: passed<"sum" | "mean" | undefined>(),
  });
  return { ...generator(rest), penalties: [logitsL1({ strength, reduction })] };
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
