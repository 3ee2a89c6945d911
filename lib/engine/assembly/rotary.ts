// Rotary positions: columns i and i + half of a head are turned by an angle of the row's step.
import { load4, store4 } from "./math";

/**
 * Rows of `heads` heads, 2 · half columns each, turned by the angles of step row mod time; backwards with
 * `sign` −1. `angles` holds of each step `half` cosines and then `half` sines. y may be x.
 */
export function rotary(
  rows: i32, heads: i32, half: i32, time: i32, sign: f32, x: usize, angles: usize, y: usize,
): void {
  const bytes = <usize>half << 2;
  const whole = bytes & ~15;
  const signs = f32x4.splat(sign);
  for (let row = 0; row < rows; row++) {
    const cosines = angles + <usize>(row % time) * 2 * bytes;
    for (let head = 0; head < heads; head++) {
      let i: usize = 0;
      for (; i < whole; i += 16) turnAt(i, true, bytes, signs, x, cosines, y);
      for (; i < bytes; i += 4) turnAt(i, false, bytes, signs, x, cosines, y);
      x += 2 * bytes;
      y += 2 * bytes;
    }
  }
}

// @ts-ignore: decorator
@inline
function turnAt(
  i: usize, whole: bool, bytes: usize, signs: v128, x: usize, cosines: usize, y: usize,
): void {
  const a = load4(x + i, whole), b = load4(x + bytes + i, whole);
  const cos = load4(cosines + i, whole);
  const sin = f32x4.mul(signs, load4(cosines + bytes + i, whole));
  store4(y + i, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)), whole);
  store4(y + bytes + i, f32x4.add(f32x4.mul(b, cos), f32x4.mul(a, sin)), whole);
}
