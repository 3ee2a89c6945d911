import * as tf from "@tensorflow/tfjs";

type Named = { readonly [name: string]: tf.Tensor | undefined };

/** What a fused forward pass hands over. */
export interface FusedResult<T extends tf.Tensor> {
  readonly value: T;
  /** Whatever the gradients need, inputs included; not read when no gradient is wanted. */
  readonly saved: tf.Tensor[];
  /** Gradients by name of input, from the gradient of the value and what was saved. */
  gradients(dy: T, saved: tf.Tensor[]): { [name: string]: tf.Tensor };
}

/**
 * Runs a fused operation under `tf.customGrad`.
 *
 * @param inputs Tensors it is differentiable in, by name; undefined ones are left out.
 * @param forward Computes the value; told whether a gradient is wanted. Tensors it makes and neither
 * returns nor saves are disposed of.
 */
export function fused<T extends tf.Tensor>(
  inputs: Named,
  forward: (gradientWanted: boolean) => FusedResult<T>,
): T {
  if (!tf.engine().isTapeOn()) return tf.tidy(() => forward(false).value);
  const names = Object.keys(inputs).filter((name) => inputs[name] !== undefined);
  const operation = tf.customGrad((...values) => {
    const save = values[values.length - 1] as unknown as tf.GradSaveFunc;
    const { value, saved, gradients } = forward(true);
    save(saved);
    return {
      value,
      gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => {
        const byName = gradients(dy as T, kept);
        return names.map((name) => byName[name]);
      },
    };
  });
  return operation(...names.map((name) => inputs[name]!)) as T;
}
