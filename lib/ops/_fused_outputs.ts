import * as tf from "@tensorflow/tfjs";

/** What a fused forward pass with several outputs hands over. */
export interface FusedOutputs {
  readonly values: tf.Tensor[];
  /** Whatever the gradients need, inputs included; not read when no gradient is wanted. */
  readonly saved: tf.Tensor[];
  /** Gradients by name of input; an output that nothing was computed from has zeros for dy. */
  gradients(dys: tf.Tensor[], saved: tf.Tensor[]): { [name: string]: tf.Tensor };
}

/** What `tf.customGrad` calls; unlike it, this takes forward passes with several outputs. */
interface TapeEngine {
  runKernelFunc(given: {
    forwardFunc(backend: unknown, save: tf.GradSaveFunc): tf.Tensor[];
    backwardsFunc(dys: tf.Tensor[], saved: tf.Tensor[]): { [name: string]: () => tf.Tensor };
    inputs: { [name: string]: tf.Tensor };
  }): tf.Tensor[];
}

/**
 * As `fused`, for an operation with at least two outputs.
 *
 * @param inputs Tensors it is differentiable in, by name; undefined ones are left out.
 * @param forward Computes the values; told whether a gradient is wanted.
 */
export function fusedOutputs(
  inputs: { readonly [name: string]: tf.Tensor | undefined },
  forward: (gradientWanted: boolean) => FusedOutputs,
): tf.Tensor[] {
  if (!tf.engine().isTapeOn()) return tf.tidy(() => forward(false).values);
  const given = Object.fromEntries(
    Object.entries(inputs).filter((entry): entry is [string, tf.Tensor] => entry[1] !== undefined),
  );
  let gradients: FusedOutputs["gradients"];
  return (tf.engine() as unknown as TapeEngine).runKernelFunc({
    inputs: given,
    forwardFunc(_, save) {
      const result = forward(true);
      save(result.saved);
      gradients = result.gradients;
      return result.values;
    },
    backwardsFunc(dys, saved) {
      const byName = gradients(dys, saved);
      return Object.fromEntries(Object.keys(given).map((name) => [name, () => byName[name]]));
    },
  });
}
