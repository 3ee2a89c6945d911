/**
 * Statistics of records by code that shares nothing with the library's.
 *
 * @module
 */

/** A mean over folds with its standard error. */
export interface Mean {
  readonly mean: number;
  readonly error: number | null;
  readonly folds: readonly number[];
}

/** Mean of some values. */
export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation of some values, over their number less one. */
export function deviation(values: readonly number[]): number {
  const centre = average(values);
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - centre) * (value - centre), 0) /
      (values.length - 1),
  );
}

/** Mean of the fold means with its standard error; folds without values are left out. */
export function over(folds: readonly (readonly number[])[]): Mean | null {
  const means = folds.filter((fold) => fold.length > 0).map(average);
  if (means.length === 0) return null;
  const error = means.length < 2 ? null : deviation(means) / Math.sqrt(means.length);
  return { mean: average(means), error, folds: means };
}

/** Two-sided p-value of Student's t for whole degrees of freedom, by the finite series. */
export function twoSided(t: number, degrees: number): number {
  const angle = Math.atan(Math.abs(t) / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  let term = degrees % 2 === 1 ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = degrees % 2 === 1 ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= cosine * cosine * (k - 1) / k;
    sum += term;
  }
  const inside = degrees % 2 === 1
    ? 2 / Math.PI * (angle + Math.sin(angle) * sum)
    : Math.sin(angle) * sum;
  return 1 - inside;
}

/** The t beyond which a share of 5 % lies, both sides together, by bisection. */
export function fivePercent(degrees: number): number {
  let [low, high] = [0, 1000];
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (twoSided(middle, degrees) > 0.05) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The standard normal distribution function, by Simpson's rule from 0. */
function normal(z: number): number {
  if (Math.abs(z) > 8) return z > 0 ? 1 : 0;
  const steps = 200;
  const width = z / steps;
  let sum = 0;
  for (let step = 0; step <= steps; step++) {
    const weight = step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((step * width) ** 2) / 2);
  }
  return 0.5 + sum * width / 3 / Math.sqrt(2 * Math.PI);
}

/**
 * The true difference, in standard errors, that 80 % of studies show at a level of 5 % over some
 * comparisons: the power is integrated over the distribution of the estimated standard error.
 */
export function shownByMost(degrees: number, comparisons: number): number {
  const power = (shift: number, limit: number) => {
    // s² · degrees is chi-squared; its density in s, normalized by the same sum.
    let [hit, all] = [0, 0];
    for (let s = 0.0025; s < 6; s += 0.005) {
      const density = Math.exp((degrees - 1) * Math.log(s) - degrees * s * s / 2);
      hit += density * (1 - normal(limit * s - shift) + normal(-limit * s - shift));
      all += density;
    }
    return hit / all;
  };
  const bisect = (high: number, isBelow: (value: number) => boolean) => {
    let low = 0;
    while (isBelow(high)) high *= 2;
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      if (isBelow(middle)) low = middle;
      else high = middle;
    }
    return low;
  };
  const limit = bisect(10, (t) => twoSided(t, degrees) > 0.05 / comparisons);
  return bisect(10, (shift) => power(shift, limit) < 0.8);
}

/** Holm's adjustment, written as the definition has it. */
export function holmOf(values: readonly (number | null)[], entered: number): (number | null)[] {
  const known = values.filter((value) => value !== null);
  const count = Math.max(entered, known.length);
  const sorted = [...known].sort((a, b) => a - b);
  return values.map((value) => {
    if (value === null) return null;
    const rank = sorted.indexOf(value);
    return Math.min(
      1,
      Math.max(...sorted.slice(0, rank + 1).map((each, index) => (count - index) * each)),
    );
  });
}
