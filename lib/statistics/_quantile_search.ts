/**
 * The x above 0 at which an increasing function reaches a value, by doubling and bisection to the last bit.
 *
 * @param cumulative From 0 at 0 towards 1.
 * @param probability From 0 to 1, both excluded.
 */
export function quantileSearch(cumulative: (x: number) => number, probability: number): number {
  let upper = 1;
  while (cumulative(upper) < probability && upper < Number.MAX_VALUE / 2) upper *= 2;
  let lower = 0;
  if (upper === 1) { while (upper > 1e-300 && cumulative(upper / 2) >= probability) upper /= 2; }
  else lower = upper / 2;
  for (let middle; (middle = (lower + upper) / 2) > lower && middle < upper;) {
    if (cumulative(middle) < probability) lower = middle;
    else upper = middle;
  }
  return upper;
}
