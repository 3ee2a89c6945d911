import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { causalAttention } from "../ops/causal_attention.ts";
import { dropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { layerNorm } from "../ops/layer_norm.ts";
import { linear, type LinearOptions } from "../ops/linear.ts";
import { linearGelu } from "../ops/linear_gelu.ts";
import type { Decoder, LanguageModel } from "./model.ts";
import type { ModelContext } from "./_parameters.ts";
import { trainingLoss } from "./_training_loss.ts";
import { type TransformerParameters, transformerParameters } from "./_transformer_parameters.ts";
import type { TransformerLanguageModelSpecification } from "./transformer_language_model.ts";

/** What a network computes from: its specification and its parameters. */
interface Network {
  readonly specification: Required<TransformerLanguageModelSpecification>;
  readonly made: TransformerParameters;
}

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
  const made = transformerParameters(specification, context);
  const { parameters, output } = made;
  const network = { specification, made };

  return {
    vocabularySize,
    parameters,
    loss(given, stream, terms) {
      const { inputs, targets, mask } = bySequence(given);
      const states = hiddenStates(network, inputs, given, stream);
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
        const bySequences = hiddenStates(network, bySequence(given).inputs, given, null);
        return linear({ inputs: byTime(bySequences, given), ...output });
      }),
    decoder: (batch) => windowDecoder(network, batch),
    dispose: () => parameters.forEach(({ variable }) => variable.dispose()),
  };
}

/** What the output layer reads, [batch × time, width], row b × time + t. */
function hiddenStates(
  { specification, made }: Network,
  tokens: Int32Array,
  { time, batch }: { time: number; batch: number },
  stream: RandomStream | null,
): tf.Tensor2D {
  const { blockSize, embeddingSize: width, heads } = specification;
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
  const { table, positions, blocks, finalNorm } = made;
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
function windowDecoder(network: Network, batch: number): Decoder {
  const { specification: { blockSize }, made: { output } } = network;
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
        const states = hiddenStates(network, inputs, { time, batch }, null);
        const last = Int32Array.from({ length: batch }, (_, b) => b * time + time - 1);
        const top = embedding({ table: states, tokens: last });
        return Float32Array.from(linear({ inputs: top, ...output }).dataSync());
      });
    },
    dispose: () => read = [],
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
