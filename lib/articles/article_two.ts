import { mostSteps } from "../core/limits.ts";
import {
  type Checked,
  checkOptions,
  integer,
  number,
  orNotGiven,
  passed,
} from "../core/options.ts";
import { pairTokenizer, type PairTokenizerSpecification } from "../data/pair_tokens.ts";
import type { PairCorpusSpecification } from "../data/pairs.ts";
import { words } from "../data/tokenizers/words.ts";
import { fanInUniform } from "../models/initializers.ts";
import { linearRegression } from "../models/linear_regression.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { adam } from "../optimizers/adam.ts";
import { sgd } from "../optimizers/sgd.ts";
import { coupledWeightDecay } from "../penalties/coupled_weight_decay.ts";
import { l2 } from "../penalties/l2.ts";
import { parameterKinds } from "../penalties/penalty.ts";
import { unsquaredNorms } from "../penalties/unsquared_norms.ts";
import type { RegressionFitOptions } from "../training/linear_regression.ts";
import type { PairSpecificationOptions } from "../training/specification.ts";
import type { Difference, Repair } from "./article.ts";

/** What article 2's linear regression takes. */
export interface ArticleTwoRegressionOptions {
  /**
   * λ of ½ λ Σw².
   *
   * @default {1e-5}
   */
  readonly strength?: number;
  /**
   * Features of an example.
   *
   * @default {10}
   */
  readonly inputs?: number;
  /**
   * Passes over the examples, all in one step.
   *
   * @default {100}
   */
  readonly epochs?: number;
  /**
   * Learning rate.
   *
   * @default {0.01}
   */
  readonly learningRate?: number;
}

/** What article 2's encoder-decoder takes. The article's sizes are not known: state yours. */
export interface ArticleTwoSequenceOptions {
  /** The pairs. */
  readonly corpus: PairCorpusSpecification;
  /** Words on both sides if not given. */
  readonly tokenizer?: PairTokenizerSpecification;
  /** Width of a token's vector. */
  readonly embeddingSize: number;
  /** Width of the states of encoder and decoder. */
  readonly hiddenSize: number;
  /**
   * Adam's learning rate.
   *
   * @default {1e-3}
   */
  readonly learningRate?: number;
  /**
   * λ of ½ λ Σw², as the optimizer's coupled decay.
   *
   * @default {1e-5}
   */
  readonly strength?: number;
  /** Steps, batch size, and how it is evaluated and sampled. */
  readonly training: PairSpecificationOptions["training"];
}

/** What {@link ArticleTwoRegressionOptions} holds; what has no check here is checked where it goes. */
export const regressionOptions = {
  strength: passed<number>(1e-5),
  inputs: passed<number>(10),
  epochs: integer({ from: 1, to: mostSteps }, 100),
  learningRate: passed<number>(0.01),
};

/** What {@link ArticleTwoSequenceOptions} holds; all of it is checked where it goes. */
export const sequenceOptions = {
  corpus: passed<PairCorpusSpecification>(),
  tokenizer: orNotGiven(
    passed<PairTokenizerSpecification>(pairTokenizer({ source: words(), target: words() })),
  ),
  embeddingSize: passed<number>(),
  hiddenSize: passed<number>(),
  learningRate: passed<number>(1e-3),
  strength: passed<number>(1e-5),
  training: passed<PairSpecificationOptions["training"]>(),
};

/**
 * Article 2's first system: SGD on nn.Linear(10, 1) with L + ½ λ Σw², L the mean of squared errors.
 *
 * Formula and code agree here: for plain SGD PyTorch's `weight_decay` adds λ w to the gradient, of the bias
 * too. Weights and bias begin uniform ±1/√inputs as PyTorch's. An epoch is one step on all examples.
 *
 * @returns Everything that `fitLinearRegression` takes besides the examples.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 */
function regression(
  options: ArticleTwoRegressionOptions = {},
): Omit<RegressionFitOptions, "features" | "labels"> {
  const { strength, inputs, epochs, learningRate } = checkOptions(
    "articleTwo: linearRegression",
    options,
    regressionOptions,
  );
  return {
    model: linearRegression({
      inputs,
      loss: "meanSquaredError",
      kernelInitializer: fanInUniform(),
      biasInitializer: fanInUniform(),
    }),
    penalties: [l2({ strength, targets: ["kernel", "bias"] })],
    optimizer: sgd({ learningRate }),
    steps: epochs,
  };
}

function encoderDecoder(
  { corpus, tokenizer, embeddingSize, hiddenSize, learningRate, training }: Omit<
    Checked<typeof sequenceOptions>,
    "strength"
  >,
  decoder: { readonly decoderReads?: "source" },
): PairSpecificationOptions {
  return {
    corpus,
    tokenizer,
    model: lstmSequenceToSequence({
      embeddingSize,
      hiddenSize,
      initialization: "pytorch",
      ...decoder,
    }),
    optimizer: adam({ learningRate }),
    training,
  };
}

/**
 * Article 2 as its formula states it: L + ½ λ Σw² for an LSTM encoder-decoder with Adam, over all
 * parameters, as PyTorch's `weight_decay` takes them.
 *
 * L is the mean cross-entropy per target token. The decay is coupled: λ w goes through Adam's moments as the
 * rest of the gradient does, which is not the decay of AdamW. PyTorch's initial weights.
 *
 * @returns A specification, to be returned by a study's `specify`.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 */
function statedSequence(options: ArticleTwoSequenceOptions): PairSpecificationOptions {
  const subject = "articleTwo.asStated.sequenceToSequence";
  const { strength, ...rest } = checkOptions(subject, options, sequenceOptions);
  const penalty = coupledWeightDecay({ strength, targets: parameterKinds });
  return { ...encoderDecoder(rest, {}), penalties: [penalty] };
}

/**
 * Article 2 as its code is written, after the repairs without which it does not run: the loss + Σ ‖W‖₂, not
 * squared, of every parameter tensor with weight 1, on top of Adam's coupled decay; and a decoder that reads
 * the source again and never the target.
 *
 * @param options.normStrength Weight of the norms; 1 by default, as in the code; 0 leaves them out.
 * @returns A specification, to be returned by a study's `specify`.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { inlinePairs } from "../data/pairs.ts";
 * import { articleTwo } from "./article_two.ts";
 * import assert from "node:assert/strict";
 * const { model, penalties } = articleTwo.asWritten.sequenceToSequence({
 *   corpus: inlinePairs([["a b", "b a"], ["b b", "b b"]]),
 *   embeddingSize: 8,
 *   hiddenSize: 16,
 *   training: { steps: 10, batchSize: 2 },
 * });
 * assert.equal(model.kind === "lstmSequenceToSequence" && model.decoderReads, "source");
 * assert.deepEqual(penalties?.map(({ kind }) => kind), ["unsquaredNorms", "coupledWeightDecay"]);
 * ```
 */
function writtenSequence(
  options: ArticleTwoSequenceOptions & { readonly normStrength?: number },
): PairSpecificationOptions {
  const subject = "articleTwo.asWritten.sequenceToSequence";
  const { strength, normStrength, ...rest } = checkOptions(subject, options, {
    ...sequenceOptions,
    normStrength: number({ from: 0 }, 1),
  });
  return {
    ...encoderDecoder(rest, { decoderReads: "source" }),
    penalties: [
      unsquaredNorms({ strength: normStrength, targets: parameterKinds }),
      coupledWeightDecay({ strength, targets: parameterKinds }),
    ],
  };
}

/** Where article 2's code differs from its formula. */
const differences: readonly Difference[] = [
  {
    name: "norms not squared",
    stated: "½ λ Σw²: a pull on each weight in proportion to it",
    written: "Σ ‖W‖₂ over the parameter tensors: a pull of the same length on each tensor",
    effect:
      "the group lasso with a tensor for a group: a small tensor is pulled as hard as a large one",
  },
  {
    name: "weight of the term",
    stated: "λ, useful from 1e-5 to 1e-1",
    written: "1, whatever λ is",
    effect: "the term outweighs a mean cross-entropy of a few nats",
  },
  {
    name: "decay twice",
    stated: "one term",
    written: "the norms in the loss and weight_decay 1e-5 in Adam",
    effect: "the term that is meant is there, and hidden behind the other",
  },
  {
    name: "what the decoder reads",
    stated: "a sequence-to-sequence model",
    written: "the decoder reads the source again",
    effect: "it never learns what it has written so far: no language model of the target",
  },
];

/** What article 2's printed encoder-decoder needed before it could run. */
const repairs: readonly Repair[] = [
  {
    name: "input width",
    printed: "an LSTM of one input width is given vectors of another",
    needed: "an embedding whose width is the LSTM's input width, the same for encoder and decoder",
    why: "the product of input and kernel has no meaning when their widths differ",
  },
  {
    name: "hidden width",
    printed: "the decoder begins with a hidden state of the wrong size",
    needed: "one hidden width for encoder and decoder",
    why: "the encoder's last state is the decoder's first one",
  },
  {
    name: "missing hidden argument",
    printed: "a call leaves out the argument `hidden`",
    needed: "zeros for the encoder, the encoder's last state and cell for the decoder",
    why: "without it the call fails, and with zeros the decoder would know nothing of the encoder",
  },
  {
    name: "tuple outputs",
    printed: "what an LSTM returns, outputs with state and cell, is used as if it were one tensor",
    needed: "outputs go to the output layer, state and cell to the next part",
    why: "a tuple is no tensor",
  },
  {
    name: "lengths",
    printed: "the decoder reads the source, and its outputs are compared with the target",
    needed: "as many steps as the target has: the source is cut, or its end token read on",
    why: "source and target differ in length; padding of the target is masked",
  },
  {
    name: "one bias a layer",
    printed: "nn.LSTM has two biases a layer, which it adds",
    needed: "one bias, which begins as the sum of two draws",
    why: "our layers have one; so the norms count one tensor a layer fewer than the code's",
  },
];

/** Article 2, weight decay in text generation: its formula and its code as specifications. */
export const articleTwo = {
  asStated: { linearRegression: regression, sequenceToSequence: statedSequence },
  asWritten: { linearRegression: regression, sequenceToSequence: writtenSequence },
  differences,
  repairs,
} as const;
