// lib/averages/averages.ts says the same in plain TypeScript, to the bit. Blocks of memory are padded to
// whole vectors, so the last vector may reach past the end: what it writes there nobody reads.

/** to ← to + share · (from − to). */
export function moveTowards(to: usize, from: usize, count: i32, share: f32): void {
  const shares = f32x4.splat(share);
  const end = to + (<usize>count << 2);
  while (to < end) {
    const x = v128.load(to);
    v128.store(to, f32x4.add(x, f32x4.mul(shares, f32x4.sub(v128.load(from), x))));
    to += 16;
    from += 16;
  }
}
