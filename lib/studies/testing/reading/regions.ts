import type { PointTruth } from "../truth.ts";
import { declaredIn, type SizeTruth } from "../truth_equivalence.ts";
import { average, over } from "../truth_statistics.ts";
import type { PointSets } from "./point_sets.ts";
import { close, closeP, looks, lossUnit, number, short, type Take } from "./words.ts";

/** What is said of whether a difference lies in a region: six groups. */
export const within =
  "(not shown to be )?within ±([\\d.e-]+) \\(p (=|<) (\\d\\.\\d+) after Holm, posterior probability (> |< )?(\\d\\.\\d+)\\)";

/** Whether the six groups of {@link within} are the size of a difference. */
export function isSize(
  [not, width, sign, p, bound, probability]: readonly (string | undefined)[],
  size: SizeTruth | null,
): boolean {
  return size !== null && width === short(size.width) && closeP(sign!, p!, size.holm) &&
    (not === undefined) === (size.holm < 0.05) &&
    (bound === "> "
      ? size.probability > Number(probability)
      : bound === "< "
      ? size.probability < Number(probability)
      : close(probability!, size.probability));
}

/** Reads what is said of a declared region, and of differences that lie in it. */
export function readRegions(
  { truth }: PointSets,
  take: Take,
  points: readonly PointTruth[],
): void {
  const { border, share } = declaredIn(truth.study.record);
  const gain = gainOf(truth);
  take(
    new RegExp(within, "g"),
    ([, ...groups]) =>
      points.some((point) => looks.some(([a, b]) => isSize(groups, truth.size(point, a, b)))),
    "not of that size",
  );
  take(
    new RegExp(
      `^Differences of the validation loss from −(\\S+) to \\+(\\S+) ${lossUnit} count as too small to matter` +
        `(?:, as declared before the runs|: (\\d+\\.\\d) % of what early stopping of the baseline gains ` +
        `\\((${number}) ± (${number})\\), a share that was declared before the runs)`,
    ),
    ([, low, high, percent, mean, error]) =>
      low === high && truth.borders !== null && high === short(average(truth.borders)) &&
      (percent === undefined
        ? border !== undefined
        : close(percent, 100 * share!, 1) && close(mean, gain!.mean) && close(error, gain!.error)),
    "another region",
  );
  take(
    /^Declared as too small to matter was (\d+\.\d) % of what early stopping of the baseline gains, (which is nothing \(([+−]?\d\.\d{3})\)|which is not known, because runs are missing|whose runs all stop early, so what that gains is not known): nothing is called equivalent/,
    ([, percent, why, mean]) =>
      close(percent, 100 * share!, 1) && truth.borders === null &&
      (why.includes("missing")
        ? !truth.baseline?.complete
        : mean === undefined || close(mean, gain!.mean) && gain!.mean <= 0),
    "the region is known",
  );
}

function gainOf({ baseline }: PointSets["truth"]) {
  const [last, best] = [baseline?.mean("loss", "last"), baseline?.mean("loss", "best")];
  return last && best ? over(last.folds.map((loss, fold) => [loss - best.folds[fold]])) : null;
}
