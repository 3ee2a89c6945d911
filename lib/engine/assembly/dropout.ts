// Dropout masks that are a function of (key, index) alone, so that backward computes the mask again
// instead of keeping it.

/** Mixing function "triple32" of C. Wellons (github.com/skeeto/hash-prospector). */
// @ts-ignore: decorator
@inline
function mix(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 17));
  x = i32x4.mul(x, i32x4.splat(0xed5ad4bb));
  x = v128.xor(x, i32x4.shr_u(x, 11));
  x = i32x4.mul(x, i32x4.splat(0xac4c1b51));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x31848bab));
  return v128.xor(x, i32x4.shr_u(x, 14));
}

/**
 * y[i] = x[i] · factor where the upper 24 bits of mix(mix(i + key0) + key1) are at least `threshold`,
 * else 0.
 */
export function dropout(
  x: usize, y: usize, count: i32, key0: i32, key1: i32, threshold: i32, factor: f32,
): void {
  const keys1 = i32x4.splat(key1);
  const thresholds = i32x4.splat(threshold - 1);
  const factors = f32x4.splat(factor);
  const four = i32x4.splat(4);
  let index = i32x4.add(i32x4.splat(key0), i32x4(0, 1, 2, 3));
  const end = x + (<usize>count << 2);
  while (x < end) {
    const random = i32x4.shr_u(mix(i32x4.add(mix(index), keys1)), 8);
    const kept = i32x4.gt_s(random, thresholds);
    if (x + 16 <= end) {
      v128.store(y, v128.and(kept, f32x4.mul(v128.load(x), factors)));
    } else {
      for (let lane = 0; x < end; x += 4, y += 4, lane++) {
        const keep = lane == 0 ? i32x4.extract_lane(kept, 0) : lane == 1
          ? i32x4.extract_lane(kept, 1)
          : i32x4.extract_lane(kept, 2);
        store<f32>(y, keep ? load<f32>(x) * factor : 0);
      }
      return;
    }
    index = i32x4.add(index, four);
    x += 16;
    y += 16;
  }
}
