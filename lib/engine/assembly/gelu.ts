// Gaussian error linear unit: x Φ(x), by the error function or by a tanh.
import { load4, one4, powerOfTwo4, store4, tanh4 } from "./math";

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
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
function geluAt(
  i: usize, whole: bool, byTanh: bool, x: usize, bias: usize, y: usize, slope: usize,
): void {
  let value = load4(x + i, whole);
  if (bias) value = f32x4.add(value, load4(bias + i, whole));
  const half = constant(7);
  const square = f32x4.mul(value, value);
  if (byTanh) {
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
  const e = powerOfTwo4(f32x4.mul(square, constant(12)));
  const z = f32x4.mul(f32x4.abs(value), constant(6));
  const t = f32x4.div(one4(), multiplyAdd(constant(0), z, one4()));
  let p = multiplyAdd(constant(1), t, constant(2));
  p = multiplyAdd(p, t, constant(3));
  p = multiplyAdd(p, t, constant(4));
  p = multiplyAdd(p, t, constant(5));
  // Φ(−|x|)
  const lower = f32x4.mul(f32x4.mul(half, f32x4.mul(p, t)), e);
  const negative = f32x4.lt(value, f32x4.splat(0));
  const share = v128.bitselect(lower, f32x4.sub(one4(), lower), negative);
  store4(y + i, f32x4.mul(value, share), whole);
  if (slope) {
    store4(slope + i, multiplyAdd(value, f32x4.mul(constant(8), e), share), whole);
  }
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
      for (; i + 16 <= bytes; i += 16) geluAt(i, true, false, x, bias, y, slope);
      for (; i < bytes; i += 4) geluAt(i, false, false, x, bias, y, slope);
    }
    x += bytes;
    y += bytes;
    if (slope) slope += bytes;
  }
}
