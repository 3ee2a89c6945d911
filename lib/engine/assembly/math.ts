/** x[0..count) = value */
export function fill(x: usize, count: i32, value: f32): void {
  const end = x + (<usize>count << 2);
  for (; x < end; x += 4) store<f32>(x, value);
}
