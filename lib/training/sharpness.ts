import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batches.ts";
import { type DropoutStream, sameMasks } from "../ops/dropout_stream.ts";
import { sumOfSquares } from "../penalties/penalty.ts";
import { withWeights } from "./with_weights.ts";

/** Loss of a batch with masks of a stream, and its gradient by the name of each variable. */
type GradientOfBatch = (
  batch: Batch,
  stream: DropoutStream | null,
) => ReturnType<typeof tf.variableGrads>;

/**
 * Sharpness-aware minimization (Foret et al. 2021, Sharpness-Aware Minimization for Efficiently Improving
 * Generalization): the gradient at w + ρ g/‖g‖, where g is the gradient at w and ‖g‖ its norm over all
 * variables; at w where g is 0.
 *
 * Both read the same batch with the same masks of dropout. A state that is carried from batch to batch is
 * that of w. The norm is summed in double precision; w is given back to the bit.
 *
 * @param gradient Gradient of the loss with the terms of activation penalties, at the weights that the
 * variables hold.
 * @param variables All weights.
 * @param radius ρ, from 0; 0 leaves the gradient as it is.
 * @returns The same with the loss at w and the other gradient.
 */
export function sharpnessAware(
  gradient: GradientOfBatch,
  variables: readonly tf.Variable[],
  radius: number,
): GradientOfBatch {
  if (radius === 0) return gradient;
  return (batch, stream) => {
    const again = stream && sameMasks(stream);
    const { value, grads } = gradient(batch, stream);
    const norm = Math.sqrt(
      variables.reduce(
        (sum, { name }) => sum + sumOfSquares(grads[name].dataSync() as Float32Array),
        0,
      ),
    );
    if (norm === 0 || !Number.isFinite(norm)) return { value, grads };
    const { carried } = batch;
    const second = withWeights(
      variables,
      (variable) => tf.tidy(() => tf.add(variable, tf.mul(grads[variable.name], radius / norm))),
      () => {
        tf.dispose(grads);
        return gradient(carried ? { ...batch, carried: { ...carried, keep() {} } } : batch, again);
      },
    );
    second.value.dispose();
    return { value, grads: second.grads };
  };
}
