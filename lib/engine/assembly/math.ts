// Elementary functions on four lanes, by multiply, add and divide alone, so that every CPU gives the
// same bits. NaN stays NaN. Constants are loaded from memory because V8 builds a vector constant anew
// at each use. Polynomials are summed in pairs: shorter chains of operations that wait for each other.

const table = memory.data<f32>([
  // −log2 e, range of sigmoid's exponent (beyond it are subnormal numbers, which are slow)
  -1.44269504, -1.44269504, -1.44269504, -1.44269504,
  -110.0, -110.0, -110.0, -110.0,
  125.0, 125.0, 125.0, 125.0,
  // 1.5 · 2^23: adding it rounds to a whole number
  12582912.0, 12582912.0, 12582912.0, 12582912.0,
  // 2^x on [−½, ½]: polynomial of least relative error with 1 at 0, highest power first
  1.3264727e-3, 1.3264727e-3, 1.3264727e-3, 1.3264727e-3,
  9.671513e-3, 9.671513e-3, 9.671513e-3, 9.671513e-3,
  5.5507336e-2, 5.5507336e-2, 5.5507336e-2, 5.5507336e-2,
  2.4022242e-1, 2.4022242e-1, 2.4022242e-1, 2.4022242e-1,
  6.93147e-1, 6.93147e-1, 6.93147e-1, 6.93147e-1,
  1.0, 1.0, 1.0, 1.0,
  // tanh: rational minimax approximation as in Eigen. At ±10 it is well beyond ±1, to which it is then
  // limited, so that a saturated gate has derivative 0.
  10.0, 10.0, 10.0, 10.0,
  -10.0, -10.0, -10.0, -10.0,
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
  -1.0, -1.0, -1.0, -1.0,
], 16);

// @ts-ignore: decorator
@inline
function constant(row: i32): v128 {
  return v128.load(table + (row << 4));
}

/**
 * a b + c: rounded twice in the strict build, once in the relaxed one where the CPU can. The engines
 * `relaxed` and `native` use the relaxed build.
 */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD
    ? f32x4.relaxed_madd(a, b, c)
    : f32x4.add(f32x4.mul(a, b), c);
}

/** c − a b, likewise. */
// @ts-ignore: decorator
@inline
export function multiplySubtract(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD
    ? f32x4.relaxed_nmadd(a, b, c)
    : f32x4.sub(c, f32x4.mul(a, b));
}

// @ts-ignore: decorator
@inline
export function one4(): v128 {
  return constant(9);
}

// 2^x for x in [−126, 127.49] in three stages, so that a loop can have several vectors side by side: a
// CPU does not look far enough ahead to find the next vector behind a long chain.

/** Holds the whole part of x in its low bits. */
// @ts-ignore: decorator
@inline
export function shifted4(x: v128): v128 {
  return f32x4.add(x, constant(3));
}

/** The rest of x, in [−½, ½]. */
// @ts-ignore: decorator
@inline
export function fraction4(x: v128, shifted: v128): v128 {
  return f32x4.sub(x, f32x4.sub(shifted, constant(3)));
}

/** 2^x from both. */
// @ts-ignore: decorator
@inline
export function powerOfParts4(x: v128, shifted: v128): v128 {
  const square = f32x4.mul(x, x);
  const high = multiplyAdd(constant(4), x, constant(5));
  const middle = multiplyAdd(constant(6), x, constant(7));
  const low = multiplyAdd(constant(8), x, one4());
  const y = multiplyAdd(multiplyAdd(high, square, middle), square, low);
  // As an exponent the whole part is a power of two.
  return f32x4.mul(y, i32x4.add(i32x4.shl(shifted, 23), one4()));
}

/** x, but at least −110. */
// @ts-ignore: decorator
@inline
export function limited4(x: v128): v128 {
  return f32x4.pmax(x, constant(1));
}

// @ts-ignore: decorator
@inline
function powerInRange4(x: v128): v128 {
  const shifted = shifted4(x);
  return powerOfParts4(fraction4(x, shifted), shifted);
}

/**
 * 2^x for x ≤ 0. Below −110 it stays at 2^−110: what that is multiplied with is no subnormal number,
 * which would be slow.
 */
// @ts-ignore: decorator
@inline
export function powerOfTwo4(x: v128): v128 {
  return powerInRange4(limited4(x));
}

/** 1 / (1 + e^−x) */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(f32x4.mul(x, constant(0)), constant(1)), constant(2));
  return f32x4.div(one4(), f32x4.add(one4(), powerInRange4(x)));
}

// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, constant(10)), constant(11));
  const square = f32x4.mul(x, x);
  const fourth = f32x4.mul(square, square);
  let p = multiplyAdd(constant(13), square, constant(14));
  p = multiplyAdd(
    multiplyAdd(constant(12), fourth, p), fourth, multiplyAdd(constant(15), square, constant(16)));
  p = multiplyAdd(p, fourth, multiplyAdd(constant(17), square, constant(18)));
  const q = multiplyAdd(
    multiplyAdd(constant(19), square, constant(20)), fourth,
    multiplyAdd(constant(21), square, constant(22)));
  return f32x4.pmax(f32x4.pmin(f32x4.div(f32x4.mul(x, p), q), one4()), constant(23));
}

/** Sum of four lanes in a fixed order. */
// @ts-ignore: decorator
@inline
export function sumOfLanes(x: v128): f32 {
  return (f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1)) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
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

/** y = f(x) for tests of the functions above: 0 sigmoid, 1 tanh, 2 power of two. */
export function elementary(which: i32, x: usize, y: usize, count: i32): void {
  for (let i: usize = 0; i < (<usize>count << 2); i += 4) {
    const value = v128.load32_zero(x + i);
    const result = which == 0 ? sigmoid4(value) : which == 1 ? tanh4(value) : powerOfTwo4(value);
    v128.store32_lane(y + i, result, 0);
  }
}
