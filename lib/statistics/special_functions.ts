/**
 * Special functions that the distributions of this room need.
 *
 * @module
 */

/**
 * Regularized incomplete beta function I_x(a, b).
 *
 * @param x From 0 to 1.
 * @param complement 1 − x, given apart so that neither loses digits.
 */
export function incompleteBeta(x: number, complement: number, a: number, b: number): number {
  if (x === 0) return 0;
  if (complement === 0) return 1;
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  const front = Math.exp(a * Math.log(x) + b * Math.log(complement) - logBeta);
  // The continued fraction converges fast on this side of the mean (Numerical Recipes, 6.4).
  if (x < (a + 1) / (a + b + 2)) return front * betaFraction(x, a, b) / a;
  return 1 - front * betaFraction(complement, b, a) / b;
}

/** Continued fraction of I_x(a, b) by Lentz's method as modified by Thompson and Barnett. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - (a + b) * x / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const factor = d * c;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return fraction;
}

// Lanczos' approximation with g = 7 and nine terms, as computed by Godfrey.
const lanczos = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  let sum = lanczos[0];
  for (let index = 1; index < lanczos.length; index++) sum += lanczos[index] / (shifted + index);
  const base = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

/**
 * Regularized incomplete gamma function P(a, x) = γ(a, x) / Γ(a): by its series below a + 1, else by the
 * continued fraction of 1 − P (Numerical Recipes, 6.2).
 *
 * @param a Above 0.
 * @param x At least 0.
 */
export function incompleteGamma(a: number, x: number): number {
  if (x === 0) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? front * gammaSeries(a, x) : 1 - front * gammaFraction(a, x);
}

function gammaSeries(a: number, x: number): number {
  let [term, sum] = [1 / a, 1 / a];
  for (let n = 1; n <= 10_000 && term > 1e-17 * sum; n++) sum += term *= x / (a + n);
  return sum;
}

function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n <= 10_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / away(numerator * d + b);
    c = away(b + numerator / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction;
}

/** Lentz's method divides by what may be 0: then by this. */
const tiny = 1e-300;

function away(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
