import * as tf from "@tensorflow/tfjs";
import {
  arenaPointer,
  arenaTensor,
  cut,
  kernels,
  products,
  withScratch,
} from "../engine/kernels.ts";
import type { PreparedMatrix } from "../engine/products.ts";
import { cutSequences } from "./_recurrent.ts";
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
  const mask = window.mask === undefined ? 0 : arenaPointer(tf.tensor1d(window.mask));

  withScratch(5 * batch * hidden, "a GRU", (scratch) => {
    const zeros = scratch + 4 * step;
    if (initialState === undefined) kernels().fill(zeros, batch * hidden, 0);
    const firstState = initialState === undefined ? zeros : arenaPointer(initialState);
    /** Of sequences from one on, at one step. */
    const addresses = (t: number, first: number) => {
      const at = 4 * first * hidden, tokensAt = tokens && tokens + 4 * (t * batch + first);
      const trace = (gradientWanted ? t * step : 0) + at;
      return {
        previous: (t === 0 ? firstState : h + (t - 1) * step) + at,
        tokensAt,
        xAt: tokens ? x : x + 3 * (t * step + at),
        gatesAt: firstGates + 3 * trace,
        innerAt: firstInner + trace,
        state: h + t * step + at,
        maskAt: mask && mask + 4 * (t * batch + first),
      };
    };
    if (window.resetAfter) {
      products().withPrepared(false, hidden, 3 * hidden, u, 3 * hidden, (kernel) => {
        cutSequences({ ...window, columns: 3 * hidden }).run((first, count, calls) => {
          const { gruAfterForward, gruKeepMasked } = calls.kernels;
          const multiply = kernel.by(calls);
          const product = scratch + 12 * first * hidden;
          for (let t = 0; t < time; t++) {
            const { previous, tokensAt, xAt, gatesAt, innerAt, state, maskAt } = addresses(
              t,
              first,
            );
            multiply(count, previous, hidden, false, product, 3 * hidden);
            // deno-fmt-ignore
            gruAfterForward(
              count, hidden, xAt, tokensAt, product, c, previous, gatesAt, innerAt, state,
            );
            if (maskAt) gruKeepMasked(count, hidden, maskAt, previous, gatesAt, state);
          }
        });
      });
      return;
    }
    withGateKernels(u, hidden, false, (gateKernel, candidateKernel) => {
      cutSequences({ ...window, columns: 3 * hidden }).run((first, count, calls) => {
        const { gruBeforeGates, gruBeforeState, gruKeepMasked } = calls.kernels;
        const [multiply, multiplyCandidate] = [gateKernel.by(calls), candidateKernel.by(calls)];
        const product = scratch + 8 * first * hidden;
        const candidate = scratch + 3 * step + 4 * first * hidden;
        for (let t = 0; t < time; t++) {
          const { previous, tokensAt, xAt, gatesAt, innerAt, state, maskAt } = addresses(t, first);
          multiply(count, previous, hidden, false, product, 2 * hidden);
          gruBeforeGates(count, hidden, xAt, tokensAt, product, previous, gatesAt, innerAt);
          multiplyCandidate(count, innerAt, hidden, false, candidate, hidden);
          gruBeforeState(count, hidden, xAt, tokensAt, candidate, previous, gatesAt, state);
          if (maskAt) gruKeepMasked(count, hidden, maskAt, previous, gatesAt, state);
        }
      });
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
  const projection = arenaTensor<tf.Rank.R2>([projectionRows, 3 * hidden]);
  const candidateBias = window.recurrentBias ? zeros<tf.Rank.R1>([hidden]) : null;
  const carryTensor = zeros<tf.Rank.R2>([batch, hidden]);
  const carryOfAll = arenaPointer(carryTensor), projected = arenaPointer(projection);
  const tokens = window.tokens === undefined ? 0 : arenaPointer(window.tokens);
  if (tokens) kernels().fill(projected, projection.size, 0);
  const dc = candidateBias ? arenaPointer(candidateBias) : 0;
  const gates = arenaPointer(trace.gates), inner = arenaPointer(trace.inner);
  const u = arenaPointer(window.recurrentKernel), dh = arenaPointer(dy);
  const parts = cutSequences({ ...window, columns: 3 * hidden });
  // Sums over sequences are taken at once where one part has all of them, else afterwards.
  const whole = parts.count === 1;
  const rows = !whole && tokens ? 3 * time * batch * hidden : 0;

  const recurrentKernel = withScratch(3 * time * batch * hidden + rows, "a GRU", (dg) => {
    const byRow = dg + 3 * time * step;
    withStates(window, trace, (previous) => {
      products().withPrepared(true, 3 * hidden, hidden, u, 3 * hidden, (kernel) => {
        parts.run((first, count, calls) => {
          const multiply = kernel.by(calls);
          const from = 4 * first * hidden, carry = carryOfAll + from;
          for (let t = time - 1; t >= 0; t--) {
            const at = t * step + from;
            const tokensAt = whole && tokens ? tokens + 4 * t * batch : 0;
            const dxAt = tokensAt ? projected : (tokens ? byRow : projected) + 3 * at;
            // deno-fmt-ignore
            calls.kernels.gruAfterBackward(
              count, hidden, gates + 3 * at, inner + at, previous(t) + from, dh + at, carry,
              dxAt, tokensAt, dg + 3 * at, whole ? dc : 0,
            );
            if (t === 0 && initialState === undefined) break;
            multiply(count, dg + 3 * at, 3 * hidden, true, carry, hidden);
          }
        });
      });
    });
    if (rows > 0) addByToken(window, byRow, tokens, projected);
    if (!whole && dc) addCandidates(window, dg, dc);
    return recurrentKernelGradient(window, trace, dg, 3 * hidden);
  });
  return { projection, recurrentKernel, candidateBias, initialState: carryTensor };
}

/** Adds rows of gradients to those of their tokens, the last step first. */
function addByToken(
  { time, batch, hidden }: GruWindow,
  rows: number,
  tokens: number,
  sums: number,
): void {
  const columns = 3 * hidden;
  cut({ count: columns, unit: 4, nanoseconds: 0.3 * time * batch }).run((j, count, { kernels }) => {
    for (let row = (time - 1) * batch; row >= 0; row -= batch) {
      const from = rows + 4 * (row * columns + j), ids = tokens + 4 * row;
      kernels.scatterAddRows(from, ids, batch, count, columns, sums + 4 * j);
    }
  });
}

/** Adds the gradients of the candidates to their bias's, the last step first. */
function addCandidates({ time, batch, hidden }: GruWindow, dg: number, dc: number): void {
  cut({ count: hidden, unit: 4, nanoseconds: 0.2 * time * batch }).run((j, count, { kernels }) => {
    for (let row = (time - 1) * batch; row >= 0; row -= batch) {
      const from = dg + 4 * (3 * row * hidden + 2 * hidden + j);
      kernels.sumRows(from, batch, count, 3 * hidden, dc + 4 * j);
    }
  });
}

function beforeBackward(
  window: GruWindow,
  trace: GruTrace,
  dy: tf.Tensor2D,
  projectionRows: number,
): GruGradients {
  const { time, batch, hidden, initialState } = window;
  const step = 4 * batch * hidden;
  const dGates = arenaTensor<tf.Rank.R2>([time * batch, 3 * hidden]);
  const carryTensor = zeros<tf.Rank.R2>([batch, hidden]);
  const carryOfAll = arenaPointer(carryTensor), dg = arenaPointer(dGates);
  const gates = arenaPointer(trace.gates), q = arenaPointer(trace.inner);
  const u = arenaPointer(window.recurrentKernel), dh = arenaPointer(dy);

  withScratch(batch * hidden, "a GRU", (dqOfAll) => {
    withStates(window, trace, (previousOf) => {
      withGateKernels(u, hidden, true, (gateKernel, candidateKernel) => {
        cutSequences({ ...window, columns: 3 * hidden }).run((first, count, calls) => {
          const { gruBeforeGatesBackward, gruBeforeStateBackward } = calls.kernels;
          const [multiply, multiplyCandidate] = [gateKernel.by(calls), candidateKernel.by(calls)];
          const from = 4 * first * hidden, carry = carryOfAll + from, dq = dqOfAll + from;
          for (let t = time - 1; t >= 0; t--) {
            const at = t * step + from, dgAt = dg + 3 * at, gatesAt = gates + 3 * at;
            const previous = previousOf(t) + from;
            gruBeforeStateBackward(count, hidden, gatesAt, previous, dh + at, carry, dgAt);
            multiplyCandidate(count, dgAt + 8 * hidden, 3 * hidden, false, dq, hidden);
            gruBeforeGatesBackward(count, hidden, gatesAt, previous, dq, carry, dgAt);
            if (t === 0 && initialState === undefined) break;
            multiply(count, dgAt, 3 * hidden, true, carry, hidden);
          }
        });
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
