// Softmax with cross-entropy over rows of logits, targets given as indices.
import { exp4 } from "./math";

/**
 * Sum over rows of weight · (log Σ exp(logits) − logit of the target), in nats.
 *
 * With `scale` not 0 the logits become weight · scale · (softmax − one-hot), the gradient of
 * scale · the sum. `weights` 0 stands for ones.
 */
export function softmaxCrossEntropy(
  rows: i32, columns: i32, logits: usize, targets: usize, weights: usize, scale: f32,
): f64 {
  const bytes = <usize>columns << 2;
  const whole = bytes & ~15;
  let total: f64 = 0;
  for (let row = 0; row < rows; row++) {
    const weight = weights ? load<f32>(weights + (<usize>row << 2)) : 1;
    const target = logits + (<usize>load<i32>(targets + (<usize>row << 2)) << 2);
    if (weight == 0) {
      if (scale != 0) memory.fill(logits, 0, bytes);
      logits += bytes;
      continue;
    }
    let largest = load<f32>(logits);
    let x: usize = 0;
    if (whole) {
      let lanes = v128.load(logits);
      for (x = 16; x < whole; x += 16) lanes = f32x4.max(lanes, v128.load(logits + x));
      largest = max(
        max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)),
        max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)),
      );
      x = whole;
    }
    for (; x < bytes; x += 4) largest = max(largest, load<f32>(logits + x));

    const logit = load<f32>(target);
    const shift = f32x4.splat(largest);
    let sums = f32x4.splat(0);
    for (x = 0; x < whole; x += 16) {
      const e = exp4(f32x4.sub(v128.load(logits + x), shift));
      sums = f32x4.add(sums, e);
      if (scale != 0) v128.store(logits + x, e);
    }
    let sum: f64 = <f64>f32x4.extract_lane(sums, 0) + <f64>f32x4.extract_lane(sums, 1) +
      <f64>f32x4.extract_lane(sums, 2) + <f64>f32x4.extract_lane(sums, 3);
    for (; x < bytes; x += 4) {
      const e = exp4(f32x4.sub(v128.load32_zero(logits + x), shift));
      sum += <f64>f32x4.extract_lane(e, 0);
      if (scale != 0) v128.store32_lane(logits + x, e, 0);
    }
    total += <f64>weight * (NativeMath.log(sum) + (<f64>largest - <f64>logit));

    if (scale != 0) {
      const factor = <f32>(<f64>(weight * scale) / sum);
      const factors = f32x4.splat(factor);
      for (x = 0; x < whole; x += 16) {
        v128.store(logits + x, f32x4.mul(v128.load(logits + x), factors));
      }
      for (; x < bytes; x += 4) store<f32>(logits + x, load<f32>(logits + x) * factor);
      store<f32>(target, load<f32>(target) - weight * scale);
    }
    logits += bytes;
  }
  return total;
}
