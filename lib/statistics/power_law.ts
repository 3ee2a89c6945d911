import { checkNumber } from "../core/check.ts";
import { checkOptions, number, orAbsent } from "../core/options.ts";

/** A value that falls with an amount x: asymptote + scale · x^(−exponent). */
export interface PowerLaw {
  /** c, what no amount goes below; from 0. */
  readonly asymptote: number;
  /** b, in the unit of the value, at x = 1; above 0. */
  readonly scale: number;
  /** a, above 0. */
  readonly exponent: number;
}

/** A measured value at an amount. */
export interface MeasuredAmount {
  /** x, such as training tokens or weights; above 0. */
  readonly amount: number;
  /** Such as a held-out loss. */
  readonly value: number;
  /** By whose square the value is weighted down; above 0. All values count alike where it is left out. */
  readonly standardError?: number;
}

/** Options of {@link fitPowerLaw}. */
export interface PowerLawOptions {
  /** c, where it is known or assumed; it is fitted when left out. From 0, in the unit of the values. */
  readonly asymptote?: number;
}

const described = { asymptote: orAbsent(number({ from: 0 })) };

/** A fitted power law, or the reason why there is none. */
export interface PowerLawFit {
  /**
   * `fitted`, or why there is no law: fewer than three distinct amounts (two where the asymptote is given), or
   * no law of this kind falls as the values do.
   */
  readonly state: "fitted" | "tooFewAmounts" | "notFalling";
  /** Null unless fitted. */
  readonly law: PowerLaw | null;
  /**
   * What the values do not tell. `asymptote`: the lowest sum lies at an asymptote of 0, which the values alone
   * would put lower. `exponent`: the value falls from the smallest amount to the next and then no more, so
   * that every large exponent fits alike. Null where they tell both, and where the asymptote was given.
   */
  readonly atBound: "asymptote" | "exponent" | null;
  /** Σ ((value − law) / standard error)², or Σ (value − law)² without standard errors; null unless fitted. */
  readonly squares: number | null;
}

/**
 * Fits c + b · x^(−a), with c ≥ 0, b > 0 and a > 0, to values at some amounts by least squares, weighted by
 * the standard errors where they are given.
 *
 * Given a, the best c and b have a closed form, so the sum of squares is searched over a alone: on a grid of
 * its logarithm, then by golden section around the lowest. Three amounts determine the law without
 * anything left to judge it by; with two, c must be given.
 *
 * @param measured Values at two or more amounts; amounts may repeat.
 * @param options See {@link PowerLawOptions}.
 * @returns The law, and what the values do not tell about it.
 * @throws {RangeError} If an amount or a standard error is not above 0, a value not finite, or only some
 * values have a standard error.
 *
 * Kaplan et al., Scaling Laws for Neural Language Models (2020), take the logarithm of both sides, which
 * needs c = 0; Hoffmann et al., Training Compute-Optimal Large Language Models (2022), minimise a Huber loss of
 * logarithms.
 *
 * @example
 * ```ts
 * import { fitPowerLaw, powerLawAt } from "./power_law.ts";
 * import assert from "node:assert/strict";
 * const amounts = [1000, 2000, 4000, 8000];
 * const { law } = fitPowerLaw(amounts.map((amount) => ({ amount, value: 1.5 + 30 * amount ** -0.5 })));
 * assert.ok(Math.abs(law!.asymptote - 1.5) < 1e-6 && Math.abs(law!.exponent - 0.5) < 1e-6);
 * assert.ok(Math.abs(powerLawAt(law!, 16_000) - (1.5 + 30 / Math.sqrt(16_000))) < 1e-6);
 * ```
 */
export function fitPowerLaw(
  measured: readonly MeasuredAmount[],
  options: PowerLawOptions = {},
): PowerLawFit {
  const { asymptote } = checkOptions("fitPowerLaw", options, described);
  const { amounts, values, weights } = checkMeasured(measured);
  if (new Set(amounts).size < (asymptote === undefined ? 3 : 2)) {
    return { state: "tooFewAmounts", law: null, atBound: null, squares: null };
  }
  return fitChecked(amounts, values, { weights, asymptote, cells: 120 });
}

function checkMeasured(measured: readonly MeasuredAmount[]) {
  const amounts = measured.map(({ amount }) =>
    checkNumber("fitPowerLaw: amount", amount, { above: 0 })
  );
  const values = measured.map(({ value }) => checkNumber("fitPowerLaw: value", value));
  const errors = measured.flatMap(({ standardError }) => standardError ?? []);
  if (errors.length > 0 && errors.length < measured.length) {
    throw new RangeError(
      `fitPowerLaw: all values or none must have a standard error, found ${errors.length} of ` +
        `${measured.length}.`,
    );
  }
  const weights = measured.map((_, index) =>
    errors.length === 0
      ? 1
      : checkNumber("fitPowerLaw: standardError", errors[index], { above: 0 }) ** -2
  );
  return { amounts, values, weights };
}

/** The law by least squares of values that are known to be fit for it. */
export function fitChecked(
  amounts: readonly number[],
  values: readonly number[],
  { weights = amounts.map(() => 1), asymptote, cells = 40 }: {
    readonly weights?: readonly number[];
    readonly asymptote?: number;
    /** Exponents at which the sum of squares is looked at before the golden section. */
    readonly cells?: number;
  } = {},
): PowerLawFit {
  const smallest = Math.min(...amounts);
  const logs = amounts.map((amount) => Math.log(amount / smallest));
  const [first, last] = [Math.min(...logs.filter((each) => each > 0)), Math.max(...logs)];
  const at = (logExponent: number) =>
    fitGiven(Math.exp(logExponent), { logs, values, weights, asymptote });
  // Flatter than the first, the law is a line in log x; steeper than the last, a step after the first amount.
  const [from, to] = [Math.log(1e-3 / last), Math.log(30 / first)];
  const width = (to - from) / cells;
  let best = from;
  let lowest = Infinity;
  for (let cell = 0; cell <= cells; cell++) {
    const { squares } = at(from + cell * width);
    if (squares < lowest) [best, lowest] = [from + cell * width, squares];
  }
  const logExponent = goldenSection(
    (each) => at(each).squares,
    Math.max(from, best - width),
    Math.min(to, best + width),
  );
  const exponent = Math.exp(logExponent);
  const { scale, asymptote: found, squares } = at(logExponent);
  if (!(scale > 0)) return { state: "notFalling", law: null, atBound: null, squares: null };
  const law = { asymptote: found, scale: scale * smallest ** exponent, exponent };
  const steep = exponent * first > 14;
  return {
    state: "fitted",
    law,
    atBound: steep ? "exponent" : asymptote === undefined && found === 0 ? "asymptote" : null,
    squares,
  };
}

/** The best asymptote and scale (at the smallest amount) given an exponent. */
function fitGiven(
  exponent: number,
  { logs, values, weights, asymptote }: {
    readonly logs: readonly number[];
    readonly values: readonly number[];
    readonly weights: readonly number[];
    readonly asymptote: number | undefined;
  },
): { asymptote: number; scale: number; squares: number } {
  let [total, sumX, sumY] = [0, 0, 0];
  const falls = logs.map((log) => Math.exp(-exponent * log));
  for (let i = 0; i < falls.length; i++) {
    total += weights[i];
    sumX += weights[i] * falls[i];
    sumY += weights[i] * values[i];
  }
  const solved = (given: number) => {
    let [top, bottom] = [0, 0];
    for (let i = 0; i < falls.length; i++) {
      top += weights[i] * falls[i] * (values[i] - given);
      bottom += weights[i] * falls[i] ** 2;
    }
    return { asymptote: given, scale: top / bottom };
  };
  const free = () => {
    let [top, bottom] = [0, 0];
    const [meanX, meanY] = [sumX / total, sumY / total];
    for (let i = 0; i < falls.length; i++) {
      top += weights[i] * (falls[i] - meanX) * (values[i] - meanY);
      bottom += weights[i] * (falls[i] - meanX) ** 2;
    }
    const scale = top / bottom;
    return { asymptote: meanY - scale * meanX, scale };
  };
  let found = asymptote === undefined ? free() : solved(asymptote);
  if (found.asymptote < 0) found = solved(0);
  if (!(found.scale > 0)) found = { asymptote: asymptote ?? sumY / total, scale: 0 };
  let squares = 0;
  for (let i = 0; i < falls.length; i++) {
    squares += weights[i] * (values[i] - found.asymptote - found.scale * falls[i]) ** 2;
  }
  return { ...found, squares };
}

/** Where a function with one minimum in an interval is lowest. */
function goldenSection(read: (x: number) => number, from: number, to: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [atLeft, atRight] = [read(left), read(right)];
  for (let round = 0; round < 80 && high - low > 1e-12; round++) {
    if (atLeft <= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - ratio * (high - low);
      atLeft = read(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + ratio * (high - low);
      atRight = read(right);
    }
  }
  return (low + high) / 2;
}

/**
 * The value of a power law at an amount.
 *
 * @param law The law.
 * @param amount Above 0; `Infinity` gives the asymptote.
 *
 * @example
 * ```ts
 * import { powerLawAt } from "./power_law.ts";
 * import assert from "node:assert/strict";
 * assert.equal(powerLawAt({ asymptote: 1, scale: 4, exponent: 0.5 }, 16), 2);
 * ```
 */
export function powerLawAt({ asymptote, scale, exponent }: PowerLaw, amount: number): number {
  return asymptote + scale * amount ** -exponent;
}

/**
 * The amount at which a power law has a value: (b / (value − c))^(1/a).
 *
 * @param law The law.
 * @param value Finite.
 * @returns `Infinity` where the value is not above the asymptote: no amount reaches it.
 *
 * @example
 * ```ts
 * import { amountAt } from "./power_law.ts";
 * import assert from "node:assert/strict";
 * const law = { asymptote: 1, scale: 4, exponent: 0.5 };
 * assert.equal(amountAt(law, 2), 16);
 * assert.equal(amountAt(law, 1), Infinity);
 * ```
 */
export function amountAt({ asymptote, scale, exponent }: PowerLaw, value: number): number {
  return value > asymptote ? (scale / (value - asymptote)) ** (1 / exponent) : Infinity;
}
