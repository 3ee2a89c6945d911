import type { Matrices } from "./_matrices.ts";

/** Of Keller Jordan's quintic: the steepest at 0 that brings what is above 0 to about 0.7 … 1.2. */
const [a, b, c] = [3.4445, -4.7750, 2.0315].map(Math.fround);
const iterations = 5;
const smallestNorm = 1e-7;

const { fround, max, min, sqrt } = Math;

/** A matrix in an array without gaps. */
export interface Matrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Makes the singular values of a matrix X about 1 and hands it over: X ← X/max(‖X‖_F, 1e-7), then five
 * times X ← a X + (b A + c A²) X with A = X Xᵀ, X with its shorter side first.
 *
 * Where the columns are the shorter side, the same is done with A = Xᵀ X from the right, which needs no
 * transpose. a is added to the diagonal of b A + c A², so that one product gives the new X.
 *
 * @param use Called with the result's values; they are of no use afterwards.
 */
export function orthogonalized(
  { values, rows, columns }: Matrix,
  matrices: Matrices,
  use: (values: Float32Array) => void,
): void {
  const side = min(rows, columns);
  const wide = rows <= columns;
  const long = wide ? columns : rows;
  divideByNorm(values);
  matrices.withArrays([values.length, side * side, side * side], (other, square, factor) => {
    let [x, next] = [values, other];
    for (let iteration = 0; iteration < iterations; iteration++) {
      matrices.multiply([x, !wide], [x, wide], square, { m: side, n: side, k: long });
      matrices.multiply([square, false], [square, false], factor, { m: side, n: side, k: side });
      addTerms(factor, square, side);
      if (wide) {
        matrices.multiply([factor, false], [x, false], next, { m: side, n: columns, k: side });
      } else matrices.multiply([x, false], [factor, false], next, { m: rows, n: side, k: side });
      [x, next] = [next, x];
    }
    use(x);
  });
}

/** Divides by ‖X‖_F, summed in double precision; NaN stays NaN. */
function divideByNorm(values: Float32Array): void {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] * values[i];
  const inverse = 1 / max(sqrt(squares), smallestNorm);
  for (let i = 0; i < values.length; i++) values[i] *= inverse;
}

/** From A² makes a I + b A + c A². */
function addTerms(factor: Float32Array, square: Float32Array, side: number): void {
  for (let i = 0; i < factor.length; i++) {
    factor[i] = fround(fround(b * square[i]) + fround(c * factor[i]));
  }
  for (let i = 0; i < factor.length; i += side + 1) factor[i] = fround(a + factor[i]);
}
