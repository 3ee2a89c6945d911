/**
 * Contrasts of values along a power law that do not depend on what of the law is unknown, to the first order:
 * the orthogonalized scores of Neyman's C(α) tests.
 *
 * @module
 */

/** Amounts at which values were measured, and the exponent at which the law is linearized. */
export interface LinearizedLaw {
  /** log(x / x₀), with x₀ the smallest amount. */
  readonly logs: readonly number[];
  /** Orthonormal columns that span what the law can change by. */
  readonly basis: readonly (readonly number[])[];
  /** Upper triangle by which the columns are made of the basis. */
  readonly triangle: readonly (readonly number[])[];
  readonly exponent: number;
  readonly fixedAsymptote: boolean;
}

/** Derivatives of the law by asymptote, scale and exponent, up to factors, at log(x / x₀). */
function derivatives(exponent: number, log: number, fixedAsymptote: boolean): number[] {
  const fall = Math.exp(-exponent * log);
  const own = log === Infinity ? [0, 0] : [fall, fall * log];
  return fixedAsymptote ? own : [1, ...own];
}

/** Prepares predictions by values at some amounts. */
export function linearized(
  logs: readonly number[],
  exponent: number,
  fixedAsymptote: boolean,
): LinearizedLaw {
  const rows = logs.map((log) => derivatives(exponent, log, fixedAsymptote));
  return { logs, ...orthogonalized(rows), exponent, fixedAsymptote };
}

/** Gram and Schmidt, twice: the columns are nearly parallel where the exponent is small. */
function orthogonalized(rows: readonly (readonly number[])[]) {
  const basis: number[][] = [];
  const triangle: number[][] = [];
  for (let column = 0; column < rows[0].length; column++) {
    const rest = rows.map((row) => row[column]);
    const size = Math.hypot(...rest);
    const shares = basis.map(() => 0);
    for (let pass = 0; pass < 2; pass++) {
      basis.forEach((each, index) => {
        const share = dot(each, rest);
        shares[index] += share;
        for (let i = 0; i < rest.length; i++) rest[i] -= share * each[i];
      });
    }
    const length = Math.hypot(...rest);
    // A column that the others make says nothing of its own.
    const kept = length > 1e-10 * size;
    triangle.push([...shares, kept ? length : 0]);
    basis.push(rest.map((each) => kept ? each / length : 0));
  }
  return { basis, triangle };
}

/**
 * Weights w of the measured values with Σ w y the law at another amount: without error where the exponent is
 * the true one, and with an error of the second order in its difference elsewhere. They sum to 1 unless the
 * asymptote is fixed.
 *
 * @param log log(x / x₀) of the amount; `Infinity` for the asymptote.
 */
export function predictionWeights(
  { logs, basis, triangle, exponent, fixedAsymptote }: LinearizedLaw,
  log: number,
): number[] {
  const wanted = derivatives(exponent, log, fixedAsymptote);
  const parts: number[] = [];
  wanted.forEach((each, column) => {
    const rest = parts.reduce((sum, part, row) => sum - triangle[column][row] * part, each);
    const own = triangle[column][column];
    parts.push(own === 0 ? 0 : rest / own);
  });
  return logs.map((_, i) => parts.reduce((sum, part, column) => sum + part * basis[column][i], 0));
}

/**
 * The contrast of the values that tells an exponent from others: 0 on average where it is the true one,
 * whatever asymptote and scale.
 */
export function exponentContrast(
  logs: readonly number[],
  exponent: number,
  fixedAsymptote: boolean,
): number[] {
  const { basis } = linearized(logs, exponent, fixedAsymptote);
  return [...basis.at(-1)!];
}

/** The contrast that tells an asymptote from others, given the exponent that goes best with it. */
export function asymptoteContrast(logs: readonly number[], exponent: number): number[] {
  const rows = logs.map((log) => {
    const [one, fall, slope] = derivatives(exponent, log, false);
    return [fall, slope, one];
  });
  return [...orthogonalized(rows).basis.at(-1)!];
}

export function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
