import { detectableDifference } from "./detectable_difference.ts";
import { type PlanModel, varianceOfMean } from "./plan_model.ts";

/** How surely a test is to show a difference. */
interface WantedTest {
  readonly power: number;
  readonly level: number;
  readonly comparisons: number;
}

/** Twice as much of something that lowers a standard error by less than this stops helping. */
const littleHelp = 0.05;

/** The fewest seeds of which twice as many lower the standard error by less than 5 %; null where none are enough. */
export function seedsEnough(model: PlanModel, folds: number): number | null {
  const between = varianceOfMean({ ...model, rest: 0 }, folds, 1);
  const single = varianceOfMean({ ...model, fold: 0 }, folds, 1);
  if (single === 0) return 1;
  if (between === 0) return null;
  // √((b + s/2S)/(b + s/S)) > 1 − h, solved for S.
  const kept = (1 - littleHelp) ** 2;
  return Math.max(1, Math.floor(single / between * (kept - 0.5) / (1 - kept)) + 1);
}

/** Whether twice as many folds lower the detectable difference by less than 5 %. */
export function foldsSuffice(
  model: PlanModel,
  folds: number,
  seeds: number,
  wanted: WantedTest,
): boolean {
  const [once, twice] = [folds, 2 * folds].map((each) => detectableAt(model, each, seeds, wanted));
  return once !== null && twice !== null && twice > (1 - littleHelp) * once;
}

function detectableAt(
  model: PlanModel,
  folds: number,
  seeds: number,
  { power, level, comparisons }: WantedTest,
): number | null {
  const variance = varianceOfMean(model, folds, seeds);
  if (variance === 0) return 0;
  return detectableDifference({
    standardError: Math.sqrt(variance),
    degreesOfFreedom: folds - 1,
    comparisons,
    power,
    level,
  });
}

/** The smallest difference that any of some numbers of folds shows with endless seeds. */
export function limitOf(
  model: PlanModel,
  folds: readonly number[],
  wanted: WantedTest,
): { readonly folds: number; readonly detectable: number | null } {
  const all = folds.map((each) => ({
    folds: each,
    detectable: detectableAt(model, each, Infinity, wanted),
  }));
  return all.reduce((best, each) =>
    (each.detectable ?? Infinity) < (best.detectable ?? Infinity) ? each : best
  );
}
