import { randomStream } from "../../core/random.ts";
import { detectableDifference } from "../../statistics/detectable_difference.ts";
import { type PlanModel, varianceOfMean } from "../../statistics/plan_model.ts";
import { planStudy, type StudyPlan } from "../../statistics/plan_study.ts";
import { powerOf } from "../../statistics/power.ts";
import { markdownTable } from "../markdown_table.ts";
import { drawLosses, recordsOf } from "./model.ts";
import type { PartInput, SimulationPart, StoredPart } from "./part.ts";

/** What becomes of plans that are made from pilots of 3 folds × 2 seeds. */
export interface PilotsRow {
  /** σ²_rest / σ²_fold. */
  readonly ratio: number;
  /** Pilots drawn. */
  readonly count: number;
  /** Power that is realized by the cheapest plan, and by the cautious one: 5, 25, 50, 75 and 95 % of the plans. */
  readonly cheapest: readonly number[];
  readonly cautious: readonly number[];
  /** Pilots by which no plan reaches 80 %, or none with 80 % confidence. */
  readonly without: { readonly cheapest: number; readonly cautious: number };
  /** Pilots whose 95 % interval of the power of 5 folds × 4 seeds holds the true one. */
  readonly covered: number;
}

const foldVariance = 4e-4;
const [pilotFolds, pilotSeeds] = [3, 2];
const sizes = { folds: [3, 5, 10], seeds: [1, 2, 4, 8] };
const shares = [0.05, 0.25, 0.5, 0.75, 0.95];

/** How far plans from small pilots are off. */
export const pilots: SimulationPart<PilotsRow> = {
  name: "pilots",
  count: 2000,
  simulate({ onRow, ...input }) {
    return [0.25, 1, 4].map((ratio) => {
      const row = rowOf(ratio, input);
      onRow?.(row);
      return row;
    });
  },
  line({ ratio, count, cheapest, cautious, without, covered }) {
    const list = (values: readonly number[]) => values.map((each) => each.toFixed(2)).join(" ");
    return `pilots of 3 folds × 2 seeds, rest/fold = ${ratio}: realized power ${
      list(cheapest)
    } (no plan: ` +
      `${without.cheapest}), cautious ${list(cautious)} (${without.cautious}), interval holds ` +
      `${(covered / count).toFixed(3)} of ${count}`;
  },
  markdown: rendered,
};

function rowOf(ratio: number, { seed, count }: PartInput): PilotsRow {
  const truth: PlanModel = {
    fold: foldVariance,
    rest: ratio * foldVariance,
    folds: pilotFolds,
    overlap: 1 / (pilotFolds - 1),
    heldOut: 1,
    growth: 1,
  };
  const standardError = (folds: number, seeds: number) =>
    Math.sqrt(varianceOfMean(truth, folds, seeds));
  const difference = detectableDifference({
    standardError: standardError(5, 4),
    degreesOfFreedom: 4,
  })!;
  const realized = ({ folds, seeds }: Pick<StudyPlan, "folds" | "seeds">) =>
    powerOf({
      difference,
      standardError: standardError(folds, seeds),
      degreesOfFreedom: folds - 1,
    });
  const variances = {
    fold: foldVariance,
    foldSeed: foldVariance,
    pointFold: foldVariance / 2,
    residual: ratio * foldVariance / 2,
  };
  const drawn = { points: 2, folds: pilotFolds, seeds: pilotSeeds, variances, correlation: 1 / 3 };
  const stream = randomStream(seed, `ratio ${ratio}`, "pilots");
  const found = { cheapest: [] as number[], cautious: [] as number[] };
  let covered = 0;
  for (let pilot = 0; pilot < count; pilot++) {
    const { cheapest, cautious, plans } = planStudy(recordsOf(drawLosses(drawn, stream)), {
      difference,
      ...sizes,
    });
    if (cheapest !== null) found.cheapest.push(realized(cheapest));
    if (cautious !== null) found.cautious.push(realized(cautious));
    const { powerInterval: [low, high] } = plans.find(({ folds, seeds }) =>
      folds === 5 && seeds === 4
    )!;
    if (low <= 0.8 && 0.8 <= high) covered++;
  }
  return {
    ratio,
    count,
    cheapest: quantiles(found.cheapest),
    cautious: quantiles(found.cautious),
    without: { cheapest: count - found.cheapest.length, cautious: count - found.cautious.length },
    covered,
  };
}

function quantiles(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length === 0
    ? []
    : shares.map((share) => sorted[Math.floor(share * sorted.length)]);
}

function rendered({ rows, seed }: StoredPart<PilotsRow>): string {
  const line = (row: PilotsRow, plan: "cheapest" | "cautious") => [
    `${row.ratio}`,
    plan,
    `${row.count}`,
    (row.without[plan] / row.count).toFixed(3),
    ...shares.map((_, at) => row[plan][at]?.toFixed(2) ?? "–"),
    plan === "cheapest" ? (row.covered / row.count).toFixed(3) : "–",
  ];
  const table = markdownTable([
    [
      "σ²_rest / σ²_fold",
      "plan",
      "n",
      "no plan",
      ...shares.map((share) => `${100 * share} %`),
      "interval holds",
    ],
    ...rows.flatMap((row) => [line(row, "cheapest"), line(row, "cautious")]),
  ]);
  return `${table}\nSeed ${seed}.`;
}
