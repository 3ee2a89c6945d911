// Updates of one parameter in one pass: gradient with loss terms, clipping, decays, step, proximal
// map. lib/optimizers/_step.ts and the optimizers beside it say the same in plain TypeScript, and are
// what these are to equal to the bit; they also explain the coefficients. Blocks of memory are padded to
// whole vectors, so the last vector may reach past the end: what it writes there nobody reads.

/** sign(w) · l1, 0 where w is 0. */
// @ts-ignore: decorator
@inline
function signed(w: v128, l1: v128): v128 {
  const zero = f32x4.splat(0);
  return f32x4.sub(v128.and(f32x4.gt(w, zero), l1), v128.and(f32x4.lt(w, zero), l1));
}

/** g + l1 · sign(w) + l2 · w */
// @ts-ignore: decorator
@inline
export function penalized(g: v128, w: v128, hasL1: bool, l1: v128, hasL2: bool, l2: v128): v128 {
  if (hasL1) g = f32x4.add(g, signed(w, l1));
  if (hasL2) g = f32x4.add(g, f32x4.mul(l2, w));
  return g;
}

/** Squares of elements 0 and 1 in double precision. */
// @ts-ignore: decorator
@inline
function lowSquares(x: v128): v128 {
  const doubles = f64x2.promote_low_f32x4(x);
  return f64x2.mul(doubles, doubles);
}

// @ts-ignore: decorator
@inline
function sumOfDoubles(low: v128, high: v128): f64 {
  return (f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1)) +
    (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1));
}

/** Σ (g + l1 · sign(w) + l2 · w)² in double precision; w is read only if l1 or l2 is not 0. */
export function squaredNorm(g: usize, w: usize, count: i32, l1: f32, l2: f32): f64 {
  const hasL1 = l1 != 0, hasL2 = l2 != 0;
  const l1s = f32x4.splat(l1), l2s = f32x4.splat(l2);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (; count >= 4; count -= 4) {
    let x = v128.load(g);
    if (hasL1 || hasL2) x = penalized(x, v128.load(w), hasL1, l1s, hasL2, l2s);
    low = f64x2.add(low, lowSquares(x));
    high = f64x2.add(high, lowSquares(i64x2.shuffle(x, x, 1, 1)));
    g += 16;
    w += 16;
  }
  if (count > 0) {
    let x = penalized(v128.load(g), v128.load(w), hasL1, l1s, hasL2, l2s);
    // Clears what lies past the end.
    x = v128.and(x, i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3)));
    low = f64x2.add(low, lowSquares(x));
    high = f64x2.add(high, lowSquares(i64x2.shuffle(x, x, 1, 1)));
  }
  return sumOfDoubles(low, high);
}

/** Stores (w − step) after the proximal map; adds the decoupled decay to the step first. */
// @ts-ignore: decorator
@inline
export function finish(
  address: usize,
  w: v128,
  step: v128,
  hasDecoupled: bool,
  decoupledDecay: v128,
  hasProximalL1: bool,
  proximalL1: v128,
  hasProximalL2: bool,
  proximalL2: v128,
): void {
  if (hasDecoupled) step = f32x4.add(step, f32x4.mul(decoupledDecay, w));
  let u = f32x4.sub(w, step);
  if (hasProximalL1) {
    const rest = f32x4.sub(f32x4.abs(u), proximalL1);
    const sign = v128.and(u, i32x4.splat(0x80000000));
    // A NaN is not ≤ 0 and stays a NaN.
    u = v128.andnot(v128.xor(rest, sign), f32x4.le(rest, f32x4.splat(0)));
  }
  // Two stores, because one of a chosen value is compiled to a division that is always made.
  if (hasProximalL2) v128.store(address, f32x4.div(u, f32x4.add(f32x4.splat(1), proximalL2)));
  else v128.store(address, u);
}

/** What penalties and clipping do in a step; flags are 0 or 1. lib/optimizers/_memory.ts writes them. */
@unmanaged
export class Effects {
  l1: f32;
  l2: f32;
  clipping: f32;
  coupledDecay: f32;
  decoupledDecay: f32;
  proximalL1: f32;
  proximalL2: f32;
  perWeight: f32;
}

/** What SGD needs beside the effects, as lib/optimizers/sgd.ts has it. */
@unmanaged
class SgdCoefficients {
  learningRate: f32;
  momentum: f32;
  nesterov: f32;
}

/** What Adam needs beside the effects, as lib/optimizers/adam.ts has it. */
@unmanaged
class AdamCoefficients {
  beta1: f32;
  rest1: f32;
  beta2: f32;
  rest2: f32;
  stepSize: f32;
  rootScale: f32;
  epsilon: f32;
}

/** One step of SGD; velocity is 0 when there is no momentum. */
export function updateBySgd(
  w: usize,
  g: usize,
  velocity: usize,
  count: i32,
  effects: usize,
  coefficients: usize,
): void {
  const e = changetype<Effects>(effects), c = changetype<SgdCoefficients>(coefficients);
  const l1 = e.l1, l2 = e.l2, coupledDecay = e.coupledDecay;
  const decoupledDecay = e.decoupledDecay;
  const proximalL1 = e.proximalL1, proximalL2 = e.proximalL2;
  const nesterov = c.nesterov != 0;
  const hasL1 = l1 != 0, hasL2 = l2 != 0, hasCoupled = coupledDecay != 0;
  const hasDecoupled = decoupledDecay != 0;
  const hasProximalL1 = proximalL1 != 0, hasProximalL2 = proximalL2 != 0;
  const hasVelocity = velocity != 0;
  const l1s = f32x4.splat(l1), l2s = f32x4.splat(l2);
  const clippings = f32x4.splat(e.clipping), coupledDecays = f32x4.splat(coupledDecay);
  const decoupledDecays = f32x4.splat(decoupledDecay), proximalL1s = f32x4.splat(proximalL1);
  const proximalL2s = f32x4.splat(proximalL2), momenta = f32x4.splat(c.momentum);
  const learningRates = f32x4.splat(c.learningRate);
  const end = w + (<usize>count << 2);
  while (w < end) {
    const x = v128.load(w);
    let y = f32x4.mul(penalized(v128.load(g), x, hasL1, l1s, hasL2, l2s), clippings);
    if (hasCoupled) y = f32x4.add(y, f32x4.mul(coupledDecays, x));
    if (hasVelocity) {
      const b = f32x4.add(f32x4.mul(momenta, v128.load(velocity)), y);
      v128.store(velocity, b);
      y = nesterov ? f32x4.add(y, f32x4.mul(momenta, b)) : b;
      velocity += 16;
    }
    const step = f32x4.mul(learningRates, y);
    finish(
      w,
      x,
      step,
      hasDecoupled,
      decoupledDecays,
      hasProximalL1,
      proximalL1s,
      hasProximalL2,
      proximalL2s,
    );
    w += 16;
    g += 16;
  }
}

/**
 * One step of Adam with first moment m and second moment v. Returns squaredNorm's sum, in the same order,
 * where `normWanted`, else 0: one pass over the gradient in place of two.
 */
export function updateByAdam(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  count: i32,
  effects: usize,
  coefficients: usize,
  normWanted: bool,
): f64 {
  const e = changetype<Effects>(effects), c = changetype<AdamCoefficients>(coefficients);
  const l1 = e.l1, l2 = e.l2, coupledDecay = e.coupledDecay;
  const decoupledDecay = e.decoupledDecay;
  const proximalL1 = e.proximalL1, proximalL2 = e.proximalL2;
  const perWeight = e.perWeight != 0;
  const hasL1 = l1 != 0, hasL2 = l2 != 0, hasCoupled = coupledDecay != 0;
  const hasDecoupled = decoupledDecay != 0;
  const hasProximalL1 = proximalL1 != 0, hasProximalL2 = proximalL2 != 0;
  const l1s = f32x4.splat(l1), l2s = f32x4.splat(l2);
  const clippings = f32x4.splat(e.clipping), coupledDecays = f32x4.splat(coupledDecay);
  const decoupledDecays = f32x4.splat(decoupledDecay), proximalL1s = f32x4.splat(proximalL1);
  const proximalL2s = f32x4.splat(proximalL2), one = f32x4.splat(1);
  const beta1s = f32x4.splat(c.beta1), rest1s = f32x4.splat(c.rest1);
  const beta2s = f32x4.splat(c.beta2), rest2s = f32x4.splat(c.rest2);
  const stepSizes = f32x4.splat(c.stepSize), rootScales = f32x4.splat(c.rootScale);
  const epsilons = f32x4.splat(c.epsilon);
  const end = w + (<usize>count << 2);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  while (w < end) {
    const x = v128.load(w);
    let y = penalized(v128.load(g), x, hasL1, l1s, hasL2, l2s);
    if (normWanted) {
      let inside = y;
      if (w + 16 > end) {
        const left = <i32>((end - w) >> 2);
        inside = v128.and(y, i32x4.gt_s(i32x4.splat(left), i32x4(0, 1, 2, 3)));
      }
      low = f64x2.add(low, lowSquares(inside));
      high = f64x2.add(high, lowSquares(i64x2.shuffle(inside, inside, 1, 1)));
    }
    y = f32x4.mul(y, clippings);
    if (hasCoupled) y = f32x4.add(y, f32x4.mul(coupledDecays, x));
    const first = f32x4.add(f32x4.mul(beta1s, v128.load(m)), f32x4.mul(rest1s, y));
    v128.store(m, first);
    const squares = f32x4.mul(f32x4.mul(rest2s, y), y);
    const second = f32x4.add(f32x4.mul(beta2s, v128.load(v)), squares);
    v128.store(v, second);
    const root = f32x4.mul(f32x4.sqrt(second), rootScales);
    const inverse = f32x4.div(one, f32x4.add(root, epsilons));
    const step = f32x4.mul(f32x4.mul(stepSizes, first), inverse);
    const metric = perWeight ? inverse : one;
    finish(
      w,
      x,
      step,
      hasDecoupled,
      decoupledDecays,
      hasProximalL1,
      f32x4.mul(proximalL1s, metric),
      hasProximalL2,
      f32x4.mul(proximalL2s, metric),
    );
    w += 16;
    g += 16;
    m += 16;
    v += 16;
  }
  return sumOfDoubles(low, high);
}
