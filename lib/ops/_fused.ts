import * as tf from "@tensorflow/tfjs";

type Named = { readonly [name: string]: tf.Tensor | undefined };

/** Whether a gradient in a tensor may be asked for: not in variables that are not trained. */
export function differentiable(tensor: tf.Tensor): boolean {
  return !(tensor instanceof tf.Variable) || tensor.trainable;
}

/** What a fused forward pass hands over. */
export interface FusedResult<T extends tf.Tensor> {
  readonly value: T;
  /** Whatever the gradients need, inputs included; not read when no gradient is wanted. */
  readonly saved: tf.Tensor[];
  /**
   * Gradients by name of input, from the gradient of the value and what was saved; those of inputs that are
   * not {@link differentiable} may be left out.
   */
  gradients(dy: T, saved: tf.Tensor[]): { [name: string]: tf.Tensor };
}

/** What a fused forward pass with several outputs hands over. */
export interface FusedOutputs {
  readonly values: tf.Tensor[];
  /** As in {@link FusedResult}. */
  readonly saved: tf.Tensor[];
  /** As in {@link FusedResult}; an output that nothing was computed from has zeros for dy. */
  gradients(dys: tf.Tensor[], saved: tf.Tensor[]): { [name: string]: tf.Tensor };
}

/** What `tf.customGrad` calls; unlike it, this takes forward passes with several outputs. */
interface TapeEngine {
  runKernelFunc<Output extends tf.Tensor | tf.Tensor[]>(given: {
    forwardFunc(backend: unknown, save: tf.GradSaveFunc): Output;
    backwardsFunc(dy: Output, saved: tf.Tensor[]): { [name: string]: () => tf.Tensor };
    inputs: { [name: string]: tf.Tensor };
  }): Output;
}

/**
 * Runs a fused operation under tfjs's tape, as `tf.customGrad` does.
 *
 * @param inputs Tensors it is differentiable in, by name; undefined ones are left out.
 * @param forward Computes the value; told whether a gradient is wanted. Tensors it makes and neither
 * returns nor saves are disposed of.
 */
export function fused<T extends tf.Tensor>(
  inputs: Named,
  forward: (gradientWanted: boolean) => FusedResult<T>,
): T {
  return onTape(inputs, (gradientWanted) => {
    const { value, ...rest } = forward(gradientWanted);
    return { output: value, ...rest };
  });
}

/** As {@link fused}, for an operation with at least two outputs. */
export function fusedOutputs(
  inputs: Named,
  forward: (gradientWanted: boolean) => FusedOutputs,
): tf.Tensor[] {
  return onTape(inputs, (gradientWanted) => {
    const { values, ...rest } = forward(gradientWanted);
    return { output: values, ...rest };
  });
}

function onTape<Output extends tf.Tensor | tf.Tensor[]>(
  inputs: Named,
  forward: (gradientWanted: boolean) => {
    output: Output;
    saved: tf.Tensor[];
    gradients(dy: Output, saved: tf.Tensor[]): { [name: string]: tf.Tensor };
  },
): Output {
  if (!tf.engine().isTapeOn()) return tf.tidy(() => forward(false).output);
  const given: { [name: string]: tf.Tensor } = {};
  for (const name in inputs) {
    if (inputs[name] !== undefined) given[name] = inputs[name];
  }
  let needed: tf.Tensor[];
  let gradients: ReturnType<typeof forward>["gradients"];
  return (tf.engine() as unknown as TapeEngine).runKernelFunc<Output>({
    inputs: given,
    forwardFunc(_, save) {
      const result = forward(true);
      needed = result.saved;
      gradients = result.gradients;
      // Variables outlast the tape: not saving them spares a clone of each in every step.
      save(needed.filter((tensor) => !(tensor instanceof tf.Variable)));
      return result.output;
    },
    backwardsFunc(dy, saved) {
      let next = 0;
      const kept = needed.map((tensor) => tensor instanceof tf.Variable ? tensor : saved[next++]);
      const byName = gradients(dy, kept);
      const result: { [name: string]: () => tf.Tensor } = {};
      for (const name in given) result[name] = () => byName[name];
      return result;
    },
  });
}
