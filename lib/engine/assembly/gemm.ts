// Matrix products C (+)= op(A) · op(B), row-major, in a fixed order of plain multiply and add, which the
// relaxed build does at once where the CPU can.
//
// B is packed into panels of 8 columns, A into panels of 4 rows, both padded with zeros, so that one
// tile routine serves all transposes and edges. 4 × 8 keeps its 8 sums in registers (x64 has 16) and
// wastes nothing at the usual batch of 32; 5 × 8, 6 × 8 and 4 × 12 were not measurably faster.

const rowsOfTile: i32 = 4;
const columnsOfTile: i32 = 8;
/** Depth of a packed block: 8 KB of B and 4 KB of A stay in the first-level cache. */
const depthOfBlock: i32 = 256;
/** Columns of a packed block of B: 1 MB stays in the second-level cache. */
const columnsOfBlock: i32 = 1024;

/** Bytes that gemm needs beside its operands. */
export function gemmWorkspaceBytes(): i32 {
  return (depthOfBlock * (columnsOfBlock + rowsOfTile) + rowsOfTile * columnsOfTile) << 2;
}

/** Bytes that packB writes. */
export function packedBytes(k: i32, n: i32): i32 {
  return (k * ((n + columnsOfTile - 1) & ~(columnsOfTile - 1))) << 2;
}

/** Bytes that gemmPacked needs beside its operands. */
export function packedWorkspaceBytes(k: i32): i32 {
  return (k * rowsOfTile + rowsOfTile * columnsOfTile) << 2;
}

/** sum + x b: rounded twice in the strict build, once in the relaxed one where the CPU can. */
// @ts-ignore: decorator
@inline
function addProduct(sum: v128, x: v128, b: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD
    ? f32x4.relaxed_madd(x, b, sum)
    : f32x4.add(sum, f32x4.mul(x, b));
}

/** 4 × 4 transpose of rows at p, p + stride, …; column q goes to out + q · outStride. */
// @ts-ignore: decorator
@inline
function transpose4(p: usize, stride: usize, out: usize, outStride: usize): void {
  const a = v128.load(p);
  const b = v128.load(p + stride);
  const c = v128.load(p + 2 * stride);
  const d = v128.load(p + 3 * stride);
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(out, i64x2.shuffle(ab, cd, 0, 2));
  v128.store(out + outStride, i64x2.shuffle(ab, cd, 1, 3));
  v128.store(out + 2 * outStride, i64x2.shuffle(abHigh, cdHigh, 0, 2));
  v128.store(out + 3 * outStride, i64x2.shuffle(abHigh, cdHigh, 1, 3));
}

/** out[j, i] = x[i, j] for x[rows, columns]; out's rows are `rows` wide. */
export function transpose(rows: i32, columns: i32, x: usize, ldx: i32, out: usize): void {
  const from = <usize>ldx << 2, to = <usize>rows << 2;
  for (let i = 0; i < rows; i += 4) {
    for (let j = 0; j < columns; j += 4) {
      const p = x + <usize>i * from + (<usize>j << 2);
      const q = out + <usize>j * to + (<usize>i << 2);
      if (i + 4 <= rows && j + 4 <= columns) {
        transpose4(p, from, q, to);
        continue;
      }
      for (let a = 0; a < min(4, rows - i); a++) {
        for (let b = 0; b < min(4, columns - j); b++) {
          store<f32>(
            q + <usize>b * to + (<usize>a << 2), load<f32>(p + <usize>a * from + (<usize>b << 2)));
        }
      }
    }
  }
}

/** Packs B[0..k, 0..n) (or, transposed, its rows as columns) into zero-padded panels of 8 columns. */
export function packB(transposed: i32, k: i32, n: i32, b: usize, ldb: i32, out: usize): void {
  const stride = <usize>ldb << 2;
  for (let j = 0; j < n; j += columnsOfTile) {
    const width = min(columnsOfTile, n - j);
    if (!transposed) {
      let p = b + (<usize>j << 2);
      if (width == columnsOfTile) {
        for (let q = 0; q < k; q++) {
          v128.store(out, v128.load(p));
          v128.store(out, v128.load(p, 16), 16);
          p += stride;
          out += 32;
        }
      } else {
        for (let q = 0; q < k; q++) {
          for (let i = 0; i < columnsOfTile; i++) {
            store<f32>(out + (<usize>i << 2), i < width ? load<f32>(p + (<usize>i << 2)) : 0);
          }
          p += stride;
          out += 32;
        }
      }
    } else {
      let q = 0;
      if (width == columnsOfTile) {
        for (; q + 4 <= k; q += 4) {
          const p = b + <usize>j * stride + (<usize>q << 2);
          transpose4(p, stride, out, 32);
          transpose4(p + 4 * stride, stride, out + 16, 32);
          out += 128;
        }
      }
      for (; q < k; q++) {
        for (let i = 0; i < columnsOfTile; i++) {
          store<f32>(
            out + (<usize>i << 2),
            i < width ? load<f32>(b + <usize>(j + i) * stride + (<usize>q << 2)) : 0,
          );
        }
        out += 32;
      }
    }
  }
}

/** Packs 4 (or fewer) rows of op(A) into a zero-padded panel. */
function packA(transposed: i32, rows: i32, k: i32, a: usize, lda: i32, out: usize): void {
  const stride = <usize>lda << 2;
  if (transposed) {
    for (let q = 0; q < k; q++) {
      if (rows == rowsOfTile) v128.store(out, v128.load(a));
      else {
        for (let i = 0; i < rowsOfTile; i++) {
          store<f32>(out + (<usize>i << 2), i < rows ? load<f32>(a + (<usize>i << 2)) : 0);
        }
      }
      a += stride;
      out += 16;
    }
    return;
  }
  let q = 0;
  if (rows == rowsOfTile) {
    for (; q + 4 <= k; q += 4) {
      transpose4(a, stride, out, 16);
      a += 16;
      out += 64;
    }
  }
  for (; q < k; q++) {
    for (let i = 0; i < rowsOfTile; i++) {
      store<f32>(out + (<usize>i << 2), i < rows ? load<f32>(a + <usize>i * stride) : 0);
    }
    a += 4;
    out += 16;
  }
}

/** Row i of a tile's half, lane l, is in lane l of the sum whose rows were rotated by i − l (mod 4). */
// @ts-ignore: decorator
@inline
function storeRotated(
  v0: v128, v1: v128, v2: v128, v3: v128, accumulate: i32, c: usize, stride: usize,
): void {
  const v03 = i32x4.shuffle(v0, v3, 0, 5, 2, 7), v21 = i32x4.shuffle(v2, v1, 0, 5, 2, 7);
  const v10 = i32x4.shuffle(v1, v0, 0, 5, 2, 7), v32 = i32x4.shuffle(v3, v2, 0, 5, 2, 7);
  let row0 = i64x2.shuffle(v03, v21, 0, 3), row1 = i64x2.shuffle(v10, v32, 0, 3);
  let row2 = i64x2.shuffle(v21, v03, 0, 3), row3 = i64x2.shuffle(v32, v10, 0, 3);
  const c1 = c + stride, c2 = c + 2 * stride, c3 = c + 3 * stride;
  if (accumulate) {
    row0 = f32x4.add(v128.load(c), row0);
    row1 = f32x4.add(v128.load(c1), row1);
    row2 = f32x4.add(v128.load(c2), row2);
    row3 = f32x4.add(v128.load(c3), row3);
  }
  v128.store(c, row0);
  v128.store(c1, row1);
  v128.store(c2, row2);
  v128.store(c3, row3);
}

/**
 * One tile of 4 × 8 over a depth of k. Four rows of A are one vector that is rotated, not four
 * broadcasts: each load costs a check of its bounds too, because Deno has no trap handler for them.
 */
function tile(a: usize, b: usize, k: i32, accumulate: i32, c: usize, stride: usize): void {
  let left0 = f32x4.splat(0), right0 = f32x4.splat(0);
  let left1 = f32x4.splat(0), right1 = f32x4.splat(0);
  let left2 = f32x4.splat(0), right2 = f32x4.splat(0);
  let left3 = f32x4.splat(0), right3 = f32x4.splat(0);
  const end = b + (<usize>k << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load(a);
    left0 = addProduct(left0, x, b0);
    right0 = addProduct(right0, x, b1);
    x = i32x4.shuffle(x, x, 1, 2, 3, 0);
    left1 = addProduct(left1, x, b0);
    right1 = addProduct(right1, x, b1);
    x = i32x4.shuffle(x, x, 1, 2, 3, 0);
    left2 = addProduct(left2, x, b0);
    right2 = addProduct(right2, x, b1);
    x = i32x4.shuffle(x, x, 1, 2, 3, 0);
    left3 = addProduct(left3, x, b0);
    right3 = addProduct(right3, x, b1);
    a += 16;
    b += 32;
  }
  storeRotated(left0, left1, left2, left3, accumulate, c, stride);
  storeRotated(right0, right1, right2, right3, accumulate, c + 16, stride);
}

/** Four (or fewer) rows of C: one packed panel of A against all packed panels of B. */
function rowOfTiles(
  rows: i32, n: i32, k: i32, a: usize, b: usize, accumulate: i32, c: usize, ldc: i32, edge: usize,
): void {
  const stride = <usize>ldc << 2;
  for (let j = 0; j < n; j += columnsOfTile) {
    const width = min(columnsOfTile, n - j);
    const target = c + (<usize>j << 2);
    if (rows == rowsOfTile && width == columnsOfTile) {
      tile(a, b, k, accumulate, target, stride);
    } else {
      tile(a, b, k, 0, edge, 32);
      for (let i = 0; i < rows; i++) {
        const p = target + <usize>i * stride;
        const from = edge + (<usize>i << 5);
        for (let x: usize = 0; x < (<usize>width << 2); x += 4) {
          store<f32>(p + x, accumulate ? load<f32>(p + x) + load<f32>(from + x) : load<f32>(from + x));
        }
      }
    }
    b += <usize>k << 5;
  }
}

/** C[m, n] (+)= op(A) · op(B); leading dimensions count elements. */
export function gemm(
  transposeA: i32, transposeB: i32, m: i32, n: i32, k: i32, a: usize, lda: i32, b: usize, ldb: i32,
  accumulate: i32, c: usize, ldc: i32, workspace: usize,
): void {
  const packedB = workspace;
  const packedA = packedB + (<usize>(depthOfBlock * columnsOfBlock) << 2);
  const edge = packedA + (<usize>(depthOfBlock * rowsOfTile) << 2);
  for (let j = 0; j < n; j += columnsOfBlock) {
    const width = min(columnsOfBlock, n - j);
    for (let q = 0; q < k; q += depthOfBlock) {
      const depth = min(depthOfBlock, k - q);
      const blockOfB = transposeB ? j * ldb + q : q * ldb + j;
      packB(transposeB, depth, width, b + (<usize>blockOfB << 2), ldb, packedB);
      for (let i = 0; i < m; i += rowsOfTile) {
        const rows = min(rowsOfTile, m - i);
        const blockOfA = transposeA ? q * lda + i : i * lda + q;
        packA(transposeA, rows, depth, a + (<usize>blockOfA << 2), lda, packedA);
        rowOfTiles(
          rows, width, depth, packedA, packedB, accumulate | <i32>(q > 0),
          c + (<usize>(i * ldc + j) << 2), ldc, edge,
        );
      }
    }
  }
}

/** C[m, n] (+)= A[m, k] · B with B as packB left it: for a B that is used many times. */
export function gemmPacked(
  m: i32, n: i32, k: i32, a: usize, lda: i32, packedB: usize, accumulate: i32, c: usize, ldc: i32,
  workspace: usize,
): void {
  const edge = workspace + (<usize>(k * rowsOfTile) << 2);
  for (let i = 0; i < m; i += rowsOfTile) {
    const rows = min(rowsOfTile, m - i);
    packA(0, rows, k, a + (<usize>(i * lda) << 2), lda, workspace);
    rowOfTiles(rows, n, k, workspace, packedB, accumulate, c + (<usize>(i * ldc) << 2), ldc, edge);
  }
}
