// Gates of a gated recurrent unit, one time step of a batch. Columns of a row: reset, update,
// candidate, each `hidden` wide.
//
// The projection x of the input is a row for each sequence or, where `tokens` is not 0, a row of a
// table by token; its gradient is likewise written by row or added by token.
import { load4, multiplyAdd, multiplySubtract, one4, sigmoid4, store4, tanh4 } from "./math";
import { copyRow, isMasked, rowAt, sigmoids } from "./recurrent";

// @ts-ignore: decorator
@inline
function put4(p: usize, value: v128, whole: bool, accumulate: bool): void {
  store4(p, accumulate ? f32x4.add(load4(p, whole), value) : value, whole);
}

// @ts-ignore: decorator
@inline
function afterForwardAt(
  i: usize, whole: bool, width: usize, x: usize, g: usize, c: usize, previous: usize,
  gates: usize, s: usize, h: usize,
): void {
  let sSum = load4(g + 2 * width + i, whole);
  if (c) sSum = f32x4.add(sSum, load4(c + 2 * width + i, whole));
  const r = load4(gates + i, whole);
  const z = load4(gates + width + i, whole);
  const n = tanh4(multiplyAdd(r, sSum, load4(x + 2 * width + i, whole)));
  store4(gates + 2 * width + i, n, whole);
  store4(s + i, sSum, whole);
  // n + z (h' − n) is (1 − z) n + z h' with one multiplication less.
  const old = load4(previous + i, whole);
  store4(h + i, multiplyAdd(z, f32x4.sub(old, n), n), whole);
}

/**
 * Reset-after form. In: projection x (with bias b), g = h' U (without bias c). Out: gates r, z, n;
 * s = g_n + c_n; h = (1 − z) n + z h'.
 */
export function gruAfterForward(
  batch: i32, hidden: i32, x: usize, tokens: usize, g: usize, c: usize, previous: usize,
  gates: usize, s: usize, h: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    const xRow = rowAt(x, tokens, row, 3 * width);
    sigmoids(2 * width, xRow, g, c, gates);
    let i: usize = 0;
    for (; i + 16 <= width; i += 16) {
      afterForwardAt(i, true, width, xRow, g, c, previous, gates, s, h);
    }
    for (; i < width; i += 4) afterForwardAt(i, false, width, xRow, g, c, previous, gates, s, h);
    g += 3 * width;
    previous += width;
    gates += 3 * width;
    s += width;
    h += width;
  }
}

// @ts-ignore: decorator
@inline
function afterBackwardAt(
  i: usize, whole: bool, accumulate: bool, width: usize, gates: usize, s: usize, previous: usize,
  dy: usize, carry: usize, dx: usize, dg: usize, dc: usize,
): void {
  const r = load4(gates + i, whole);
  const z = load4(gates + width + i, whole);
  const n = load4(gates + 2 * width + i, whole);
  const dh = f32x4.add(load4(dy + i, whole), load4(carry + i, whole));
  const dhz = f32x4.mul(dh, z);
  store4(carry + i, dhz, whole);
  const old = load4(previous + i, whole);
  const dz = f32x4.mul(f32x4.mul(dhz, f32x4.sub(old, n)), f32x4.sub(one4(), z));
  const dn = f32x4.mul(f32x4.sub(dh, dhz), multiplySubtract(n, n, one4()));
  const ds = f32x4.mul(dn, r);
  const dr = f32x4.mul(f32x4.mul(ds, load4(s + i, whole)), f32x4.sub(one4(), r));
  put4(dx + i, dr, whole, accumulate);
  put4(dx + width + i, dz, whole, accumulate);
  put4(dx + 2 * width + i, dn, whole, accumulate);
  store4(dg + i, dr, whole);
  store4(dg + width + i, dz, whole);
  store4(dg + 2 * width + i, ds, whole);
  if (dc) put4(dc + i, ds, whole, true);
}

/**
 * Backward of the reset-after form. In: gates, s, h', gradient dy of the output and carry of the next
 * step. Out: dx for the projection of the input, dg for g, added to dc (if not 0) the gradient of
 * c_n, and in carry the part of the gradient of h' that does not go through g.
 */
export function gruAfterBackward(
  batch: i32, hidden: i32, gates: usize, s: usize, previous: usize, dy: usize, carry: usize,
  dx: usize, tokens: usize, dg: usize, dc: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    const dxRow = rowAt(dx, tokens, row, 3 * width);
    let i: usize = 0;
    if (tokens) {
      for (; i + 16 <= width; i += 16) {
        afterBackwardAt(i, true, true, width, gates, s, previous, dy, carry, dxRow, dg, dc);
      }
      for (; i < width; i += 4) {
        afterBackwardAt(i, false, true, width, gates, s, previous, dy, carry, dxRow, dg, dc);
      }
    } else {
      for (; i + 16 <= width; i += 16) {
        afterBackwardAt(i, true, false, width, gates, s, previous, dy, carry, dxRow, dg, dc);
      }
      for (; i < width; i += 4) {
        afterBackwardAt(i, false, false, width, gates, s, previous, dy, carry, dxRow, dg, dc);
      }
    }
    gates += 3 * width;
    s += width;
    previous += width;
    dy += width;
    carry += width;
    dg += 3 * width;
  }
}

// @ts-ignore: decorator
@inline
function beforeGatesAt(
  i: usize, whole: bool, width: usize, x: usize, g: usize, previous: usize, gates: usize, q: usize,
): void {
  const r = sigmoid4(f32x4.add(load4(x + i, whole), load4(g + i, whole)));
  const z = sigmoid4(f32x4.add(load4(x + width + i, whole), load4(g + width + i, whole)));
  store4(gates + i, r, whole);
  store4(gates + width + i, z, whole);
  store4(q + i, f32x4.mul(r, load4(previous + i, whole)), whole);
}

/** Reset-before form, first half: gates r and z from x and g (2 · hidden wide), and q = r h'. */
export function gruBeforeGates(
  batch: i32, hidden: i32, x: usize, tokens: usize, g: usize, previous: usize, gates: usize,
  q: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    const xRow = rowAt(x, tokens, row, 3 * width);
    let i: usize = 0;
    for (; i + 16 <= width; i += 16) beforeGatesAt(i, true, width, xRow, g, previous, gates, q);
    for (; i < width; i += 4) beforeGatesAt(i, false, width, xRow, g, previous, gates, q);
    g += 2 * width;
    previous += width;
    gates += 3 * width;
    q += width;
  }
}

// @ts-ignore: decorator
@inline
function beforeStateAt(
  i: usize, whole: bool, width: usize, x: usize, u: usize, previous: usize, gates: usize, h: usize,
): void {
  const n = tanh4(f32x4.add(load4(x + 2 * width + i, whole), load4(u + i, whole)));
  store4(gates + 2 * width + i, n, whole);
  const z = load4(gates + width + i, whole);
  const old = load4(previous + i, whole);
  store4(h + i, multiplyAdd(z, f32x4.sub(old, n), n), whole);
}

/** Reset-before form, second half: n = tanh(x_n + u) with u = q · U_n, and h. */
export function gruBeforeState(
  batch: i32, hidden: i32, x: usize, tokens: usize, u: usize, previous: usize, gates: usize,
  h: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    const xRow = rowAt(x, tokens, row, 3 * width);
    let i: usize = 0;
    for (; i + 16 <= width; i += 16) beforeStateAt(i, true, width, xRow, u, previous, gates, h);
    for (; i < width; i += 4) beforeStateAt(i, false, width, xRow, u, previous, gates, h);
    u += width;
    previous += width;
    gates += 3 * width;
    h += width;
  }
}

// @ts-ignore: decorator
@inline
function beforeStateBackwardAt(
  i: usize, whole: bool, width: usize, gates: usize, previous: usize, dy: usize, carry: usize,
  dg: usize,
): void {
  const z = load4(gates + width + i, whole);
  const n = load4(gates + 2 * width + i, whole);
  const dh = f32x4.add(load4(dy + i, whole), load4(carry + i, whole));
  const dhz = f32x4.mul(dh, z);
  store4(carry + i, dhz, whole);
  const old = load4(previous + i, whole);
  const dz = f32x4.mul(f32x4.mul(dhz, f32x4.sub(old, n)), f32x4.sub(one4(), z));
  store4(dg + width + i, dz, whole);
  const dn = f32x4.mul(f32x4.sub(dh, dhz), multiplySubtract(n, n, one4()));
  store4(dg + 2 * width + i, dn, whole);
}

/** Backward of the second half: dz and dn into dg (dr follows), and dh z into carry. */
export function gruBeforeStateBackward(
  batch: i32, hidden: i32, gates: usize, previous: usize, dy: usize, carry: usize, dg: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    let i: usize = 0;
    for (; i + 16 <= width; i += 16) {
      beforeStateBackwardAt(i, true, width, gates, previous, dy, carry, dg);
    }
    for (; i < width; i += 4) {
      beforeStateBackwardAt(i, false, width, gates, previous, dy, carry, dg);
    }
    gates += 3 * width;
    previous += width;
    dy += width;
    carry += width;
    dg += 3 * width;
  }
}

// @ts-ignore: decorator
@inline
function beforeGatesBackwardAt(
  i: usize, whole: bool, gates: usize, previous: usize, dq: usize, carry: usize, dg: usize,
): void {
  const r = load4(gates + i, whole);
  const dqr = f32x4.mul(load4(dq + i, whole), r);
  put4(carry + i, dqr, whole, true);
  const old = load4(previous + i, whole);
  store4(dg + i, f32x4.mul(f32x4.mul(dqr, old), f32x4.sub(one4(), r)), whole);
}

/** Backward of the first half, with dq = dn · U_nᵀ: dr = dq h' r (1 − r) into dg, carry += dq r. */
export function gruBeforeGatesBackward(
  batch: i32, hidden: i32, gates: usize, previous: usize, dq: usize, carry: usize, dg: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    let i: usize = 0;
    for (; i + 16 <= width; i += 16) {
      beforeGatesBackwardAt(i, true, gates, previous, dq, carry, dg);
    }
    for (; i < width; i += 4) beforeGatesBackwardAt(i, false, gates, previous, dq, carry, dg);
    gates += 3 * width;
    previous += width;
    dq += width;
    carry += width;
    dg += 3 * width;
  }
}

/**
 * After a step: where the mask is 0 the state stays as it was. The gates of such a row become r = n = 0
 * and z = 1, with which the backward pass hands the gradient on as it is and adds none.
 */
export function gruKeepMasked(
  batch: i32, hidden: i32, mask: usize, previous: usize, gates: usize, h: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    if (isMasked(mask, row)) {
      copyRow(h, previous, width);
      memory.fill(gates, 0, 3 * width);
      for (let i: usize = width; i < 2 * width; i += 4) store<f32>(gates + i, 1);
    }
    previous += width;
    gates += 3 * width;
    h += width;
  }
}
