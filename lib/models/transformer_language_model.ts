import * as tf from "@tensorflow/tfjs";
import { checkBoolean, checkInteger, checkKeys, checkNumber, checkOneOf } from "../core/check.ts";
import { largestSize, mostLayers } from "../core/limits.ts";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { causalAttention } from "../ops/causal_attention.ts";
import { dropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import type { GeluApproximation } from "../ops/gelu.ts";
import { layerNorm } from "../ops/layer_norm.ts";
import { linear, type LinearOptions } from "../ops/linear.ts";
import { linearGelu } from "../ops/linear_gelu.ts";
import { type ModelContext, parameterMaker } from "./_parameters.ts";
import { trainingLoss } from "./_training_loss.ts";
import {
  checkInitialization,
  type Initialization,
  transformerInitializers,
} from "./initialization.ts";
import { type Initializer, validateInitializer, zeros } from "./initializers.ts";
import type { Decoder, LanguageModel } from "./model.ts";

/** A Transformer language model, as plain JSON with every default filled in. */
export interface TransformerLanguageModelSpecification {
  /** Tells it from other models. */
  readonly kind: "transformerLanguageModel";
  /** Width of a token's vector and of everything between the blocks. */
  readonly embeddingSize: number;
  /** Blocks on top of each other. */
  readonly layers: number;
  /** Heads of each attention. */
  readonly heads: number;
  /** Positions that there are vectors for: the longest window. */
  readonly blockSize: number;
  /** Whether linear layers and layer norms have biases. */
  readonly bias: boolean;
  /** Whether the output kernel is the embedding's table, transposed. */
  readonly tiedWeights: boolean;
  /** How GELU is computed. */
  readonly geluApproximation: GeluApproximation;
  /** Share of the sums of token and position vectors set to 0 in training. */
  readonly inputDropout: number;
  /** Share of what each attention and feed-forward layer adds set to 0 in training. */
  readonly residualDropout: number;
  /** Initial vectors of tokens and positions. */
  readonly embeddingInitializer: Initializer;
  /** Initial kernels, but for those of the next line. */
  readonly kernelInitializer: Initializer;
  /** Initial kernels whose results are added to the residual stream. */
  readonly residualInitializer: Initializer;
  /** Initial biases of linear layers; absent for zeros. */
  readonly biasInitializer?: Initializer;
}

const names = [
  "embeddingSize",
  "layers",
  "heads",
  "blockSize",
  "bias",
  "tiedWeights",
  "geluApproximation",
  "inputDropout",
  "residualDropout",
  "embeddingInitializer",
  "kernelInitializer",
  "residualInitializer",
  "biasInitializer",
  "initialization",
] as const;

/**
 * Specifies a decoder-only Transformer language model (Radford et al. 2019, GPT-2: pre-norm, learned
 * positions), as nanoGPT builds it.
 *
 * With x the sum of a token's and its position's vector, in each block:
 *
 * - x ← x + attention(norm(x) W + b) W_o + b_o, causal, with `heads` heads
 * - x ← x + gelu(norm(x) W_1 + b_1) W_2 + b_2, W_1 four times as wide as x
 *
 * and logits = norm(x) W_out without bias; with tied weights W_out is the table of tokens, transposed.
 *
 * nanoGPT can also drop attention weights; here dropout is on what the layers add to x, and on the
 * input. Text is generated from the last `blockSize` tokens, positions counted from the first of them.
 *
 * @param options.embeddingSize Width, from 1, a multiple of `heads`.
 * @param options.layers Blocks, from 1.
 * @param options.heads Heads of each attention, from 1.
 * @param options.blockSize Longest window, from 1: windowLength in training may be at most that.
 * @param options.bias Whether linear layers and layer norms have biases; true by default.
 * @param options.tiedWeights True by default (then penalties see the output kernel as an embedding).
 * @param options.geluApproximation `none` by default, as in nanoGPT; GPT-2 itself has `tanh`.
 * @param options.inputDropout In [0, 1); 0 by default.
 * @param options.residualDropout In [0, 1); 0 by default.
 * @param options.embeddingInitializer Normal with standard deviation 0.02 by default, as GPT-2.
 * @param options.kernelInitializer Normal with standard deviation 0.02 by default, as GPT-2.
 * @param options.residualInitializer For the kernels W_o and W_2: normal with standard deviation
 * 0.02/√(2 · layers) by default, as GPT-2. Gains begin at 1.
 * @param options.biasInitializer Zeros by default, as GPT-2.
 * @param options.initialization Whose initial weights those are that no initializer above is given for:
 * `gpt2` (by default), `pytorch` or `keras`; see `Initialization`.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} If an option is unknown or out of its range.
 *
 * @example
 * ```ts
 * import { transformerLanguageModel } from "./transformer_language_model.ts";
 * import assert from "node:assert/strict";
 * const sizes = { embeddingSize: 32, layers: 2, heads: 4, blockSize: 64 };
 * assert.deepEqual(transformerLanguageModel(sizes).residualInitializer, {
 *   kind: "normal",
 *   standardDeviation: 0.01,
 * });
 * assert.throws(() => transformerLanguageModel({ ...sizes, heads: 5 }), /multiple of heads/);
 * ```
 */
export function transformerLanguageModel(
  options:
    & Pick<
      TransformerLanguageModelSpecification,
      "embeddingSize" | "layers" | "heads" | "blockSize"
    >
    & Partial<Omit<TransformerLanguageModelSpecification, "kind">>
    & {
      /** Whose initial weights the initializers that are not given are: `gpt2` if not given. */
      readonly initialization?: Initialization;
    },
): TransformerLanguageModelSpecification {
  const subject = "transformerLanguageModel";
  checkKeys(subject, options, names);
  const size = (name: "embeddingSize" | "layers" | "heads" | "blockSize") =>
    checkInteger(`${subject}: ${name}`, options[name], {
      from: 1,
      to: name === "layers" ? mostLayers : largestSize,
    });
  const rate = (name: "inputDropout" | "residualDropout") =>
    checkNumber(`${subject}: ${name}`, options[name] ?? 0, { from: 0, below: 1 });
  const flag = (name: "bias" | "tiedWeights") =>
    checkBoolean(`${subject}: ${name}`, options[name] ?? true);
  const initializer = (
    name: typeof names[number] & `${string}Initializer`,
    byDefault: Initializer,
  ) => validateInitializer(`${subject}: ${name}`, options[name] ?? byDefault);
  const { geluApproximation = "none" } = options;
  const [embeddingSize, layers, heads] = [size("embeddingSize"), size("layers"), size("heads")];
  if (embeddingSize % heads !== 0) {
    throw new RangeError(
      `${subject}: embeddingSize must be a multiple of heads, found ${embeddingSize} and ${heads}.`,
    );
  }
  const initialization = checkInitialization(subject, options.initialization, "gpt2");
  const defaults = transformerInitializers(initialization, { layers });
  const biasInitializer = initializer("biasInitializer", defaults.bias);
  return {
    kind: "transformerLanguageModel",
    embeddingSize,
    layers,
    heads,
    blockSize: size("blockSize"),
    bias: flag("bias"),
    tiedWeights: flag("tiedWeights"),
    geluApproximation: checkOneOf(`${subject}: geluApproximation`, geluApproximation, [
      "none",
      "tanh",
    ]),
    inputDropout: rate("inputDropout"),
    residualDropout: rate("residualDropout"),
    embeddingInitializer: initializer("embeddingInitializer", defaults.embedding),
    kernelInitializer: initializer("kernelInitializer", defaults.kernel),
    residualInitializer: initializer("residualInitializer", defaults.residual),
    ...(biasInitializer.kind === "zeros" ? {} : { biasInitializer }),
  };
}

/**
 * Builds the model that a specification describes.
 *
 * @param specification From {@link transformerLanguageModel}.
 * @param context Vocabulary size, seed and fold.
 */
export function createTransformerLanguageModel(
  specification: TransformerLanguageModelSpecification,
  context: ModelContext,
): LanguageModel {
  const { vocabularySize } = context;
  const { embeddingSize: width, heads, blockSize, bias, tiedWeights } = specification;
  const { embeddingInitializer, kernelInitializer, residualInitializer } = specification;
  const { biasInitializer = zeros() } = specification;
  const { parameters, parameter } = parameterMaker(context);

  const matrix = (
    layer: string,
    name: string,
    kind: "kernel" | "embedding",
    shape: [number, number],
    initializer: Initializer,
    matrices?: number,
  ) => parameter<tf.Rank.R2>(layer, name, kind, shape, initializer, shape[0], matrices);
  const makeLinear = (
    layer: string,
    name: string,
    shape: [number, number],
    initializer: Initializer,
    matrices?: number,
  ) => ({
    kernel: matrix(layer, `${name}/kernel`, "kernel", shape, initializer, matrices),
    bias: bias
      ? parameter<tf.Rank.R1>(
        layer,
        `${name}/bias`,
        "bias",
        [shape[1]],
        biasInitializer,
        shape[0],
      )
      : undefined,
  });
  const makeNorm = (layer: string, prefix: string) => ({
    gain: parameter<tf.Rank.R1>(
      layer,
      `${prefix}gain`,
      "normalization",
      [width],
      new Float32Array(width).fill(1),
    ),
    shift: bias
      ? parameter<tf.Rank.R1>(layer, `${prefix}shift`, "normalization", [width], zeros())
      : undefined,
  });

  const table = matrix(
    "embedding",
    "table",
    "embedding",
    [vocabularySize, width],
    embeddingInitializer,
  );
  const positions = matrix(
    "positions",
    "table",
    "embedding",
    [blockSize, width],
    embeddingInitializer,
  );
  const blocks = Array.from({ length: specification.layers }, (_, index) => {
    const layer = `block${index}`;
    return {
      attentionNorm: makeNorm(layer, "attentionNorm/"),
      attention: makeLinear(layer, "attention", [width, 3 * width], kernelInitializer, 3),
      attentionOutput: makeLinear(layer, "attentionOutput", [width, width], residualInitializer),
      feedForwardNorm: makeNorm(layer, "feedForwardNorm/"),
      feedForward: makeLinear(layer, "feedForward", [width, 4 * width], kernelInitializer),
      feedForwardOutput: makeLinear(
        layer,
        "feedForwardOutput",
        [4 * width, width],
        residualInitializer,
      ),
    };
  });
  const finalNorm = makeNorm("finalNorm", "");
  const output = tiedWeights ? { kernel: table, transposeKernel: true } : {
    kernel: matrix("output", "kernel", "kernel", [width, vocabularySize], kernelInitializer),
  };

  /** What the output layer reads, [batch × time, width], row b × time + t. */
  function hiddenStates(
    tokens: Int32Array,
    { time, batch }: { time: number; batch: number },
    stream: RandomStream | null,
  ): tf.Tensor2D {
    if (time > blockSize) {
      throw new RangeError(
        `transformerLanguageModel: windows must be at most blockSize ${blockSize} tokens long, ` +
          `found ${time}.`,
      );
    }
    const { inputDropout, residualDropout, geluApproximation: approximation } = specification;
    /** residual + linear(…), with dropout on what is added. */
    function add(residual: tf.Tensor2D, layer: LinearOptions): tf.Tensor2D {
      if (stream === null || residualDropout === 0) return linear({ ...layer, residual });
      return tf.add(residual, dropout({ inputs: linear(layer), rate: residualDropout, stream }));
    }
    const steps = Int32Array.from(tokens, (_, row) => row % time);
    let x: tf.Tensor2D = tf.add(
      embedding({ table, tokens }),
      embedding({ table: positions, tokens: steps }),
    );
    if (stream !== null && inputDropout > 0) x = dropout({ inputs: x, rate: inputDropout, stream });
    for (const block of blocks) {
      // [batch × time, 3 × width]: queries, keys, values
      const projections = linear({
        inputs: layerNorm({ inputs: x, ...block.attentionNorm }),
        ...block.attention,
      });
      // Heads may have been taken out of a trained model; the width of each stays.
      const left = projections.shape[1] / (3 * width / heads);
      const attended = causalAttention({ projections, time, batch, heads: left });
      x = add(x, { inputs: attended, ...block.attentionOutput });
      // [batch × time, 4 × width]
      const widened = linearGelu({
        inputs: layerNorm({ inputs: x, ...block.feedForwardNorm }),
        ...block.feedForward,
        approximation,
      });
      x = add(x, { inputs: widened, ...block.feedForwardOutput });
    }
    return layerNorm({ inputs: x, ...finalNorm });
  }

  /** Reads the last tokens anew for each next one: positions move when the window does. */
  function decoder(batch: number): Decoder {
    let read: Int32Array[] = [];
    return {
      next(tokens) {
        read = [...read, Int32Array.from(tokens)].slice(-blockSize);
        const time = read.length;
        const inputs = Int32Array.from(
          { length: batch * time },
          (_, row) => read[row % time][Math.floor(row / time)],
        );
        return tf.tidy(() => {
          const states = hiddenStates(inputs, { time, batch }, null);
          const last = Int32Array.from({ length: batch }, (_, b) => b * time + time - 1);
          const top = embedding({ table: states, tokens: last });
          return Float32Array.from(linear({ inputs: top, ...output }).dataSync());
        });
      },
      dispose: () => read = [],
    };
  }

  return {
    vocabularySize,
    parameters,
    loss(given, stream, terms) {
      const { inputs, targets, mask } = bySequence(given);
      const states = hiddenStates(inputs, given, stream);
      // Positions over time are rows apart by batch.
      if (terms?.outputDifferences || terms?.outputSquares) {
        const outputs = byTime(states, given);
        return trainingLoss({ dropped: outputs, outputs }, output, given, vocabularySize, terms);
      }
      const ordered = { ...given, inputs, targets, mask };
      return trainingLoss(
        { dropped: states, outputs: states },
        output,
        ordered,
        vocabularySize,
        terms,
      );
    },
    logits: (given) =>
      tf.tidy(() => {
        const bySequences = hiddenStates(bySequence(given).inputs, given, null);
        return linear({ inputs: byTime(bySequences, given), ...output });
      }),
    decoder,
    dispose: () => parameters.forEach(({ variable }) => variable.dispose()),
  };
}

/** States with their rows t × batch + b. */
function byTime(bySequences: tf.Tensor2D, { time, batch }: Batch): tf.Tensor2D {
  const order = Int32Array.from(
    { length: time * batch },
    (_, row) => (row % batch) * time + Math.floor(row / batch),
  );
  return embedding({ table: bySequences, tokens: order });
}

/** A batch with its rows sequence by sequence, b · time + t, as attention reads them. */
function bySequence({ inputs, targets, mask, time, batch }: Batch) {
  const order = (row: number) => (row % time) * batch + Math.floor(row / time);
  return {
    inputs: inputs.map((_, row) => inputs[order(row)]),
    targets: targets.map((_, row) => targets[order(row)]),
    mask: mask?.map((_, row) => mask[order(row)]),
  };
}
