import * as tf from "@tensorflow/tfjs";
import { checkBoolean, checkInteger } from "../core/check.ts";
import { hasArena } from "../engine/kernels.ts";
import { checkStepMask, checkTensor, checkTokens } from "./_check.ts";
import { fused } from "./_fused.ts";
import {
  type GruTrace,
  type GruWindow,
  runGruWindow,
  runGruWindowBackward,
} from "./_gru_window.ts";
import { affine, product } from "./_product.ts";
import { maskedTwin } from "./_recurrent.ts";
import { sumRows } from "./_rows.ts";
import { embedding, embeddingTwin } from "./embedding.ts";

/** Sizes and parameters of a GRU. */
export interface GruCell {
  /** Steps of the window, from 1. */
  readonly time: number;
  /** Sequences side by side, from 1. Row t · batch + b is step t of sequence b. */
  readonly batch: number;
  /** h_0, `[batch, hidden]`; 0 when left out. */
  readonly initialState?: tf.Tensor2D;
  /** W, `[inputSize, 3 · hidden]`: columns reset, update, candidate. */
  readonly kernel: tf.Tensor2D;
  /** U, `[hidden, 3 · hidden]`, columns as in W. */
  readonly recurrentKernel: tf.Tensor2D;
  /** b, `[3 · hidden]`. */
  readonly bias: tf.Tensor1D;
  /** c, `[3 · hidden]`; reset-after only, 0 when left out. */
  readonly recurrentBias?: tf.Tensor1D;
  /** Whether the reset gate acts after the product with U_n (PyTorch, cuDNN, Keras) or before it. */
  readonly resetAfter: boolean;
  /** 1 where a step counts; at 0 a sequence's state stays as it was. Ones when left out. */
  readonly mask?: Float32Array;
}

/** Arguments of {@link gru}. */
export interface GruOptions extends GruCell {
  /** x, `[time · batch, inputSize]`. */
  readonly inputs: tf.Tensor2D;
}

/** Arguments of {@link gruOfTokens}. */
export interface GruOfTokensOptions extends GruCell {
  /** A row a token, `[vocabulary, inputSize]`. */
  readonly table: tf.Tensor2D;
  /** Token ids, `time · batch` of them. */
  readonly tokens: Int32Array;
}

/**
 * A gated recurrent unit (Cho et al. 2014) over a whole window, with x_t the input and h the previous
 * state:
 *
 * - r = σ(x W_r + b_r + h U_r + c_r), z = σ(x W_z + b_z + h U_z + c_z)
 * - reset after: n = tanh(x W_n + b_n + r ∘ (h U_n + c_n))
 * - reset before: n = tanh(x W_n + b_n + (r ∘ h) U_n)
 * - h' = (1 − z) ∘ n + z ∘ h
 *
 * Reset-after is PyTorch's nn.GRU with W = weight_ihᵀ, U = weight_hhᵀ; tfjs's and the paper's form is
 * reset-before. Keras orders the gates update, reset, candidate and uses them alike. Where the mask is
 * 0 a sequence's state stays as it was.
 *
 * @param options Inputs, sizes, parameters and mask.
 * @returns h_1 … h_time, `[time · batch, hidden]`; the last `batch` rows are the final state.
 * @throws {RangeError} If shapes do not fit, an extent is 0, or a mask holds anything but 0 and 1.
 * @throws {TypeError} If a recurrent bias is given in the reset-before form.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { gru } from "./gru.ts";
 * import assert from "node:assert/strict";
 * // With all parameters 0 the gates are ½ and the candidate is 0: the state halves at each step.
 * const states = gru({
 *   inputs: tf.zeros<tf.Rank.R2>([2, 1]),
 *   time: 2,
 *   batch: 1,
 *   initialState: tf.tensor2d([[1]]),
 *   kernel: tf.zeros<tf.Rank.R2>([1, 3]),
 *   recurrentKernel: tf.zeros<tf.Rank.R2>([1, 3]),
 *   bias: tf.zeros<tf.Rank.R1>([3]),
 *   resetAfter: true,
 * });
 * assert.deepEqual(states.arraySync(), [[0.5], [0.25]]);
 * ```
 */
export function gru(options: GruOptions): tf.Tensor2D {
  const { inputs, kernel, recurrentKernel, bias, recurrentBias, initialState } = options;
  const window = checkCell("gru", options);
  checkTensor("gru: inputs", inputs, [options.time * options.batch, kernel.shape[0]]);
  if (!hasArena()) return gruTwin(options);

  const differentiable = { inputs, kernel, bias, recurrentKernel, recurrentBias, initialState };
  return fused<tf.Tensor2D>(differentiable, (gradientWanted) => {
    const trace = runGruWindow(window, affine(inputs, kernel, { bias }), gradientWanted);
    return {
      value: trace.states,
      saved: saved(trace, window, inputs, kernel),
      gradients: (dy, kept) => windowGradients("inputs", window, kept, dy, inputs.shape[0]),
    };
  });
}

/**
 * {@link gru} of embedded tokens, x_t = table[token_t], with the embedding folded into the input's
 * projection: table · W + b is computed once for each symbol and then gathered, which is less work
 * when there are fewer symbols than tokens in the window.
 *
 * @param options As for `gru`, with `table` and `tokens` in place of `inputs`.
 * @returns h_1 … h_time, `[time · batch, hidden]`.
 * @throws {RangeError} As `gru`, or if a token is outside the table.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { embedding } from "./embedding.ts";
 * import { gru, gruOfTokens } from "./gru.ts";
 * import assert from "node:assert/strict";
 * const cell = {
 *   time: 3,
 *   batch: 1,
 *   kernel: tf.tensor2d([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]),
 *   recurrentKernel: tf.tensor2d([[0.1, -0.2, 0.3]]),
 *   bias: tf.tensor1d([0, 0.1, 0.2]),
 *   resetAfter: false,
 * };
 * const table = tf.tensor2d([[1, 2], [3, -4]]);
 * const tokens = Int32Array.of(1, 0, 1);
 * const folded = gruOfTokens({ ...cell, table, tokens }).dataSync();
 * const plain = gru({ ...cell, inputs: embedding({ table, tokens }) }).dataSync();
 * assert.ok(folded.every((value, i) => Math.abs(value - plain[i]) < 1e-6));
 * ```
 */
export function gruOfTokens(options: GruOfTokensOptions): tf.Tensor2D {
  const { table, tokens, kernel, recurrentKernel, bias, recurrentBias, initialState } = options;
  const window = checkCell("gruOfTokens", options);
  checkTensor("gruOfTokens: table", table, ["vocabulary", kernel.shape[0]]);
  const vocabulary = table.shape[0];
  checkTokens("gruOfTokens: tokens", tokens, vocabulary, options.time * options.batch);
  if (!hasArena()) return gruOfTokensTwin(options);
  if (vocabulary >= tokens.length) {
    return tf.tidy(() => gru({ ...options, inputs: embedding({ table, tokens }) }));
  }

  const differentiable = { table, kernel, bias, recurrentKernel, recurrentBias, initialState };
  return fused<tf.Tensor2D>(differentiable, (gradientWanted) => {
    const ids = tf.tensor1d(tokens, "int32");
    const symbols = affine(table, kernel, { bias });
    const trace = runGruWindow({ ...window, tokens: ids }, symbols, gradientWanted);
    return {
      value: trace.states,
      saved: [...saved(trace, window, table, kernel), ids],
      gradients: (dy, kept) =>
        windowGradients(
          "table",
          { ...window, tokens: kept[kept.length - 1] as tf.Tensor1D },
          kept.slice(0, -1),
          dy,
          vocabulary,
        ),
    };
  });
}

function saved(
  { states, gates, inner }: GruTrace,
  { recurrentKernel, initialState }: GruWindow,
  first: tf.Tensor2D,
  kernel: tf.Tensor2D,
): tf.Tensor[] {
  const always = [states, gates, inner, first, kernel, recurrentKernel];
  return initialState === undefined ? always : [...always, initialState];
}

/** Gradients of all inputs by name, from what {@link saved} kept. */
function windowGradients(
  first: "inputs" | "table",
  window: GruWindow,
  kept: tf.Tensor[],
  dy: tf.Tensor2D,
  projectionRows: number,
): { [name: string]: tf.Tensor } {
  const [states, gates, inner, x, kernel, recurrentKernel, initialState] = kept as tf.Tensor2D[];
  const whole = { ...window, recurrentKernel, initialState };
  const trace = { states, gates, inner };
  const { projection, candidateBias, ...gradients } = runGruWindowBackward(
    whole,
    trace,
    dy,
    projectionRows,
  );
  const bias = sumRows(projection);
  return {
    ...gradients,
    [first]: product(projection, kernel, false, true),
    kernel: product(x, projection, true, false),
    bias,
    ...candidateBias &&
      { recurrentBias: tf.concat1d([bias.slice(0, 2 * window.hidden), candidateBias]) },
  };
}

function checkCell(name: string, cell: GruCell): GruWindow {
  const { time, batch, kernel, recurrentKernel, bias, recurrentBias, initialState } = cell;
  checkInteger(`${name}: time`, time, { from: 1 });
  checkInteger(`${name}: batch`, batch, { from: 1 });
  checkBoolean(`${name}: resetAfter`, cell.resetAfter);
  const hidden = recurrentKernel.shape[0];
  checkTensor(`${name}: recurrentKernel`, recurrentKernel, ["hidden", 3 * hidden]);
  checkTensor(`${name}: kernel`, kernel, ["inputSize", 3 * hidden]);
  checkTensor(`${name}: bias`, bias, [3 * hidden]);
  if (initialState !== undefined) {
    checkTensor(`${name}: initialState`, initialState, [batch, hidden]);
  }
  if (recurrentBias !== undefined) {
    if (!cell.resetAfter) {
      throw new TypeError(
        `${name}: recurrentBias is for the reset-after form only: leave it out, or set resetAfter.`,
      );
    }
    checkTensor(`${name}: recurrentBias`, recurrentBias, [3 * hidden]);
  }
  const { resetAfter, mask } = cell;
  checkStepMask(`${name}: mask`, mask, time * batch);
  return { time, batch, hidden, initialState, recurrentKernel, recurrentBias, resetAfter, mask };
}

/** {@link gru} in plain tfjs, on any backend. */
export function gruTwin(options: GruOptions): tf.Tensor2D {
  const { time, batch, recurrentKernel: u, resetAfter } = options;
  const hidden = u.shape[0];
  return tf.tidy(() => {
    const gatesOfInput = tf.add(tf.matMul(options.inputs, options.kernel), options.bias);
    let h = options.initialState ?? tf.zeros<tf.Rank.R2>([batch, hidden]);
    const states: tf.Tensor2D[] = [];
    for (let t = 0; t < time; t++) {
      const x = tf.slice2d(gatesOfInput as tf.Tensor2D, [t * batch, 0], [batch, 3 * hidden]);
      const [xr, xz, xn] = tf.split(x, 3, 1);
      let n: tf.Tensor, z: tf.Tensor;
      if (resetAfter) {
        const product = tf.matMul(h, u);
        const gates = options.recurrentBias ? tf.add(product, options.recurrentBias) : product;
        const [hr, hz, hn] = tf.split(gates, 3, 1);
        z = tf.sigmoid(tf.add(xz, hz));
        n = tf.tanh(tf.add(xn, tf.mul(tf.sigmoid(tf.add(xr, hr)), hn)));
      } else {
        const [ur, uz, un] = tf.split(u, 3, 1);
        const r = tf.sigmoid(tf.add(xr, tf.matMul(h, ur)));
        z = tf.sigmoid(tf.add(xz, tf.matMul(h, uz)));
        n = tf.tanh(tf.add(xn, tf.matMul(tf.mul(r, h), un)));
      }
      const next: tf.Tensor2D = tf.add(tf.mul(tf.sub(1, z), n), tf.mul(z, h));
      h = maskedTwin(options, t, h, next);
      states.push(h);
    }
    return tf.concat2d(states, 0);
  });
}

/** {@link gruOfTokens} in plain tfjs, on any backend. */
export function gruOfTokensTwin(options: GruOfTokensOptions): tf.Tensor2D {
  return tf.tidy(() => gruTwin({ ...options, inputs: embeddingTwin(options) }));
}
