import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { dropout, lockedDropout, rowDropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { linear } from "../ops/linear.ts";
import { type ModelContext, parameterMaker } from "./_parameters.ts";
import type { RecurrentSpecification } from "./_recurrent_options.ts";
import { type LastOutputs, passesOver, trainingLoss } from "./_training_loss.ts";
import type { Decoder, LanguageModel } from "./model.ts";

type CompleteRecurrent = Required<RecurrentSpecification>;

/** Makes the parameters that recurrent language models have whatever their cell is. */
export function recurrentParameters(specification: CompleteRecurrent, context: ModelContext) {
  const { vocabularySize } = context;
  const { embeddingSize, hiddenSize, tiedWeights, kernelInitializer } = specification;
  const { biasInitializer, outputBiasInitializer } = specification;
  const { parameters, parameter, drawnWeights } = parameterMaker(context);
  return {
    parameters,
    parameter,
    /** Vectors of the tokens. */
    table: (layer = "embedding", size = vocabularySize) =>
      parameter<tf.Rank.R2>(
        layer,
        "table",
        "embedding",
        [size, embeddingSize],
        specification.embeddingInitializer,
      ),
    /** Kernels and bias of layer `index`, named `cell0` and so on, with as many gates. */
    layer(
      cell: string,
      index: number,
      gates: number,
      { forgetBias = 0, inputSize = index === 0 ? embeddingSize : hiddenSize } = {},
    ) {
      const layer = `${cell}${index}`;
      const columns = gates * hiddenSize;
      const bias = (name: string, forgetBias = 0) => {
        const values = drawnWeights(`${layer}/${name}`, [columns], biasInitializer);
        // The forget gate is the second; a difference of 0 must leave −0 and all other bits alone.
        if (forgetBias !== 0) {
          for (let i = hiddenSize; i < 2 * hiddenSize; i++) values[i] += forgetBias;
        }
        return parameter<tf.Rank.R1>(layer, name, "bias", [columns], values);
      };
      return {
        kernel: parameter<tf.Rank.R2>(
          layer,
          "kernel",
          "kernel",
          [inputSize, columns],
          kernelInitializer,
        ),
        recurrentKernel: parameter<tf.Rank.R2>(
          layer,
          "recurrentKernel",
          "recurrentKernel",
          [hiddenSize, columns],
          specification.recurrentInitializer,
        ),
        bias: bias("bias", forgetBias),
        /** A second bias, in the form that has one; to be made right after the layer. */
        recurrentBias: () => bias("recurrentBias"),
      };
    },
    /** The output layer; to be made last. */
    output: (table: tf.Variable<tf.Rank.R2>) => ({
      kernel: tiedWeights ? table : parameter<tf.Rank.R2>(
        "output",
        "kernel",
        "kernel",
        [hiddenSize, vocabularySize],
        kernelInitializer,
      ),
      transposeKernel: tiedWeights,
      bias: parameter<tf.Rank.R1>(
        "output",
        "bias",
        "bias",
        [vocabularySize],
        outputBiasInitializer,
        hiddenSize,
      ),
    }),
  };
}

/** A recurrent kernel with some of its weights dropped (DropConnect, Wan et al. 2013) in training. */
export function droppedKernel(
  kernel: tf.Tensor2D,
  { recurrentDropout: rate }: { readonly recurrentDropout: number },
  stream: RandomStream | null,
): tf.Tensor2D {
  return stream === null || rate === 0 ? kernel : dropout({ inputs: kernel, rate, stream });
}

/** Inputs of which some are 0 in training, by one mask for all steps if it is locked. */
export function droppedInputs(
  inputs: tf.Tensor2D,
  rate: number,
  { lockedDropout: locked }: { readonly lockedDropout: boolean },
  { time, batch }: WindowSizes,
  stream: RandomStream | null,
): tf.Tensor2D {
  if (stream === null || rate === 0) return inputs;
  return locked
    ? lockedDropout({ inputs, rate, stream, time, batch })
    : dropout({ inputs, rate, stream });
}

/** The states of the last step of a window. */
function lastStates(states: tf.Tensor2D, { time, batch }: WindowSizes): tf.Tensor2D {
  return tf.slice2d(states, [(time - 1) * batch, 0], [batch, states.shape[1]]);
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

/** What {@link RecurrentLayer} makes of a window. */
export interface LayerWindow {
  /** `[time · batch, hiddenSize]`. */
  readonly states: tf.Tensor2D;
  /** The state after the last step, as `step` returns it; asked for where it is carried over only. */
  readonly final: () => tf.Tensor2D[];
}

/** A recurrent layer as the language model around it sees it. */
export interface RecurrentLayer {
  /** Tensors of a state, each `[batch, hiddenSize]`. */
  readonly stateTensors: number;
  /**
   * States over a window.
   *
   * @param initial The state that it begins with; null for zeros.
   * @param dropout Stream for the masks of recurrent weights in training; null in evaluation.
   */
  window(
    input: LayerInput,
    sizes: WindowSizes,
    initial: readonly tf.Tensor2D[] | null,
    dropout: RandomStream | null,
  ): LayerWindow;
  /** The state after one more step; its first tensor is the layer's output. */
  step(inputs: tf.Tensor2D, batch: number, state: readonly tf.Tensor2D[]): tf.Tensor2D[];
}

/** What a layer whose only state is its output is computed of, besides its weights. */
interface OneStateOptions extends WindowSizes {
  readonly initialState?: tf.Tensor2D;
}

/**
 * A layer whose only state is its output.
 *
 * @param specification Says what share of the recurrent weights is dropped in training.
 * @param cell Its weights.
 * @param states States from inputs.
 * @param statesOfTokens States from tokens of a table.
 */
export function oneStateLayer<Cell extends { readonly recurrentKernel: tf.Tensor2D }>(
  specification: CompleteRecurrent,
  cell: Cell,
  states: (options: Cell & OneStateOptions & { readonly inputs: tf.Tensor2D }) => tf.Tensor2D,
  statesOfTokens: (
    options: Cell & OneStateOptions & { readonly table: tf.Tensor2D; readonly tokens: Int32Array },
  ) => tf.Tensor2D,
): RecurrentLayer {
  return {
    stateTensors: 1,
    window(input, sizes, initial, stream) {
      const options = {
        ...cell,
        ...sizes,
        recurrentKernel: droppedKernel(cell.recurrentKernel, specification, stream),
        initialState: initial?.[0],
      };
      const all = "table" in input
        ? statesOfTokens({ ...options, ...input })
        : states({ ...options, ...input });
      return { states: all, final: () => [lastStates(all, sizes)] };
    },
    step: (inputs, batch, [initialState]) => [
      states({ ...cell, inputs, time: 1, batch, initialState }),
    ],
  };
}

/**
 * Builds a language model, Embedding → recurrent layers → Dense with softmax, with layers of any cell.
 *
 * @param layerOf Makes the parameters of layer `index` and the layer.
 */
export function createRecurrent(
  specification: CompleteRecurrent,
  context: ModelContext,
  layerOf: (make: ReturnType<typeof recurrentParameters>, index: number) => RecurrentLayer,
): LanguageModel {
  const { vocabularySize } = context;
  const make = recurrentParameters(specification, context);
  const { parameters } = make;
  const table = make.table();
  const layers = Array.from({ length: specification.layers }, (_, index) => layerOf(make, index));
  const output = make.output(table);
  const { inputDropout, outputDropout, embeddingDropout, hiddenDropout } = specification;
  // Without its dead units a layer is narrower than the specification says.
  const sizes = parameters.filter(({ description: { kind } }) => kind === "recurrentKernel")
    .map(({ variable }) => variable.shape[0]);

  /** Hidden states of the top layer, [time × batch, hidden], row t × batch + b. */
  function hiddenStates(
    { inputs: tokens, time, batch, carried }: Batch,
    stream: RandomStream | null,
  ): LastOutputs {
    const sizes = { time, batch };
    const drop = (inputs: tf.Tensor2D, rate: number) =>
      droppedInputs(inputs, rate, specification, sizes, stream);
    const vectors = stream !== null && embeddingDropout > 0
      ? rowDropout({ inputs: table, rate: embeddingDropout, stream })
      : table;
    // Folding the table into the input projection pays when there are fewer symbols than tokens.
    const fold = vocabularySize < time * batch && !(stream !== null && inputDropout > 0);
    let input: LayerInput = fold
      ? { table: vectors, tokens }
      : { inputs: drop(embedding({ table: vectors, tokens }), inputDropout) };
    const before =
      carried?.before()?.map((values) => tf.tensor2d(values, [batch, values.length / batch])) ??
        null;
    const after: Float32Array[] = [];
    let used = 0;
    let outputs: tf.Tensor2D | null = null;
    for (const [index, { stateTensors, window }] of layers.entries()) {
      const initial = before && before.slice(used, used += stateTensors);
      const { states, final } = window(input, sizes, initial, stream);
      if (carried) {
        for (const tensor of final()) after.push(Float32Array.from(tensor.dataSync()));
      }
      outputs = states;
      input = { inputs: drop(states, index < layers.length - 1 ? hiddenDropout : outputDropout) };
    }
    carried?.keep(after);
    return { dropped: (input as { inputs: tf.Tensor2D }).inputs, outputs: outputs! };
  }

  function decoder(batch: number): Decoder {
    let states = layers.map(({ stateTensors }, index) =>
      Array.from({ length: stateTensors }, () => tf.zeros<tf.Rank.R2>([batch, sizes[index]]))
    );
    return {
      next(tokens, from) {
        const { logits, next } = tf.tidy(() => {
          let inputs = embedding({ table, tokens });
          const next = layers.map((layer, index) => {
            const before = states[index].map((state) =>
              from === undefined ? state : embedding({ table: state, tokens: from })
            );
            const state = layer.step(inputs, tokens.length, before);
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
    loss: (batch, stream, terms) =>
      trainingLoss(
        passesOver(batch, stream, terms, (batch) => hiddenStates(batch, stream)),
        output,
        batch,
        vocabularySize,
        terms,
      ),
    logits: (batch) =>
      tf.tidy(() => linear({ inputs: hiddenStates(batch, null).dropped, ...output })),
    decoder,
    dispose: () => parameters.forEach(({ variable }) => variable.dispose()),
  };
}
