import * as tf from "@tensorflow/tfjs";
import { checkBoolean, checkInteger, checkNumber } from "../core/check.ts";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { dropout, lockedDropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { linear } from "../ops/linear.ts";
import { linearCrossEntropy } from "../ops/linear_cross_entropy.ts";
import {
  glorotUniform,
  type Initializer,
  orthogonal,
  uniform,
  validateInitializer,
} from "./initializers.ts";
import type { Decoder, LanguageModel, ModelParameter } from "./model.ts";

/** What recurrent language models of every cell have in common, as plain JSON. */
export interface RecurrentSpecification {
  /** Width of a token's vector. */
  readonly embeddingSize: number;
  /** Width of the state. */
  readonly hiddenSize: number;
  /** Recurrent layers on top of each other. */
  readonly layers: number;
  /** Whether the output kernel is the embedding's table, transposed. */
  readonly tiedWeights: boolean;
  /** Share of embedded inputs set to 0 in training. */
  readonly inputDropout: number;
  /** Share of each recurrent layer's outputs set to 0 in training. */
  readonly outputDropout: number;
  /** Share of each recurrent kernel's weights set to 0 in training, anew for each batch. */
  readonly recurrentDropout: number;
  /** Whether input and output dropout use one mask for all steps of a window. */
  readonly lockedDropout: boolean;
  /** Initial vectors of the tokens. */
  readonly embeddingInitializer: Initializer;
  /** Initial input and output kernels. */
  readonly kernelInitializer: Initializer;
  /** Initial recurrent kernels. */
  readonly recurrentInitializer: Initializer;
}

/** Names of the options above, for the check of keys. */
export const recurrentOptionNames = [
  "embeddingSize",
  "hiddenSize",
  "layers",
  "tiedWeights",
  "inputDropout",
  "outputDropout",
  "recurrentDropout",
  "lockedDropout",
  "embeddingInitializer",
  "kernelInitializer",
  "recurrentInitializer",
] as const;

/** Checks the common options and fills their defaults. */
export function recurrentOptions(
  subject: string,
  options: Partial<RecurrentSpecification>,
): RecurrentSpecification {
  const size = (name: "embeddingSize" | "hiddenSize" | "layers", value: unknown) =>
    checkInteger(`${subject}: ${name}`, value, { from: 1, to: 1 << 16 });
  const rate = (name: "inputDropout" | "outputDropout" | "recurrentDropout") =>
    checkNumber(`${subject}: ${name}`, options[name] ?? 0, { from: 0, below: 1 });
  const flag = (name: "tiedWeights" | "lockedDropout") =>
    checkBoolean(`${subject}: ${name}`, options[name] ?? false);
  const initializer = (
    name: "embeddingInitializer" | "kernelInitializer" | "recurrentInitializer",
    byDefault: Initializer,
  ) => validateInitializer(`${subject}: ${name}`, options[name] ?? byDefault);
  const specification = {
    embeddingSize: size("embeddingSize", options.embeddingSize),
    hiddenSize: size("hiddenSize", options.hiddenSize),
    layers: size("layers", options.layers ?? 1),
    tiedWeights: flag("tiedWeights"),
    inputDropout: rate("inputDropout"),
    outputDropout: rate("outputDropout"),
    recurrentDropout: rate("recurrentDropout"),
    lockedDropout: flag("lockedDropout"),
    embeddingInitializer: initializer("embeddingInitializer", uniform({ range: 0.05 })),
    kernelInitializer: initializer("kernelInitializer", glorotUniform()),
    recurrentInitializer: initializer("recurrentInitializer", orthogonal()),
  };
  const { tiedWeights, embeddingSize, hiddenSize } = specification;
  if (tiedWeights && embeddingSize !== hiddenSize) {
    throw new RangeError(
      `${subject}: tiedWeights needs embeddingSize equal to hiddenSize, found ${embeddingSize} ` +
        `and ${hiddenSize}.`,
    );
  }
  return specification;
}

/** Steps of a window and sequences side by side. */
export interface WindowSizes {
  readonly time: number;
  readonly batch: number;
}

/** Embedded inputs, or tokens of a table whose embedding a layer folds into its projection. */
export type LayerInput =
  | { readonly inputs: tf.Tensor2D }
  | { readonly table: tf.Tensor2D; readonly tokens: Int32Array };

/** A recurrent layer as the language model around it sees it. */
export interface RecurrentLayer {
  /** Tensors of a state, each `[batch, hiddenSize]`. */
  readonly stateTensors: number;
  /**
   * States over a window that begins at zero, `[time · batch, hiddenSize]`.
   *
   * @param dropout Stream for the masks of recurrent weights in training; null in evaluation.
   */
  window(input: LayerInput, sizes: WindowSizes, dropout: RandomStream | null): tf.Tensor2D;
  /** The state after one more step; its first tensor is the layer's output. */
  step(inputs: tf.Tensor2D, batch: number, state: readonly tf.Tensor2D[]): tf.Tensor2D[];
}

/** Embedding → recurrent layers → Dense with softmax, around layers of any cell. */
export function recurrentLanguageModel(
  specification:
    & Pick<RecurrentSpecification, "hiddenSize" | "inputDropout" | "outputDropout">
    & { readonly lockedDropout?: boolean },
  model: {
    readonly vocabularySize: number;
    readonly parameters: readonly ModelParameter[];
    readonly table: tf.Variable<tf.Rank.R2>;
    readonly layers: readonly RecurrentLayer[];
    readonly output: {
      readonly kernel: tf.Variable<tf.Rank.R2>;
      readonly bias: tf.Variable<tf.Rank.R1>;
      readonly transposeKernel?: boolean;
    };
  },
): LanguageModel {
  const { hiddenSize, inputDropout, outputDropout, lockedDropout: locked } = specification;
  const { vocabularySize, parameters, table, layers, output } = model;

  /** Hidden states of the top layer, [time × batch, hidden], row t × batch + b. */
  function hiddenStates(
    { inputs: tokens, time, batch }: Batch,
    stream: RandomStream | null,
  ): tf.Tensor2D {
    const sizes = { time, batch };
    function drop(inputs: tf.Tensor2D, rate: number): tf.Tensor2D {
      if (stream === null || rate === 0) return inputs;
      return locked
        ? lockedDropout({ inputs, rate, stream, ...sizes })
        : dropout({ inputs, rate, stream });
    }
    // Folding the table into the input projection pays when there are fewer symbols than tokens.
    const fold = vocabularySize < time * batch && !(stream !== null && inputDropout > 0);
    let input: LayerInput = fold
      ? { table, tokens }
      : { inputs: drop(embedding({ table, tokens }), inputDropout) };
    for (const layer of layers) {
      input = { inputs: drop(layer.window(input, sizes, stream), outputDropout) };
    }
    return (input as { inputs: tf.Tensor2D }).inputs;
  }

  function decoder(batch: number): Decoder {
    let states = layers.map(({ stateTensors }) =>
      Array.from({ length: stateTensors }, () => tf.zeros<tf.Rank.R2>([batch, hiddenSize]))
    );
    return {
      next(tokens) {
        const { logits, next } = tf.tidy(() => {
          let inputs = embedding({ table, tokens });
          const next = layers.map((layer, index) => {
            const state = layer.step(inputs, batch, states[index]);
            inputs = state[0];
            return state;
          });
          return { logits: linear({ inputs, ...output }), next };
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
