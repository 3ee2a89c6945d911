import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { causalAttention } from "../ops/causal_attention.ts";
import { dropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { layerNorm } from "../ops/layer_norm.ts";
import { linear, type LinearOptions } from "../ops/linear.ts";
import { linearGelu } from "../ops/linear_gelu.ts";
import { type Initializer, zeros } from "./initializers.ts";
import type { Decoder, LanguageModel } from "./model.ts";
import { type ModelContext, parameterMaker } from "./_parameters.ts";
import { trainingLoss } from "./_training_loss.ts";
import type { TransformerLanguageModelSpecification } from "./transformer_language_model.ts";

/**
 * Builds the model that a specification describes.
 *
 * @param specification Of a Transformer language model.
 * @param context Vocabulary size, seed and fold.
 */
export function createTransformerLanguageModel(
  specification: Required<TransformerLanguageModelSpecification>,
  context: ModelContext,
): LanguageModel {
  const { vocabularySize } = context;
  const { embeddingSize: width, heads, blockSize, bias, tiedWeights } = specification;
  const { embeddingInitializer, kernelInitializer, residualInitializer, biasInitializer } =
    specification;
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
      const { inputs, targets, mask, softTargets } = bySequence(given);
      const states = hiddenStates(inputs, given, stream);
      // Positions over time are rows apart by batch.
      if (terms?.outputDifferences || terms?.outputSquares) {
        const outputs = byTime(states, given);
        return trainingLoss({ dropped: outputs, outputs }, output, given, vocabularySize, terms);
      }
      const ordered = { ...given, inputs, targets, mask, softTargets };
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
function bySequence({ inputs, targets, mask, softTargets, time, batch }: Batch) {
  const order = (row: number) => (row % time) * batch + Math.floor(row / time);
  return {
    inputs: inputs.map((_, row) => inputs[order(row)]),
    targets: targets.map((_, row) => targets[order(row)]),
    mask: mask?.map((_, row) => mask[order(row)]),
    softTargets: softTargets && {
      ...softTargets,
      probabilities: rowsInOrder(softTargets.probabilities, time * batch, order),
    },
  };
}

/** Rows of a matrix, each the one that an order names. */
function rowsInOrder(
  matrix: Float32Array,
  rows: number,
  order: (row: number) => number,
): Float32Array {
  const ordered = new Float32Array(matrix.length);
  const columns = matrix.length / rows;
  for (let row = 0; row < rows; row++) {
    const from = order(row) * columns;
    ordered.set(matrix.subarray(from, from + columns), row * columns);
  }
  return ordered;
}
