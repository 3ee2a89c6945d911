import * as tf from "@tensorflow/tfjs";
import { arenaTensor, arenaView, hasArena } from "../engine/kernels.ts";
import { checkTensor } from "./_check.ts";
import { fused } from "./_fused.ts";

/** Arguments of {@link meanSquare} and {@link meanSquareDifference}. */
export interface MeanSquareOptions {
  /** Activations h, `[time × batch, size]`: position t of sequence b is row t · batch + b. */
  readonly inputs: tf.Tensor2D;
  /** Sequences side by side. */
  readonly batch: number;
  /** 1 on positions that count, 0 on padding, `[time × batch]`; ones when left out. */
  readonly mask?: Float32Array;
}

/**
 * Mean of h² over all activations of the positions that count; 0 if none does.
 *
 * @param options Activations and mask.
 * @returns A scalar.
 * @throws {RangeError} If the shapes do not fit.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { meanSquare } from "./mean_square.ts";
 * import assert from "node:assert/strict";
 * const inputs = tf.tensor2d([[1, 2], [3, 4]]);
 * assert.equal(meanSquare({ inputs, batch: 1 }).dataSync()[0], 7.5);
 * assert.equal(meanSquare({ inputs, batch: 1, mask: Float32Array.of(1, 0) }).dataSync()[0], 2.5);
 * ```
 */
export function meanSquare(options: MeanSquareOptions): tf.Scalar {
  return meanOfSquares("meanSquare", options, 0);
}

/**
 * Mean of (h_{t+1} − h_t)² over all pairs of successive positions that both count; 0 if there is none.
 *
 * @param options Activations and mask.
 * @returns A scalar.
 * @throws {RangeError} If the shapes do not fit.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { meanSquareDifference } from "./mean_square.ts";
 * import assert from "node:assert/strict";
 * const inputs = tf.tensor2d([[1, 2], [2, 5]]);
 * assert.equal(meanSquareDifference({ inputs, batch: 1 }).dataSync()[0], 5);
 * assert.equal(meanSquareDifference({ inputs, batch: 2 }).dataSync()[0], 0);
 * ```
 */
export function meanSquareDifference(options: MeanSquareOptions): tf.Scalar {
  return meanOfSquares("meanSquareDifference", options, options.batch);
}

/** Mean of (x[row + shift] − x[row])², or with shift 0 of x². */
function meanOfSquares(subject: string, options: MeanSquareOptions, shift: number): tf.Scalar {
  const { inputs, batch, mask } = options;
  checkTensor(`${subject}: inputs`, inputs, ["time · batch", "size"]);
  const [rows, size] = inputs.shape;
  if (rows % batch !== 0 || (mask !== undefined && mask.length !== rows)) {
    throw new RangeError(
      `${subject}: inputs must have a row for each position of ${batch} sequences, and mask as many ` +
        `values, found ${rows} rows and ${mask?.length ?? "no"} values.`,
    );
  }
  if (!hasArena()) return meanOfSquaresTwin(options, shift);
  const counted = countedRows(options, shift);
  const total = Math.max(1, counted.length * size);
  return fused<tf.Scalar>({ inputs }, () => {
    const values = arenaView(inputs);
    let sum = 0;
    forEachElement((i) => sum += difference(values, i) ** 2);
    return {
      value: tf.scalar(sum / total),
      saved: [inputs],
      gradients(dy, [inputs]) {
        const scale = 2 * dy.dataSync()[0] / total;
        const values = arenaView(inputs);
        const gradient = arenaTensor(inputs.shape);
        const slopes = arenaView(gradient).fill(0);
        forEachElement((i) => {
          const slope = scale * difference(values, i);
          slopes[i + shift * size] += slope;
          if (shift > 0) slopes[i] -= slope;
        });
        return { inputs: gradient };
      },
    };
  });

  function forEachElement(visit: (index: number) => void): void {
    for (const row of counted) {
      for (let i = row * size; i < (row + 1) * size; i++) visit(i);
    }
  }

  function difference(values: ArrayLike<number>, i: number): number {
    return shift === 0 ? values[i] : values[i + shift * size] - values[i];
  }
}

/** {@link meanSquare} in plain tfjs, on any backend. */
export function meanSquareTwin(options: MeanSquareOptions): tf.Scalar {
  return meanOfSquaresTwin(options, 0);
}

/** {@link meanSquareDifference} in plain tfjs, on any backend. */
export function meanSquareDifferenceTwin(options: MeanSquareOptions): tf.Scalar {
  return meanOfSquaresTwin(options, options.batch);
}

function meanOfSquaresTwin(options: MeanSquareOptions, shift: number): tf.Scalar {
  const rows = countedRows(options, shift);
  return tf.tidy(() => {
    if (rows.length === 0) return tf.scalar(0);
    const at = (offset: number) => tf.gather(options.inputs, rows.map((row) => row + offset));
    return tf.mean(tf.square(shift === 0 ? at(0) : tf.sub(at(shift), at(0))));
  });
}

/** Rows that count, with those `shift` after them. */
function countedRows({ inputs, mask }: MeanSquareOptions, shift: number): number[] {
  return Array.from({ length: Math.max(0, inputs.shape[0] - shift) }, (_, row) => row)
    .filter((row) => mask === undefined || (mask[row] !== 0 && mask[row + shift] !== 0));
}
