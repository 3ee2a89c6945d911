import * as tf from "@tensorflow/tfjs";
import { arenaPointer, arenaTensor, kernels, products, withScratch } from "../engine/kernels.ts";
import type { PreparedMatrix } from "../engine/products.ts";
import { sumRowsByToken, zeros } from "./_rows.ts";

/** A window of a GRU after the projection of its input. */
export interface GruWindow {
  readonly time: number;
  readonly batch: number;
  readonly hidden: number;
  readonly initialState?: tf.Tensor2D;
  readonly recurrentKernel: tf.Tensor2D;
  readonly recurrentBias?: tf.Tensor1D;
  readonly resetAfter: boolean;
  /** Row of the projection that each step of each sequence uses; left out, they are in order. */
  readonly tokens?: tf.Tensor1D;
  /** 0 where a sequence's state stays as it was, else 1. */
  readonly mask?: Float32Array;
}

/** What the backward pass of a window reads besides the parameters. */
export interface GruTrace {
  /** h_1 … h_time, `[time · batch, hidden]`. */
  readonly states: tf.Tensor2D;
  /** r, z, n, `[time · batch, 3 · hidden]`. */
  readonly gates: tf.Tensor2D;
  /** Reset-after: h' U_n + c_n; reset-before: r ∘ h'; `[time · batch, hidden]`. */
  readonly inner: tf.Tensor2D;
}

/**
 * Runs a window over the projection x W + b. Without gradients only the states are whole: `gates` and
 * `inner` hold one step.
 */
export function runGruWindow(
  window: GruWindow,
  projection: tf.Tensor2D,
  gradientWanted: boolean,
): GruTrace {
  const { time, batch, hidden, initialState } = window;
  const step = 4 * batch * hidden;
  const rows = gradientWanted ? time * batch : batch;
  const states = arenaTensor<tf.Rank.R2>([time * batch, hidden]);
  const gates = arenaTensor<tf.Rank.R2>([rows, 3 * hidden]);
  const inner = arenaTensor<tf.Rank.R2>([rows, hidden]);
  const h = arenaPointer(states), x = arenaPointer(projection);
  const u = arenaPointer(window.recurrentKernel);
  const c = window.recurrentBias === undefined ? 0 : arenaPointer(window.recurrentBias);
  const tokens = window.tokens === undefined ? 0 : arenaPointer(window.tokens);
  const firstGates = arenaPointer(gates), firstInner = arenaPointer(inner);
  const { fill, gruAfterForward, gruBeforeGates, gruBeforeState, gruKeepMasked } = kernels();
  const mask = window.mask === undefined ? 0 : arenaPointer(tf.tensor1d(window.mask));

  withScratch(5 * batch * hidden, "a GRU", (scratch) => {
    const zeros = scratch + 4 * step;
    if (initialState === undefined) fill(zeros, batch * hidden, 0);
    const first = initialState === undefined ? zeros : arenaPointer(initialState);
    const addresses = (t: number) => ({
      previous: t === 0 ? first : h + (t - 1) * step,
      tokensAt: tokens && tokens + 4 * t * batch,
      xAt: tokens ? x : x + 3 * t * step,
      gatesAt: gradientWanted ? firstGates + 3 * t * step : firstGates,
      innerAt: gradientWanted ? firstInner + t * step : firstInner,
      state: h + t * step,
    });
    if (window.resetAfter) {
      products().withPrepared(false, hidden, 3 * hidden, u, 3 * hidden, (kernel) => {
        for (let t = 0; t < time; t++) {
          const { previous, tokensAt, xAt, gatesAt, innerAt, state } = addresses(t);
          kernel.multiply(batch, previous, hidden, false, scratch, 3 * hidden);
          // deno-fmt-ignore
          gruAfterForward(
            batch, hidden, xAt, tokensAt, scratch, c, previous, gatesAt, innerAt, state,
          );
          if (mask) gruKeepMasked(batch, hidden, mask + 4 * t * batch, previous, gatesAt, state);
        }
      });
      return;
    }
    const candidate = scratch + 3 * step;
    withGateKernels(u, hidden, false, (gateKernel, candidateKernel) => {
      for (let t = 0; t < time; t++) {
        const { previous, tokensAt, xAt, gatesAt, innerAt, state } = addresses(t);
        gateKernel.multiply(batch, previous, hidden, false, scratch, 2 * hidden);
        gruBeforeGates(batch, hidden, xAt, tokensAt, scratch, previous, gatesAt, innerAt);
        candidateKernel.multiply(batch, innerAt, hidden, false, candidate, hidden);
        gruBeforeState(batch, hidden, xAt, tokensAt, candidate, previous, gatesAt, state);
        if (mask) gruKeepMasked(batch, hidden, mask + 4 * t * batch, previous, gatesAt, state);
      }
    });
  });
  return { states, gates, inner };
}

/** Gradients of a window. */
export interface GruGradients {
  /** Of the projection x W + b; with tokens, summed by token. */
  readonly projection: tf.Tensor2D;
  readonly recurrentKernel: tf.Tensor2D;
  /** Of the last third of the recurrent bias; the others are those of the bias. */
  readonly candidateBias: tf.Tensor1D | null;
  readonly initialState: tf.Tensor2D;
}

/**
 * Backward pass of {@link runGruWindow}, from the gradient of its states.
 *
 * @param projectionRows Rows of the projection.
 */
export function runGruWindowBackward(
  window: GruWindow,
  trace: GruTrace,
  dy: tf.Tensor2D,
  projectionRows: number,
): GruGradients {
  return window.resetAfter
    ? afterBackward(window, trace, dy, projectionRows)
    : beforeBackward(window, trace, dy, projectionRows);
}

function afterBackward(
  window: GruWindow,
  trace: GruTrace,
  dy: tf.Tensor2D,
  projectionRows: number,
): GruGradients {
  const { time, batch, hidden, initialState } = window;
  const step = 4 * batch * hidden;
  const { fill, gruAfterBackward } = kernels();
  const projection = arenaTensor<tf.Rank.R2>([projectionRows, 3 * hidden]);
  const candidateBias = window.recurrentBias ? zeros<tf.Rank.R1>([hidden]) : null;
  const carryTensor = zeros<tf.Rank.R2>([batch, hidden]);
  const carry = arenaPointer(carryTensor), dx = arenaPointer(projection);
  const tokens = window.tokens === undefined ? 0 : arenaPointer(window.tokens);
  if (tokens) fill(dx, projection.size, 0);
  const dc = candidateBias ? arenaPointer(candidateBias) : 0;
  const gates = arenaPointer(trace.gates), inner = arenaPointer(trace.inner);
  const u = arenaPointer(window.recurrentKernel), dh = arenaPointer(dy);

  const recurrentKernel = withScratch(3 * time * batch * hidden, "a GRU", (dg) => {
    withStates(window, trace, (previous) => {
      products().withPrepared(true, 3 * hidden, hidden, u, 3 * hidden, (kernel) => {
        for (let t = time - 1; t >= 0; t--) {
          const at = t * step;
          const tokensAt = tokens && tokens + 4 * t * batch;
          const dxAt = tokens ? dx : dx + 3 * at;
          // deno-fmt-ignore
          gruAfterBackward(
            batch, hidden, gates + 3 * at, inner + at, previous(t), dh + at, carry,
            dxAt, tokensAt, dg + 3 * at, dc,
          );
          if (t === 0 && initialState === undefined) break;
          kernel.multiply(batch, dg + 3 * at, 3 * hidden, true, carry, hidden);
        }
      });
    });
    return recurrentKernelGradient(window, trace, dg, 3 * hidden);
  });
  return { projection, recurrentKernel, candidateBias, initialState: carryTensor };
}

function beforeBackward(
  window: GruWindow,
  trace: GruTrace,
  dy: tf.Tensor2D,
  projectionRows: number,
): GruGradients {
  const { time, batch, hidden, initialState } = window;
  const step = 4 * batch * hidden;
  const { gruBeforeGatesBackward, gruBeforeStateBackward } = kernels();
  const dGates = arenaTensor<tf.Rank.R2>([time * batch, 3 * hidden]);
  const carryTensor = zeros<tf.Rank.R2>([batch, hidden]);
  const carry = arenaPointer(carryTensor), dg = arenaPointer(dGates);
  const gates = arenaPointer(trace.gates), q = arenaPointer(trace.inner);
  const u = arenaPointer(window.recurrentKernel), dh = arenaPointer(dy);

  withScratch(batch * hidden, "a GRU", (dq) => {
    withStates(window, trace, (previous) => {
      withGateKernels(u, hidden, true, (gateKernel, candidateKernel) => {
        for (let t = time - 1; t >= 0; t--) {
          const at = t * step, dgAt = dg + 3 * at, gatesAt = gates + 3 * at;
          gruBeforeStateBackward(batch, hidden, gatesAt, previous(t), dh + at, carry, dgAt);
          candidateKernel.multiply(batch, dgAt + 8 * hidden, 3 * hidden, false, dq, hidden);
          gruBeforeGatesBackward(batch, hidden, gatesAt, previous(t), dq, carry, dgAt);
          if (t === 0 && initialState === undefined) break;
          gateKernel.multiply(batch, dgAt, 3 * hidden, true, carry, hidden);
        }
      });
    });
  });
  const recurrentKernel = recurrentKernelGradient(window, trace, dg, 2 * hidden);
  // deno-fmt-ignore
  products().multiply(
    true, false, hidden, hidden, time * batch,
    q, hidden, dg + 8 * hidden, 3 * hidden, false, arenaPointer(recurrentKernel) + 8 * hidden,
    3 * hidden,
  );
  const { tokens } = window;
  const projection = tokens ? sumRowsByToken(dGates, tokens, projectionRows) : dGates;
  return { projection, recurrentKernel, candidateBias: null, initialState: carryTensor };
}

/** The first columns of dU: Σ_t h_{t−1}ᵀ · d_t, with d's rows and dU's rows 3 · hidden wide. */
function recurrentKernelGradient(
  { time, batch, hidden, initialState }: GruWindow,
  trace: GruTrace,
  d: number,
  columns: number,
): tf.Tensor2D {
  const gradient = zeros<tf.Rank.R2>([hidden, 3 * hidden]);
  const du = arenaPointer(gradient);
  const add = (count: number, states: tf.Tensor2D, from: number) =>
    // deno-fmt-ignore
    products().multiply(
      true, false, hidden, columns, count, arenaPointer(states), hidden, from, 3 * hidden,
      true, du, 3 * hidden,
    );
  if (initialState !== undefined) add(batch, initialState, d);
  if (time > 1) add((time - 1) * batch, trace.states, d + 12 * batch * hidden);
  return gradient;
}

/** Gives the address of the state before each step. */
function withStates(
  { batch, hidden, initialState }: GruWindow,
  trace: GruTrace,
  use: (previous: (t: number) => number) => void,
): void {
  const states = arenaPointer(trace.states);
  const at = (first: number) => (t: number) =>
    t === 0 ? first : states + 4 * (t - 1) * batch * hidden;
  if (initialState !== undefined) return use(at(arenaPointer(initialState)));
  withScratch(batch * hidden, "a GRU", (first) => {
    kernels().fill(first, batch * hidden, 0);
    use(at(first));
  });
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
