import { randomStream } from "../../core/random.ts";
import { compareWithBaseline } from "../../statistics/compare.ts";
import { detectableDifference } from "../../statistics/detectable_difference.ts";
import { markdownTable } from "../markdown_table.ts";
import { isShown } from "./family.ts";
import { drawLosses, type ModelOptions, recordsOf } from "./model.ts";
import type { PartInput, SimulationPart, StoredPart } from "./part.ts";

/** Studies of so many folds and seeds with a true difference that 80 % of them should show. */
export interface PlanningRow {
  /** Folds K. */
  readonly folds: number;
  /** Seeds S. */
  readonly seeds: number;
  /** Variance between runs of a fold as a multiple of that between folds, σ²_rest / σ²_fold. */
  readonly ratio: number;
  /** Studies drawn. */
  readonly count: number;
  /** Of them, those that show the difference. */
  readonly shown: number;
}

/** Variance of a difference between folds, nats² per token; no share depends on it. */
const foldVariance = 4e-4;

const settings = [3, 5, 10].flatMap((folds) =>
  [1, 2, 5].flatMap((seeds) => [0.25, 1, 4].map((ratio) => ({ folds, seeds, ratio })))
);

/** Power that is asked for. */
const power = 0.8;

/** Whether plans for 80 % power realize it, on records that the library's own functions read. */
export const planning: SimulationPart<PlanningRow> = {
  name: "planning",
  count: 2000,
  simulate({ onRow, ...input }) {
    return settings.map((setting) => {
      const row = { ...setting, count: input.count, shown: shownStudies(setting, input) };
      onRow?.(row);
      return row;
    });
  },
  line({ folds, seeds, ratio, count, shown }) {
    return `planned with known variances, K = ${folds}, S = ${seeds}, rest/fold = ${ratio}: ` +
      `${(shown / count).toFixed(3)} of ${count} studies show the difference`;
  },
  markdown: rendered,
};

function shownStudies(
  { folds, seeds, ratio }: Pick<PlanningRow, "folds" | "seeds" | "ratio">,
  { seed, count }: PartInput,
): number {
  // A difference of two points has twice the variance of each.
  const variances = {
    fold: foldVariance,
    foldSeed: foldVariance,
    pointFold: foldVariance / 2,
    residual: ratio * foldVariance / 2,
  };
  const drawn: ModelOptions = { points: 2, folds, seeds, variances, correlation: 1 / folds };
  const variance = foldVariance * (1 + ratio / seeds);
  const difference = detectableDifference({
    standardError: Math.sqrt(variance * (1 / folds + 1 / (folds - 1))),
    degreesOfFreedom: folds - 1,
    power,
  })!;
  const stream = randomStream(seed, `${folds} folds, ${seeds} seeds, ratio ${ratio}`, "planning");
  let shown = 0;
  for (let study = 0; study < count; study++) {
    const { scoring, choosing } = drawLosses(drawn, stream);
    const [baseline, point] = scoring;
    const shifted = point.map((row) => row.map((loss) => loss - difference));
    const source = recordsOf({ scoring: [baseline, shifted], choosing });
    if (isShown(compareWithBaseline(source)!.points[0].adjustedPValue)) shown++;
  }
  return shown;
}

function rendered({ rows, seed }: StoredPart<PlanningRow>): string {
  const table = markdownTable([
    ["folds", "seeds", "σ²_rest / σ²_fold", "n", "realized power"],
    ...rows.map(({ folds, seeds, ratio, count, shown }) => [
      `${folds}`,
      `${seeds}`,
      `${ratio}`,
      `${count}`,
      (shown / count).toFixed(3),
    ]),
  ]);
  return `${table}\nSeed ${seed}.`;
}
