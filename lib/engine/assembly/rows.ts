// Moving and adding whole rows of matrices.

/** out[i] = table[tokens[i]]; returns the first i whose token is outside the table, or −1. */
export function gatherRows(
  table: usize, tokens: usize, count: i32, rows: i32, columns: i32, out: usize,
): i32 {
  const bytes = <usize>columns << 2;
  for (let i = 0; i < count; i++) {
    const token = load<i32>(tokens + (<usize>i << 2));
    if (<u32>token >= <u32>rows) return i;
    const from = table + <usize>token * bytes;
    let x: usize = 0;
    for (; x + 16 <= bytes; x += 16) v128.store(out + x, v128.load(from + x));
    for (; x < bytes; x += 4) store<f32>(out + x, load<f32>(from + x));
    out += bytes;
  }
  return -1;
}

/** table[tokens[i]] += x[i], in the order of i. */
export function scatterAddRows(x: usize, tokens: usize, count: i32, columns: i32, table: usize): void {
  const bytes = <usize>columns << 2;
  for (let i = 0; i < count; i++) {
    addRow(table + <usize>load<i32>(tokens + (<usize>i << 2)) * bytes, x, bytes);
    x += bytes;
  }
}

// @ts-ignore: decorator
@inline
function addRow(to: usize, from: usize, bytes: usize): void {
  let x: usize = 0;
  for (; x + 16 <= bytes; x += 16) {
    v128.store(to + x, f32x4.add(v128.load(to + x), v128.load(from + x)));
  }
  for (; x < bytes; x += 4) store<f32>(to + x, load<f32>(to + x) + load<f32>(from + x));
}

/** out[j] += Σ over rows of x[row, j] */
export function sumRows(x: usize, rows: i32, columns: i32, out: usize): void {
  const bytes = <usize>columns << 2;
  for (let i = 0; i < rows; i++) {
    addRow(out, x, bytes);
    x += bytes;
  }
}

/** out[i, j] = row[j] */
export function repeatRow(row: usize, rows: i32, columns: i32, out: usize): void {
  const bytes = <usize>columns << 2;
  for (let i = 0; i < rows; i++) {
    memory.copy(out, row, bytes);
    out += bytes;
  }
}
