import * as tf from "@tensorflow/tfjs";
import { checkOneOf } from "../core/check.ts";
import { arenaPointer, arenaTensor, hasArena } from "../engine/kernels.ts";
import { checkTensor, checkTokens } from "./_check.ts";
import { fused } from "./_fused.ts";
import { affine } from "./_product.ts";
import {
  backwardSteps,
  checkRecurrentCell,
  forwardSteps,
  inputGradients,
  maskedTwin,
  type RecurrentCell,
  recurrentKernelGradient,
  type RecurrentWindow,
  sumOfBiases,
} from "./_recurrent.ts";
import { zeros } from "./_rows.ts";
import { embedding, embeddingTwin } from "./embedding.ts";

/** What a simple recurrent layer does to the sum of its input and its state. */
export type RnnActivation = "tanh" | "relu";

interface Cell extends RecurrentCell {
  readonly activation: RnnActivation;
  /** h_0, `[batch, hidden]`; 0 when left out. */
  readonly initialState?: tf.Tensor2D;
}

/** Arguments of {@link simpleRnn}. */
export interface SimpleRnnOptions extends Cell {
  /** x, `[time · batch, inputSize]`. */
  readonly inputs: tf.Tensor2D;
}

/** Arguments of {@link simpleRnnOfTokens}. */
export interface SimpleRnnOfTokensOptions extends Cell {
  /** A row a token, `[vocabulary, inputSize]`. */
  readonly table: tf.Tensor2D;
  /** Token ids, `time · batch` of them. */
  readonly tokens: Int32Array;
}

/**
 * A simple recurrent layer (Elman 1990) over a whole window, with x_t the input and h the previous
 * state: h' = tanh(x W + h U + b), or max(x W + h U + b, 0).
 *
 * PyTorch's nn.RNN with W = weight_ihᵀ, U = weight_hhᵀ; Keras's SimpleRNN. Where the mask is 0 a
 * sequence's state stays as it was.
 *
 * @param options Inputs, sizes, parameters, activation and mask.
 * @returns h_1 … h_time, `[time · batch, hidden]`; the last `batch` rows are the final state.
 * @throws {RangeError} If shapes do not fit, an extent is 0, the activation is unknown, or a mask
 * holds anything but 0 and 1.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { simpleRnn } from "./simple_rnn.ts";
 * import assert from "node:assert/strict";
 * const states = simpleRnn({
 *   inputs: tf.tensor2d([[1], [-3], [1]]),
 *   time: 3,
 *   batch: 1,
 *   activation: "relu",
 *   kernel: tf.tensor2d([[1]]),
 *   recurrentKernel: tf.tensor2d([[2]]),
 *   bias: tf.tensor1d([0.5]),
 * });
 * assert.deepEqual(states.arraySync(), [[1.5], [0.5], [2.5]]);
 * ```
 */
export function simpleRnn(options: SimpleRnnOptions): tf.Tensor2D {
  const { inputs, kernel } = options;
  const sizes = checkCell("simpleRnn", options);
  checkTensor("simpleRnn: inputs", inputs, [sizes.time * sizes.batch, kernel.shape[0]]);
  return hasArena() ? run(options, sizes, { inputs }) : simpleRnnTwin(options);
}

/**
 * {@link simpleRnn} of embedded tokens, x_t = table[token_t], with the embedding folded into the
 * input's projection, as in `lstmOfTokens`.
 *
 * @param options As for `simpleRnn`, with `table` and `tokens` in place of `inputs`.
 * @returns h_1 … h_time, `[time · batch, hidden]`.
 * @throws {RangeError} As `simpleRnn`, or if a token is outside the table.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { simpleRnnOfTokens } from "./simple_rnn.ts";
 * import assert from "node:assert/strict";
 * const states = simpleRnnOfTokens({
 *   table: tf.tensor2d([[0], [1]]),
 *   tokens: Int32Array.of(1, 0),
 *   time: 2,
 *   batch: 1,
 *   activation: "relu",
 *   kernel: tf.tensor2d([[1]]),
 *   recurrentKernel: tf.tensor2d([[2]]),
 *   bias: tf.tensor1d([0.5]),
 * });
 * assert.deepEqual(states.arraySync(), [[1.5], [3.5]]);
 * ```
 */
export function simpleRnnOfTokens(options: SimpleRnnOfTokensOptions): tf.Tensor2D {
  const { table, tokens, kernel } = options;
  const sizes = checkCell("simpleRnnOfTokens", options);
  checkTensor("simpleRnnOfTokens: table", table, ["vocabulary", kernel.shape[0]]);
  checkTokens("simpleRnnOfTokens: tokens", tokens, table.shape[0], sizes.time * sizes.batch);
  if (!hasArena()) return simpleRnnOfTokensTwin(options);
  if (table.shape[0] < tokens.length) return run(options, sizes, { table, tokens });
  return tf.tidy(() => run(options, sizes, { inputs: embedding({ table, tokens }) }));
}

type Sizes = ReturnType<typeof checkRecurrentCell>;

function checkCell(name: string, cell: Cell): Sizes {
  checkOneOf(`${name}: activation`, cell.activation, ["tanh", "relu"]);
  return checkRecurrentCell(name, cell, 1, { initialState: cell.initialState });
}

function run(
  cell: Cell,
  sizes: Sizes,
  input: { inputs: tf.Tensor2D } | { table: tf.Tensor2D; tokens: Int32Array },
): tf.Tensor2D {
  const { kernel, recurrentKernel, bias, recurrentBias, initialState, mask, activation } = cell;
  const folded = "table" in input;
  const first = folded ? input.table : input.inputs;
  const differentiable = {
    [folded ? "table" : "inputs"]: first,
    kernel,
    recurrentKernel,
    bias,
    recurrentBias,
    initialState,
  };
  return fused<tf.Tensor2D>(differentiable, () => {
    const window = { ...sizes, recurrentKernel, initialHidden: initialState, mask };
    const ids = folded ? tf.tensor1d(input.tokens, "int32") : undefined;
    const projection = affine(first, kernel, { bias: sumOfBiases(cell) });
    const states = runWindow(window, projection, ids, activation);
    const always = [states, first, kernel, recurrentKernel];
    return {
      value: states,
      saved: [...always, ...[ids, initialState].filter((tensor) => tensor !== undefined)],
      gradients: (dy, saved) => {
        const [states, first, kernel, recurrentKernel] = saved as tf.Tensor2D[];
        const rest = saved.slice(always.length);
        const tokens = ids && rest.shift() as tf.Tensor1D;
        const initialHidden = rest[0] as tf.Tensor2D | undefined;
        const whole = { ...window, recurrentKernel, initialHidden };
        const { dGates, dHidden } = runWindowBackward(whole, states, dy, activation);
        return {
          ...inputGradients(first, kernel, dGates, tokens),
          recurrentKernel: recurrentKernelGradient(whole, states, dGates),
          initialState: dHidden,
        };
      },
    };
  });
}

function runWindow(
  window: RecurrentWindow,
  projection: tf.Tensor2D,
  ids: tf.Tensor1D | undefined,
  activation: RnnActivation,
): tf.Tensor2D {
  const { time, batch, hidden } = window;
  // The states are written over the projection, unless that is a table by token.
  const states = ids ? arenaTensor<tf.Rank.R2>([time * batch, hidden]) : projection;
  const h = arenaPointer(states), x = arenaPointer(projection);
  const tokens = ids ? arenaPointer(ids) : 0;
  forwardSteps(window, states, (t, { first, count, kernels, previous, product, mask }) => {
    const row = t * batch + first, at = 4 * row * hidden;
    const xAt = tokens ? x : x + at;
    const tokensAt = tokens && tokens + 4 * row;
    const rectified = activation === "relu";
    // deno-fmt-ignore
    kernels.rnnForward(
      count, hidden, rectified, xAt, tokensAt, mask, product, previous, h + at,
    );
  });
  return states;
}

function runWindowBackward(
  window: RecurrentWindow,
  states: tf.Tensor2D,
  dStates: tf.Tensor2D,
  activation: RnnActivation,
): { dGates: tf.Tensor2D; dHidden: tf.Tensor2D } {
  const { time, batch, hidden } = window;
  const dGates = arenaTensor<tf.Rank.R2>([time * batch, hidden]);
  const dHidden = zeros<tf.Rank.R2>([batch, hidden]);
  const dh = arenaPointer(dHidden), dy = arenaPointer(dStates);
  const h = arenaPointer(states), dg = arenaPointer(dGates);
  backwardSteps(window, states, dGates, dHidden, (t, { first, count, kernels, mask }) => {
    const at = 4 * (t * batch + first) * hidden;
    const rectified = activation === "relu";
    const carry = dh + 4 * first * hidden;
    kernels.rnnBackward(count, hidden, rectified, mask, h + at, dy + at, carry, dg + at);
  });
  return { dGates, dHidden };
}

/** {@link simpleRnn} in plain tfjs, on any backend. */
export function simpleRnnTwin(options: SimpleRnnOptions): tf.Tensor2D {
  const { time, batch, recurrentKernel, activation } = options;
  const hidden = recurrentKernel.shape[0];
  return tf.tidy(() => {
    const projection = tf.add(tf.matMul(options.inputs, options.kernel), sumOfBiases(options));
    let h = options.initialState ?? tf.zeros<tf.Rank.R2>([batch, hidden]);
    const states: tf.Tensor2D[] = [];
    for (let t = 0; t < time; t++) {
      const x = tf.slice2d(projection as tf.Tensor2D, [t * batch, 0], [batch, hidden]);
      const sum: tf.Tensor2D = tf.add(x, tf.matMul(h, recurrentKernel));
      h = maskedTwin(options, t, h, activation === "tanh" ? tf.tanh(sum) : tf.relu(sum));
      states.push(h);
    }
    return tf.concat2d(states, 0);
  });
}

/** {@link simpleRnnOfTokens} in plain tfjs, on any backend. */
export function simpleRnnOfTokensTwin(options: SimpleRnnOfTokensOptions): tf.Tensor2D {
  return tf.tidy(() => simpleRnnTwin({ ...options, inputs: embeddingTwin(options) }));
}
