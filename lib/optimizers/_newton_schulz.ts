import type { Matrices, Operand } from "./_matrices.ts";
import { squaredNorm } from "./_step.ts";

/** Of Keller Jordan's quintic: the steepest at 0 that brings what is above 0 to about 0.7 … 1.2. */
const coefficients = [3.4445, -4.7750, 2.0315].map(Math.fround) as [number, number, number];
const iterations = 5;
/** The same where X is not multiplied in each of them. */
const rounds = [3, 2];
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
 * times X ← (a I + b A + c A²) X with A = X Xᵀ, X with its shorter side first.
 *
 * Where the columns are the shorter side, the same is done with A = Xᵀ X from the right, which needs no
 * transpose. Where one side is at least twice the other, the factors Q = a I + b A + c A² are multiplied
 * by each other first, and X by three and then two of them at once: A ← Q A Q is what X's next A would
 * be, and a product of squares costs less than one with X. By five at once, the error of a matrix whose
 * singular values are thousands of times apart would be 1e-4; so it is about 1e-6.
 *
 * @param use Called with the result's values; they are of no use afterwards.
 */
export function orthogonalized(
  matrix: Matrix,
  matrices: Matrices,
  use: (values: Float32Array) => void,
): void {
  divideByNorm(matrix.values, matrices);
  const lengths = newtonSchulzArrays(matrix);
  matrices.withArrays(lengths, (result, ...squares) => {
    const iterate = isLong(matrix) ? bySquares : byMatrix;
    use(iterate(matrix, result, squares, matrices));
  });
}

/** Lengths of the arrays that an iteration takes besides its matrix. */
export function newtonSchulzArrays(sizes: Pick<Matrix, "rows" | "columns">): number[] {
  const { rows, columns } = sizes;
  const square = min(rows, columns) ** 2;
  return [rows * columns, ...Array<number>(isLong(sizes) ? 5 : 2).fill(square)];
}

/**
 * Floating-point operations of the five iterations as they are written: of each X Xᵀ, A² and the product
 * with X, without what symmetry and the order of products save.
 */
export function newtonSchulzFlops({ rows, columns }: Pick<Matrix, "rows" | "columns">): number {
  const [side, long] = [min(rows, columns), max(rows, columns)];
  return iterations * (4 * side ** 2 * long + 2 * side ** 3);
}

function isLong({ rows, columns }: Pick<Matrix, "rows" | "columns">): boolean {
  return max(rows, columns) >= 2 * min(rows, columns);
}

/** X ← Q X in each iteration. */
function byMatrix(
  { values, rows, columns }: Matrix,
  other: Float32Array,
  [a, q]: readonly Float32Array[],
  matrices: Matrices,
): Float32Array {
  let [x, next] = [values, other];
  for (let iteration = 0; iteration < iterations; iteration++) {
    gram({ values: x, rows, columns }, a, matrices);
    polynomial(a, q, min(rows, columns), matrices);
    timesSquare(q, { values: x, rows, columns }, next, matrices);
    [x, next] = [next, x];
  }
  return x;
}

/** P ← Q P and A ← Q A Q in the iterations of a round, then X ← P X. */
function bySquares(
  { values, rows, columns }: Matrix,
  other: Float32Array,
  squares: readonly Float32Array[],
  matrices: Matrices,
): Float32Array {
  const side = min(rows, columns);
  const multiply = (x: Float32Array, y: Float32Array, to: Float32Array) => {
    upper(squareOf(x, side), squareOf(y, side), to, { side, depth: side, matrices });
    mirrored(to, side, matrices);
  };
  const [a, q, free] = squares;
  let [, , , p, nextP] = squares;
  let [x, nextX] = [values, other];
  for (const count of rounds) {
    gram({ values: x, rows, columns }, a, matrices);
    polynomial(a, p, side, matrices);
    for (let iteration = 1, last = p; iteration < count; iteration++) {
      multiply(last, a, free);
      multiply(free, last, a);
      polynomial(a, q, side, matrices);
      multiply(q, p, nextP);
      [p, nextP] = [nextP, p];
      last = q;
    }
    timesSquare(p, { values: x, rows, columns }, nextX, matrices);
    [x, nextX] = [nextX, x];
  }
  return x;
}

/** A square as an operand; all are symmetric. */
function squareOf(values: Float32Array, side: number): Operand {
  return { values, stride: side, transposed: false };
}

/** A = X Xᵀ, or Xᵀ X where the columns are the shorter side. */
function gram({ values, rows, columns }: Matrix, a: Float32Array, matrices: Matrices): void {
  const transposed = rows > columns;
  const [side, depth] = transposed ? [columns, rows] : [rows, columns];
  const x = { values, stride: columns };
  upper({ ...x, transposed }, { ...x, transposed: !transposed }, a, { side, depth, matrices });
  mirrored(a, side, matrices);
}

/** Q = a I + b A + c A². */
function polynomial(a: Float32Array, q: Float32Array, side: number, matrices: Matrices): void {
  const operand = squareOf(a, side);
  upper(operand, operand, q, { side, depth: side, matrices });
  if (matrices.kernels === null) addPolynomial(q, a, side);
  else matrices.kernels.addPolynomial(q.byteOffset, a.byteOffset, side, ...coefficients);
  mirrored(q, side, matrices);
}

/** Q X, or X Q where the columns are the shorter side. */
function timesSquare(
  q: Float32Array,
  { values, rows, columns }: Matrix,
  result: Float32Array,
  matrices: Matrices,
): void {
  const side = min(rows, columns);
  const x = { values, stride: columns, transposed: false };
  const [first, second] = rows <= columns ? [squareOf(q, side), x] : [x, squareOf(q, side)];
  const to = { values: result, stride: columns };
  matrices.multiply(first, second, to, { m: rows, n: columns, k: side });
}

/** Divides by ‖X‖_F, summed in double precision; NaN stays NaN. */
function divideByNorm(values: Float32Array, { kernels }: Matrices): void {
  const none = { l1: 0, l2: 0 };
  const { byteOffset: at, length } = values;
  const squares = kernels === null
    ? squaredNorm(values, values, none)
    : kernels.squaredNorm(at, at, length, 0, 0);
  const inverse = fround(1 / max(sqrt(squares), smallestNorm));
  if (kernels !== null) return kernels.scale(at, length, inverse);
  for (let i = 0; i < length; i++) values[i] = fround(values[i] * inverse);
}

/** Rows of a symmetric product that are computed at once, from their diagonal on. */
const rowsOfBlock = 64;

/** The upper triangle of a product that is symmetric, and what of the lower one lies in its blocks. */
function upper(
  first: Operand,
  second: Operand,
  result: Float32Array,
  { side, depth, matrices }: {
    readonly side: number;
    readonly depth: number;
    readonly matrices: Matrices;
  },
): void {
  for (let row = 0; row < side; row += rowsOfBlock) {
    const from = ({ values, stride, transposed }: Operand, rows: boolean): Operand => ({
      values: values.subarray(row * (rows === transposed ? 1 : stride)),
      ...{ stride, transposed },
    });
    matrices.multiply(
      from(first, true),
      from(second, false),
      { values: result.subarray(row * (side + 1)), stride: side },
      { m: min(rowsOfBlock, side - row), n: side - row, k: depth },
    );
  }
}

/** From the upper triangle of A² makes that of a I + b A + c A². */
function addPolynomial(factor: Float32Array, square: Float32Array, side: number): void {
  const [a, b, c] = coefficients;
  for (let row = 0, at = 0; row < side; row++, at += side + 1) {
    const end = (row + 1) * side;
    for (let i = at; i < end; i++) {
      factor[i] = fround(fround(b * square[i]) + fround(c * factor[i]));
    }
    factor[at] = fround(a + factor[at]);
  }
}

function mirrored(values: Float32Array, side: number, { kernels }: Matrices): void {
  if (kernels === null) mirror(values, side);
  else kernels.mirror(values.byteOffset, side);
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
