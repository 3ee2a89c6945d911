// Softmax with cross-entropy over rows of logits, targets given as indices.
import { fraction4, limited4, powerOfParts4, powerOfTwo4, shifted4 } from "./math";

/** Logits at x with their bias, if there is one. */
// @ts-ignore: decorator
@inline
function logits4(logits: usize, bias: usize, hasBias: bool, x: usize): v128 {
  const value = v128.load(logits + x);
  return hasBias ? f32x4.add(value, v128.load(bias + x)) : value;
}

// @ts-ignore: decorator
@inline
function logit1(logits: usize, bias: usize, hasBias: bool, x: usize): f32 {
  return hasBias ? load<f32>(logits + x) + load<f32>(bias + x) : load<f32>(logits + x);
}

// @ts-ignore: decorator
@inline
function largestOf(logits: usize, bias: usize, hasBias: bool, bytes: usize): f32 {
  const whole = bytes & ~15;
  let largest: f32 = -Infinity;
  let x: usize = 0;
  if (whole) {
    // Two chains, because each step of one waits for the last; pmax, because max is 8 instructions.
    let lanes = logits4(logits, bias, hasBias, 0), others = lanes;
    for (x = 16; x + 16 < whole; x += 32) {
      lanes = f32x4.pmax(lanes, logits4(logits, bias, hasBias, x));
      others = f32x4.pmax(others, logits4(logits, bias, hasBias, x + 16));
    }
    for (; x < whole; x += 16) lanes = f32x4.pmax(lanes, logits4(logits, bias, hasBias, x));
    lanes = f32x4.pmax(lanes, others);
    largest = max(
      max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)),
      max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)),
    );
    x = whole;
  }
  for (; x < bytes; x += 4) largest = max(largest, logit1(logits, bias, hasBias, x));
  return largest;
}

/** Σ e^(logit − largest); with `keep` the terms replace the logits. */
// @ts-ignore: decorator
@inline
function sumOfPowers(
  logits: usize, bias: usize, hasBias: bool, keep: bool, bytes: usize, largest: f32,
): f64 {
  const whole = bytes & ~15;
  const shift = f32x4.splat(largest);
  // e^x = 2^(x log₂ e)
  const factor = f32x4.splat(1.44269504);
  let lanes = f32x4.splat(0), others = lanes;
  let x: usize = 0;
  for (; x + 64 <= bytes; x += 64) {
    let a = f32x4.mul(f32x4.sub(logits4(logits, bias, hasBias, x), shift), factor);
    let b = f32x4.mul(f32x4.sub(logits4(logits, bias, hasBias, x + 16), shift), factor);
    let c = f32x4.mul(f32x4.sub(logits4(logits, bias, hasBias, x + 32), shift), factor);
    let d = f32x4.mul(f32x4.sub(logits4(logits, bias, hasBias, x + 48), shift), factor);
    a = limited4(a);
    b = limited4(b);
    c = limited4(c);
    d = limited4(d);
    const shiftedA = shifted4(a), shiftedB = shifted4(b);
    const shiftedC = shifted4(c), shiftedD = shifted4(d);
    a = fraction4(a, shiftedA);
    b = fraction4(b, shiftedB);
    c = fraction4(c, shiftedC);
    d = fraction4(d, shiftedD);
    a = powerOfParts4(a, shiftedA);
    b = powerOfParts4(b, shiftedB);
    c = powerOfParts4(c, shiftedC);
    d = powerOfParts4(d, shiftedD);
    if (keep) {
      v128.store(logits + x, a);
      v128.store(logits + x, b, 16);
      v128.store(logits + x, c, 32);
      v128.store(logits + x, d, 48);
    }
    lanes = f32x4.add(lanes, f32x4.add(a, b));
    others = f32x4.add(others, f32x4.add(c, d));
  }
  lanes = f32x4.add(lanes, others);
  for (; x < whole; x += 16) {
    const difference = f32x4.sub(logits4(logits, bias, hasBias, x), shift);
    const e = powerOfTwo4(f32x4.mul(difference, factor));
    lanes = f32x4.add(lanes, e);
    if (keep) v128.store(logits + x, e);
  }
  let sum: f64 = <f64>f32x4.extract_lane(lanes, 0) + <f64>f32x4.extract_lane(lanes, 1) +
    <f64>f32x4.extract_lane(lanes, 2) + <f64>f32x4.extract_lane(lanes, 3);
  for (; x < bytes; x += 4) {
    const difference = f32x4.sub(f32x4.splat(logit1(logits, bias, hasBias, x)), shift);
    const e = powerOfTwo4(f32x4.mul(difference, factor));
    sum += <f64>f32x4.extract_lane(e, 0);
    if (keep) v128.store32_lane(logits + x, e, 0);
  }
  return sum;
}

/** row *= factor, and added to sums if they are not 0. */
// @ts-ignore: decorator
@inline
function scaleAndSum(row: usize, bytes: usize, factor: f32, sums: usize): void {
  const whole = bytes & ~15;
  const factors = f32x4.splat(factor);
  let x: usize = 0;
  for (; x < whole; x += 16) {
    const value = f32x4.mul(v128.load(row + x), factors);
    v128.store(row + x, value);
    if (sums) v128.store(sums + x, f32x4.add(v128.load(sums + x), value));
  }
  for (; x < bytes; x += 4) {
    const value = load<f32>(row + x) * factor;
    store<f32>(row + x, value);
    if (sums) store<f32>(sums + x, load<f32>(sums + x) + value);
  }
}

/** Loss of a row that counts, in nats; with `scale` not 0 its logits become weight · scale · softmax. */
// @ts-ignore: decorator
@inline
function lossOfRow(
  bytes: usize, logits: usize, target: usize, weight: f32, scale: f32, sums: usize, bias: usize,
): f64 {
  const logit = logit1(logits, bias, bias != 0, target);
  let largest: f32, sum: f64;
  if (bias) {
    largest = largestOf(logits, bias, true, bytes);
    sum = scale != 0
      ? sumOfPowers(logits, bias, true, true, bytes, largest)
      : sumOfPowers(logits, bias, true, false, bytes, largest);
  } else {
    largest = largestOf(logits, bias, false, bytes);
    sum = scale != 0
      ? sumOfPowers(logits, bias, false, true, bytes, largest)
      : sumOfPowers(logits, bias, false, false, bytes, largest);
  }
  if (scale != 0) scaleAndSum(logits, bytes, <f32>(<f64>(weight * scale) / sum), sums);
  return <f64>weight * (NativeMath.log(sum) + (<f64>largest - <f64>logit));
}

// @ts-ignore: decorator
@inline
function weightOf(weights: usize, row: i32): f32 {
  return weights ? load<f32>(weights + (<usize>row << 2)) : 1;
}

// @ts-ignore: decorator
@inline
function targetOf(targets: usize, row: i32): usize {
  return <usize>load<i32>(targets + (<usize>row << 2)) << 2;
}

/**
 * Sum over rows of weight · (log Σ exp(logits) − logit of the target), in nats. `bias`, if not 0, is
 * first added to each row of logits.
 *
 * With `scale` not 0 the logits become weight · scale · (softmax − one-hot), the gradient of
 * scale · the sum, and are added to `sums` (if not 0) over the rows. `weights` 0 stands for ones.
 */
export function softmaxCrossEntropy(
  rows: i32, columns: i32, logits: usize, targets: usize, weights: usize, scale: f32, sums: usize,
  bias: usize,
): f64 {
  const bytes = <usize>columns << 2;
  let total: f64 = 0;
  for (let row = 0; row < rows; row++) {
    const weight = weightOf(weights, row);
    const target = targetOf(targets, row);
    if (weight == 0) {
      if (scale != 0) memory.fill(logits, 0, bytes);
    } else {
      total += lossOfRow(bytes, logits, target, weight, scale, sums, bias);
      if (scale != 0) {
        const share = weight * scale;
        store<f32>(logits + target, load<f32>(logits + target) - share);
        if (sums) store<f32>(sums + target, load<f32>(sums + target) - share);
      }
    }
    logits += bytes;
  }
  return total;
}

/**
 * The part of softmaxCrossEntropy that each row has for itself: `losses` receives the terms of the sum as
 * 64-bit floats, and the logits become weight · scale · softmax, of which subtractTargets is to follow.
 */
export function softmaxOfRows(
  rows: i32, columns: i32, logits: usize, targets: usize, weights: usize, scale: f32, bias: usize,
  losses: usize,
): void {
  const bytes = <usize>columns << 2;
  for (let row = 0; row < rows; row++) {
    const weight = weightOf(weights, row);
    let loss: f64 = 0;
    if (weight != 0) loss = lossOfRow(bytes, logits, targetOf(targets, row), weight, scale, 0, bias);
    else if (scale != 0) memory.fill(logits, 0, bytes);
    store<f64>(losses, loss);
    losses += 8;
    logits += bytes;
  }
}

/**
 * The part of softmaxCrossEntropy that each column has for itself, of `count` columns from `first` of rows
 * that are `columns` wide: −weight · scale at the targets, and the sums over the rows.
 */
export function subtractTargets(
  rows: i32, columns: i32, first: i32, count: i32, logits: usize, targets: usize, weights: usize,
  scale: f32, sums: usize,
): void {
  const bytes = <usize>columns << 2, start = <usize>first << 2, end = start + (<usize>count << 2);
  const whole = start + ((end - start) & ~15);
  for (let row = 0; row < rows; row++) {
    const weight = weightOf(weights, row);
    if (weight != 0) {
      if (sums) {
        let x = start;
        for (; x < whole; x += 16) {
          v128.store(sums + x, f32x4.add(v128.load(sums + x), v128.load(logits + x)));
        }
        for (; x < end; x += 4) {
          store<f32>(sums + x, load<f32>(sums + x) + load<f32>(logits + x));
        }
      }
      const target = targetOf(targets, row);
      if (target >= start && target < end) {
        const share = weight * scale;
        store<f32>(logits + target, load<f32>(logits + target) - share);
        if (sums) store<f32>(sums + target, load<f32>(sums + target) - share);
      }
    }
    logits += bytes;
  }
}
