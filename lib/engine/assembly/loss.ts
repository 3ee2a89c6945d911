// Softmax with cross-entropy over rows of logits, targets given as indices.
import { exp4 } from "./math";
import { sumRows } from "./rows";

/**
 * Sum over rows of weight · (log Σ exp(logits) − logit of the target), in nats.
 *
 * With `scale` not 0 the logits become weight · scale · (softmax − one-hot), the gradient of
 * scale · the sum, and are added to `sums` (if not 0) over the rows. `weights` 0 stands for ones.
 */
export function softmaxCrossEntropy(
  rows: i32, columns: i32, logits: usize, targets: usize, weights: usize, scale: f32, sums: usize,
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
      // Two chains, because each step of one waits for the last; pmax, because max is 8 instructions.
      let lanes = v128.load(logits), others = lanes;
      for (x = 16; x + 16 < whole; x += 32) {
        lanes = f32x4.pmax(lanes, v128.load(logits + x));
        others = f32x4.pmax(others, v128.load(logits + x, 16));
      }
      for (; x < whole; x += 16) lanes = f32x4.pmax(lanes, v128.load(logits + x));
      lanes = f32x4.pmax(lanes, others);
      largest = max(
        max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)),
        max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)),
      );
      x = whole;
    }
    for (; x < bytes; x += 4) largest = max(largest, load<f32>(logits + x));

    const logit = load<f32>(target);
    const shift = f32x4.splat(largest);
    let lanesOfSum = f32x4.splat(0);
    for (x = 0; x < whole; x += 16) {
      const e = exp4(f32x4.sub(v128.load(logits + x), shift));
      lanesOfSum = f32x4.add(lanesOfSum, e);
      if (scale != 0) v128.store(logits + x, e);
    }
    let sum: f64 = <f64>f32x4.extract_lane(lanesOfSum, 0) + <f64>f32x4.extract_lane(lanesOfSum, 1) +
      <f64>f32x4.extract_lane(lanesOfSum, 2) + <f64>f32x4.extract_lane(lanesOfSum, 3);
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
      if (sums) sumRows(logits, 1, columns, sums);
    }
    logits += bytes;
  }
  return total;
}
