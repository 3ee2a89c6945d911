import * as tf from "@tensorflow/tfjs";
import {
  squaredNorm,
  type StepCoefficients,
  type Update,
  updateByAdam,
  updateBySgd,
} from "./_update.ts";

/** Where parameters and what the optimizer remembers of them lie, and how they are changed there. */
export interface OptimizerMemory {
  /** Σ of squares of a parameter's gradient with its loss-term penalties. */
  squaredNorm(index: number, gradient: tf.Tensor, terms: { l1: number; l2: number }): number;
  update(index: number, gradient: tf.Tensor, coefficients: StepCoefficients, update: Update): void;
  /** A copy of what is remembered. */
  read(index: number, slot: number): Float32Array;
  write(index: number, slot: number, values: Float32Array): void;
  dispose(): void;
}

/** Works on any tfjs backend: values are read, changed in TypeScript, and assigned. */
export function plainMemory(
  variables: readonly tf.Variable[],
  slotCount: number,
): OptimizerMemory {
  const slots = variables.map(({ size }) =>
    Array.from({ length: slotCount }, () => new Float32Array(size))
  );
  return {
    squaredNorm: (index, gradient, terms) =>
      squaredNorm(valuesOf(gradient), valuesOf(variables[index]), terms),
    update(index, gradient, coefficients, update) {
      const variable = variables[index];
      const weights = Float32Array.from(valuesOf(variable));
      if (update.kind === "adam") {
        const [first, second] = slots[index];
        updateByAdam(weights, valuesOf(gradient), first, second, coefficients, update);
      } else {
        const velocity = slots[index][0] ?? null;
        updateBySgd(weights, valuesOf(gradient), velocity, coefficients, update);
      }
      tf.tidy(() => variable.assign(tf.tensor(weights, variable.shape)));
    },
    read: (index, slot) => Float32Array.from(slots[index][slot]),
    write: (index, slot, values) => slots[index][slot].set(values),
    dispose() {},
  };
}

function valuesOf(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync() as Float32Array;
}
