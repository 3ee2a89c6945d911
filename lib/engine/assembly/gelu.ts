// Gaussian error linear unit: x Φ(x), exactly (by the error function) or by a tanh.
import { exp4, load4, one4, store4, tanh4 } from "./math";

const table = memory.data<f32>([
  // erf(x) for |x| ≤ 3.832506856900711 as in Eigen (which has it from XLA): x P(x²) / Q(x²)
  3.832506856900711, 3.832506856900711, 3.832506856900711, 3.832506856900711,
  -3.832506856900711, -3.832506856900711, -3.832506856900711, -3.832506856900711,
  0.00022905065861350646, 0.00022905065861350646, 0.00022905065861350646, 0.00022905065861350646,
  0.0034082910107109506, 0.0034082910107109506, 0.0034082910107109506, 0.0034082910107109506,
  0.050955695062380861, 0.050955695062380861, 0.050955695062380861, 0.050955695062380861,
  0.18520832239976145, 0.18520832239976145, 0.18520832239976145, 0.18520832239976145,
  1.128379143519084, 1.128379143519084, 1.128379143519084, 1.128379143519084,
  -1.1791602954361697e-7, -1.1791602954361697e-7, -1.1791602954361697e-7, -1.1791602954361697e-7,
  0.000023547966471313185, 0.000023547966471313185, 0.000023547966471313185, 0.000023547966471313185,
  0.0010179625278914885, 0.0010179625278914885, 0.0010179625278914885, 0.0010179625278914885,
  0.014070470171167667, 0.014070470171167667, 0.014070470171167667, 0.014070470171167667,
  0.11098505178285362, 0.11098505178285362, 0.11098505178285362, 0.11098505178285362,
  0.49746925110067538, 0.49746925110067538, 0.49746925110067538, 0.49746925110067538,
  // 1/√2, ½, 1/√(2π), √(2/π), 0.044715, 3 · 0.044715
  0.70710678118654752, 0.70710678118654752, 0.70710678118654752, 0.70710678118654752,
  0.5, 0.5, 0.5, 0.5,
  0.39894228040143268, 0.39894228040143268, 0.39894228040143268, 0.39894228040143268,
  0.79788456080286536, 0.79788456080286536, 0.79788456080286536, 0.79788456080286536,
  0.044715, 0.044715, 0.044715, 0.044715,
  0.134145, 0.134145, 0.134145, 0.134145,
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
function erf4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, constant(0)), constant(1));
  const square = f32x4.mul(x, x);
  let p = multiplyAdd(square, constant(2), constant(3));
  p = multiplyAdd(p, square, constant(4));
  p = multiplyAdd(p, square, constant(5));
  p = multiplyAdd(p, square, constant(6));
  let q = multiplyAdd(square, constant(7), constant(8));
  q = multiplyAdd(q, square, constant(9));
  q = multiplyAdd(q, square, constant(10));
  q = multiplyAdd(q, square, constant(11));
  q = multiplyAdd(q, square, constant(12));
  q = multiplyAdd(q, square, one4());
  return f32x4.div(f32x4.mul(x, p), q);
}

// @ts-ignore: decorator
@inline
function geluAt(i: usize, whole: bool, byTanh: bool, x: usize, y: usize, slope: usize): void {
  const value = load4(x + i, whole);
  const half = constant(14);
  if (byTanh) {
    const square = f32x4.mul(value, value);
    const inner = f32x4.mul(
      f32x4.mul(constant(16), value), multiplyAdd(constant(17), square, one4()));
    const t = tanh4(inner);
    const share = multiplyAdd(half, t, half);
    store4(y + i, f32x4.mul(value, share), whole);
    if (slope) {
      const derivative = f32x4.mul(constant(16), multiplyAdd(constant(18), square, one4()));
      const rest = f32x4.mul(f32x4.sub(one4(), f32x4.mul(t, t)), derivative);
      store4(slope + i, multiplyAdd(f32x4.mul(half, value), rest, share), whole);
    }
  } else {
    const share = multiplyAdd(half, erf4(f32x4.mul(value, constant(13))), half);
    store4(y + i, f32x4.mul(value, share), whole);
    if (slope) {
      const density = f32x4.mul(
        constant(15), exp4(f32x4.neg(f32x4.mul(half, f32x4.mul(value, value)))));
      store4(slope + i, multiplyAdd(value, density, share), whole);
    }
  }
}

/**
 * y = x Φ(x), or by tanh y = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))); `slope`, if not 0, receives the
 * derivative, which costs less here than in a pass of its own.
 */
export function gelu(count: i32, byTanh: bool, x: usize, y: usize, slope: usize): void {
  const bytes = <usize>count << 2;
  let i: usize = 0;
  if (byTanh) {
    for (; i + 16 <= bytes; i += 16) geluAt(i, true, true, x, y, slope);
    for (; i < bytes; i += 4) geluAt(i, false, true, x, y, slope);
  } else {
    for (; i + 16 <= bytes; i += 16) geluAt(i, true, false, x, y, slope);
    for (; i < bytes; i += 4) geluAt(i, false, false, x, y, slope);
  }
}
