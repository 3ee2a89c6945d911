import { checkInteger } from "../../core/check.ts";
import type { RandomStream } from "../../core/random.ts";

/** Binary digits of a coordinate: up to 2^32 points. */
const digits = 32;

/**
 * Primitive polynomials, as their binary coefficients, each with its initial direction numbers m₁, m₂, …,
 * for dimensions 1 to 31 (dimension 0 has none): new-joe-kuo-6.21201 of Joe and Kuo.
 */
const directions: readonly (readonly [polynomial: number, ...m: number[]])[] = [
  [3, 1],
  [7, 1, 3],
  [11, 1, 3, 1],
  [13, 1, 1, 1],
  [19, 1, 1, 3, 3],
  [25, 1, 3, 5, 13],
  [37, 1, 1, 5, 5, 17],
  [41, 1, 1, 5, 5, 5],
  [47, 1, 1, 7, 11, 19],
  [55, 1, 1, 5, 1, 1],
  [59, 1, 1, 1, 3, 11],
  [61, 1, 3, 5, 5, 31],
  [67, 1, 3, 3, 9, 7, 49],
  [91, 1, 1, 1, 15, 21, 21],
  [97, 1, 3, 1, 13, 27, 49],
  [103, 1, 1, 1, 15, 7, 5],
  [109, 1, 3, 1, 15, 13, 25],
  [115, 1, 1, 5, 5, 19, 61],
  [131, 1, 3, 7, 11, 23, 15, 103],
  [137, 1, 3, 7, 13, 13, 15, 69],
  [143, 1, 1, 3, 13, 7, 35, 63],
  [145, 1, 3, 5, 9, 1, 25, 53],
  [157, 1, 3, 1, 13, 9, 35, 107],
  [167, 1, 3, 1, 5, 27, 61, 31],
  [171, 1, 1, 5, 11, 19, 41, 61],
  [185, 1, 3, 5, 3, 3, 13, 69],
  [191, 1, 1, 7, 13, 1, 19, 1],
  [193, 1, 3, 7, 5, 13, 19, 59],
  [203, 1, 1, 3, 9, 25, 29, 41],
  [211, 1, 3, 5, 13, 23, 1, 55],
  [213, 1, 3, 7, 3, 13, 59, 17],
];

/** How many dimensions there are. */
export const sobolDimensions = directions.length + 1;

/**
 * One coordinate of a Sobol sequence: a function from the index of a point, from 0, to a number in
 * [0, 1).
 *
 * Coordinate d of point n is ⊕ g_j(n) · v_j over the digits g of the Gray code of n, with direction
 * numbers v of Joe and Kuo. Scrambled, v_j becomes L·v_j with a random lower triangular binary matrix L
 * of unit diagonal, and a random shift is added digit by digit (Matoušek 1998): each point is then
 * uniform in [0, 1), and of the first 2^k points each of 2^k equal parts of every axis still holds one.
 *
 * A point depends on its index alone: a longer sequence begins with the shorter one. With a stream for
 * each axis an axis that is added leaves the others' values as they are.
 *
 * @param dimension Which coordinate, from 0 to 31.
 * @param scramble Stream that the scrambling is drawn from; null for none.
 * @throws {RangeError} If there is no such dimension.
 *
 * Papers: Sobol 1967; Joe and Kuo, Constructing Sobol Sequences with Better Two-Dimensional Projections,
 * SIAM J. Sci. Comput. 30, 2008; Matoušek, On the L2-Discrepancy for Anchored Boxes, J. Complexity 14,
 * 1998.
 *
 * @example
 * ```ts
 * import { sobolCoordinate } from "./sobol.ts";
 * import assert from "node:assert/strict";
 * const plain = sobolCoordinate(1, null);
 * assert.deepEqual([0, 1, 2, 3].map(plain), [0, 0.5, 0.25, 0.75]);
 * ```
 */
export function sobolCoordinate(
  dimension: number,
  scramble: RandomStream | null,
): (index: number) => number {
  checkInteger("sobolCoordinate: dimension", dimension, { from: 0, to: sobolDimensions - 1 });
  const plain = directionNumbers(dimension);
  const rows = scramble === null ? null : lowerTriangular(scramble);
  const columns = rows === null ? plain : plain.map((column) => product(rows, column));
  const shift = scramble === null ? 0 : scramble.uint32();
  return (index) => {
    checkInteger("sobolCoordinate: index", index, { from: 0, to: 2 ** digits - 1 });
    let gray = (index ^ (index >>> 1)) >>> 0;
    let value = shift;
    for (let digit = 0; gray !== 0; digit++, gray >>>= 1) {
      if ((gray & 1) === 1) value ^= columns[digit];
    }
    return (value >>> 0) / 2 ** digits;
  };
}

/** v_j, the first binary digit in the highest bit. */
function directionNumbers(dimension: number): number[] {
  if (dimension === 0) return Array.from({ length: digits }, (_, j) => (1 << (31 - j)) >>> 0);
  const [polynomial, ...m] = directions[dimension - 1];
  const degree = m.length;
  const v = m.map((value, j) => (value << (31 - j)) >>> 0);
  for (let j = degree; j < digits; j++) {
    let value = v[j - degree] ^ (v[j - degree] >>> degree);
    for (let k = 1; k < degree; k++) {
      if (((polynomial >>> (degree - k)) & 1) === 1) value ^= v[j - k];
    }
    v.push(value >>> 0);
  }
  return v;
}

/** Rows of a random lower triangular matrix of unit diagonal: each digit is mixed with higher ones. */
function lowerTriangular(stream: RandomStream): number[] {
  return Array.from({ length: digits }, (_, row) => {
    const diagonal = (1 << (31 - row)) >>> 0;
    const higher = ~(2 * diagonal - 1);
    return ((stream.uint32() & higher) | diagonal) >>> 0;
  });
}

/** Matrix times vector over two elements. */
function product(rows: readonly number[], column: number): number {
  let value = 0;
  for (const [row, mask] of rows.entries()) {
    if (parity(mask & column) === 1) value |= 1 << (31 - row);
  }
  return value >>> 0;
}

function parity(bits: number): number {
  let folded = bits;
  for (const by of [16, 8, 4, 2, 1]) folded ^= folded >>> by;
  return folded & 1;
}
