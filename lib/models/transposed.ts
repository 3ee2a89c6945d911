/** A matrix with rows and columns exchanged; `rows` × `columns` are those that it has. */
export function transposed(
  values: Float32Array,
  rows: number,
  columns: number,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length);
  // Squares of this size stay in the cache, on both sides.
  const side = 32;
  for (let top = 0; top < rows; top += side) {
    const bottom = Math.min(top + side, rows);
    for (let left = 0; left < columns; left += side) {
      const right = Math.min(left + side, columns);
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          result[column * rows + row] = values[row * columns + column];
        }
      }
    }
  }
  return result;
}
