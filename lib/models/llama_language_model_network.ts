import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import { dropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { groupedAttention } from "../ops/grouped_attention.ts";
import { linear, type LinearOptions } from "../ops/linear.ts";
import { rmsNorm } from "../ops/rms_norm.ts";
import { rotary } from "../ops/rotary.ts";
import { swiglu } from "../ops/swiglu.ts";
import { addLayer, bySequence, byTime, type Masks, masksOf, throughBlocks } from "./_blocks.ts";
import { continuedRows } from "./_continued_rows.ts";
import { llamaParameters } from "./_llama_parameters.ts";
import type { LlamaLanguageModelSpecification } from "./llama_language_model.ts";
import type { Decoder, LanguageModel } from "./model.ts";
import type { ModelContext } from "./_parameters.ts";
import { passesOver, trainingLoss } from "./_training_loss.ts";

/** What a network computes from: its specification and its parameters. */
interface Network {
  readonly specification: LlamaLanguageModelSpecification;
  readonly made: ReturnType<typeof llamaParameters>;
  /** Whether blocks are computed again in the backward pass. */
  readonly recomputeBlocks: boolean;
}

/**
 * Builds the model that a specification describes.
 *
 * @param specification Of a Llama language model.
 * @param context Vocabulary size, seed and fold.
 */
export function createLlamaLanguageModel(
  specification: LlamaLanguageModelSpecification,
  context: ModelContext,
): LanguageModel {
  const { vocabularySize, recomputeBlocks = false } = context;
  const made = llamaParameters(specification, context);
  const { parameters, output } = made;
  const network = { specification, made, recomputeBlocks };

  return {
    vocabularySize,
    parameters,
    loss(given, stream, terms) {
      const ordered = { ...given, ...bySequence(given) };
      // Positions over time are rows apart by batch.
      const inTime = terms?.outputDifferences || terms?.outputSquares || terms?.tokensAhead.length;
      const passes = passesOver(given, stream, terms, () => {
        const states = hiddenStates(network, ordered.inputs, given, stream);
        const outputs = inTime ? byTime(states, given) : states;
        return { dropped: outputs, outputs };
      });
      return trainingLoss(passes, output, inTime ? given : ordered, vocabularySize, terms);
    },
    logits: (given) =>
      tf.tidy(() => {
        const bySequences = hiddenStates(network, bySequence(given).inputs, given, null);
        return linear({ inputs: byTime(bySequences, given), ...output });
      }),
    decoder: () => windowDecoder(network),
    dispose: () => parameters.forEach(({ variable }) => variable.dispose()),
  };
}

/** What the output layer reads, [batch × time, width], row b × time + t. */
function hiddenStates(
  network: Network,
  tokens: Int32Array,
  { time, batch }: { time: number; batch: number },
  stream: RandomStream | null,
): tf.Tensor2D {
  const { specification, made, recomputeBlocks } = network;
  const { blockSize, inputDropout, normEpsilon: epsilon } = specification;
  if (time > blockSize) {
    throw new RangeError(
      `llamaLanguageModel: windows must be at most blockSize ${blockSize} tokens long, ` +
        `found ${time}.`,
    );
  }
  const masks = stream === null ? null : masksOf(specification, stream);
  const { table, blocks, finalNorm } = made;
  let x = embedding({ table, tokens });
  if (masks && inputDropout > 0) {
    x = dropout({ inputs: x, rate: inputDropout, stream: masks.others });
  }
  x = throughBlocks(
    ...[x, masks] as const,
    (index, inputs, masks) => blockOutputs(network, index, inputs, { time, batch, masks }),
    { blocks, recomputeBlocks },
  );
  return rmsNorm({ inputs: x, gain: finalNorm, epsilon });
}

/** What a block gives for its inputs, [batch × time, width]. */
function blockOutputs(
  { specification, made }: Network,
  index: number,
  inputs: tf.Tensor2D,
  { time, batch, masks }: { time: number; batch: number; masks: Masks | null },
): tf.Tensor2D {
  const { heads, keyValueHeads, headSize, ropeTheta, attentionDropout } = specification;
  const { normEpsilon: epsilon } = specification;
  const block = made.blocks[index];
  const add = (residual: tf.Tensor2D, layer: LinearOptions) =>
    addLayer(residual, layer, specification, masks, { block: index + 1, batch });
  const turned = (inputs: tf.Tensor2D, gain?: tf.Tensor1D) =>
    rotary({
      inputs: gain === undefined ? inputs : headNorm(inputs, gain, epsilon),
      ...{ time, headSize, theta: ropeTheta },
    });
  const normal = rmsNorm({ inputs, gain: block.attentionNorm, epsilon });
  const attended = groupedAttention({
    queries: turned(linear({ inputs: normal, ...block.query }), block.queryNorm),
    keys: turned(linear({ inputs: normal, ...block.key }), block.keyNorm),
    values: linear({ inputs: normal, ...block.value }),
    ...{ time, batch, heads, keyValueHeads },
    ...(masks?.attention && { dropout: { rate: attentionDropout, stream: masks.attention } }),
  });
  const x = add(inputs, { inputs: attended, kernel: block.attentionOutput });
  const fed = rmsNorm({ inputs: x, gain: block.feedForwardNorm, epsilon });
  const gated = swiglu({
    gate: linear({ inputs: fed, kernel: block.gate }),
    up: linear({ inputs: fed, kernel: block.up }),
  });
  return add(x, { inputs: gated, kernel: block.down });
}

/** Each head normalized, by one gain for all. */
function headNorm(heads: tf.Tensor2D, gain: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  const headSize = gain.shape[0];
  const inputs: tf.Tensor2D = tf.reshape(heads, [heads.size / headSize, headSize]);
  return tf.reshape(rmsNorm({ inputs, gain, epsilon }), heads.shape);
}

/** Reads the last tokens anew for each next one. */
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
