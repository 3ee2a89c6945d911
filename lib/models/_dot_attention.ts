import * as tf from "@tensorflow/tfjs";
import type { PaddedSequences } from "../data/pair_batches.ts";
import { embedding } from "../ops/embedding.ts";
import { linear } from "../ops/linear.ts";
import { maskedSoftmax } from "../ops/masked_softmax.ts";

/** The encoder's top states, and what shuts out padding. */
export type Memory = {
  /** [batch, source time, hidden] */
  readonly states: tf.Tensor3D;
  /** 0 where a source token is, a large negative number on padding, [batch, 1, source time]. */
  readonly shut: tf.Tensor3D;
};

/** What attention reads of sources, from the states of an encoder, [time × batch, hidden]. */
export function memoryOf({ time, batch, mask }: PaddedSequences, states: tf.Tensor2D): Memory {
  const shut = new Float32Array(batch * time);
  mask?.forEach((value, at) => {
    // exp(−1e9) is 0 in single precision, as after −∞, without its NaN in gradients.
    if (value === 0) shut[(at % batch) * time + Math.floor(at / batch)] = -1e9;
  });
  return {
    states: tf.reshape(swapped(states, time, batch), [batch, time, states.shape[1]]),
    shut: tf.tensor3d(shut, [batch, 1, time]),
  };
}

/** What attention reads of the sources of some rows. */
export function memoryOfRows({ states, shut }: Memory, rows: Int32Array): Memory {
  const [sources, time, hidden] = states.shape;
  const batch = rows.length;
  const of = (tensor: tf.Tensor3D): tf.Tensor2D =>
    embedding({ table: tf.reshape(tensor, [sources, tensor.size / sources]), tokens: rows });
  return {
    states: tf.reshape(of(states), [batch, time, hidden]),
    shut: tf.reshape(of(shut), [batch, 1, time]),
  };
}

/** tanh(c W_c + s W_s) for the decoder's states s, [time × batch, hidden]. */
export function attend(
  states: tf.Tensor2D,
  { time, batch }: { readonly time: number; readonly batch: number },
  memory: Memory,
  kernels: { readonly context: tf.Tensor2D; readonly state: tf.Tensor2D },
): tf.Tensor2D {
  const hidden = states.shape[1];
  const own: tf.Tensor3D = tf.reshape(swapped(states, time, batch), [batch, time, hidden]);
  const scores: tf.Tensor3D = tf.matMul(own, memory.states, false, true);
  const read = tf.matMul(maskedSoftmax({ scores, mask: memory.shut }), memory.states);
  const context = swapped(tf.reshape(read, [batch * time, hidden]), batch, time);
  const sum: tf.Tensor2D = tf.add(
    linear({ inputs: context, kernel: kernels.context }),
    linear({ inputs: states, kernel: kernels.state }),
  );
  return tf.tanh(sum);
}

/** Rows outer × inner as rows inner × outer. tfjs's transpose takes many times longer. */
function swapped(rows: tf.Tensor2D, outer: number, inner: number): tf.Tensor2D {
  const tokens = Int32Array.from(
    { length: outer * inner },
    (_, at) => (at % outer) * inner + Math.floor(at / outer),
  );
  return embedding({ table: rows, tokens });
}
