import * as tf from "@tensorflow/tfjs";
import {
  arenaPointer,
  arenaTensor,
  arenaView,
  hasArena,
  kernels,
  products,
} from "../engine/kernels.ts";
import { type Matrices, plainMatrices } from "./_matrices.ts";
import { type EffectCoefficients, mapToStart, squaredNorm } from "./_step.ts";
import type { Step } from "./kind.ts";

/** Where parameters and what the optimizer remembers of them lie, and how they are changed there. */
export interface OptimizerMemory {
  /** Σ of squares of a parameter's gradient with its loss-term penalties. */
  squaredNorm(index: number, gradient: tf.Tensor, terms: { l1: number; l2: number }): number;
  /** Changes a parameter; returns its {@link squaredNorm} where wanted, else 0. */
  update(
    index: number,
    gradient: tf.Tensor,
    effects: EffectCoefficients,
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
  /** What is remembered, to read before the next step. */
  view(index: number, slot: number): Float32Array;
  write(index: number, slot: number, values: Float32Array): void;
  dispose(): void;
}

/** The engine's memory when the current tfjs backend has one, plain arrays otherwise. */
export function createMemory(
  variables: readonly tf.Variable[],
  slotCounts: readonly number[],
): OptimizerMemory {
  return hasArena() ? arenaMemory(variables, slotCounts) : plainMemory(variables, slotCounts);
}

/** Works on any tfjs backend: values are read, changed in TypeScript, and assigned. */
function plainMemory(
  variables: readonly tf.Variable[],
  slotCounts: readonly number[],
): OptimizerMemory {
  const slots = variables.map(({ size }, index) =>
    Array.from({ length: slotCounts[index] }, () => new Float32Array(size))
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
    update(index, gradient, effects, step, normWanted) {
      const squares = normWanted ? norm(index, gradient, effects) : 0;
      change(
        index,
        (weights, slots) => step.update(weights, valuesOf(gradient), slots, effects, plainMatrices),
      );
      return squares;
    },
    values: valuesOf,
    change,
    view: (index, slot) => slots[index][slot],
    write: (index, slot, values) => slots[index][slot].set(values),
    dispose() {},
  };
}

function valuesOf(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync() as Float32Array;
}

/** Numbers of the kernels' `Effects`, before the coefficients of the step. */
const effectCount = 8;
const blockSize = 16;

/** Writes what penalties and clipping do, in the order in which `engine/assembly/optimizers.ts` reads it. */
function writeEffects(block: Float32Array, effects: EffectCoefficients): void {
  block[0] = effects.l1;
  block[1] = effects.l2;
  block[2] = effects.clipping;
  block[3] = effects.coupledDecay;
  block[4] = effects.decoupledDecay;
  block[5] = effects.proximalL1;
  block[6] = effects.proximalL2;
  block[7] = Number(effects.perWeight);
}

/** The kernels know no cautious decay and no start, and keep no updates. */
function beyondKernels(
  { decoupledDecay, cautious, decayStart, proximalL1, proximalStart, updates }: EffectCoefficients,
): boolean {
  return updates !== null || decoupledDecay !== 0 && (cautious || decayStart !== null) ||
    proximalL1 !== 0 && proximalStart !== null;
}

/** Whether a kernel makes the step and only the map towards the start follows it in TypeScript. */
function mapsApart(effects: EffectCoefficients, step: Step): boolean {
  return step.updateByKernel !== undefined && effects.proximalL2 === 0 &&
    !beyondKernels({ ...effects, proximalL1: 0 }) &&
    (!effects.perWeight || step.writeInverses !== undefined);
}

/** The engine's products; arrays are views of its memory, so that their offsets are addresses. */
function arenaMatrices(): Matrices {
  const { multiply } = products();
  return {
    kernels: kernels(),
    multiply(a, b, c, { m, n, k }) {
      // deno-fmt-ignore
      multiply(
        a.transposed, b.transposed, m, n, k, a.values.byteOffset, a.stride, b.values.byteOffset,
        b.stride, false, c.values.byteOffset, c.stride,
      );
    },
    withArrays(lengths, use) {
      const tensors = lengths.map((length) => arenaTensor([length]));
      try {
        return use(...tensors.map((tensor) => arenaView(tensor) as Float32Array));
      } finally {
        tf.dispose(tensors);
      }
    },
  };
}

/** Works in the engine's memory, in place: by its kernels, and in TypeScript where it has none. */
function arenaMemory(
  variables: readonly tf.Variable[],
  slotCounts: readonly number[],
): OptimizerMemory {
  const exports = kernels();
  const matrices = arenaMatrices();
  const slots = variables.map(({ shape, size }, index) =>
    Array.from({ length: slotCounts[index] }, () => {
      const slot = tf.keep(arenaTensor(shape));
      exports.fill(arenaPointer(slot), size, 0);
      return slot;
    })
  );
  const blockTensor = tf.keep(arenaTensor([blockSize]));
  const block = arenaView(blockTensor) as Float32Array;
  const blockPointer = arenaPointer(blockTensor);
  const pointers = slots.map((each) => each.map(arenaPointer));
  let lastStep: Step | null = null;
  const viewOf = (tensor: tf.Tensor) => arenaView(tensor) as Float32Array;
  let inverses = new Float32Array(0);
  const inversesOf = (count: number) => {
    if (inverses.length < count) inverses = new Float32Array(count);
    return inverses.subarray(0, count);
  };
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
    update(index, gradient, effects, step, normWanted) {
      const start = effects.proximalL1 === 0 ? null : effects.proximalStart;
      if (start !== null && mapsApart(effects, step)) {
        const { proximalL1, perWeight } = effects;
        const squares = this.update(
          ...[index, gradient, { ...effects, proximalL1: 0 }, step, normWanted] as const,
        );
        change(index, (weights, slots) => {
          const inverses = perWeight ? inversesOf(weights.length) : null;
          if (inverses !== null) step.writeInverses!(inverses, slots);
          mapToStart(weights, start, proximalL1, inverses);
        });
        return squares;
      }
      if (step.updateByKernel === undefined || beyondKernels(effects)) {
        const squares = normWanted ? norm(index, gradient, effects) : 0;
        change(
          index,
          (weights, slots) => step.update(weights, viewOf(gradient), slots, effects, matrices),
        );
        return squares;
      }
      writeEffects(block, effects);
      if (step !== lastStep) block.set(step.coefficients, effectCount);
      lastStep = step;
      const addresses = {
        weights: arenaPointer(variables[index]),
        gradient: arenaPointer(gradient),
        slots: pointers[index],
        count: variables[index].size,
        effects: blockPointer,
        coefficients: blockPointer + 4 * effectCount,
      };
      return step.updateByKernel(exports, addresses, effects, normWanted, matrices);
    },
    values: viewOf,
    change,
    view: (index, slot) => viewOf(slots[index][slot]),
    write: (index, slot, values) => arenaView(slots[index][slot]).set(values),
    dispose: () => tf.dispose([slots, blockTensor]),
  };
}
