import * as tf from "@tensorflow/tfjs";
import { arenaPointer, arenaTensor, hasArena, kernels } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { fused } from "./_fused.ts";

/** Arguments of {@link swiglu}. */
export interface SwigluOptions<T extends tf.Tensor = tf.Tensor> {
  /** g, of any shape. */
  readonly gate: T;
  /** u, of the same shape. */
  readonly up: T;
}

/**
 * The product of a gated feed-forward layer (Shazeer 2020): y = silu(g) ∘ u with silu(g) = g / (1 + e^−g).
 * The paper's SwiGLU is this of g = x W and u = x V.
 *
 * @param options Gate and what it lets through.
 * @returns A tensor of their shape.
 * @throws {RangeError} If the shapes differ or have no elements.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { swiglu } from "./swiglu.ts";
 * import assert from "node:assert/strict";
 * const y = swiglu({ gate: tf.tensor1d([0, 20, -20]), up: tf.tensor1d([5, 3, 7]) }).dataSync();
 * [0, 60, 0].forEach((value, i) => assert.ok(Math.abs(y[i] - value) < 1e-5));
 * ```
 */
export function swiglu<T extends tf.Tensor>(options: SwigluOptions<T>): T {
  const { gate, up } = options;
  checkTensor("swiglu: gate", gate, gate.shape);
  checkTensor("swiglu: up", up, gate.shape);
  if (!hasArena()) return swigluTwin(options);
  return fused<T>({ gate, up }, () => {
    const value = arenaTensor(gate.shape) as T;
    kernels().swiglu(gate.size, arenaPointer(gate), arenaPointer(up), arenaPointer(value));
    return {
      value,
      saved: [gate, up],
      gradients: (dy, [gate, up]) => {
        const dGate = arenaTensor(gate.shape), dUp = arenaTensor(gate.shape);
        const [g, u, d, dg, du] = [gate, up, dy, dGate, dUp].map(arenaPointer);
        kernels().swigluBackward(gate.size, g, u, d, dg, du);
        return { gate: dGate, up: dUp };
      },
    };
  });
}

/** {@link swiglu} in plain tfjs, on any backend. */
export function swigluTwin<T extends tf.Tensor>({ gate, up }: SwigluOptions<T>): T {
  return tf.tidy(() => tf.mul(tf.mul(gate, tf.sigmoid(gate)), up) as T);
}
