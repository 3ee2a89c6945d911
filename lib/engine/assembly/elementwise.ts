// Sums and products, value by value. Blocks of memory are padded to whole vectors, so the last vector
// may reach past the end: what it writes there nobody reads.

/** out = a + b */
export function addValues(count: i32, a: usize, b: usize, out: usize): void {
  const end = out + (<usize>count << 2);
  for (; out < end; out += 16) {
    v128.store(out, f32x4.add(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
}

/** out = a · b */
export function multiplyValues(count: i32, a: usize, b: usize, out: usize): void {
  const end = out + (<usize>count << 2);
  for (; out < end; out += 16) {
    v128.store(out, f32x4.mul(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
}
