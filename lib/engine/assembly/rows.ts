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

/** table[tokens[i]] += x[i], in the order of i; rows of both are `stride` wide. */
export function scatterAddRows(
  x: usize, tokens: usize, count: i32, columns: i32, stride: i32, table: usize,
): void {
  const bytes = <usize>columns << 2, step = <usize>stride << 2;
  for (let i = 0; i < count; i++) {
    addRow(table + <usize>load<i32>(tokens + (<usize>i << 2)) * step, x, bytes);
    x += step;
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

/** out[j] += Σ over rows of x[row, j]; rows of x are `stride` wide. */
export function sumRows(x: usize, rows: i32, columns: i32, stride: i32, out: usize): void {
  const bytes = <usize>columns << 2, step = <usize>stride << 2;
  for (let i = 0; i < rows; i++) {
    addRow(out, x, bytes);
    x += step;
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

/** out[i, j] = x[i, j] + row[j] */
export function addToRows(x: usize, row: usize, rows: i32, columns: i32, out: usize): void {
  const bytes = <usize>columns << 2;
  for (let i = 0; i < rows; i++) {
    let j: usize = 0;
    for (; j + 16 <= bytes; j += 16) {
      v128.store(out + j, f32x4.add(v128.load(x + j), v128.load(row + j)));
    }
    for (; j < bytes; j += 4) store<f32>(out + j, load<f32>(x + j) + load<f32>(row + j));
    x += bytes;
    out += bytes;
  }
}

/** out[i, j] = x[i, j] · y[i, j]; sums[j] += Σ over rows of out[i, j]; rows are `stride` wide. */
export function multiplyAndSumRows(
  x: usize, y: usize, rows: i32, columns: i32, stride: i32, out: usize, sums: usize,
): void {
  const bytes = <usize>columns << 2, step = <usize>stride << 2;
  for (let i = 0; i < rows; i++) {
    let j: usize = 0;
    for (; j + 16 <= bytes; j += 16) {
      const value = f32x4.mul(v128.load(x + j), v128.load(y + j));
      v128.store(out + j, value);
      v128.store(sums + j, f32x4.add(v128.load(sums + j), value));
    }
    for (; j < bytes; j += 4) {
      const value = load<f32>(x + j) * load<f32>(y + j);
      store<f32>(out + j, value);
      store<f32>(sums + j, load<f32>(sums + j) + value);
    }
    x += step;
    y += step;
    out += step;
  }
}
