import * as tf from "@tensorflow/tfjs";
import { arenaPointer, arenaTensor, hasArena } from "../engine/kernels.ts";
import { checkTensor, checkTokens } from "./_check.ts";
import { fusedOutputs } from "./_fused.ts";
import { affine } from "./_product.ts";
import {
  backwardSteps,
  checkRecurrentCell,
  copyOf,
  forwardSteps,
  inputGradients,
  lastRows,
  maskedTwin,
  type RecurrentCell,
  recurrentKernelGradient,
  type RecurrentWindow,
  sumOfBiases,
} from "./_recurrent.ts";
import { embedding, embeddingTwin } from "./embedding.ts";

/** What an LSTM carries from step to step. */
export type LstmState = {
  /** h, `[batch, hidden]`. */
  readonly hidden: tf.Tensor2D;
  /** c, `[batch, hidden]`. */
  readonly cell: tf.Tensor2D;
};

/** What {@link lstm} returns. */
export type LstmResult = {
  /** h_1 … h_time, `[time · batch, hidden]`. */
  readonly states: tf.Tensor2D;
  /** State after the last step. */
  readonly finalState: LstmState;
};

interface Cell extends RecurrentCell {
  /** h_0 and c_0; 0 when left out. */
  readonly initialState?: LstmState;
}

/** Arguments of {@link lstm}. */
export interface LstmOptions extends Cell {
  /** x, `[time · batch, inputSize]`. */
  readonly inputs: tf.Tensor2D;
}

/** Arguments of {@link lstmOfTokens}. */
export interface LstmOfTokensOptions extends Cell {
  /** A row a token, `[vocabulary, inputSize]`. */
  readonly table: tf.Tensor2D;
  /** Token ids, `time · batch` of them. */
  readonly tokens: Int32Array;
}

/**
 * A long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000)
 * over a whole window, with x_t the input and h, c the previous state:
 *
 * - i = σ(x W_i + h U_i + b_i), f = σ(x W_f + h U_f + b_f), o = σ(x W_o + h U_o + b_o)
 * - n = tanh(x W_n + h U_n + b_n)
 * - c' = f ∘ c + i ∘ n, h' = o ∘ tanh(c')
 *
 * Columns of W, U and b are in the order input, forget, candidate, output: PyTorch's nn.LSTM with
 * W = weight_ihᵀ, U = weight_hhᵀ, and Keras's. No peepholes. Where the mask is 0 a sequence's state
 * stays as it was, so that with padding at the end `finalState` is the state after the last token.
 *
 * @param options Inputs, sizes, parameters and mask.
 * @returns States `[time · batch, hidden]` and the final state; a gradient flows through all three.
 * @throws {RangeError} If shapes do not fit, an extent is 0, or a mask holds anything but 0 and 1.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { lstm } from "./lstm.ts";
 * import assert from "node:assert/strict";
 * // With all parameters 0 the gates are ½ and the candidate is 0: the cell halves at each step.
 * const { states, finalState } = lstm({
 *   inputs: tf.zeros<tf.Rank.R2>([2, 1]),
 *   time: 2,
 *   batch: 1,
 *   initialState: { hidden: tf.zeros([1, 1]), cell: tf.tensor2d([[1]]) },
 *   kernel: tf.zeros<tf.Rank.R2>([1, 4]),
 *   recurrentKernel: tf.zeros<tf.Rank.R2>([1, 4]),
 *   bias: tf.zeros<tf.Rank.R1>([4]),
 * });
 * assert.deepEqual(finalState.cell.arraySync(), [[0.25]]);
 * assert.ok(Math.abs(states.dataSync()[1] - 0.5 * Math.tanh(0.25)) < 1e-6);
 * ```
 */
export function lstm(options: LstmOptions): LstmResult {
  const { inputs, kernel } = options;
  const sizes = checkCell("lstm", options);
  checkTensor("lstm: inputs", inputs, [sizes.time * sizes.batch, kernel.shape[0]]);
  return hasArena() ? run(options, sizes, { inputs }) : lstmTwin(options);
}

/**
 * {@link lstm} of embedded tokens, x_t = table[token_t], with the embedding folded into the input's
 * projection: table · W + b is computed once for each symbol, which is less work when there are fewer
 * symbols than tokens in the window.
 *
 * @param options As for `lstm`, with `table` and `tokens` in place of `inputs`.
 * @returns As `lstm`.
 * @throws {RangeError} As `lstm`, or if a token is outside the table.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { embedding } from "./embedding.ts";
 * import { lstm, lstmOfTokens } from "./lstm.ts";
 * import assert from "node:assert/strict";
 * const cell = {
 *   time: 3,
 *   batch: 1,
 *   kernel: tf.tensor2d([[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]]),
 *   recurrentKernel: tf.tensor2d([[0.1, -0.2, 0.3, -0.4]]),
 *   bias: tf.tensor1d([0, 0.1, 0.2, 0.3]),
 * };
 * const table = tf.tensor2d([[1, 2], [3, -4]]);
 * const tokens = Int32Array.of(1, 0, 1);
 * const folded = lstmOfTokens({ ...cell, table, tokens }).states.dataSync();
 * const plain = lstm({ ...cell, inputs: embedding({ table, tokens }) }).states.dataSync();
 * assert.ok(folded.every((value, i) => Math.abs(value - plain[i]) < 1e-6));
 * ```
 */
export function lstmOfTokens(options: LstmOfTokensOptions): LstmResult {
  const { table, tokens, kernel } = options;
  const sizes = checkCell("lstmOfTokens", options);
  checkTensor("lstmOfTokens: table", table, ["vocabulary", kernel.shape[0]]);
  checkTokens("lstmOfTokens: tokens", tokens, table.shape[0], sizes.time * sizes.batch);
  if (!hasArena()) return lstmOfTokensTwin(options);
  if (table.shape[0] < tokens.length) return run(options, sizes, { table, tokens });
  return tf.tidy(() => run(options, sizes, { inputs: embedding({ table, tokens }) }));
}

type Sizes = ReturnType<typeof checkRecurrentCell>;

function checkCell(name: string, cell: Cell): Sizes {
  const { initialState } = cell;
  return checkRecurrentCell(name, cell, 4, {
    "initialState.hidden": initialState?.hidden,
    "initialState.cell": initialState?.cell,
  });
}

function run(
  cell: Cell,
  sizes: Sizes,
  input: { inputs: tf.Tensor2D } | { table: tf.Tensor2D; tokens: Int32Array },
): LstmResult {
  const { kernel, recurrentKernel, bias, recurrentBias, mask } = cell;
  const { hidden: initialHidden, cell: initialCell } = cell.initialState ?? {};
  const folded = "table" in input;
  const first = folded ? input.table : input.inputs;
  const differentiable = {
    [folded ? "table" : "inputs"]: first,
    kernel,
    recurrentKernel,
    bias,
    recurrentBias,
    initialHidden,
    initialCell,
  };
  const [states, hidden, finalCell] = fusedOutputs(differentiable, (gradientWanted) => {
    const window = { ...sizes, recurrentKernel, initialHidden, mask };
    const ids = folded ? tf.tensor1d(input.tokens, "int32") : undefined;
    const projection = affine(first, kernel, { bias: sumOfBiases(cell) });
    const trace = runWindow(window, projection, ids, initialCell, gradientWanted);
    const { states, cells, gates } = trace;
    const always = [states, cells, gates, first, kernel, recurrentKernel];
    const extras = [ids, initialHidden, initialCell];
    return {
      values: [states, lastRows(states, sizes.batch), lastRows(cells, sizes.batch)],
      saved: [...always, ...extras.filter((tensor) => tensor !== undefined)],
      gradients: (dys, saved) => {
        const [states, cells, gates, first, kernel, recurrentKernel] = saved as tf.Tensor2D[];
        const rest = saved.slice(always.length);
        const tokens = ids && rest.shift() as tf.Tensor1D;
        const initial = rest as tf.Tensor2D[];
        const whole = { ...window, recurrentKernel, initialHidden: initial[0] };
        const backward = runWindowBackward(whole, { states, cells, gates }, initial[1], dys);
        return {
          ...inputGradients(first, kernel, backward.dGates, tokens),
          recurrentKernel: recurrentKernelGradient(whole, states, backward.dGates),
          initialHidden: backward.dHidden,
          initialCell: backward.dCell,
        };
      },
    };
  }) as tf.Tensor2D[];
  return { states, finalState: { hidden, cell: finalCell } };
}

/** What the backward pass reads besides the parameters. */
interface Trace {
  /** h_1 … h_time, `[time · batch, hidden]`. */
  readonly states: tf.Tensor2D;
  /** c_1 … c_time, `[time · batch, hidden]`; without gradients the last only, `[batch, hidden]`. */
  readonly cells: tf.Tensor2D;
  /** i, f, n, o, `[time · batch, 4 · hidden]`. */
  readonly gates: tf.Tensor2D;
}

function runWindow(
  window: RecurrentWindow,
  projection: tf.Tensor2D,
  ids: tf.Tensor1D | undefined,
  initialCell: tf.Tensor2D | undefined,
  gradientWanted: boolean,
): Trace {
  const { time, batch, hidden } = window;
  const rows = gradientWanted ? time * batch : batch;
  const states = arenaTensor<tf.Rank.R2>([time * batch, hidden]);
  const cells = arenaTensor<tf.Rank.R2>([rows, hidden]);
  // The gates are written over the projection, unless that is a table by token.
  const gates = ids ? arenaTensor<tf.Rank.R2>([rows, 4 * hidden]) : projection;
  const h = arenaPointer(states), c = arenaPointer(cells);
  const x = arenaPointer(projection), g = arenaPointer(gates);
  const tokens = ids ? arenaPointer(ids) : 0;
  const step = 4 * batch * hidden;
  const cellStep = gradientWanted ? step : 0;
  const gateStep = ids && !gradientWanted ? 0 : 4 * step;
  forwardSteps(window, states, (t, { first, count, kernels, previous, product, zeros, mask }) => {
    const at = 4 * first * hidden;
    const firstCell = initialCell ? arenaPointer(initialCell) + at : zeros;
    const previousCell = t === 0 ? firstCell : c + (t - 1) * cellStep + at;
    const xAt = tokens ? x : x + 4 * (t * step + at);
    const tokensAt = tokens && tokens + 4 * (t * batch + first);
    // deno-fmt-ignore
    kernels.lstmForward(
      count, hidden, xAt, tokensAt, mask, product, previous, previousCell,
      g + t * gateStep + 4 * at, c + t * cellStep + at, h + t * step + at,
    );
  });
  return { states, cells, gates };
}

function runWindowBackward(
  window: RecurrentWindow,
  { states, cells, gates }: Trace,
  initialCell: tf.Tensor2D | undefined,
  [dStates, dFinalHidden, dFinalCell]: tf.Tensor[],
): { dGates: tf.Tensor2D; dHidden: tf.Tensor2D; dCell: tf.Tensor2D } {
  const { time, batch, hidden } = window;
  const dGates = arenaTensor<tf.Rank.R2>([time * batch, 4 * hidden]);
  const dHidden = copyOf(dFinalHidden as tf.Tensor2D);
  const dCell = copyOf(dFinalCell as tf.Tensor2D);
  const dh = arenaPointer(dHidden), dc = arenaPointer(dCell), dy = arenaPointer(dStates);
  const c = arenaPointer(cells), g = arenaPointer(gates), dg = arenaPointer(dGates);
  const step = 4 * batch * hidden;
  backwardSteps(window, states, dGates, dHidden, (t, { first, count, kernels, zeros, mask }) => {
    const from = 4 * first * hidden, at = t * step + from;
    const firstCell = initialCell ? arenaPointer(initialCell) + from : zeros;
    const previousCell = t === 0 ? firstCell : c + at - step;
    // deno-fmt-ignore
    kernels.lstmBackward(
      count, hidden, mask, g + 4 * at, c + at, previousCell, dy + at, dh + from, dc + from,
      dg + 4 * at,
    );
  });
  return { dGates, dHidden, dCell };
}

/** {@link lstm} in plain tfjs, on any backend. */
export function lstmTwin(options: LstmOptions): LstmResult {
  const { time, batch, recurrentKernel } = options;
  const hidden = recurrentKernel.shape[0];
  return tf.tidy(() => {
    const projection = tf.add(tf.matMul(options.inputs, options.kernel), sumOfBiases(options));
    let h = options.initialState?.hidden ?? tf.zeros<tf.Rank.R2>([batch, hidden]);
    let c = options.initialState?.cell ?? tf.zeros<tf.Rank.R2>([batch, hidden]);
    const states: tf.Tensor2D[] = [];
    for (let t = 0; t < time; t++) {
      const x = tf.slice2d(projection as tf.Tensor2D, [t * batch, 0], [batch, 4 * hidden]);
      const [i, f, n, o] = tf.split(tf.add(x, tf.matMul(h, recurrentKernel)), 4, 1);
      const next: tf.Tensor2D = tf.add(
        tf.mul(tf.sigmoid(f), c),
        tf.mul(tf.sigmoid(i), tf.tanh(n)),
      );
      h = maskedTwin(options, t, h, tf.mul(tf.sigmoid(o), tf.tanh(next)));
      c = maskedTwin(options, t, c, next);
      states.push(h);
    }
    return { states: tf.concat2d(states, 0), finalState: { hidden: h.clone(), cell: c.clone() } };
  });
}

/** {@link lstmOfTokens} in plain tfjs, on any backend. */
export function lstmOfTokensTwin(options: LstmOfTokensOptions): LstmResult {
  return tf.tidy(() => lstmTwin({ ...options, inputs: embeddingTwin(options) }));
}
