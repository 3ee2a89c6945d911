/** Products of row-major matrices that lie in arrays, each without gaps between its rows. */
export interface Matrices {
  /** C[m, n] = op(A)[m, k] · op(B)[k, n], op being the transpose where asked for. */
  multiply(
    [a, transposeA]: readonly [Float32Array, boolean],
    [b, transposeB]: readonly [Float32Array, boolean],
    c: Float32Array,
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
  multiply([a, transposeA], [b, transposeB], c, { m, n, k }) {
    const [rowOfA, columnOfA] = transposeA ? [1, m] : [k, 1];
    const [rowOfB, columnOfB] = transposeB ? [1, k] : [n, 1];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let first = 0; first < k; first += depthOfBlock) {
          let sum = 0;
          for (let q = first; q < min(k, first + depthOfBlock); q++) {
            const product = fround(a[i * rowOfA + q * columnOfA] * b[q * rowOfB + j * columnOfB]);
            sum = fround(sum + product);
          }
          total = first === 0 ? sum : fround(total + sum);
        }
        c[i * n + j] = total;
      }
    }
  },
  withArrays: (lengths, use) => use(...lengths.map((length) => new Float32Array(length))),
};
