// Layer normalization of rows, forward and backward.
import { load4, store4, sumOfLanes } from "./math";

/**
 * y = (x − μ) / √(σ² + ε) · gain + shift with μ and σ² the mean and variance of each row; `shift` 0
 * stands for zeros. `statistics` receives μ and 1 / √(σ² + ε) of each row.
 */
export function layerNorm(
  rows: i32, columns: i32, x: usize, gain: usize, shift: usize, epsilon: f32, y: usize,
  statistics: usize,
): void {
  const bytes = <usize>columns << 2;
  const whole = bytes & ~15;
  const share: f32 = 1 / <f32>columns;
  for (let row = 0; row < rows; row++) {
    // Two chains of sums, because each step of one waits for the last.
    let sums = f32x4.splat(0), others = f32x4.splat(0);
    let i: usize = 0;
    for (; i + 32 <= bytes; i += 32) {
      sums = f32x4.add(sums, v128.load(x + i));
      others = f32x4.add(others, v128.load(x + i, 16));
    }
    for (; i < whole; i += 16) sums = f32x4.add(sums, v128.load(x + i));
    for (; i < bytes; i += 4) sums = f32x4.add(sums, v128.load32_zero(x + i));
    const mean = sumOfLanes(f32x4.add(sums, others)) * share;
    const means = f32x4.splat(mean);

    sums = f32x4.splat(0);
    others = f32x4.splat(0);
    for (i = 0; i + 32 <= bytes; i += 32) {
      const d = f32x4.sub(v128.load(x + i), means);
      const e = f32x4.sub(v128.load(x + i, 16), means);
      sums = f32x4.add(sums, f32x4.mul(d, d));
      others = f32x4.add(others, f32x4.mul(e, e));
    }
    for (; i < whole; i += 16) {
      const d = f32x4.sub(v128.load(x + i), means);
      sums = f32x4.add(sums, f32x4.mul(d, d));
    }
    let squares = sumOfLanes(f32x4.add(sums, others));
    for (; i < bytes; i += 4) {
      const d = load<f32>(x + i) - mean;
      squares += d * d;
    }
    const inverse: f32 = 1 / sqrt<f32>(squares * share + epsilon);
    const inverses = f32x4.splat(inverse);

    for (i = 0; i < whole; i += 16) normalizeAt(i, true, x, gain, shift, y, means, inverses);
    for (; i < bytes; i += 4) normalizeAt(i, false, x, gain, shift, y, means, inverses);
    store<f32>(statistics, mean);
    store<f32>(statistics, inverse, 4);
    statistics += 8;
    x += bytes;
    y += bytes;
  }
}

// @ts-ignore: decorator
@inline
function normalizeAt(
  i: usize, whole: bool, x: usize, gain: usize, shift: usize, y: usize, means: v128,
  inverses: v128,
): void {
  const normal = f32x4.mul(f32x4.sub(load4(x + i, whole), means), inverses);
  let value = f32x4.mul(normal, load4(gain + i, whole));
  if (shift) value = f32x4.add(value, load4(shift + i, whole));
  store4(y + i, value, whole);
}

// @ts-ignore: decorator
@inline
function backwardOfRows(
  summed: bool, rows: i32, columns: i32, x: usize, gain: usize, statistics: usize, dy: usize,
  dx: usize, dgain: usize, dshift: usize,
): void {
  const bytes = <usize>columns << 2;
  const whole = bytes & ~15;
  const share: f32 = 1 / <f32>columns;
  for (let row = 0; row < rows; row++) {
    const means = f32x4.splat(load<f32>(statistics));
    const inverses = f32x4.splat(load<f32>(statistics, 4));
    let sums = f32x4.splat(0), products = f32x4.splat(0);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + i), means), inverses);
      const d = v128.load(dy + i);
      const g = f32x4.mul(d, v128.load(gain + i));
      sums = f32x4.add(sums, g);
      products = f32x4.add(products, f32x4.mul(g, normal));
      if (summed) v128.store(dgain + i, f32x4.add(v128.load(dgain + i), f32x4.mul(d, normal)));
      if (summed && dshift) v128.store(dshift + i, f32x4.add(v128.load(dshift + i), d));
    }
    let sum = sumOfLanes(sums), product = sumOfLanes(products);
    for (; i < bytes; i += 4) {
      const normal = (load<f32>(x + i) - load<f32>(statistics)) * load<f32>(statistics, 4);
      const d = load<f32>(dy + i);
      const g = d * load<f32>(gain + i);
      sum += g;
      product += g * normal;
      if (summed) store<f32>(dgain + i, load<f32>(dgain + i) + d * normal);
      if (summed && dshift) store<f32>(dshift + i, load<f32>(dshift + i) + d);
    }
    const meanOfG = f32x4.splat(sum * share), meanOfProduct = f32x4.splat(product * share);
    for (i = 0; i < whole; i += 16) {
      inputGradientAt(i, true, x, gain, dy, dx, means, inverses, meanOfG, meanOfProduct);
    }
    for (; i < bytes; i += 4) {
      inputGradientAt(i, false, x, gain, dy, dx, means, inverses, meanOfG, meanOfProduct);
    }
    statistics += 8;
    x += bytes;
    dy += bytes;
    dx += bytes;
  }
}

/**
 * Backward: with n the normalized row and g = dy · gain, dx = (g − mean g − n · mean (g n)) / √(σ²+ε);
 * dgain += Σ over rows of dy n, dshift (if not 0) += Σ dy. With a dgain of 0 neither is summed.
 */
export function layerNormBackward(
  rows: i32, columns: i32, x: usize, gain: usize, statistics: usize, dy: usize, dx: usize,
  dgain: usize, dshift: usize,
): void {
  if (dgain) {
    backwardOfRows(true, rows, columns, x, gain, statistics, dy, dx, dgain, dshift);
  } else {
    backwardOfRows(false, rows, columns, x, gain, statistics, dy, dx, 0, 0);
  }
}

/** The sums of layerNormBackward alone, of some columns; rows of x and dy are `stride` wide. */
export function layerNormSums(
  rows: i32, columns: i32, stride: i32, x: usize, statistics: usize, dy: usize, dgain: usize,
  dshift: usize,
): void {
  const bytes = <usize>columns << 2, step = <usize>stride << 2;
  const whole = bytes & ~15;
  for (let row = 0; row < rows; row++) {
    const mean = load<f32>(statistics), inverse = load<f32>(statistics, 4);
    const means = f32x4.splat(mean), inverses = f32x4.splat(inverse);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + i), means), inverses);
      const d = v128.load(dy + i);
      v128.store(dgain + i, f32x4.add(v128.load(dgain + i), f32x4.mul(d, normal)));
      if (dshift) v128.store(dshift + i, f32x4.add(v128.load(dshift + i), d));
    }
    for (; i < bytes; i += 4) {
      const normal = (load<f32>(x + i) - mean) * inverse;
      const d = load<f32>(dy + i);
      store<f32>(dgain + i, load<f32>(dgain + i) + d * normal);
      if (dshift) store<f32>(dshift + i, load<f32>(dshift + i) + d);
    }
    statistics += 8;
    x += step;
    dy += step;
  }
}

// @ts-ignore: decorator
@inline
function inputGradientAt(
  i: usize, whole: bool, x: usize, gain: usize, dy: usize, dx: usize, means: v128, inverses: v128,
  meanOfG: v128, meanOfProduct: v128,
): void {
  const normal = f32x4.mul(f32x4.sub(load4(x + i, whole), means), inverses);
  const g = f32x4.mul(load4(dy + i, whole), load4(gain + i, whole));
  const rest = f32x4.sub(f32x4.sub(g, meanOfG), f32x4.mul(normal, meanOfProduct));
  store4(dx + i, f32x4.mul(rest, inverses), whole);
}
