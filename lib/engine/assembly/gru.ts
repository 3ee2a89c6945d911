// Gates of a gated recurrent unit, one time step of a batch. Columns of a row: reset, update,
// candidate, each `hidden` wide.
import { load4, one4, sigmoid4, store4, tanh4 } from "./math";

// @ts-ignore: decorator
@inline
function gruAfterForwardAt(
  x: usize, whole: bool, width: usize, p: usize, g: usize, c: usize, previous: usize, s: usize, h: usize,
): void {
  let rSum = f32x4.add(load4(p + x, whole), load4(g + x, whole));
  let zSum = f32x4.add(load4(p + width + x, whole), load4(g + width + x, whole));
  let sSum = load4(g + 2 * width + x, whole);
  if (c) {
    rSum = f32x4.add(rSum, load4(c + x, whole));
    zSum = f32x4.add(zSum, load4(c + width + x, whole));
    sSum = f32x4.add(sSum, load4(c + 2 * width + x, whole));
  }
  const r = sigmoid4(rSum);
  const z = sigmoid4(zSum);
  const n = tanh4(f32x4.add(load4(p + 2 * width + x, whole), f32x4.mul(r, sSum)));
  store4(p + x, r, whole);
  store4(p + width + x, z, whole);
  store4(p + 2 * width + x, n, whole);
  store4(s + x, sSum, whole);
  // n + z (h' − n) is (1 − z) n + z h' with one multiplication less.
  const old = load4(previous + x, whole);
  store4(h + x, f32x4.add(n, f32x4.mul(z, f32x4.sub(old, n))), whole);
}

/**
 * Reset-after form. In: projections p of the input (with bias), g of the previous state (without
 * bias c). Out: p becomes the gates r, z, n; s = g_n + c_n; h = (1 − z) n + z h'.
 */
export function gruAfterForward(
  batch: i32, hidden: i32, p: usize, g: usize, c: usize, previous: usize, s: usize, h: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    let x: usize = 0;
    for (; x + 16 <= width; x += 16) gruAfterForwardAt(x, true, width, p, g, c, previous, s, h);
    for (; x < width; x += 4) gruAfterForwardAt(x, false, width, p, g, c, previous, s, h);
    p += 3 * width;
    g += 3 * width;
    previous += width;
    s += width;
    h += width;
  }
}

// @ts-ignore: decorator
@inline
function gruAfterBackwardAt(
  x: usize, whole: bool, width: usize, gates: usize, s: usize, previous: usize, dy: usize, carry: usize, dp: usize, dg: usize,
): void {
  const r = load4(gates + x, whole);
  const z = load4(gates + width + x, whole);
  const n = load4(gates + 2 * width + x, whole);
  const dh = f32x4.add(load4(dy + x, whole), load4(carry + x, whole));
  const dhz = f32x4.mul(dh, z);
  store4(carry + x, dhz, whole);
  const dz = f32x4.mul(
    f32x4.mul(dhz, f32x4.sub(load4(previous + x, whole), n)), f32x4.sub(one4(), z));
  const dn = f32x4.mul(f32x4.sub(dh, dhz), f32x4.sub(one4(), f32x4.mul(n, n)));
  const ds = f32x4.mul(dn, r);
  const dr = f32x4.mul(f32x4.mul(ds, load4(s + x, whole)), f32x4.sub(one4(), r));
  store4(dp + x, dr, whole);
  store4(dp + width + x, dz, whole);
  store4(dp + 2 * width + x, dn, whole);
  store4(dg + x, dr, whole);
  store4(dg + width + x, dz, whole);
  store4(dg + 2 * width + x, ds, whole);
}

/**
 * Backward of the reset-after form. In: gates, s, h', gradient dy of the output and carry of the next
 * step. Out: dp for the input's projection, dg for the state's projection, and in carry the part of
 * the gradient of h' that does not go through the projection.
 */
export function gruAfterBackward(
  batch: i32, hidden: i32, gates: usize, s: usize, previous: usize, dy: usize, carry: usize,
  dp: usize, dg: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    let x: usize = 0;
    for (; x + 16 <= width; x += 16) gruAfterBackwardAt(x, true, width, gates, s, previous, dy, carry, dp, dg);
    for (; x < width; x += 4) gruAfterBackwardAt(x, false, width, gates, s, previous, dy, carry, dp, dg);
    gates += 3 * width;
    s += width;
    previous += width;
    dy += width;
    carry += width;
    dp += 3 * width;
    dg += 3 * width;
  }
}

// @ts-ignore: decorator
@inline
function gruBeforeGatesAt(
  x: usize, whole: bool, width: usize, p: usize, g: usize, previous: usize, q: usize,
): void {
  const r = sigmoid4(f32x4.add(load4(p + x, whole), load4(g + x, whole)));
  const z = sigmoid4(f32x4.add(load4(p + width + x, whole), load4(g + width + x, whole)));
  store4(p + x, r, whole);
  store4(p + width + x, z, whole);
  store4(q + x, f32x4.mul(r, load4(previous + x, whole)), whole);
}

/**
 * Reset-before form, first half: gates r and z from p and g (2 · hidden wide), into p, and q = r h'.
 */
export function gruBeforeGates(
  batch: i32, hidden: i32, p: usize, g: usize, previous: usize, q: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    let x: usize = 0;
    for (; x + 16 <= width; x += 16) gruBeforeGatesAt(x, true, width, p, g, previous, q);
    for (; x < width; x += 4) gruBeforeGatesAt(x, false, width, p, g, previous, q);
    p += 3 * width;
    g += 2 * width;
    previous += width;
    q += width;
  }
}

// @ts-ignore: decorator
@inline
function gruBeforeStateAt(
  x: usize, whole: bool, width: usize, p: usize, u: usize, previous: usize, h: usize,
): void {
  const n = tanh4(f32x4.add(load4(p + 2 * width + x, whole), load4(u + x, whole)));
  store4(p + 2 * width + x, n, whole);
  const z = load4(p + width + x, whole);
  const old = load4(previous + x, whole);
  store4(h + x, f32x4.add(n, f32x4.mul(z, f32x4.sub(old, n))), whole);
}

/** Reset-before form, second half: n = tanh(p_n + u) with u = q · U_n, and h. */
export function gruBeforeState(
  batch: i32, hidden: i32, p: usize, u: usize, previous: usize, h: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    let x: usize = 0;
    for (; x + 16 <= width; x += 16) gruBeforeStateAt(x, true, width, p, u, previous, h);
    for (; x < width; x += 4) gruBeforeStateAt(x, false, width, p, u, previous, h);
    p += 3 * width;
    u += width;
    previous += width;
    h += width;
  }
}

// @ts-ignore: decorator
@inline
function gruBeforeStateBackwardAt(
  x: usize, whole: bool, width: usize, gates: usize, previous: usize, dy: usize, carry: usize, dp: usize,
): void {
  const z = load4(gates + width + x, whole);
  const n = load4(gates + 2 * width + x, whole);
  const dh = f32x4.add(load4(dy + x, whole), load4(carry + x, whole));
  const dhz = f32x4.mul(dh, z);
  store4(carry + x, dhz, whole);
  const dz = f32x4.mul(
    f32x4.mul(dhz, f32x4.sub(load4(previous + x, whole), n)), f32x4.sub(one4(), z));
  store4(dp + width + x, dz, whole);
  const dn = f32x4.mul(f32x4.sub(dh, dhz), f32x4.sub(one4(), f32x4.mul(n, n)));
  store4(dp + 2 * width + x, dn, whole);
}

/** Backward of the second half: dn and dz into dp (dp_r follows), and dh z into carry. */
export function gruBeforeStateBackward(
  batch: i32, hidden: i32, gates: usize, previous: usize, dy: usize, carry: usize, dp: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    let x: usize = 0;
    for (; x + 16 <= width; x += 16) gruBeforeStateBackwardAt(x, true, width, gates, previous, dy, carry, dp);
    for (; x < width; x += 4) gruBeforeStateBackwardAt(x, false, width, gates, previous, dy, carry, dp);
    gates += 3 * width;
    previous += width;
    dy += width;
    carry += width;
    dp += 3 * width;
  }
}

// @ts-ignore: decorator
@inline
function gruBeforeGatesBackwardAt(
  x: usize, whole: bool, width: usize, gates: usize, previous: usize, dq: usize, carry: usize, dp: usize,
): void {
  const r = load4(gates + x, whole);
  const dqr = f32x4.mul(load4(dq + x, whole), r);
  store4(carry + x, f32x4.add(load4(carry + x, whole), dqr), whole);
  store4(
    dp + x,
    f32x4.mul(f32x4.mul(dqr, load4(previous + x, whole)), f32x4.sub(one4(), r)),
    whole,
  );
}

/** Backward of the first half, with dq = dn · U_nᵀ: dp_r = dq h' r (1 − r), carry += dq r. */
export function gruBeforeGatesBackward(
  batch: i32, hidden: i32, gates: usize, previous: usize, dq: usize, carry: usize, dp: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    let x: usize = 0;
    for (; x + 16 <= width; x += 16) gruBeforeGatesBackwardAt(x, true, width, gates, previous, dq, carry, dp);
    for (; x < width; x += 4) gruBeforeGatesBackwardAt(x, false, width, gates, previous, dq, carry, dp);
    gates += 3 * width;
    previous += width;
    dq += width;
    carry += width;
    dp += 3 * width;
  }
}
