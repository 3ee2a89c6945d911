import * as tf from "@tensorflow/tfjs";
import { arenaTensor, arenaView, hasArena } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { fused } from "./_fused.ts";

/**
 * Rows of several matrices by turns: with n of them, row i of matrix k becomes row n i + k.
 *
 * @param matrices Each `[rows, size]`.
 * @returns `[n · rows, size]`; the one matrix where there is one.
 * @throws {RangeError} If the shapes differ.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { alternateRows } from "./alternate_rows.ts";
 * import assert from "node:assert/strict";
 * const both = alternateRows([tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]])]);
 * assert.deepEqual(both.arraySync(), [[1, 2], [5, 6], [3, 4], [7, 8]]);
 * ```
 */
export function alternateRows(matrices: readonly tf.Tensor2D[]): tf.Tensor2D {
  const [first] = matrices;
  const [rows, size] = first.shape;
  for (const each of matrices) checkTensor("alternateRows: matrices", each, [rows, size]);
  const count = matrices.length;
  if (count === 1) return first;
  if (!hasArena()) return alternateRowsTwin(matrices);
  const inputs = Object.fromEntries(matrices.map((each, index) => [`${index}`, each]));
  const copy = (together: tf.Tensor, parts: readonly tf.Tensor[], apart: boolean) => {
    const all = arenaView(together);
    parts.forEach((part, index) => {
      const own = arenaView(part);
      for (let row = 0; row < rows; row++) {
        const [at, inAll] = [row * size, (row * count + index) * size];
        if (apart) own.set(all.subarray(inAll, inAll + size), at);
        else all.set(own.subarray(at, at + size), inAll);
      }
    });
  };
  return fused<tf.Tensor2D>(inputs, () => {
    const value = arenaTensor<tf.Rank.R2>([rows * count, size]);
    copy(value, matrices, false);
    return {
      value,
      saved: [],
      gradients(dy) {
        const parts = matrices.map(() => arenaTensor([rows, size]));
        copy(dy, parts, true);
        return Object.fromEntries(parts.map((part, index) => [`${index}`, part]));
      },
    };
  });
}

/** {@link alternateRows} in plain tfjs, on any backend. */
export function alternateRowsTwin(matrices: readonly tf.Tensor2D[]): tf.Tensor2D {
  const [rows, size] = matrices[0].shape;
  return tf.reshape(tf.concat([...matrices], 1), [rows * matrices.length, size]);
}
