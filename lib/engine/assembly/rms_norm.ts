// Root mean square normalization of rows, forward and backward.
import { load4, store4, sumOfLanes } from "./math";

/** y = x / √(mean x² + ε) · gain; `inverses` receives 1 / √(mean x² + ε) of each row. */
export function rmsNorm(
  rows: i32, columns: i32, x: usize, gain: usize, epsilon: f32, y: usize, inverses: usize,
): void {
  const bytes = <usize>columns << 2;
  const whole = bytes & ~15;
  const share: f32 = 1 / <f32>columns;
  for (let row = 0; row < rows; row++) {
    // Two chains of sums, because each step of one waits for the last.
    let sums = f32x4.splat(0), others = f32x4.splat(0);
    let i: usize = 0;
    for (; i + 32 <= bytes; i += 32) {
      const a = v128.load(x + i), b = v128.load(x + i, 16);
      sums = f32x4.add(sums, f32x4.mul(a, a));
      others = f32x4.add(others, f32x4.mul(b, b));
    }
    for (; i < whole; i += 16) {
      const a = v128.load(x + i);
      sums = f32x4.add(sums, f32x4.mul(a, a));
    }
    for (; i < bytes; i += 4) {
      const a = v128.load32_zero(x + i);
      sums = f32x4.add(sums, f32x4.mul(a, a));
    }
    const squares = sumOfLanes(f32x4.add(sums, others));
    const inverse: f32 = 1 / sqrt<f32>(squares * share + epsilon);
    const factors = f32x4.splat(inverse);
    for (i = 0; i < whole; i += 16) scaleAt(i, true, x, gain, y, factors);
    for (; i < bytes; i += 4) scaleAt(i, false, x, gain, y, factors);
    store<f32>(inverses, inverse);
    inverses += 4;
    x += bytes;
    y += bytes;
  }
}

// @ts-ignore: decorator
@inline
function scaleAt(i: usize, whole: bool, x: usize, gain: usize, y: usize, factors: v128): void {
  store4(
    y + i, f32x4.mul(f32x4.mul(load4(x + i, whole), factors), load4(gain + i, whole)), whole);
}

// @ts-ignore: decorator
@inline
function backwardOfRows(
  summed: bool, rows: i32, columns: i32, x: usize, gain: usize, inverses: usize, dy: usize,
  dx: usize, dgain: usize,
): void {
  const bytes = <usize>columns << 2;
  const whole = bytes & ~15;
  const share: f32 = 1 / <f32>columns;
  for (let row = 0; row < rows; row++) {
    const factors = v128.load32_splat(inverses);
    let products = f32x4.splat(0);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      const d = f32x4.mul(v128.load(dy + i), f32x4.mul(v128.load(x + i), factors));
      products = f32x4.add(products, f32x4.mul(d, v128.load(gain + i)));
      if (summed) v128.store(dgain + i, f32x4.add(v128.load(dgain + i), d));
    }
    let product = sumOfLanes(products);
    for (; i < bytes; i += 4) {
      const d = load<f32>(dy + i) * (load<f32>(x + i) * load<f32>(inverses));
      product += d * load<f32>(gain + i);
      if (summed) store<f32>(dgain + i, load<f32>(dgain + i) + d);
    }
    const mean = f32x4.splat(product * share);
    for (i = 0; i < whole; i += 16) inputGradientAt(i, true, x, gain, dy, dx, factors, mean);
    for (; i < bytes; i += 4) inputGradientAt(i, false, x, gain, dy, dx, factors, mean);
    inverses += 4;
    x += bytes;
    dy += bytes;
    dx += bytes;
  }
}

/**
 * Backward: with n = x / √(mean x² + ε) and g = dy · gain, dx = (g − n · mean (g n)) / √(mean x² + ε);
 * dgain += Σ over rows of dy n. With a dgain of 0 nothing is summed.
 */
export function rmsNormBackward(
  rows: i32, columns: i32, x: usize, gain: usize, inverses: usize, dy: usize, dx: usize,
  dgain: usize,
): void {
  if (dgain) backwardOfRows(true, rows, columns, x, gain, inverses, dy, dx, dgain);
  else backwardOfRows(false, rows, columns, x, gain, inverses, dy, dx, 0);
}

/** The sums of rmsNormBackward alone, of some columns; rows of x and dy are `stride` wide. */
export function rmsNormSums(
  rows: i32, columns: i32, stride: i32, x: usize, inverses: usize, dy: usize, dgain: usize,
): void {
  const bytes = <usize>columns << 2, step = <usize>stride << 2;
  const whole = bytes & ~15;
  for (let row = 0; row < rows; row++) {
    const factors = v128.load32_splat(inverses);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      const d = f32x4.mul(v128.load(dy + i), f32x4.mul(v128.load(x + i), factors));
      v128.store(dgain + i, f32x4.add(v128.load(dgain + i), d));
    }
    for (; i < bytes; i += 4) {
      const d = load<f32>(dy + i) * (load<f32>(x + i) * load<f32>(inverses));
      store<f32>(dgain + i, load<f32>(dgain + i) + d);
    }
    inverses += 4;
    x += step;
    dy += step;
  }
}

// @ts-ignore: decorator
@inline
function inputGradientAt(
  i: usize, whole: bool, x: usize, gain: usize, dy: usize, dx: usize, factors: v128, mean: v128,
): void {
  const normal = f32x4.mul(load4(x + i, whole), factors);
  const g = f32x4.mul(load4(dy + i, whole), load4(gain + i, whole));
  store4(dx + i, f32x4.mul(f32x4.sub(g, f32x4.mul(normal, mean)), factors), whole);
}
