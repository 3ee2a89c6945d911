// The product of a gated feed-forward layer, silu(gate) · up, forward and backward.
import { load4, one4, sigmoid4, store4 } from "./math";

// @ts-ignore: decorator
@inline
function swigluAt(i: usize, whole: bool, gate: usize, up: usize, y: usize): void {
  const g = load4(gate + i, whole);
  store4(y + i, f32x4.mul(f32x4.mul(g, sigmoid4(g)), load4(up + i, whole)), whole);
}

/** y = g σ(g) u of `count` numbers. */
export function swiglu(count: i32, gate: usize, up: usize, y: usize): void {
  const bytes = <usize>count << 2;
  const whole = bytes & ~15;
  let i: usize = 0;
  for (; i < whole; i += 16) swigluAt(i, true, gate, up, y);
  for (; i < bytes; i += 4) swigluAt(i, false, gate, up, y);
}

// @ts-ignore: decorator
@inline
function gradientsAt(
  i: usize, whole: bool, gate: usize, up: usize, dy: usize, dgate: usize, dup: usize,
): void {
  const g = load4(gate + i, whole);
  const d = load4(dy + i, whole);
  const share = sigmoid4(g);
  const silu = f32x4.mul(g, share);
  store4(dup + i, f32x4.mul(d, silu), whole);
  // σ(g) (1 + g (1 − σ(g))) = σ(g) + g σ(g) (1 − σ(g))
  const slope = f32x4.add(share, f32x4.mul(silu, f32x4.sub(one4(), share)));
  store4(dgate + i, f32x4.mul(f32x4.mul(d, load4(up + i, whole)), slope), whole);
}

/** Backward: dgate = dy u σ(g) (1 + g (1 − σ(g))), dup = dy g σ(g). */
export function swigluBackward(
  count: i32, gate: usize, up: usize, dy: usize, dgate: usize, dup: usize,
): void {
  const bytes = <usize>count << 2;
  const whole = bytes & ~15;
  let i: usize = 0;
  for (; i < whole; i += 16) gradientsAt(i, true, gate, up, dy, dgate, dup);
  for (; i < bytes; i += 4) gradientsAt(i, false, gate, up, dy, dgate, dup);
}
