import * as tf from "@tensorflow/tfjs";
import { release } from "../core/release.ts";
import { arenaPointer, hasArena } from "../engine/kernels.ts";

/**
 * A variable with values.
 *
 * @param own Whether the values are nobody else's: then they are not kept beside those in the engine's
 * memory, where it has one, and the array is empty afterwards.
 */
export function weightsVariable<R extends tf.Rank>(
  values: Float32Array,
  shape: tf.ShapeMap[R],
  own: boolean,
): tf.Variable<R> {
  const weights = tf.tensor<R>(values, shape);
  const variable = tf.variable(weights, true, undefined, "float32");
  weights.dispose();
  if (own && hasArena()) {
    arenaPointer(variable);
    release(values);
  }
  return variable;
}
