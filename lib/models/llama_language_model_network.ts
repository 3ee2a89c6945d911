import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { type AttentionCache, attentionCache } from "../ops/attention_cache.ts";
import { dropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { groupedAttention } from "../ops/grouped_attention.ts";
import { linear, type LinearOptions } from "../ops/linear.ts";
import { rmsNorm } from "../ops/rms_norm.ts";
import { rotary } from "../ops/rotary.ts";
import { swiglu } from "../ops/swiglu.ts";
import { addLayer, type Masks, masksOf, throughBlocks } from "./_blocks.ts";
import { continuedRows } from "./_continued_rows.ts";
import { llamaParameters } from "./_llama_parameters.ts";
import type { LlamaLanguageModelSpecification } from "./llama_language_model.ts";
import { modelOfBlocks } from "./_model_of_blocks.ts";
import type { Decoder, LanguageModel } from "./model.ts";
import type { ModelContext } from "./_parameters.ts";

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
  const network = { specification, made, recomputeBlocks };
  return modelOfBlocks({
    ...{ vocabularySize, made },
    states: (tokens, given, stream) => hiddenStates(network, tokens, windowOf(given), stream),
    decoder: () => cachingDecoder(network),
  });
}

/** Where the rows of a pass stand. */
interface Window {
  readonly time: number;
  readonly batch: number;
  /** Position of the first step. */
  readonly firstPosition: number;
  /** What was read before, of each block; these steps are added. */
  readonly caches?: readonly AttentionCache[];
}

/** The window of a batch, which begins at position 0. */
function windowOf({ time, batch }: Batch): Window {
  return { time, batch, firstPosition: 0 };
}

/** What the output layer reads, [batch × time, width], row b × time + t. */
function hiddenStates(
  network: Network,
  tokens: Int32Array,
  window: Window,
  stream: RandomStream | null,
): tf.Tensor2D {
  const { specification, made: { table, blocks, finalNorm }, recomputeBlocks } = network;
  const { blockSize, inputDropout, normEpsilon: epsilon } = specification;
  const { time, firstPosition } = window;
  if (firstPosition + time > blockSize) {
    throw new RangeError(
      `llamaLanguageModel: windows must be at most blockSize ${blockSize} tokens long, ` +
        `found ${firstPosition + time}.`,
    );
  }
  const masks = stream === null ? null : masksOf(specification, stream);
  let x = embedding({ table, tokens });
  if (masks && inputDropout > 0) {
    x = dropout({ inputs: x, rate: inputDropout, stream: masks.others });
  }
  x = throughBlocks(
    ...[x, masks] as const,
    (index, inputs, masks) => blockOutputs(network, index, inputs, { ...window, masks }),
    { blocks, recomputeBlocks },
  );
  return rmsNorm({ inputs: x, gain: finalNorm, epsilon });
}

/** What a block gives for its inputs, [batch × time, width]. */
function blockOutputs(
  { specification, made }: Network,
  index: number,
  inputs: tf.Tensor2D,
  { time, batch, firstPosition, caches, masks }: Window & { readonly masks: Masks | null },
): tf.Tensor2D {
  const {
    heads,
    keyValueHeads,
    headSize,
    ropeTheta: theta,
    attentionDropout,
    normEpsilon: epsilon,
  } = specification;
  const block = made.blocks[index];
  const add = (residual: tf.Tensor2D, layer: LinearOptions) =>
    addLayer(residual, layer, specification, masks, { block: index + 1, batch });
  const turned = (heads: tf.Tensor2D, gain?: tf.Tensor1D) =>
    rotary({
      inputs: gain === undefined ? heads : headNorm(heads, gain, epsilon),
      ...{ time, headSize, theta, firstPosition },
    });
  const normal = rmsNorm({ inputs, gain: block.attentionNorm, epsilon });
  const steps = {
    queries: turned(linear({ inputs: normal, ...block.query }), block.queryNorm),
    keys: turned(linear({ inputs: normal, ...block.key }), block.keyNorm),
    values: linear({ inputs: normal, ...block.value }),
    ...{ time, batch },
  };
  const attended = caches ? caches[index].attend(steps) : groupedAttention({
    ...{ ...steps, heads, keyValueHeads },
    ...(masks?.attention && { dropout: { rate: attentionDropout, stream: masks.attention } }),
  });
  const x = add(inputs, { inputs: attended, kernel: block.attentionOutput });
  const normalized = rmsNorm({ inputs: x, gain: block.feedForwardNorm, epsilon });
  const gated = swiglu({
    gate: linear({ inputs: normalized, kernel: block.gate }),
    up: linear({ inputs: normalized, kernel: block.up }),
  });
  return add(x, { inputs: gated, kernel: block.down });
}

/** Each head normalized, by one gain for all. */
function headNorm(heads: tf.Tensor2D, gain: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  const headSize = gain.shape[0];
  const inputs: tf.Tensor2D = tf.reshape(heads, [heads.size / headSize, headSize]);
  return tf.reshape(rmsNorm({ inputs, gain, epsilon }), heads.shape);
}

/**
 * Keeps the keys and values of what was read. From blockSize tokens on it reads the last ones anew for each
 * next one: what a token's state is depends on all before it, also on those that are no longer read.
 */
function cachingDecoder(network: Network): Decoder {
  const { specification: { blockSize, heads, keyValueHeads, layers }, made: { output } } = network;
  const caches = Array.from({ length: layers }, () => attentionCache({ heads, keyValueHeads }));
  const forget = () => caches.forEach((cache) => cache.dispose());
  let read: Int32Array[] = [];
  const add = (tokens: Int32Array) => {
    read = [...read, Int32Array.from(tokens)];
    if (read.length <= blockSize) return;
    read = read.slice(-blockSize);
    forget();
  };
  return {
    next(tokens, from) {
      if (from !== undefined && !isOwn(from, read)) {
        read = continuedRows(read, from);
        caches.forEach((cache) => cache.keep(from));
      }
      add(tokens);
      const firstPosition = caches[0].length;
      const fresh = read.slice(firstPosition);
      const [time, batch] = [fresh.length, tokens.length];
      const inputs = Int32Array.from(
        { length: batch * time },
        (_, row) => fresh[row % time][Math.floor(row / time)],
      );
      return tf.tidy(() => {
        const window = { time, batch, firstPosition, caches };
        const states = hiddenStates(network, inputs, window, null);
        const last = Int32Array.from({ length: batch }, (_, b) => b * time + time - 1);
        const top = embedding({ table: states, tokens: last });
        return Float32Array.from(linear({ inputs: top, ...output }).dataSync());
      });
    },
    read: add,
    dispose() {
      forget();
      read = [];
    },
  };
}

/** Whether every text goes on with its own row. */
function isOwn(from: Int32Array, read: readonly Int32Array[]): boolean {
  return read.length === 0 ||
    (from.length === read[0].length && from.every((row, text) => row === text));
}
