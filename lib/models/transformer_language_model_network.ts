import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import { causalAttention } from "../ops/causal_attention.ts";
import { dropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { layerNorm } from "../ops/layer_norm.ts";
import { linear, type LinearOptions } from "../ops/linear.ts";
import { linearGelu } from "../ops/linear_gelu.ts";
import { addLayer, type Masks, masksOf, throughBlocks } from "./_blocks.ts";
import { continuedRows } from "./_continued_rows.ts";
import { modelOfBlocks } from "./_model_of_blocks.ts";
import type { Decoder, LanguageModel } from "./model.ts";
import type { ModelContext } from "./_parameters.ts";
import { type TransformerParameters, transformerParameters } from "./_transformer_parameters.ts";
import type { TransformerLanguageModelSpecification } from "./transformer_language_model.ts";

/** What a network computes from: its specification and its parameters. */
interface Network {
  readonly specification: Required<TransformerLanguageModelSpecification>;
  readonly made: TransformerParameters;
  /** Whether blocks are computed again in the backward pass. */
  readonly recomputeBlocks: boolean;
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
  const { vocabularySize, recomputeBlocks = false } = context;
  const made = transformerParameters(specification, context);
  const network = { specification, made, recomputeBlocks };
  return modelOfBlocks({
    ...{ vocabularySize, made },
    states: (tokens, given, stream) => hiddenStates(network, tokens, given, stream),
    decoder: () => windowDecoder(network),
  });
}

/** What the output layer reads, [batch × time, width], row b × time + t. */
function hiddenStates(
  network: Network,
  tokens: Int32Array,
  { time, batch }: { time: number; batch: number },
  stream: RandomStream | null,
): tf.Tensor2D {
  const { specification, made, recomputeBlocks } = network;
  const { blockSize, inputDropout } = specification;
  if (time > blockSize) {
    throw new RangeError(
      `transformerLanguageModel: windows must be at most blockSize ${blockSize} tokens long, ` +
        `found ${time}.`,
    );
  }
  const masks = stream === null ? null : masksOf(specification, stream);
  const steps = Int32Array.from(tokens, (_, row) => row % time);
  const { table, positions, blocks, finalNorm } = made;
  let x: tf.Tensor2D = tf.add(
    embedding({ table, tokens }),
    embedding({ table: positions, tokens: steps }),
  );
  if (masks && inputDropout > 0) {
    x = dropout({ inputs: x, rate: inputDropout, stream: masks.others });
  }
  x = throughBlocks(
    ...[x, masks] as const,
    (index, inputs, masks) => blockOutputs(network, index, inputs, { time, batch, masks }),
    { blocks, recomputeBlocks },
  );
  return layerNorm({ inputs: x, ...finalNorm });
}

/** What a block gives for its inputs, [batch × time, width]. */
function blockOutputs(
  { specification, made }: Network,
  index: number,
  inputs: tf.Tensor2D,
  { time, batch, masks }: { time: number; batch: number; masks: Masks | null },
): tf.Tensor2D {
  const { embeddingSize: width, heads, attentionDropout, geluApproximation } = specification;
  const block = made.blocks[index];
  const add = (residual: tf.Tensor2D, layer: LinearOptions) =>
    addLayer(residual, layer, specification, masks, { block: index + 1, batch });
  // [batch × time, 3 × width]: queries, keys, values
  const projections = linear({
    inputs: layerNorm({ inputs, ...block.attentionNorm }),
    ...block.attention,
  });
  // Heads may have been taken out of a trained model; the width of each stays.
  const left = projections.shape[1] / (3 * width / heads);
  const attended = causalAttention({
    ...{ projections, time, batch, heads: left },
    ...(masks?.attention && { dropout: { rate: attentionDropout, stream: masks.attention } }),
  });
  const x = add(inputs, { inputs: attended, ...block.attentionOutput });
  // [batch × time, 4 × width]
  const widened = linearGelu({
    inputs: layerNorm({ inputs: x, ...block.feedForwardNorm }),
    ...block.feedForward,
    approximation: geluApproximation,
  });
  return add(x, { inputs: widened, ...block.feedForwardOutput });
}

/** Reads the last tokens anew for each next one: positions move when the window does. */
function windowDecoder(network: Network): Decoder {
  const { specification: { blockSize }, made: { output } } = network;
  let read: Int32Array[] = [];
  return {
    next(tokens, from) {
      read = [...continuedRows(read, from), Int32Array.from(tokens)].slice(-blockSize);
      const [time, batch] = [read.length, tokens.length];
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
    read(tokens) {
      read = [...read, Int32Array.from(tokens)].slice(-blockSize);
    },
    dispose: () => read = [],
  };
}
