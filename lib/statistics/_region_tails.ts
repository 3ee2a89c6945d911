import { checkNumber, show } from "../core/check.ts";
import { type Option, option } from "../core/options.ts";
import { checkFinite } from "./_check_finite.ts";
import { mean } from "./estimate.ts";
import { studentCumulative } from "./student_t.ts";

/** δ of every fold: one number above 0, or a list with one for each fold. */
export const regionOption: Option<number | readonly number[]> = option((name, value) => {
  if (!Array.isArray(value)) return checkNumber(name, value, { above: 0 });
  checkFinite(name, value);
  return value as readonly number[];
});

/** δ of each of so many differences. */
export function bordersOf(
  name: string,
  region: number | readonly number[],
  count: number,
): readonly number[] {
  if (typeof region === "number") return Array.from({ length: count }, () => region);
  if (region.length === count) return region;
  throw new RangeError(
    `${name}: region must be one number, or one for each of the ${count} differences, found ${
      show(region)
    }.`,
  );
}

/** Probabilities by Student's t that a mean lies outside of a region. */
export interface RegionTails {
  /** Of lying below −δ: the p-value against μ ≤ −δ. */
  readonly below: number;
  /** Of lying above δ: the p-value against μ ≥ δ. */
  readonly above: number;
}

/**
 * Tails outside of a region whose border δₖ may differ by fold: those of the means of dₖ + δₖ below 0 and of
 * dₖ − δₖ above 0, each with the standard deviation of its own values.
 *
 * @param values Differences dₖ, at least two.
 * @param borders δₖ.
 * @param factor What a standard deviation over the folds is multiplied by for that of the mean.
 * @returns Null where some of these values do not vary: no variance is no evidence about noise.
 */
export function regionTails(
  values: readonly number[],
  borders: readonly number[],
  factor: number,
): RegionTails | null {
  const [centre, border] = [mean(values), mean(borders)];
  const tail = (sign: 1 | -1) => {
    let squares = 0;
    for (const [fold, value] of values.entries()) {
      squares += (value - centre + sign * (borders[fold] - border)) ** 2;
    }
    if (squares === 0) return null;
    const error = factor * Math.sqrt(squares / (values.length - 1));
    return studentCumulative(-(sign * centre + border) / error, values.length - 1);
  };
  const [below, above] = [tail(1), tail(-1)];
  return below === null || above === null ? null : { below, above };
}
