import * as tf from "@tensorflow/tfjs";
import { arenaPointer, arenaTensor, arenaView, hasArena, kernels } from "../engine/kernels.ts";
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

/** The engine's memory when the current tfjs backend has one, plain arrays otherwise. */
export function createMemory(
  variables: readonly tf.Variable[],
  slotCount: number,
): OptimizerMemory {
  return hasArena() ? arenaMemory(variables, slotCount) : plainMemory(variables, slotCount);
}

/** Works on any tfjs backend: values are read, changed in TypeScript, and assigned. */
function plainMemory(variables: readonly tf.Variable[], slotCount: number): OptimizerMemory {
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

/** Works in the engine's memory by its kernels, in place. */
function arenaMemory(variables: readonly tf.Variable[], slotCount: number): OptimizerMemory {
  const { squaredNorm, updateByAdam, updateBySgd, fill } = kernels();
  const slots = variables.map(({ shape, size }) =>
    Array.from({ length: slotCount }, () => {
      const slot = tf.keep(arenaTensor(shape));
      fill(arenaPointer(slot), size, 0);
      return slot;
    })
  );
  return {
    squaredNorm(index, gradient, { l1, l2 }) {
      const variable = variables[index];
      return squaredNorm(arenaPointer(gradient), arenaPointer(variable), variable.size, l1, l2);
    },
    update(index, gradient, coefficients, update) {
      const { l1, l2, clipping, coupledDecay, decay, threshold, shrinkage, perWeight } =
        coefficients;
      const [first, second] = slots[index].map(arenaPointer);
      const variable = variables[index];
      if (update.kind === "sgd") {
        updateBySgd(
          arenaPointer(variable),
          arenaPointer(gradient),
          first ?? 0,
          variable.size,
          l1,
          l2,
          clipping,
          coupledDecay,
          decay,
          threshold,
          shrinkage,
          update.learningRate,
          update.momentum,
          update.nesterov,
        );
      } else {
        updateByAdam(
          arenaPointer(variable),
          arenaPointer(gradient),
          first,
          second,
          variable.size,
          l1,
          l2,
          clipping,
          coupledDecay,
          decay,
          threshold,
          shrinkage,
          perWeight,
          update.beta1,
          1 - update.beta1,
          update.beta2,
          1 - update.beta2,
          update.stepSize,
          update.rootScale,
          update.epsilon,
        );
      }
    },
    read: (index, slot) => Float32Array.from(arenaView(slots[index][slot])),
    write: (index, slot, values) => arenaView(slots[index][slot]).set(values),
    dispose: () => tf.dispose(slots),
  };
}
