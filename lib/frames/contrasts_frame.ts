import type { DataFrame } from "./_danfojs.js";
import type { LinearContrastResults } from "../statistics/linear_contrasts.ts";
import { frameOf } from "./_frame_of.ts";

/**
 * What `linearContrasts` found, one row a contrast: mean over folds, the ends of its 95 % interval, the
 * effect size d_z, and p before and after Holm's adjustment; where the study declared a region of equivalence, p of
 * lying in it after Holm and the posterior probability of that.
 *
 * Numbers that cannot be given (too few folds, missing runs) are NaN.
 *
 * @param results What `linearContrasts` returned.
 * @returns A danfojs frame that a cell shows as a table.
 * @throws {RangeError} If there is no contrast.
 */
export function contrastsFrame({ contrasts, region }: LinearContrastResults): DataFrame {
  return frameOf(
    contrasts.map(({ name, group, folds, test, adjustedPValue, effect, equivalence }) => ({
      ...(contrasts.some((each) => each.group !== "") ? { group } : {}),
      contrast: name,
      folds: folds.length,
      mean: test?.mean ?? NaN,
      from: test?.interval?.[0] ?? NaN,
      to: test?.interval?.[1] ?? NaN,
      effectSize: effect?.dz ?? NaN,
      p: test?.pValue ?? NaN,
      pHolm: adjustedPValue ?? NaN,
      ...(region && {
        pEquivalence: equivalence?.adjustedPValue ?? NaN,
        probabilityWithin: equivalence?.posterior.inside ?? NaN,
      }),
    })),
  );
}
