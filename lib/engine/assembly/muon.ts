// Muon's passes over a kernel's columns and over the squares of its iteration. lib/optimizers/muon.ts and
// _newton_schulz.ts say the same in plain TypeScript, to the bit, and explain it. `columns` is the
// distance of rows in the kernel, `width` that of what is worked on, whose rows follow one another.
import { Effects, finish, penalized } from "./optimizers";

/** Where the last weights of a row are finished when they are fewer than a vector. */
const rest: usize = memory.data(16, 16);

/** Stores the first elements of a vector, from 1 to 3. */
// @ts-ignore: decorator
@inline
function storeSome(address: usize, values: v128, count: i32): void {
  v128.store32_lane(address, values, 0);
  if (count > 1) v128.store32_lane(address + 4, values, 1);
  if (count > 2) v128.store32_lane(address + 8, values, 2);
}

/** B ← μ B + (1 − μ) g, and U = (1 − μ) g + μ B or B. */
export function muonDirection(
  out: usize,
  w: usize,
  g: usize,
  slot: usize,
  rows: i32,
  width: i32,
  columns: i32,
  effects: usize,
  coefficients: usize,
): void {
  const e = changetype<Effects>(effects);
  const hasL1 = e.l1 != 0, hasL2 = e.l2 != 0, hasCoupled = e.coupledDecay != 0;
  const l1s = f32x4.splat(e.l1), l2s = f32x4.splat(e.l2);
  const clippings = f32x4.splat(e.clipping), coupledDecays = f32x4.splat(e.coupledDecay);
  const momenta = f32x4.splat(load<f32>(coefficients));
  const shares = f32x4.splat(load<f32>(coefficients, 4));
  const nesterov = load<f32>(coefficients, 8) != 0;
  const gap = <usize>(columns - width) << 2;
  for (let row = 0; row < rows; row++) {
    for (let left = width; left > 0; left -= 4) {
      const x = v128.load(w);
      let y = f32x4.mul(penalized(v128.load(g), x, hasL1, l1s, hasL2, l2s), clippings);
      if (hasCoupled) y = f32x4.add(y, f32x4.mul(coupledDecays, x));
      y = f32x4.mul(shares, y);
      const b = f32x4.add(f32x4.mul(momenta, v128.load(slot)), y);
      const u = nesterov ? f32x4.add(y, f32x4.mul(momenta, b)) : b;
      // What is past the end of a row here, the next one overwrites.
      v128.store(out, u);
      const count = min(4, left);
      if (count == 4) v128.store(slot, b);
      else storeSome(slot, b, count);
      const bytes = <usize>count << 2;
      out += bytes;
      w += bytes;
      g += bytes;
      slot += bytes;
    }
    w += gap;
    g += gap;
    slot += gap;
  }
}

/** w ← w − stepSize · x, with decay and proximal map. */
export function muonApply(
  w: usize,
  x: usize,
  rows: i32,
  width: i32,
  columns: i32,
  effects: usize,
  stepSize: f32,
): void {
  const e = changetype<Effects>(effects);
  const decoupledDecay = e.decoupledDecay, proximalL1 = e.proximalL1, proximalL2 = e.proximalL2;
  const hasDecoupled = decoupledDecay != 0;
  const hasProximalL1 = proximalL1 != 0, hasProximalL2 = proximalL2 != 0;
  const decoupledDecays = f32x4.splat(decoupledDecay), proximalL1s = f32x4.splat(proximalL1);
  const proximalL2s = f32x4.splat(proximalL2), stepSizes = f32x4.splat(stepSize);
  const gap = <usize>(columns - width) << 2;
  for (let row = 0; row < rows; row++) {
    for (let left = width; left > 0; left -= 4) {
      const whole = left >= 4;
      finish(
        whole ? w : rest,
        v128.load(w),
        f32x4.mul(stepSizes, v128.load(x)),
        hasDecoupled,
        decoupledDecays,
        hasProximalL1,
        proximalL1s,
        hasProximalL2,
        proximalL2s,
      );
      if (!whole) storeSome(w, v128.load(rest), left);
      const bytes = <usize>min(4, left) << 2;
      w += bytes;
      x += bytes;
    }
    w += gap;
  }
}

/** In the upper triangle: F ← a I + b A + c F. Elements of a row before its diagonal may change too. */
export function addPolynomial(
  factor: usize,
  square: usize,
  side: i32,
  a: f32,
  b: f32,
  c: f32,
): void {
  const bs = f32x4.splat(b), cs = f32x4.splat(c);
  for (let row = 0; row < side; row++) {
    const first = row & ~3;
    const at = <usize>(row * side + first) << 2;
    let f = factor + at, s = square + at;
    for (let left = side - first; left > 0; left -= 4) {
      const y = f32x4.add(f32x4.mul(bs, v128.load(s)), f32x4.mul(cs, v128.load(f)));
      if (left >= 4) v128.store(f, y);
      else storeSome(f, y, left);
      f += 16;
      s += 16;
    }
    const diagonal = factor + (<usize>(row * side + row) << 2);
    store<f32>(diagonal, a + load<f32>(diagonal));
  }
}

/** Copies the upper triangle to the lower one, in squares that stay in the cache. */
export function mirror(x: usize, side: i32): void {
  const tile = 16;
  for (let top = 0; top < side; top += tile) {
    const bottom = min(side, top + tile);
    for (let left = top; left < side; left += tile) {
      const right = min(side, left + tile);
      for (let row = top; row < bottom; row++) {
        for (let column = max(left, row + 1); column < right; column++) {
          store<f32>(
            x + (<usize>(column * side + row) << 2),
            load<f32>(x + (<usize>(row * side + column) << 2)),
          );
        }
      }
    }
  }
}
