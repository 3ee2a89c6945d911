import * as tf from "@tensorflow/tfjs";
import { arenaPointer, arenaTensor, arenaView, hasArena, kernels } from "../engine/kernels.ts";
import { type EffectCoefficients, squaredNorm } from "./_step.ts";
import type { Step } from "./kind.ts";

/** Where parameters and what the optimizer remembers of them lie, and how they are changed there. */
export interface OptimizerMemory {
  /** Σ of squares of a parameter's gradient with its loss-term penalties. */
  squaredNorm(index: number, gradient: tf.Tensor, terms: { l1: number; l2: number }): number;
  /** Changes a parameter; returns its {@link squaredNorm} where wanted, else 0. */
  update(
    index: number,
    gradient: tf.Tensor,
    coefficients: EffectCoefficients,
    step: Step,
    normWanted: boolean,
  ): number;
  /** Values of any tensor, to read only. */
  values(tensor: tf.Tensor): Float32Array;
  /** Lets a function change the weights and what is remembered, in place. */
  change(
    index: number,
    change: (weights: Float32Array, slots: readonly Float32Array[]) => void,
  ): void;
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
  const change: OptimizerMemory["change"] = (index, change) => {
    const variable = variables[index];
    const weights = Float32Array.from(valuesOf(variable));
    change(weights, slots[index]);
    tf.tidy(() => variable.assign(tf.tensor(weights, variable.shape)));
  };
  const norm: OptimizerMemory["squaredNorm"] = (index, gradient, terms) =>
    squaredNorm(valuesOf(gradient), valuesOf(variables[index]), terms);
  return {
    squaredNorm: norm,
    update(index, gradient, coefficients, step, normWanted) {
      const squares = normWanted ? norm(index, gradient, coefficients) : 0;
      change(
        index,
        (weights, slots) => step.update(weights, valuesOf(gradient), slots, coefficients),
      );
      return squares;
    },
    values: valuesOf,
    change,
    read: (index, slot) => Float32Array.from(slots[index][slot]),
    write: (index, slot, values) => slots[index][slot].set(values),
    dispose() {},
  };
}

function valuesOf(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync() as Float32Array;
}

/** Works in the engine's memory, in place: by its kernels, and in TypeScript where it has none. */
function arenaMemory(variables: readonly tf.Variable[], slotCount: number): OptimizerMemory {
  const exports = kernels();
  const slots = variables.map(({ shape, size }) =>
    Array.from({ length: slotCount }, () => {
      const slot = tf.keep(arenaTensor(shape));
      exports.fill(arenaPointer(slot), size, 0);
      return slot;
    })
  );
  const viewOf = (tensor: tf.Tensor) => arenaView(tensor) as Float32Array;
  const change: OptimizerMemory["change"] = (index, change) =>
    change(viewOf(variables[index]), slots[index].map(viewOf));
  const norm: OptimizerMemory["squaredNorm"] = (index, gradient, { l1, l2 }) => {
    const variable = variables[index];
    return exports.squaredNorm(
      arenaPointer(gradient),
      arenaPointer(variable),
      variable.size,
      l1,
      l2,
    );
  };
  return {
    squaredNorm: norm,
    update(index, gradient, coefficients, step, normWanted) {
      if (step.updateByKernel === undefined) {
        const squares = normWanted ? norm(index, gradient, coefficients) : 0;
        change(
          index,
          (weights, slots) => step.update(weights, viewOf(gradient), slots, coefficients),
        );
        return squares;
      }
      const addresses = {
        weights: arenaPointer(variables[index]),
        gradient: arenaPointer(gradient),
        slots: slots[index].map(arenaPointer),
        count: variables[index].size,
      };
      return step.updateByKernel(exports, addresses, coefficients, normWanted);
    },
    values: viewOf,
    change,
    read: (index, slot) => Float32Array.from(arenaView(slots[index][slot])),
    write: (index, slot, values) => arenaView(slots[index][slot]).set(values),
    dispose: () => tf.dispose(slots),
  };
}
