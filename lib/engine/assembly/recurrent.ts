// What the recurrent kernels have in common. Gates of one kind have a loop of their own: a CPU does not
// look far enough ahead to find the next vector behind a long chain of operations.
import { load4, sigmoid4, store4, tanh4 } from "./math";

/** Row of a table by token, or by its own number where there are no tokens. */
// @ts-ignore: decorator
@inline
export function rowAt(table: usize, tokens: usize, row: i32, bytes: usize): usize {
  const index = tokens ? load<i32>(tokens + (<usize>row << 2)) : row;
  return table + <usize>index * bytes;
}

/** Whether a row is to keep its state: there is a mask, and it is 0. */
// @ts-ignore: decorator
@inline
export function isMasked(mask: usize, row: i32): bool {
  return mask ? load<f32>(mask + (<usize>row << 2)) == 0 : false;
}

/** Copies a row, onto itself too. */
// @ts-ignore: decorator
@inline
export function copyRow(to: usize, from: usize, bytes: usize): void {
  if (to != from) memory.copy(to, from, bytes);
}

// @ts-ignore: decorator
@inline
function sum4(x: usize, g: usize, c: usize, whole: bool): v128 {
  let sum = load4(x, whole);
  if (g) sum = f32x4.add(sum, load4(g, whole));
  return c ? f32x4.add(sum, load4(c, whole)) : sum;
}

/** out = tanh(x + g); g, if 0, is left out. */
export function tangents(bytes: usize, x: usize, g: usize, out: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    store4(out + i, tanh4(sum4(x + i, g ? g + i : 0, 0, true)), true);
  }
  for (; i < bytes; i += 4) store4(out + i, tanh4(sum4(x + i, g ? g + i : 0, 0, false)), false);
}

/** out = sigmoid(x + g + c); g and c, if 0, are left out. */
export function sigmoids(bytes: usize, x: usize, g: usize, c: usize, out: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) store4(out + i, sigmoid4(sum4(x + i, g ? g + i : 0, c ? c + i : 0, true)), true);
  for (; i < bytes; i += 4) store4(out + i, sigmoid4(sum4(x + i, g ? g + i : 0, c ? c + i : 0, false)), false);
}
