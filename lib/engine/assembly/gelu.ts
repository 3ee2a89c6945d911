// Gaussian error linear unit: x Φ(x), by the error function or by a tanh.
import {
  fraction4, limited4, load4, multiplyAdd, one4, powerOfParts4, powerOfTwo4, shifted4, store4, tanh4,
} from "./math";

const table = memory.data<f32>([
  // erf z = 1 − t P(t) e^−z² with t = 1 / (1 + p z), z ≥ 0: 7.1.26 of Abramowitz and Stegun, error at
  // most 1.5e-7. The exponential is also the derivative's.
  0.3275911, 0.3275911, 0.3275911, 0.3275911,
  1.061405429, 1.061405429, 1.061405429, 1.061405429,
  -1.453152027, -1.453152027, -1.453152027, -1.453152027,
  1.421413741, 1.421413741, 1.421413741, 1.421413741,
  -0.284496736, -0.284496736, -0.284496736, -0.284496736,
  0.254829592, 0.254829592, 0.254829592, 0.254829592,
  // 1/√2, ½, 1/√(2π), √(2/π), 0.044715, 3 · 0.044715, −½ log₂ e
  0.70710678118654752, 0.70710678118654752, 0.70710678118654752, 0.70710678118654752,
  0.5, 0.5, 0.5, 0.5,
  0.39894228040143268, 0.39894228040143268, 0.39894228040143268, 0.39894228040143268,
  0.79788456080286536, 0.79788456080286536, 0.79788456080286536, 0.79788456080286536,
  0.044715, 0.044715, 0.044715, 0.044715,
  0.134145, 0.134145, 0.134145, 0.134145,
  -0.72134752044448170, -0.72134752044448170, -0.72134752044448170, -0.72134752044448170,
], 16);

// @ts-ignore: decorator
@inline
function constant(row: i32): v128 {
  return v128.load(table + (row << 4));
}

// @ts-ignore: decorator
@inline
function geluAt(
  i: usize, whole: bool, byTanh: bool, x: usize, bias: usize, y: usize, slope: usize,
): void {
  let value = load4(x + i, whole);
  if (bias) value = f32x4.add(value, load4(bias + i, whole));
  if (byTanh) {
    const half = constant(7);
    const square = f32x4.mul(value, value);
    const inner = f32x4.mul(
      f32x4.mul(constant(9), value), multiplyAdd(constant(10), square, one4()));
    const t = tanh4(inner);
    const share = multiplyAdd(half, t, half);
    store4(y + i, f32x4.mul(value, share), whole);
    if (slope) {
      const derivative = f32x4.mul(constant(9), multiplyAdd(constant(11), square, one4()));
      const rest = f32x4.mul(f32x4.sub(one4(), f32x4.mul(t, t)), derivative);
      store4(slope + i, multiplyAdd(f32x4.mul(half, value), rest, share), whole);
    }
    return;
  }
  const e = powerOfTwo4(exponentOf(value));
  finish(i, whole, value, e, quotientOf(value), y, slope);
}

/** Exponent of two in e^(−z²/2). */
// @ts-ignore: decorator
@inline
function exponentOf(value: v128): v128 {
  return f32x4.mul(f32x4.mul(value, value), constant(12));
}

/** t of the error function. */
// @ts-ignore: decorator
@inline
function quotientOf(value: v128): v128 {
  const z = f32x4.mul(f32x4.abs(value), constant(6));
  return f32x4.div(one4(), multiplyAdd(constant(0), z, one4()));
}

/** Φ(−|z|) */
// @ts-ignore: decorator
@inline
function lowerOf(t: v128, e: v128): v128 {
  let p = multiplyAdd(constant(1), t, constant(2));
  p = multiplyAdd(p, t, constant(3));
  p = multiplyAdd(p, t, constant(4));
  p = multiplyAdd(p, t, constant(5));
  return f32x4.mul(f32x4.mul(constant(7), f32x4.mul(p, t)), e);
}

// @ts-ignore: decorator
@inline
function finish(
  i: usize, whole: bool, value: v128, e: v128, t: v128, y: usize, slope: usize,
): void {
  const lower = lowerOf(t, e);
  const negative = f32x4.lt(value, f32x4.splat(0));
  const share = v128.bitselect(lower, f32x4.sub(one4(), lower), negative);
  store4(y + i, f32x4.mul(value, share), whole);
  if (slope) {
    store4(slope + i, multiplyAdd(value, f32x4.mul(constant(8), e), share), whole);
  }
}

/** Two vectors side by side: a CPU does not look far enough ahead to find the second by itself. */
// @ts-ignore: decorator
@inline
function twoGelusAt(i: usize, x: usize, bias: usize, y: usize, slope: usize): void {
  let a = v128.load(x + i), b = v128.load(x + i, 16);
  if (bias) {
    a = f32x4.add(a, v128.load(bias + i));
    b = f32x4.add(b, v128.load(bias + i, 16));
  }
  const ta = quotientOf(a), tb = quotientOf(b);
  let ea = limited4(exponentOf(a)), eb = limited4(exponentOf(b));
  const shiftedA = shifted4(ea), shiftedB = shifted4(eb);
  ea = fraction4(ea, shiftedA);
  eb = fraction4(eb, shiftedB);
  ea = powerOfParts4(ea, shiftedA);
  eb = powerOfParts4(eb, shiftedB);
  finish(i, true, a, ea, ta, y, slope);
  finish(i + 16, true, b, eb, tb, y, slope);
}

/**
 * y = z Φ(z) for z = x + bias (0 stands for zeros), or by tanh
 * y = ½ z (1 + tanh(√(2/π) (z + 0.044715 z³))); y may be x. `slope`, if not 0, receives the
 * derivative, which costs less here than in a pass of its own.
 */
export function gelu(
  rows: i32, columns: i32, byTanh: bool, x: usize, bias: usize, y: usize, slope: usize,
): void {
  const bytes = <usize>columns << 2;
  for (let row = 0; row < rows; row++) {
    let i: usize = 0;
    if (byTanh) {
      for (; i + 16 <= bytes; i += 16) geluAt(i, true, true, x, bias, y, slope);
      for (; i < bytes; i += 4) geluAt(i, false, true, x, bias, y, slope);
    } else {
      for (; i + 32 <= bytes; i += 32) twoGelusAt(i, x, bias, y, slope);
      for (; i + 16 <= bytes; i += 16) geluAt(i, true, false, x, bias, y, slope);
      for (; i < bytes; i += 4) geluAt(i, false, false, x, bias, y, slope);
    }
    x += bytes;
    y += bytes;
    if (slope) slope += bytes;
  }
}
