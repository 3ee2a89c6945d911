import * as tf from "@tensorflow/tfjs";
import { checkBoolean, checkInteger, checkKeys, checkNumber } from "../core/check.ts";
import { type RandomStream, randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { dropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { gru, gruOfTokens } from "../ops/gru.ts";
import { linear } from "../ops/linear.ts";
import { linearCrossEntropy } from "../ops/linear_cross_entropy.ts";
import type { ParameterKind } from "../penalties/penalty.ts";
import {
  glorotUniform,
  type Initializer,
  initialWeights,
  orthogonal,
  uniform,
  validateInitializer,
  zeros,
} from "./initializers.ts";
import type { Decoder, LanguageModel, ModelParameter } from "./model.ts";

/** A GRU language model, as plain JSON with every default filled in. */
export interface GruLanguageModelSpecification {
  /** Names the model. */
  readonly kind: "gruLanguageModel";
  /** Width of a token's vector. */
  readonly embeddingSize: number;
  /** Width of the state of each layer. */
  readonly hiddenSize: number;
  /** GRU layers on top of each other. */
  readonly layers: number;
  /** PyTorch's and Keras's form (true) or the paper's (false). */
  readonly resetAfter: boolean;
  /** Share of embedded inputs set to 0 in training. */
  readonly inputDropout: number;
  /** Share of each layer's outputs set to 0 in training. */
  readonly outputDropout: number;
  /** Of the table of token vectors. */
  readonly embeddingInitializer: Initializer;
  /** Of input and output kernels. */
  readonly kernelInitializer: Initializer;
  /** Of recurrent kernels. */
  readonly recurrentInitializer: Initializer;
}

const names = [
  "embeddingSize",
  "hiddenSize",
  "layers",
  "resetAfter",
  "inputDropout",
  "outputDropout",
  "embeddingInitializer",
  "kernelInitializer",
  "recurrentInitializer",
] as const;

/**
 * Specifies an Embedding → GRU → Dense language model (Cho et al. 2014), the generator of article 1.
 *
 * With x the embedded token, h the state, gates in the order reset, update, candidate:
 *
 * - r = σ(x W_r + h U_r + b_r), z = σ(x W_z + h U_z + b_z)
 * - reset after: n = tanh(x W_n + b_n + r ∘ (h U_n + c_n)); reset before: n = tanh(x W_n + b_n + (r ∘ h) U_n)
 * - h' = (1 − z) ∘ n + z ∘ h, logits = h' W_out + b_out
 *
 * @param options.embeddingSize Width of a token's vector, from 1.
 * @param options.hiddenSize Width of the state, from 1.
 * @param options.layers GRU layers on top of each other, from 1.
 * @param options.resetAfter True for PyTorch's, cuDNN's and Keras's form, false for the paper's and
 * tfjs's. Reset-after has a recurrent bias for each gate, reset-before has none.
 * @param options.inputDropout Share of embedded inputs set to 0 in training, in [0, 1).
 * @param options.outputDropout Share of each GRU layer's outputs set to 0 in training, in [0, 1).
 * @param options.embeddingInitializer Uniform ±0.05 by default, as in Keras.
 * @param options.kernelInitializer Glorot-uniform by default, as in Keras (input and output kernels).
 * @param options.recurrentInitializer Orthogonal by default, as in Keras. Biases begin at 0 (in
 * PyTorch at uniform ±1/√hiddenSize).
 * @returns Plain JSON.
 *
 * @example
 * ```ts
 * import { gruLanguageModel } from "./gru_language_model.ts";
 * import assert from "node:assert/strict";
 * const model = gruLanguageModel({ embeddingSize: 32, hiddenSize: 64 });
 * assert.equal(model.resetAfter, true);
 * assert.throws(() => gruLanguageModel({ embeddingSize: 32, hiddenSize: 0 }), /from 1/);
 * ```
 */
export function gruLanguageModel(
  options:
    & { embeddingSize: number; hiddenSize: number }
    & Partial<Omit<GruLanguageModelSpecification, "kind">>,
): GruLanguageModelSpecification {
  checkKeys("gruLanguageModel", options, names);
  const size = (name: "embeddingSize" | "hiddenSize" | "layers", value: unknown) =>
    checkInteger(`gruLanguageModel: ${name}`, value, { from: 1, to: 1 << 16 });
  const rate = (name: "inputDropout" | "outputDropout") =>
    checkNumber(`gruLanguageModel: ${name}`, options[name] ?? 0, { from: 0, below: 1 });
  const initializer = (
    name: typeof names[number] & `${string}Initializer`,
    byDefault: Initializer,
  ) => validateInitializer(`gruLanguageModel: ${name}`, options[name] ?? byDefault);
  return {
    kind: "gruLanguageModel",
    embeddingSize: size("embeddingSize", options.embeddingSize),
    hiddenSize: size("hiddenSize", options.hiddenSize),
    layers: size("layers", options.layers ?? 1),
    resetAfter: checkBoolean("gruLanguageModel: resetAfter", options.resetAfter ?? true),
    inputDropout: rate("inputDropout"),
    outputDropout: rate("outputDropout"),
    embeddingInitializer: initializer("embeddingInitializer", uniform({ range: 0.05 })),
    kernelInitializer: initializer("kernelInitializer", glorotUniform()),
    recurrentInitializer: initializer("recurrentInitializer", orthogonal()),
  };
}

/**
 * Builds the model that a specification describes.
 *
 * @param specification From {@link gruLanguageModel}.
 * @param context.vocabularySize Tokens that can be read and predicted.
 * @param context.seed Seed of the initial weights.
 * @param context.fold Fold of the run, part of the purpose of its random streams.
 */
export function createGruLanguageModel(
  specification: GruLanguageModelSpecification,
  context: { vocabularySize: number; seed: number; fold: number | string },
): LanguageModel {
  const { vocabularySize, seed, fold } = context;
  const { embeddingSize, hiddenSize, layers, resetAfter } = specification;
  const parameters: ModelParameter[] = [];

  function parameter<R extends tf.Rank>(
    layer: string,
    name: string,
    kind: ParameterKind,
    shape: tf.ShapeMap[R],
    initializer: Initializer,
  ): tf.Variable<R> {
    const fullName = `${layer}/${name}`;
    const stream = randomStream(seed, fold, "initial weights", fullName);
    const weights = tf.tensor<R>(initialWeights(initializer, shape, stream), shape);
    const variable = tf.variable(weights, true, undefined, "float32");
    weights.dispose();
    parameters.push({ description: { name: fullName, kind, layer, shape }, variable });
    return variable;
  }

  const table = parameter<tf.Rank.R2>(
    "embedding",
    "table",
    "embedding",
    [vocabularySize, embeddingSize],
    specification.embeddingInitializer,
  );
  const cells = Array.from({ length: layers }, (_, index) => {
    const layer = `gru${index}`;
    const inputSize = index === 0 ? embeddingSize : hiddenSize;
    const { kernelInitializer, recurrentInitializer } = specification;
    const gates: [number] = [3 * hiddenSize];
    return {
      kernel: parameter<tf.Rank.R2>(
        layer,
        "kernel",
        "kernel",
        [inputSize, 3 * hiddenSize],
        kernelInitializer,
      ),
      recurrentKernel: parameter<tf.Rank.R2>(
        layer,
        "recurrentKernel",
        "recurrentKernel",
        [hiddenSize, 3 * hiddenSize],
        recurrentInitializer,
      ),
      bias: parameter<tf.Rank.R1>(layer, "bias", "bias", gates, zeros()),
      recurrentBias: resetAfter
        ? parameter<tf.Rank.R1>(layer, "recurrentBias", "bias", gates, zeros())
        : undefined,
      resetAfter,
    };
  });
  const output = {
    kernel: parameter<tf.Rank.R2>(
      "output",
      "kernel",
      "kernel",
      [hiddenSize, vocabularySize],
      specification.kernelInitializer,
    ),
    bias: parameter<tf.Rank.R1>("output", "bias", "bias", [vocabularySize], zeros()),
  };

  /** Hidden states of the top layer, [time × batch, hidden], row t × batch + b. */
  function hiddenStates(batch: Batch, stream: RandomStream | null): tf.Tensor2D {
    const { time, batch: width } = batch;
    const drop = (inputs: tf.Tensor2D, rate: number) =>
      stream !== null && rate > 0 ? dropout({ inputs, rate, stream }) : inputs;
    // Folding the table into the input projection pays when there are fewer symbols than tokens.
    const fold = vocabularySize < time * width &&
      !(stream !== null && specification.inputDropout > 0);
    const tokens = batch.inputs;
    let states = fold ? gruOfTokens({ ...cells[0], table, tokens, time, batch: width }) : gru({
      ...cells[0],
      inputs: drop(embedding({ table, tokens }), specification.inputDropout),
      time,
      batch: width,
    });
    for (const cell of cells.slice(1)) {
      const inputs = drop(states, specification.outputDropout);
      states = gru({ ...cell, inputs, time, batch: width });
    }
    return drop(states, specification.outputDropout);
  }

  function decoder(batch: number): Decoder {
    let states = cells.map(() => tf.zeros<tf.Rank.R2>([batch, hiddenSize]));
    return {
      next(tokens) {
        const [logits, ...next] = tf.tidy(() => {
          let inputs = embedding({ table, tokens });
          const next = cells.map((cell, index) =>
            inputs = gru({ ...cell, inputs, time: 1, batch, initialState: states[index] })
          );
          return [linear({ inputs, ...output }), ...next];
        });
        tf.dispose(states);
        states = next;
        const scores = Float32Array.from(logits.dataSync());
        logits.dispose();
        return scores;
      },
      dispose: () => tf.dispose(states),
    };
  }

  return {
    vocabularySize,
    parameters,
    loss: (batch, stream) =>
      linearCrossEntropy({
        inputs: hiddenStates(batch, stream),
        ...output,
        targets: batch.targets,
        mask: batch.mask,
      }),
    decoder,
    dispose: () => parameters.forEach(({ variable }) => variable.dispose()),
  };
}
