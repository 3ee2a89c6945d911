import type { KernelExports } from "./kernel_exports.ts";

/** C[m, n] (+)= op(A)[m, k] · op(B)[k, n], op being the transpose where asked for. */
export type Multiply = (
  transposeA: boolean,
  transposeB: boolean,
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  accumulate: boolean,
  c: number,
  ldc: number,
) => void;

/** C[m, n] (+)= A[m, k] · B with a B that was packed, by its address. */
export type PackedMultiply = (
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  packed: number,
  accumulate: boolean,
  c: number,
  ldc: number,
) => void;

/**
 * What a part of the work calls. Its calls are made in order by whichever thread takes the part; they
 * return nothing.
 */
export interface Calls {
  readonly kernels: KernelExports;
  readonly multiply: Multiply;
  /** C[m, n] (+)= A · B with B as `packB` left it. */
  readonly multiplyPacked: PackedMultiply;
}
