import * as tf from "@tensorflow/tfjs";
import { checkInteger } from "../core/check.ts";
import {
  arenaPointer,
  arenaTensor,
  cut,
  type KernelExports,
  kernels,
  products,
  withScratch,
} from "../engine/kernels.ts";
import { checkStepMask, checkTensor } from "./_check.ts";
import { product } from "./_product.ts";
import { sumRows, sumRowsByToken } from "./_rows.ts";

/** Arguments that recurrent layers over a whole window have in common. */
export interface RecurrentCell {
  /** Steps of the window, from 1. */
  readonly time: number;
  /** Sequences side by side, from 1. Row t · batch + b is step t of sequence b. */
  readonly batch: number;
  /** W, `[inputSize, gates · hidden]`. */
  readonly kernel: tf.Tensor2D;
  /** U, `[hidden, gates · hidden]`, columns as in W. */
  readonly recurrentKernel: tf.Tensor2D;
  /** b, `[gates · hidden]`. */
  readonly bias: tf.Tensor1D;
  /** c, `[gates · hidden]`; 0 when left out. It only adds to b: PyTorch has both. */
  readonly recurrentBias?: tf.Tensor1D;
  /** 1 where a step counts; at 0 a sequence's state stays as it was. Ones when left out. */
  readonly mask?: Float32Array;
}

/** A window of a recurrent layer after the projection of its input. */
export interface RecurrentWindow {
  readonly time: number;
  readonly batch: number;
  readonly hidden: number;
  /** Columns of the recurrent kernel. */
  readonly columns: number;
  readonly recurrentKernel: tf.Tensor2D;
  readonly initialHidden?: tf.Tensor2D;
  readonly mask?: Float32Array;
}

/** Refuses what does not fit, and names the sizes. */
export function checkRecurrentCell(
  name: string,
  cell: RecurrentCell,
  gates: number,
  initialStates: { readonly [name: string]: tf.Tensor2D | undefined },
): { time: number; batch: number; hidden: number; columns: number } {
  const { time, batch, kernel, recurrentKernel, bias, recurrentBias, mask } = cell;
  checkInteger(`${name}: time`, time, { from: 1 });
  checkInteger(`${name}: batch`, batch, { from: 1 });
  const hidden = recurrentKernel.shape[0];
  const columns = gates * hidden;
  checkTensor(`${name}: recurrentKernel`, recurrentKernel, ["hidden", columns]);
  checkTensor(`${name}: kernel`, kernel, ["inputSize", columns]);
  checkTensor(`${name}: bias`, bias, [columns]);
  if (recurrentBias !== undefined) {
    checkTensor(`${name}: recurrentBias`, recurrentBias, [columns]);
  }
  for (const [state, tensor] of Object.entries(initialStates)) {
    if (tensor !== undefined) checkTensor(`${name}: ${state}`, tensor, [batch, hidden]);
  }
  checkStepMask(`${name}: mask`, mask, time * batch);
  return { time, batch, hidden, columns };
}

/** One step of some of the sequences: the first of them, and how many. */
export interface PartOfStep {
  readonly first: number;
  readonly count: number;
  /** What computes them. */
  readonly kernels: KernelExports;
  /** Their state before the step. */
  readonly previous: number;
  /** That state times the recurrent kernel; 0 where the state is 0. Forward only. */
  readonly product: number;
  /** Zeros, `[count, hidden]`. */
  readonly zeros: number;
  /** Mask of the step, or 0. */
  readonly mask: number;
}

/** Nanoseconds of a multiplication and addition, and of the gates of a unit. */
const multiplying = 0.05, gating = 6;

/** Cuts a window into parts of its sequences, which have nothing to do with each other. */
export function cutSequences({ time, batch, hidden, columns }: {
  readonly time: number;
  readonly batch: number;
  readonly hidden: number;
  readonly columns: number;
}) {
  const nanoseconds = time * hidden * (columns * multiplying + gating);
  return cut({ count: batch, unit: 1, nanoseconds }, { multiplied: true });
}

/** Runs the steps of a window in order; `step` writes the rows of `states` that belong to it. */
export function forwardSteps(
  window: RecurrentWindow,
  states: tf.Tensor2D,
  step: (t: number, part: PartOfStep) => void,
): void {
  const { time, batch, hidden, columns, initialHidden } = window;
  const u = arenaPointer(window.recurrentKernel);
  withScratch(batch * columns, "a recurrent layer", (scratch) => {
    withPrevious(window, states, (previousOf, zeros, mask) => {
      products().withPrepared(false, hidden, columns, u, columns, (kernel) => {
        cutSequences(window).run((first, count, calls) => {
          const multiply = kernel.by(calls);
          const part = { first, count, kernels: calls.kernels, zeros: zeros + 4 * first * hidden };
          for (let t = 0; t < time; t++) {
            const previous = previousOf(t) + 4 * first * hidden;
            const begins = t === 0 && initialHidden === undefined;
            const product = begins ? 0 : scratch + 4 * first * columns;
            if (product) multiply(count, previous, hidden, false, product, columns);
            const maskAt = mask && mask + 4 * (t * batch + first);
            step(t, { ...part, previous, product, mask: maskAt });
          }
        });
      });
    });
  });
}

/**
 * Runs the steps of a window backwards. `step` writes the rows of `dGates` that belong to it, and,
 * where there is a mask, into `carry` what goes past the recurrent kernel. Afterwards `carry` holds
 * the gradient of the initial state, if there is one.
 */
export function backwardSteps(
  window: RecurrentWindow,
  states: tf.Tensor2D,
  dGates: tf.Tensor2D,
  carry: tf.Tensor2D,
  step: (t: number, part: PartOfStep) => void,
): void {
  const { time, batch, hidden, columns, initialHidden } = window;
  const u = arenaPointer(window.recurrentKernel);
  const dg = arenaPointer(dGates), dh = arenaPointer(carry);
  withPrevious(window, states, (previousOf, zeros, mask) => {
    products().withPrepared(true, columns, hidden, u, columns, (kernel) => {
      cutSequences(window).run((first, count, calls) => {
        const multiply = kernel.by(calls);
        const at = 4 * first * hidden;
        const part = { first, count, kernels: calls.kernels, zeros: zeros + at, product: 0 };
        for (let t = time - 1; t >= 0; t--) {
          const row = t * batch + first;
          const maskAt = mask && mask + 4 * row;
          step(t, { ...part, previous: previousOf(t) + at, mask: maskAt });
          if (t === 0 && initialHidden === undefined) break;
          multiply(count, dg + 4 * row * columns, columns, mask !== 0, dh + at, hidden);
        }
      });
    });
  });
}

function withPrevious(
  { batch, hidden, initialHidden, mask }: RecurrentWindow,
  states: tf.Tensor2D,
  use: (previous: (t: number) => number, zeros: number, mask: number) => void,
): void {
  const h = arenaPointer(states);
  withScratch(batch * hidden, "a recurrent layer", (zeros) => {
    kernels().fill(zeros, batch * hidden, 0);
    const first = initialHidden === undefined ? zeros : arenaPointer(initialHidden);
    const previous = (t: number) => t === 0 ? first : h + 4 * (t - 1) * batch * hidden;
    if (mask === undefined) return use(previous, zeros, 0);
    tf.tidy(() => use(previous, zeros, arenaPointer(tf.tensor1d(mask))));
  });
}

/** dU = Σ_t h_{t−1}ᵀ · dGates_t */
export function recurrentKernelGradient(
  { time, batch, hidden, columns, initialHidden }: RecurrentWindow,
  states: tf.Tensor2D,
  dGates: tf.Tensor2D,
): tf.Tensor2D {
  const gradient = arenaTensor<tf.Rank.R2>([hidden, columns]);
  const du = arenaPointer(gradient), dg = arenaPointer(dGates);
  const { multiply } = products();
  const rows = (time - 1) * batch;
  if (rows > 0) {
    const rest = dg + 4 * batch * columns;
    // deno-fmt-ignore
    multiply(
      true, false, hidden, columns, rows,
      arenaPointer(states), hidden, rest, columns, false, du, columns,
    );
  } else {
    kernels().fill(du, gradient.size, 0);
  }
  if (initialHidden !== undefined) {
    // deno-fmt-ignore
    multiply(
      true, false, hidden, columns, batch,
      arenaPointer(initialHidden), hidden, dg, columns, true, du, columns,
    );
  }
  return gradient;
}

/**
 * Gradients of the input's side of a layer from that of its gates: of the inputs, or of the table
 * whose rows `tokens` name, of the kernel and of the biases.
 */
export function inputGradients(
  first: tf.Tensor2D,
  kernel: tf.Tensor2D,
  dGates: tf.Tensor2D,
  tokens: tf.Tensor1D | undefined,
): { [name: string]: tf.Tensor } {
  const d = tokens ? sumRowsByToken(dGates, tokens, first.shape[0]) : dGates;
  const bias = sumRows(d);
  return {
    [tokens ? "table" : "inputs"]: product(d, kernel, false, true),
    kernel: product(first, d, true, false),
    bias,
    recurrentBias: bias.clone(),
  };
}

/** b + c. */
export function sumOfBiases({ bias, recurrentBias }: RecurrentCell): tf.Tensor1D {
  return recurrentBias === undefined ? bias : tf.add(bias, recurrentBias);
}

/** A copy of the last rows of a tensor. */
export function lastRows(x: tf.Tensor2D, count: number): tf.Tensor2D {
  const [rows, columns] = x.shape;
  const copy = arenaTensor<tf.Rank.R2>([count, columns]);
  const from = arenaPointer(x) + 4 * (rows - count) * columns;
  kernels().repeatRow(from, 1, count * columns, arenaPointer(copy));
  return copy;
}

/** A copy of a whole tensor that may be written to. */
export function copyOf(x: tf.Tensor2D): tf.Tensor2D {
  return lastRows(x, x.shape[0]);
}

/** Twin's side of a mask: next where a step counts, previous where not. */
export function maskedTwin(
  { mask, batch }: { mask?: Float32Array; batch: number },
  t: number,
  previous: tf.Tensor2D,
  next: tf.Tensor2D,
): tf.Tensor2D {
  if (mask === undefined) return next;
  const counts = tf.tensor2d(mask.slice(t * batch, (t + 1) * batch), [batch, 1]);
  return tf.where(tf.tile(tf.cast(counts, "bool"), [1, next.shape[1]]), next, previous);
}
