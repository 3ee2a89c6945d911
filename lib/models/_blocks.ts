import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batches.ts";
import { dropout, rowDropout } from "../ops/dropout.ts";
import { type DropoutStream, ownMasks } from "../ops/dropout_stream.ts";
import { embedding } from "../ops/embedding.ts";
import { linear, type LinearOptions } from "../ops/linear.ts";
import { recomputed } from "../ops/recomputed.ts";

/** What of a specification decides about the dropout of its blocks. */
interface BlockDropout {
  readonly layers: number;
  readonly inputDropout: number;
  readonly residualDropout: number;
  readonly attentionDropout: number;
  readonly stochasticDepth: number;
}

/** Where the masks of a training pass come from; null where there are none of these. */
export interface Masks {
  readonly attention: DropoutStream | null;
  readonly depth: DropoutStream | null;
  /** On the input and on what the layers add. */
  readonly others: DropoutStream;
}

/** The masks of a training pass. */
export function masksOf(
  { attentionDropout, stochasticDepth, inputDropout, residualDropout }: BlockDropout,
  stream: DropoutStream,
): Masks {
  const own = (rate: number, purpose: string) => rate > 0 ? ownMasks(stream, purpose) : null;
  const masks = {
    attention: own(attentionDropout, "attention dropout"),
    depth: own(stochasticDepth, "stochastic depth"),
    others: stream,
  };
  // Where no mask moves the stream, the next pass must have others all the same.
  if ((masks.attention || masks.depth) && inputDropout === 0 && residualDropout === 0) {
    stream.uint32();
  }
  return masks;
}

const maskNames = ["attention", "depth", "others"] as const;

/**
 * A residual stream through all blocks, in their order.
 *
 * @param block What the block of a number, from 0, gives for its inputs.
 * @param options `blocks`: the parameters of each. `recomputeBlocks`: whether the backward pass computes each
 * again from its inputs.
 */
export function throughBlocks(
  inputs: tf.Tensor2D,
  masks: Masks | null,
  block: (index: number, inputs: tf.Tensor2D, masks: Masks | null) => tf.Tensor2D,
  { blocks, recomputeBlocks }: {
    readonly blocks: readonly { readonly parameters: readonly tf.Tensor[] }[];
    readonly recomputeBlocks: boolean;
  },
): tf.Tensor2D {
  const names = maskNames.filter((name) => masks?.[name]);
  const streams = names.map((name) => masks![name]!);
  // Without a backward pass nothing of a block is kept but what it gives.
  const isEvaluation = !tf.engine().isTapeOn();
  return blocks.reduce((inputs, { parameters }, index) => {
    if (isEvaluation) {
      const outputs = tf.tidy(() => block(index, inputs, masks));
      // The first one's are the caller's.
      if (index > 0) inputs.dispose();
      return outputs;
    }
    if (!recomputeBlocks) return block(index, inputs, masks);
    return recomputed({
      ...{ inputs, parameters, streams },
      compute(inputs, streams) {
        const named = Object.fromEntries(names.map((name, at) => [name, streams[at]]));
        return block(index, inputs, masks && { ...masks, ...named });
      },
    });
  }, inputs);
}

/** residual + linear(…); in training with masks on what is added. */
export function addLayer(
  residual: tf.Tensor2D,
  layer: LinearOptions,
  { residualDropout, stochasticDepth, layers }: BlockDropout,
  masks: Masks | null,
  { block, batch }: { block: number; batch: number },
): tf.Tensor2D {
  if (masks === null || (residualDropout === 0 && masks.depth === null)) {
    return linear({ ...layer, residual });
  }
  let added = linear(layer);
  if (residualDropout > 0) {
    added = dropout({ inputs: added, rate: residualDropout, stream: masks.others });
  }
  if (masks.depth !== null) {
    // The rows of a sequence lie together.
    const inputs = tf.reshape(added, [batch, added.size / batch]) as tf.Tensor2D;
    const rate = stochasticDepth * block / layers;
    added = tf.reshape(rowDropout({ inputs, rate, stream: masks.depth }), added.shape);
  }
  return tf.add(residual, added);
}

/** States with their rows t × batch + b. */
export function byTime(bySequences: tf.Tensor2D, { time, batch }: Batch): tf.Tensor2D {
  const order = Int32Array.from(
    { length: time * batch },
    (_, row) => (row % batch) * time + Math.floor(row / batch),
  );
  return embedding({ table: bySequences, tokens: order });
}

/** A batch with its rows sequence by sequence, b · time + t, as attention reads them. */
export function bySequence({ inputs, targets, mask, softTargets, time, batch }: Batch) {
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
