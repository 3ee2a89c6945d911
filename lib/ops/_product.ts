import * as tf from "@tensorflow/tfjs";
import { arenaPointer, arenaTensor, kernels, products } from "../engine/kernels.ts";

/** op(a) · op(b) of two matrices in the engine's memory. */
export function product(
  a: tf.Tensor2D,
  b: tf.Tensor2D,
  transposeA = false,
  transposeB = false,
): tf.Tensor2D {
  const [m, k] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
  const n = transposeB ? b.shape[0] : b.shape[1];
  const value = arenaTensor<tf.Rank.R2>([m, n]);
  products().multiply(
    transposeA,
    transposeB,
    m,
    n,
    k,
    arenaPointer(a),
    a.shape[1],
    arenaPointer(b),
    b.shape[1],
    false,
    arenaPointer(value),
    n,
  );
  return value;
}

/** x · kernel, or x · kernelᵀ, + bias + residual. */
export function affine(
  x: tf.Tensor2D,
  kernel: tf.Tensor2D,
  { bias, residual, transposeKernel = false }: {
    bias?: tf.Tensor1D;
    residual?: tf.Tensor2D;
    transposeKernel?: boolean;
  },
): tf.Tensor2D {
  if (bias === undefined && residual === undefined) {
    return product(x, kernel, false, transposeKernel);
  }
  const [rows, inner] = x.shape;
  const columns = kernel.shape[transposeKernel ? 0 : 1];
  const value = arenaTensor<tf.Rank.R2>([rows, columns]);
  const out = arenaPointer(value);
  const { addToRows, repeatRow } = kernels();
  if (residual === undefined) repeatRow(arenaPointer(bias!), rows, columns, out);
  else if (bias === undefined) repeatRow(arenaPointer(residual), 1, rows * columns, out);
  else addToRows(arenaPointer(residual), arenaPointer(bias), rows, columns, out);
  products().multiply(
    false,
    transposeKernel,
    rows,
    columns,
    inner,
    arenaPointer(x),
    inner,
    arenaPointer(kernel),
    kernel.shape[1],
    true,
    out,
    columns,
  );
  return value;
}
