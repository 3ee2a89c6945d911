import { arena, withScratch } from "./_arena.ts";
import type { KernelExports } from "./kernel_exports.ts";

/** A right-hand matrix that is used many times, packed once where that pays. */
export interface PreparedMatrix {
  /** C[m, n] (+)= A[m, k] · B */
  multiply(m: number, a: number, lda: number, accumulate: boolean, c: number, ldc: number): void;
}

/**
 * Products of row-major matrices of 32-bit floats in the engine's memory. Matrices are given by
 * address in bytes and leading dimension (distance of rows) in elements.
 */
export interface MatrixProducts {
  /** C[m, n] (+)= op(A)[m, k] · op(B)[k, n], op being the transpose where asked for. */
  multiply(
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
  ): void;
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
  const { gemm, gemmPacked, packB, packedBytes, packedWorkspaceBytes } = exports;
  const what = "matrix products";
  const workspace = allocate(exports.gemmWorkspaceBytes(), () => `working memory for ${what}`);
  return {
    multiply(transposeA, transposeB, m, n, k, a, lda, b, ldb, accumulate, c, ldc) {
      gemm(+transposeA, +transposeB, m, n, k, a, lda, b, ldb, +accumulate, c, ldc, workspace);
    },
    withPrepared(transposeB, k, n, b, ldb, use) {
      const packed = packedBytes(k, n);
      const words = (packed + packedWorkspaceBytes(k)) / 4;
      return withScratch(words, what, (pointer) => {
        packB(+transposeB, k, n, b, ldb, pointer);
        const edge = pointer + packed;
        return use({
          multiply(m, a, lda, accumulate, c, ldc) {
            gemmPacked(m, n, k, a, lda, pointer, +accumulate, c, ldc, edge);
          },
        });
      });
    },
  };
}
