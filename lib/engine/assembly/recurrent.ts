// What the recurrent kernels have in common; inlined into them.

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
