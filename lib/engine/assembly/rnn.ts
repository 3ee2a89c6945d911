// A simple recurrent layer, one time step of a batch. Projection by token and mask as in lstm.ts.
import { load4, one4, store4, tanh4 } from "./math";
import { copyRow, isMasked, rowAt } from "./recurrent";

// @ts-ignore: decorator
@inline
function forwardAt(i: usize, whole: bool, rectified: bool, x: usize, g: usize, h: usize): void {
  let sum = load4(x + i, whole);
  if (g) sum = f32x4.add(sum, load4(g + i, whole));
  // pmax(0, NaN) would be 0; pmax(NaN, 0) stays NaN.
  store4(h + i, rectified ? f32x4.pmax(sum, f32x4.splat(0)) : tanh4(sum), whole);
}

/** h = tanh(x + g) or, rectified, max(x + g, 0); g = h' U or 0 where h' is 0. */
export function rnnForward(
  batch: i32, hidden: i32, rectified: bool, x: usize, tokens: usize, mask: usize, g: usize,
  previous: usize, h: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    if (isMasked(mask, row)) {
      copyRow(h, previous, width);
    } else {
      const xRow = rowAt(x, tokens, row, width);
      let i: usize = 0;
      for (; i + 16 <= width; i += 16) forwardAt(i, true, rectified, xRow, g, h);
      for (; i < width; i += 4) forwardAt(i, false, rectified, xRow, g, h);
    }
    if (g) g += width;
    previous += width;
    h += width;
  }
}

// @ts-ignore: decorator
@inline
function backwardAt(
  i: usize, whole: bool, rectified: bool, h: usize, dy: usize, carry: usize, dg: usize,
): void {
  const state = load4(h + i, whole);
  const dh = f32x4.add(load4(dy + i, whole), load4(carry + i, whole));
  const slope = rectified
    ? v128.and(f32x4.gt(state, f32x4.splat(0)), one4())
    : f32x4.sub(one4(), f32x4.mul(state, state));
  store4(dg + i, f32x4.mul(dh, slope), whole);
}

/** Backward of rnnForward; dg, carry and mask as in lstmBackward. The slope of max(x, 0) at 0 is 0. */
export function rnnBackward(
  batch: i32, hidden: i32, rectified: bool, mask: usize, h: usize, dy: usize, carry: usize,
  dg: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    if (isMasked(mask, row)) {
      memory.fill(dg, 0, width);
      for (let i: usize = 0; i < width; i += 4) {
        store<f32>(carry + i, load<f32>(carry + i) + load<f32>(dy + i));
      }
    } else {
      let i: usize = 0;
      for (; i + 16 <= width; i += 16) backwardAt(i, true, rectified, h, dy, carry, dg);
      for (; i < width; i += 4) backwardAt(i, false, rectified, h, dy, carry, dg);
      if (mask) memory.fill(carry, 0, width);
    }
    h += width;
    dy += width;
    carry += width;
    dg += width;
  }
}
