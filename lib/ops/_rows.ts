import type * as tf from "@tensorflow/tfjs";
import { arenaPointer, arenaTensor, kernels } from "../engine/kernels.ts";

/** Sums of the rows of x that belong to each token, `[vocabulary, columns]`. */
export function sumRowsByToken(
  x: tf.Tensor2D,
  tokens: tf.Tensor,
  vocabulary: number,
): tf.Tensor2D {
  const [count, columns] = x.shape;
  const sums = arenaTensor<tf.Rank.R2>([vocabulary, columns]);
  const { fill, scatterAddRows } = kernels();
  fill(arenaPointer(sums), sums.size, 0);
  scatterAddRows(arenaPointer(x), arenaPointer(tokens), count, columns, arenaPointer(sums));
  return sums;
}

/** Sum of all rows of x, `[columns]`. */
export function sumRows(x: tf.Tensor2D): tf.Tensor1D {
  const sum = arenaTensor<tf.Rank.R1>([x.shape[1]]);
  const { fill, sumRows } = kernels();
  fill(arenaPointer(sum), sum.size, 0);
  sumRows(arenaPointer(x), x.shape[0], x.shape[1], arenaPointer(sum));
  return sum;
}
