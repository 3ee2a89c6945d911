import * as tf from "@tensorflow/tfjs";
import { arenaTensor, arenaView, hasArena } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { fused } from "./_fused.ts";

/** Arguments of {@link interleaveRows}. */
export interface InterleaveRowsOptions {
  /** `[rows, columns]` */
  readonly first: tf.Tensor2D;
  /** `[rows, columns]` */
  readonly second: tf.Tensor2D;
}

/**
 * The rows of two matrices in turn: row 2i is row i of the first, row 2i + 1 of the second.
 *
 * @param options Two matrices of one shape.
 * @returns `[2 · rows, columns]`.
 * @throws {RangeError} If the shapes differ.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { interleaveRows } from "./interleave_rows.ts";
 * import assert from "node:assert/strict";
 * const both = interleaveRows({ first: tf.tensor2d([[1], [2]]), second: tf.tensor2d([[3], [4]]) });
 * assert.deepEqual([...both.dataSync()], [1, 3, 2, 4]);
 * ```
 */
export function interleaveRows(options: InterleaveRowsOptions): tf.Tensor2D {
  const { first, second } = options;
  checkTensor("interleaveRows: first", first, ["rows", "columns"]);
  checkTensor("interleaveRows: second", second, first.shape);
  if (!hasArena()) return interleaveRowsTwin(options);
  const [rows, columns] = first.shape;
  return fused<tf.Tensor2D>({ first, second }, () => {
    const value = arenaTensor<tf.Rank.R2>([2 * rows, columns]);
    const all = arenaView(value);
    [first, second].forEach((matrix, offset) => {
      const values = arenaView(matrix);
      for (let row = 0; row < rows; row++) {
        const start = row * columns;
        all.set(values.subarray(start, start + columns), (2 * row + offset) * columns);
      }
    });
    return {
      value,
      saved: [],
      gradients(dy) {
        const slopes = arenaView(dy);
        const [ofFirst, ofSecond] = [0, 1].map((offset) => {
          const gradient = arenaTensor<tf.Rank.R2>([rows, columns]);
          const values = arenaView(gradient);
          for (let row = 0; row < rows; row++) {
            const start = (2 * row + offset) * columns;
            values.set(slopes.subarray(start, start + columns), row * columns);
          }
          return gradient;
        });
        return { first: ofFirst, second: ofSecond };
      },
    };
  });
}

/** {@link interleaveRows} in plain tfjs, on any backend. */
export function interleaveRowsTwin({ first, second }: InterleaveRowsOptions): tf.Tensor2D {
  const [rows, columns] = first.shape;
  return tf.tidy(() => tf.reshape(tf.stack([first, second], 1), [2 * rows, columns]));
}
