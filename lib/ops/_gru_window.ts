import * as tf from "@tensorflow/tfjs";
import { arenaPointer, arenaTensor, kernels, products, withScratch } from "../engine/kernels.ts";
import type { PreparedMatrix } from "../engine/products.ts";

/** A window of a GRU after the projection of its input. */
export interface GruWindow {
  readonly time: number;
  readonly batch: number;
  readonly hidden: number;
  readonly initialState?: tf.Tensor2D;
  readonly recurrentKernel: tf.Tensor2D;
  readonly recurrentBias?: tf.Tensor1D;
  readonly resetAfter: boolean;
}

/** What the backward pass of a window reads besides the parameters. */
export interface GruTrace {
  /** h_1 … h_time, `[time · batch, hidden]`. */
  readonly states: tf.Tensor2D;
  /** r, z, n, `[time · batch, 3 · hidden]`: written over the projection of the input. */
  readonly gates: tf.Tensor2D;
  /** Reset-after: h' U_n + c_n; reset-before: r ∘ h'; `[time · batch, hidden]`. */
  readonly inner: tf.Tensor2D;
}

/**
 * Runs a window. `projection` = x W + b, `[time · batch, 3 · hidden]`, becomes the gates. Without
 * gradients `inner` holds one step only.
 */
export function runGruWindow(
  window: GruWindow,
  projection: tf.Tensor2D,
  gradientWanted: boolean,
): GruTrace {
  const { time, batch, hidden } = window;
  const step = 4 * batch * hidden;
  const states = arenaTensor<tf.Rank.R2>([time * batch, hidden]);
  const inner = arenaTensor<tf.Rank.R2>([gradientWanted ? time * batch : batch, hidden]);
  const h = arenaPointer(states), p = arenaPointer(projection), s = arenaPointer(inner);
  const sStep = gradientWanted ? step : 0;
  const u = arenaPointer(window.recurrentKernel);
  const c = window.recurrentBias === undefined ? 0 : arenaPointer(window.recurrentBias);
  const { fill, gruAfterForward, gruBeforeGates, gruBeforeState } = kernels();
  const { withPrepared } = products();
  const { initialState } = window;

  withScratch(5 * batch * hidden, "a GRU", (scratch) => {
    const zeros = scratch + 3 * step;
    if (initialState === undefined) fill(zeros, batch * hidden, 0);
    const first = initialState === undefined ? zeros : arenaPointer(initialState);
    const previous = (t: number) => t === 0 ? first : h + (t - 1) * step;
    if (window.resetAfter) {
      withPrepared(false, hidden, 3 * hidden, u, 3 * hidden, (kernel) => {
        for (let t = 0; t < time; t++) {
          kernel.multiply(batch, previous(t), hidden, false, scratch, 3 * hidden);
          const at = p + 3 * t * step;
          gruAfterForward(batch, hidden, at, scratch, c, previous(t), s + t * sStep, h + t * step);
        }
      });
      return;
    }
    withGateKernels(u, hidden, false, (gateKernel, candidateKernel) => {
      const candidate = scratch + 4 * step;
      for (let t = 0; t < time; t++) {
        const at = p + 3 * t * step, q = s + t * sStep;
        gateKernel.multiply(batch, previous(t), hidden, false, scratch, 2 * hidden);
        gruBeforeGates(batch, hidden, at, scratch, previous(t), q);
        candidateKernel.multiply(batch, q, hidden, false, candidate, hidden);
        gruBeforeState(batch, hidden, at, candidate, previous(t), h + t * step);
      }
    });
  });
  return { states, gates: projection, inner };
}

/** Gradients of a window. */
export interface GruGradients {
  /** Of the projection x W + b, `[time · batch, 3 · hidden]`. */
  readonly projection: tf.Tensor2D;
  readonly recurrentKernel: tf.Tensor2D;
  readonly recurrentBias?: tf.Tensor1D;
  readonly initialState?: tf.Tensor2D;
}

/** Backward pass of {@link runGruWindow}, from the gradient of its states. */
export function runGruWindowBackward(
  window: GruWindow,
  trace: GruTrace,
  dy: tf.Tensor2D,
): GruGradients {
  const { time, batch, hidden, initialState } = window;
  const rows = time * batch;
  const step = 4 * batch * hidden;
  const dProjection = arenaTensor<tf.Rank.R2>([rows, 3 * hidden]);
  const dRecurrentKernel = arenaTensor<tf.Rank.R2>([hidden, 3 * hidden]);
  const h = arenaPointer(trace.states), gates = arenaPointer(trace.gates);
  const s = arenaPointer(trace.inner), u = arenaPointer(window.recurrentKernel);
  const dh = arenaPointer(dy), dp = arenaPointer(dProjection), du = arenaPointer(dRecurrentKernel);
  const { fill, sumRows } = kernels();
  const { multiply, withPrepared } = products();
  const carryTensor = arenaTensor<tf.Rank.R2>([batch, hidden]);
  const carry = arenaPointer(carryTensor);
  fill(carry, batch * hidden, 0);
  const dRecurrentBias = window.recurrentBias && arenaTensor<tf.Rank.R1>([3 * hidden]);

  /** dU[:, from …] = Σ_t h_{t−1}ᵀ · d_t for `columns` columns of d, whose rows are 3 · hidden wide. */
  const addStates = (d: number, columns: number) => {
    if (time === 1) {
      fill(du, 3 * hidden * hidden, 0);
    } else {
      // deno-fmt-ignore
      multiply(
        true, false, hidden, columns, rows - batch,
        h, hidden, d + 3 * step, 3 * hidden, false, du, 3 * hidden,
      );
    }
    if (initialState === undefined) return;
    // deno-fmt-ignore
    multiply(
      true, false, hidden, columns, batch,
      arenaPointer(initialState), hidden, d, 3 * hidden, true, du, 3 * hidden,
    );
  };

  withScratch(2 * batch * hidden, "the gradients of a GRU", (scratch) => {
    if (initialState === undefined) fill(scratch, batch * hidden, 0);
    const first = initialState === undefined ? scratch : arenaPointer(initialState);
    const previous = (t: number) => t === 0 ? first : h + (t - 1) * step;
    if (window.resetAfter) {
      const { gruAfterBackward } = kernels();
      withScratch(3 * rows * hidden, "the gradients of a GRU", (dg) => {
        withPrepared(true, 3 * hidden, hidden, u, 3 * hidden, (kernel) => {
          for (let t = time - 1; t >= 0; t--) {
            const at = t * step;
            // deno-fmt-ignore
            gruAfterBackward(
              batch, hidden, gates + 3 * at, s + at, previous(t), dh + at, carry,
              dp + 3 * at, dg + 3 * at,
            );
            if (t === 0 && initialState === undefined) break;
            kernel.multiply(batch, dg + 3 * at, 3 * hidden, true, carry, hidden);
          }
        });
        addStates(dg, 3 * hidden);
        if (dRecurrentBias === undefined) return;
        fill(arenaPointer(dRecurrentBias), 3 * hidden, 0);
        sumRows(dg, rows, 3 * hidden, arenaPointer(dRecurrentBias));
      });
      return;
    }
    const { gruBeforeGatesBackward, gruBeforeStateBackward } = kernels();
    const dq = scratch + step;
    withGateKernels(u, hidden, true, (gateKernel, candidateKernel) => {
      for (let t = time - 1; t >= 0; t--) {
        const at = t * step, dpAt = dp + 3 * at;
        gruBeforeStateBackward(batch, hidden, gates + 3 * at, previous(t), dh + at, carry, dpAt);
        candidateKernel.multiply(batch, dpAt + 8 * hidden, 3 * hidden, false, dq, hidden);
        gruBeforeGatesBackward(batch, hidden, gates + 3 * at, previous(t), dq, carry, dpAt);
        if (t === 0 && initialState === undefined) break;
        gateKernel.multiply(batch, dpAt, 3 * hidden, true, carry, hidden);
      }
    });
    addStates(dp, 2 * hidden);
    // deno-fmt-ignore
    multiply(
      true, false, hidden, hidden, rows,
      s, hidden, dp + 8 * hidden, 3 * hidden, false, du + 8 * hidden, 3 * hidden,
    );
  });
  return {
    projection: dProjection,
    recurrentKernel: dRecurrentKernel,
    ...dRecurrentBias && { recurrentBias: dRecurrentBias },
    ...initialState && { initialState: carryTensor },
  };
}

/** Prepares U_rz and U_n (or their transposes) of the reset-before form. */
function withGateKernels(
  u: number,
  hidden: number,
  transpose: boolean,
  use: (gateKernel: PreparedMatrix, candidateKernel: PreparedMatrix) => void,
): void {
  const { withPrepared } = products();
  const [k, n] = transpose ? [2 * hidden, hidden] : [hidden, 2 * hidden];
  withPrepared(transpose, k, n, u, 3 * hidden, (gateKernel) => {
    withPrepared(transpose, hidden, hidden, u + 8 * hidden, 3 * hidden, (candidateKernel) => {
      use(gateKernel, candidateKernel);
    });
  });
}
