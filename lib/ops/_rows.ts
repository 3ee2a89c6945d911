import type * as tf from "@tensorflow/tfjs";
import { arenaPointer, arenaTensor, kernels } from "../engine/kernels.ts";

/** A tensor of zeros in the engine's memory. */
export function zeros<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R> {
  const tensor = arenaTensor<R>(shape);
  kernels().fill(arenaPointer(tensor), tensor.size, 0);
  return tensor;
}

/** Sums of the rows of x that belong to each token, `[vocabulary, columns]`. */
export function sumRowsByToken(
  x: tf.Tensor2D,
  tokens: tf.Tensor,
  vocabulary: number,
): tf.Tensor2D {
  const [count, columns] = x.shape;
  const sums = zeros<tf.Rank.R2>([vocabulary, columns]);
  const { scatterAddRows } = kernels();
  const [from, ids, to] = [x, tokens, sums].map(arenaPointer);
  scatterAddRows(from, ids, count, columns, columns, to);
  return sums;
}

/** Sum of all rows of x, `[columns]`. */
export function sumRows(x: tf.Tensor2D): tf.Tensor1D {
  const sum = zeros<tf.Rank.R1>([x.shape[1]]);
  const { sumRows } = kernels();
  const [rows, columns] = x.shape;
  sumRows(arenaPointer(x), rows, columns, columns, arenaPointer(sum));
  return sum;
}
