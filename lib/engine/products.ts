import { arena, withScratch } from "./_arena.ts";
import type { Calls, Multiply } from "./_calls.ts";
import type { KernelExports } from "./kernel_exports.ts";

export type { Multiply } from "./_calls.ts";

/** C[m, n] (+)= A[m, k] · B */
export type PreparedMultiply = (
  m: number,
  a: number,
  lda: number,
  accumulate: boolean,
  c: number,
  ldc: number,
) => void;

/** A right-hand matrix that is used many times, packed once where that pays. */
export interface PreparedMatrix {
  /** Multiplies by it as one of the calls of a part: see `cut`. */
  by(calls: Calls): PreparedMultiply;
}

/**
 * Products of row-major matrices of 32-bit floats in the engine's memory. Matrices are given by
 * address in bytes and leading dimension (distance of rows) in elements.
 */
export interface MatrixProducts {
  readonly multiply: Multiply;
  /** Runs a function with op(B)[k, n] prepared; it must not be changed meanwhile. */
  withPrepared<T>(
    transposeB: boolean,
    k: number,
    n: number,
    b: number,
    ldb: number,
    use: (matrix: PreparedMatrix) => T,
  ): T;
}

/** Products by the WASM kernels of one build; by the strict one, the same bits on every CPU. */
export function wasmProducts(exports: KernelExports): MatrixProducts {
  const { allocate } = arena();
  const { gemm, packB, packedBytes } = exports;
  const what = "matrix products";
  const workspace = allocate(exports.gemmWorkspaceBytes(), () => `working memory for ${what}`);
  return {
    multiply(transposeA, transposeB, m, n, k, a, lda, b, ldb, accumulate, c, ldc) {
      gemm(+transposeA, +transposeB, m, n, k, a, lda, b, ldb, +accumulate, c, ldc, workspace);
    },
    withPrepared(transposeB, k, n, b, ldb, use) {
      return withScratch(packedBytes(k, n) / 4, what, (pointer) => {
        packB(+transposeB, k, n, b, ldb, pointer);
        return use({
          by: ({ multiplyPacked }) => (m, a, lda, accumulate, c, ldc) =>
            multiplyPacked(m, n, k, a, lda, pointer, accumulate, c, ldc),
        });
      });
    },
  };
}
