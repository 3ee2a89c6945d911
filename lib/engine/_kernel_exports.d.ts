// Written by `deno task kernels` from assembly/.
/**
 * assembly/math/fill
 * @param x `usize`
 * @param count `i32`
 * @param value `f32`
 */
export function fill(x: number, count: number, value: number): void;
