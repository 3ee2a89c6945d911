import type { Matrices, Operand } from "./_matrices.ts";

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
  const wide = rows <= columns;
  const [side, long] = wide ? [rows, columns] : [columns, rows];
  divideByNorm(values);
  matrices.withArrays([values.length, side * side, side * side], (other, square, factor) => {
    let [x, next] = [values, other];
    const ofFactor = { values: factor, stride: side, transposed: false };
    for (let iteration = 0; iteration < iterations; iteration++) {
      timesItsTranspose({ values: x, stride: columns, transposed: !wide }, square, {
        ...{ side, depth: long, matrices },
      });
      mirror(square, side);
      timesItsTranspose({ values: square, stride: side, transposed: false }, factor, {
        ...{ side, depth: side, matrices },
      });
      addTerms(factor, square, side);
      mirror(factor, side);
      const ofX = { values: x, stride: columns, transposed: false };
      const [first, second] = wide ? [ofFactor, ofX] : [ofX, ofFactor];
      const result = { values: next, stride: columns };
      matrices.multiply(first, second, result, { m: rows, n: columns, k: side });
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

/** Rows of a symmetric product that are computed at once, from their diagonal on. */
const rowsOfBlock = 128;

/** The upper triangle of M Mᵀ, for M[side, depth], and what of the lower one lies in its blocks. */
function timesItsTranspose(
  { values, stride, transposed }: Operand,
  result: Float32Array,
  { side, depth, matrices }: {
    readonly side: number;
    readonly depth: number;
    readonly matrices: Matrices;
  },
): void {
  for (let first = 0; first < side; first += rowsOfBlock) {
    const rest = { values: values.subarray(first * (transposed ? 1 : stride)), stride };
    matrices.multiply(
      { ...rest, transposed },
      { ...rest, transposed: !transposed },
      { values: result.subarray(first * (side + 1)), stride: side },
      { m: min(rowsOfBlock, side - first), n: side - first, k: depth },
    );
  }
}

/** From the upper triangle of A² makes that of a I + b A + c A². */
function addTerms(factor: Float32Array, square: Float32Array, side: number): void {
  for (let row = 0, at = 0; row < side; row++, at += side + 1) {
    const end = (row + 1) * side;
    for (let i = at; i < end; i++) {
      factor[i] = fround(fround(b * square[i]) + fround(c * factor[i]));
    }
    factor[at] = fround(a + factor[at]);
  }
}

/** Copies the upper triangle to the lower one, in squares that stay in the cache. */
function mirror(values: Float32Array, side: number): void {
  for (let top = 0; top < side; top += tile) {
    const bottom = min(side, top + tile);
    for (let left = top; left < side; left += tile) {
      const right = min(side, left + tile);
      for (let row = top; row < bottom; row++) {
        for (let column = max(left, row + 1); column < right; column++) {
          values[column * side + row] = values[row * side + column];
        }
      }
    }
  }
}

const tile = 16;
