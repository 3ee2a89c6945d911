import type { RandomStream } from "../core/random.ts";

/**
 * A gamma deviate with density ∝ x^(shape − 1) e^(−rate · x), by rejection from a cubed normal deviate.
 *
 * Paper: Marsaglia and Tsang, A Simple Method for Generating Gamma Variables, ACM Transactions on
 * Mathematical Software 26, 2000.
 *
 * @param shape Above 0.
 * @param rate Above 0.
 */
export function gammaDeviate(random: RandomStream, shape: number, rate: number): number {
  if (shape < 1) {
    return gammaDeviate(random, shape + 1, rate) * random.uniform() ** (1 / shape);
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = random.normal();
    const v = (1 + c * normal) ** 3;
    if (v <= 0) continue;
    const uniform = 1 - random.uniform();
    if (Math.log(uniform) < normal * normal / 2 + d * (1 - v + Math.log(v))) return d * v / rate;
  }
}

/**
 * A normal deviate inside a range that holds its mean.
 *
 * @param mean Inside the range.
 * @param range Lower and upper end.
 */
export function normalDeviateInside(
  random: RandomStream,
  mean: number,
  deviation: number,
  [lower, upper]: readonly [number, number],
): number {
  // Of a wide normal little lies inside, and of a flat one nearly all is kept.
  const flat = deviation > (upper - lower) / 2;
  for (;;) {
    const value = flat
      ? lower + (upper - lower) * random.uniform()
      : mean + deviation * random.normal();
    if (flat) {
      if (random.uniform() < Math.exp(-(((value - mean) / deviation) ** 2) / 2)) return value;
    } else if (value >= lower && value <= upper) return value;
  }
}

/**
 * One step of slice sampling: a new value under a density that is known up to a factor, with its interval
 * stepped out and shrunk.
 *
 * Paper: Neal, Slice Sampling, Annals of Statistics 31, 2003.
 *
 * @param current Where the density is not 0.
 * @param logDensity Its logarithm.
 * @param width First width of the interval.
 * @param range Where the density is not 0; the value stays inside.
 */
export function sliceStep(
  random: RandomStream,
  current: number,
  logDensity: (value: number) => number,
  width: number,
  [lowest, highest]: readonly [number, number],
): number {
  const level = logDensity(current) + Math.log(1 - random.uniform());
  let lower = current - width * random.uniform();
  let upper = lower + width;
  while (lower > lowest && logDensity(lower) > level) lower -= width;
  while (upper < highest && logDensity(upper) > level) upper += width;
  lower = Math.max(lower, lowest);
  upper = Math.min(upper, highest);
  for (;;) {
    const value = lower + (upper - lower) * random.uniform();
    if (logDensity(value) >= level) return value;
    if (value < current) lower = value;
    else upper = value;
  }
}
