// Elementary functions on four lanes, by multiply, add and divide alone, so that every CPU gives the
// same bits. NaN stays NaN. Constants are loaded from memory because V8 builds a vector constant anew
// at each use.

const table = memory.data<f32>([
  // exp: range, log2(e), 1.5 · 2^23 (adding it rounds to a whole number), ln 2 in two parts
  -87.3365, -87.3365, -87.3365, -87.3365,
  88.3762, 88.3762, 88.3762, 88.3762,
  1.44269504, 1.44269504, 1.44269504, 1.44269504,
  12582912.0, 12582912.0, 12582912.0, 12582912.0,
  0.693359375, 0.693359375, 0.693359375, 0.693359375,
  -2.12194440e-4, -2.12194440e-4, -2.12194440e-4, -2.12194440e-4,
  // exp: polynomial of Cephes' expf (S. Moshier)
  1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4,
  1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3,
  8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3,
  4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2,
  1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1,
  5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1,
  1.0, 1.0, 1.0, 1.0,
  // tanh: rational minimax approximation as in Eigen, range ±7.9053
  7.90531111, 7.90531111, 7.90531111, 7.90531111,
  -7.90531111, -7.90531111, -7.90531111, -7.90531111,
  -2.76076847742355e-16, -2.76076847742355e-16, -2.76076847742355e-16, -2.76076847742355e-16,
  2.00018790482477e-13, 2.00018790482477e-13, 2.00018790482477e-13, 2.00018790482477e-13,
  -8.60467152213735e-11, -8.60467152213735e-11, -8.60467152213735e-11, -8.60467152213735e-11,
  5.12229709037114e-08, 5.12229709037114e-08, 5.12229709037114e-08, 5.12229709037114e-08,
  1.48572235717979e-05, 1.48572235717979e-05, 1.48572235717979e-05, 1.48572235717979e-05,
  6.37261928875436e-04, 6.37261928875436e-04, 6.37261928875436e-04, 6.37261928875436e-04,
  4.89352455891786e-03, 4.89352455891786e-03, 4.89352455891786e-03, 4.89352455891786e-03,
  1.19825839466702e-06, 1.19825839466702e-06, 1.19825839466702e-06, 1.19825839466702e-06,
  1.18534705686654e-04, 1.18534705686654e-04, 1.18534705686654e-04, 1.18534705686654e-04,
  2.26843463243900e-03, 2.26843463243900e-03, 2.26843463243900e-03, 2.26843463243900e-03,
  4.89352518554385e-03, 4.89352518554385e-03, 4.89352518554385e-03, 4.89352518554385e-03,
  // 2^x on [−½, ½]: least value of x, polynomial of least relative error with 1 at 0
  -110.0, -110.0, -110.0, -110.0,
  1.3264727e-3, 1.3264727e-3, 1.3264727e-3, 1.3264727e-3,
  9.671513e-3, 9.671513e-3, 9.671513e-3, 9.671513e-3,
  5.5507336e-2, 5.5507336e-2, 5.5507336e-2, 5.5507336e-2,
  2.4022242e-1, 2.4022242e-1, 2.4022242e-1, 2.4022242e-1,
  6.93147e-1, 6.93147e-1, 6.93147e-1, 6.93147e-1,
], 16);

// @ts-ignore: decorator
@inline
function fma(a: v128, b: v128, row: i32): v128 {
  return f32x4.add(f32x4.mul(a, b), v128.load(table + (row << 4)));
}

// @ts-ignore: decorator
@inline
export function one4(): v128 {
  return v128.load(table + (12 << 4));
}

/** e^x, for x limited to [−87.3, 88.3]. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, v128.load(table)), v128.load(table + 16));
  const shifted = fma(x, v128.load(table + 32), 3);
  const n = f32x4.sub(shifted, v128.load(table + 48));
  x = f32x4.sub(x, f32x4.mul(n, v128.load(table + 64)));
  x = f32x4.sub(x, f32x4.mul(n, v128.load(table + 80)));
  let y = fma(v128.load(table + 96), x, 7);
  y = fma(y, x, 8);
  y = fma(y, x, 9);
  y = fma(y, x, 10);
  y = fma(y, x, 11);
  y = f32x4.add(f32x4.add(f32x4.mul(y, f32x4.mul(x, x)), x), one4());
  // The low bits of `shifted` hold n: as an exponent they are 2^n.
  const power = i32x4.add(i32x4.shl(shifted, 23), one4());
  return f32x4.mul(y, power);
}

/**
 * 2^x for x ≤ 0, with fewer operations than exp4. Below −110 it stays at 2^−110: what that is
 * multiplied with is no subnormal number, which would be slow.
 */
// @ts-ignore: decorator
@inline
export function powerOfTwo4(x: v128): v128 {
  x = f32x4.pmax(x, v128.load(table + (26 << 4)));
  const shifted = f32x4.add(x, v128.load(table + 48));
  x = f32x4.sub(x, f32x4.sub(shifted, v128.load(table + 48)));
  let y = fma(v128.load(table + (27 << 4)), x, 28);
  y = fma(y, x, 29);
  y = fma(y, x, 30);
  y = fma(y, x, 31);
  y = fma(y, x, 12);
  // The low bits of `shifted` hold the whole part of x.
  return f32x4.mul(y, i32x4.add(i32x4.shl(shifted, 23), one4()));
}

/** 1 / (1 + e^−x) */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  return f32x4.div(one4(), f32x4.add(one4(), exp4(f32x4.neg(x))));
}

// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, v128.load(table + (13 << 4))), v128.load(table + (14 << 4)));
  const square = f32x4.mul(x, x);
  let p = fma(square, v128.load(table + (15 << 4)), 16);
  p = fma(p, square, 17);
  p = fma(p, square, 18);
  p = fma(p, square, 19);
  p = fma(p, square, 20);
  p = fma(p, square, 21);
  let q = fma(square, v128.load(table + (22 << 4)), 23);
  q = fma(q, square, 24);
  q = fma(q, square, 25);
  return f32x4.div(f32x4.mul(x, p), q);
}

/** Loads 4 lanes, or the one lane that is left at the end of a row. */
// @ts-ignore: decorator
@inline
export function load4(p: usize, whole: bool): v128 {
  return whole ? v128.load(p) : v128.load32_zero(p);
}

// @ts-ignore: decorator
@inline
export function store4(p: usize, value: v128, whole: bool): void {
  if (whole) v128.store(p, value);
  else v128.store32_lane(p, value, 0);
}

/** x[0..count) = value */
export function fill(x: usize, count: i32, value: f32): void {
  if (value == 0) {
    memory.fill(x, 0, <usize>count << 2);
    return;
  }
  const end = x + (<usize>count << 2);
  for (; x < end; x += 4) store<f32>(x, value);
}

/** x[0..count) *= factor */
export function scale(x: usize, count: i32, factor: f32): void {
  const end = x + (<usize>count << 2);
  for (; x < end; x += 4) store<f32>(x, load<f32>(x) * factor);
}

/** y = f(x) for tests of the functions above: 0 exp, 1 sigmoid, 2 tanh, 3 power of two. */
export function elementary(which: i32, x: usize, y: usize, count: i32): void {
  for (let i: usize = 0; i < (<usize>count << 2); i += 4) {
    const value = v128.load32_zero(x + i);
    const result = which == 0
      ? exp4(value)
      : which == 1
      ? sigmoid4(value)
      : which == 2
      ? tanh4(value)
      : powerOfTwo4(value);
    v128.store32_lane(y + i, result, 0);
  }
}
