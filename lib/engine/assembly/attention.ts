// Softmax of attention scores under a causal mask, and its gradient; the products are matrix products.
import { powerOfTwo4, sumOfLanes } from "./math";

/** Lanes of the vector at i that belong to a row's seen part. */
// @ts-ignore: decorator
@inline
function lanesBefore(i: usize, seen: usize): v128 {
  return i32x4.gt_s(i32x4.splat(<i32>(seen - i)), i32x4(0, 4, 8, 12));
}

/**
 * Rows of scores become probabilities: row r attends to the columns up to first + r, of the others
 * the probability is 0. p = softmax(factor · score). Rows are `stride` wide, a multiple of 4; their
 * first `columns` are read and those up to the next multiple of 4 written.
 */
export function causalSoftmax(
  rows: i32, columns: i32, stride: i32, first: i32, factor: f32, scores: usize,
): void {
  const bytes = <usize>((columns + 3) & ~3) << 2;
  // e^x = 2^(x log₂ e)
  const factors = f32x4.splat(factor * 1.44269504);
  for (let row = 0; row < rows; row++) {
    const seen = <usize>min(first + row + 1, columns) << 2;
    const whole = seen & ~15;
    let i: usize = 0;
    let lanes = f32x4.splat(-Infinity);
    for (; i < whole; i += 16) lanes = f32x4.pmax(lanes, v128.load(scores + i));
    if (i < seen) {
      const last = v128.bitselect(v128.load(scores + i), lanes, lanesBefore(i, seen));
      lanes = f32x4.pmax(lanes, last);
    }
    const largest = max(
      max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)),
      max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)),
    );
    const shift = f32x4.splat(largest);
    let sums = f32x4.splat(0);
    for (i = 0; i < whole; i += 16) {
      const e = powerOfTwo4(f32x4.mul(f32x4.sub(v128.load(scores + i), shift), factors));
      sums = f32x4.add(sums, e);
      v128.store(scores + i, e);
    }
    if (i < seen) {
      const score = f32x4.sub(v128.load(scores + i), shift);
      const e = v128.and(powerOfTwo4(f32x4.mul(score, factors)), lanesBefore(i, seen));
      sums = f32x4.add(sums, e);
      v128.store(scores + i, e);
    }
    const inverse = f32x4.splat(1 / sumOfLanes(sums));
    for (i = 0; i < seen; i += 16) {
      v128.store(scores + i, f32x4.mul(v128.load(scores + i), inverse));
    }
    for (; i < bytes; i += 16) v128.store(scores + i, f32x4.splat(0));
    scores += <usize>stride << 2;
  }
}

/** dp becomes the gradient of the scores, factor · p (dp − Σ p dp), 0 where p is masked. */
export function causalSoftmaxBackward(
  rows: i32, columns: i32, stride: i32, first: i32, factor: f32, p: usize, dp: usize,
): void {
  const bytes = <usize>((columns + 3) & ~3) << 2;
  const factors = f32x4.splat(factor);
  for (let row = 0; row < rows; row++) {
    const seen = <usize>min(first + row + 1, columns) << 2;
    const whole = seen & ~15;
    let sums = f32x4.splat(0);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      sums = f32x4.add(sums, f32x4.mul(v128.load(p + i), v128.load(dp + i)));
    }
    if (i < seen) {
      const d = v128.and(v128.load(dp + i), lanesBefore(i, seen));
      sums = f32x4.add(sums, f32x4.mul(v128.load(p + i), d));
    }
    const shift = f32x4.splat(sumOfLanes(sums));
    for (i = 0; i < whole; i += 16) {
      const scaled = f32x4.mul(v128.load(p + i), factors);
      v128.store(dp + i, f32x4.mul(scaled, f32x4.sub(v128.load(dp + i), shift)));
    }
    if (i < seen) {
      const scaled = f32x4.mul(v128.load(p + i), factors);
      const d = f32x4.mul(scaled, f32x4.sub(v128.load(dp + i), shift));
      v128.store(dp + i, v128.and(d, lanesBefore(i, seen)));
      i += 16;
    }
    for (; i < bytes; i += 16) v128.store(dp + i, f32x4.splat(0));
    p += <usize>stride << 2;
    dp += <usize>stride << 2;
  }
}
