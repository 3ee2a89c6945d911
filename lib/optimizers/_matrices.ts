import type { KernelExports } from "../engine/kernel_exports.ts";

/** A row-major matrix in an array, or its transpose. */
export interface Operand {
  readonly values: Float32Array;
  /** Distance of rows in `values`. */
  readonly stride: number;
  readonly transposed: boolean;
}

/** Products of matrices, by the engine or in TypeScript. */
export interface Matrices {
  /** The engine's kernels, for which the `byteOffset` of an array is its address; null for none. */
  readonly kernels: KernelExports | null;
  /** C[m, n] = A[m, k] · B[k, n]; rows of C are `stride` apart. */
  multiply(
    a: Operand,
    b: Operand,
    c: { readonly values: Float32Array; readonly stride: number },
    sizes: { readonly m: number; readonly n: number; readonly k: number },
  ): void;
  /** Runs a function with arrays of these lengths, whose values are not set. */
  withArrays<Result>(
    lengths: readonly number[],
    use: (...arrays: Float32Array[]) => Result,
  ): Result;
}

/** Products of more terms than these are sums of such sums, as the kernels of `wasm` add them. */
const depthOfBlock = 256;

const { fround, min } = Math;

/** In plain TypeScript, with the bits of the engine `wasm`. */
export const plainMatrices: Matrices = {
  kernels: null,
  multiply(a, b, c, { m, n, k }) {
    const [rowOfA, columnOfA] = a.transposed ? [1, a.stride] : [a.stride, 1];
    const [rowOfB, columnOfB] = b.transposed ? [1, b.stride] : [b.stride, 1];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let first = 0; first < k; first += depthOfBlock) {
          let sum = 0;
          for (let q = first; q < min(k, first + depthOfBlock); q++) {
            const x = a.values[i * rowOfA + q * columnOfA];
            sum = fround(sum + fround(x * b.values[q * rowOfB + j * columnOfB]));
          }
          total = first === 0 ? sum : fround(total + sum);
        }
        c.values[i * c.stride + j] = total;
      }
    }
  },
  withArrays: (lengths, use) => use(...lengths.map((length) => new Float32Array(length))),
};
