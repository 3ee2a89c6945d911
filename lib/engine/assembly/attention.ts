// Softmax of attention scores under a causal mask, and its gradient; the products are matrix products.
import { exp4, load4, store4 } from "./math";

/**
 * Rows of scores become probabilities: row r attends to the columns up to first + r, of the others
 * the probability is 0. p = softmax(factor · score).
 */
export function causalSoftmax(
  rows: i32, columns: i32, first: i32, factor: f32, scores: usize,
): void {
  const bytes = <usize>columns << 2;
  const factors = f32x4.splat(factor);
  for (let row = 0; row < rows; row++) {
    const seen = <usize>min(first + row + 1, columns) << 2;
    const whole = seen & ~15;
    let largest = load<f32>(scores);
    let i: usize = 0;
    if (whole) {
      let lanes = v128.load(scores);
      for (i = 16; i < whole; i += 16) lanes = f32x4.max(lanes, v128.load(scores + i));
      largest = max(
        max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)),
        max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)),
      );
    }
    for (; i < seen; i += 4) largest = max(largest, load<f32>(scores + i));

    const shift = f32x4.splat(largest);
    let sums = f32x4.splat(0);
    for (i = 0; i < whole; i += 16) {
      const e = exp4(f32x4.mul(f32x4.sub(v128.load(scores + i), shift), factors));
      sums = f32x4.add(sums, e);
      v128.store(scores + i, e);
    }
    let sum = (f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1)) +
      (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
    for (; i < seen; i += 4) {
      const e = exp4(f32x4.mul(f32x4.sub(v128.load32_zero(scores + i), shift), factors));
      sum += f32x4.extract_lane(e, 0);
      v128.store32_lane(scores + i, e, 0);
    }
    const inverse = f32x4.splat(1 / sum);
    for (i = 0; i < whole; i += 16) {
      v128.store(scores + i, f32x4.mul(v128.load(scores + i), inverse));
    }
    for (; i < seen; i += 4) {
      store4(scores + i, f32x4.mul(load4(scores + i, false), inverse), false);
    }
    if (i < bytes) memory.fill(scores + i, 0, bytes - i);
    scores += bytes;
  }
}

/** dp becomes the gradient of the scores, factor · p (dp − Σ p dp), 0 where p is masked. */
export function causalSoftmaxBackward(
  rows: i32, columns: i32, first: i32, factor: f32, p: usize, dp: usize,
): void {
  const bytes = <usize>columns << 2;
  const factors = f32x4.splat(factor);
  for (let row = 0; row < rows; row++) {
    const seen = <usize>min(first + row + 1, columns) << 2;
    const whole = seen & ~15;
    let sums = f32x4.splat(0);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      sums = f32x4.add(sums, f32x4.mul(v128.load(p + i), v128.load(dp + i)));
    }
    let sum = (f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1)) +
      (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
    for (; i < seen; i += 4) sum += load<f32>(p + i) * load<f32>(dp + i);
    const shift = f32x4.splat(sum);
    for (i = 0; i < whole; i += 16) gradientAt(i, true, p, dp, shift, factors);
    for (; i < seen; i += 4) gradientAt(i, false, p, dp, shift, factors);
    if (i < bytes) memory.fill(dp + i, 0, bytes - i);
    p += bytes;
    dp += bytes;
  }
}

// @ts-ignore: decorator
@inline
function gradientAt(i: usize, whole: bool, p: usize, dp: usize, shift: v128, factors: v128): void {
  const scaled = f32x4.mul(load4(p + i, whole), factors);
  store4(dp + i, f32x4.mul(scaled, f32x4.sub(load4(dp + i, whole), shift)), whole);
}
