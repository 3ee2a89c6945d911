import { randomStream } from "../../core/random.ts";
import { compareWithBaseline } from "../../statistics/compare.ts";
import type { Equivalence } from "../../statistics/equivalence.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { markdownTable } from "../markdown_table.ts";
import { drawLosses, type DrawnLosses, recordsOf } from "./model.ts";
import type { PartInput, SimulationPart, StoredPart } from "./part.ts";

/** How a study declares its region, and of how many points. */
type Design = "one point" | "nine points" | "share of early stopping";

/** Studies of one kind, with true differences at the border of the region and with none. */
export interface EquivalenceRow {
  /** One point against the baseline; nine, adjusted by Holm; or one, δ a share of early stopping that varies by fold. */
  readonly design: Design;
  /** Folds K. */
  readonly folds: number;
  /** Correlation between folds: 1/K, which the corrected test takes for granted, or 0. */
  readonly correlation: number;
  /** δ in true standard errors of the corrected test, √((1/K + 1/(K − 1)) σ²). */
  readonly width: number;
  /** Studies drawn of either kind. */
  readonly count: number;
  /** Of those at the border, such as say equivalent of any point: false. */
  readonly atBorder: Said;
  /** Of those without a difference, such as say equivalent of the first point: the power. */
  readonly atZero: Said;
}

/** How many studies said equivalent. */
interface Said {
  /** By the two one-sided tests, after Holm. */
  readonly tests: number;
  /** By a posterior probability above 95 %. */
  readonly posterior: number;
}

/** Variances of a loss, nats² per token; no share depends on their size. */
const variances = { fold: 4e-4, foldSeed: 1e-4, pointFold: 2e-4, residual: 1e-4 };

const seeds = 2;

/** Variance between folds of a difference of two points, seeds averaged. */
const foldVariance = 2 * (variances.pointFold + variances.residual / seeds);

/** Share of early stopping that a region is. */
const share = 0.1;

/** Standard deviation of what early stopping gains on a fold, as a share of its mean. */
const gainSpread = 0.3;

type Setting = Pick<EquivalenceRow, "design" | "folds" | "correlation" | "width">;

const settings: readonly Setting[] = [3, 5, 10].flatMap((folds) => [
  ...[0, 1 / folds].flatMap((correlation) =>
    [2, 4, 8].map((width) => ({ design: "one point" as const, folds, correlation, width }))
  ),
  { design: "nine points" as const, folds, correlation: 1 / folds, width: 8 },
  { design: "share of early stopping" as const, folds, correlation: 1 / folds, width: 4 },
  { design: "share of early stopping" as const, folds, correlation: 1 / folds, width: 8 },
]);

/** How often differences at the border of the region are called equivalent, and such as are not there. */
export const equivalence: SimulationPart<EquivalenceRow> = {
  name: "equivalence",
  count: 2000,
  simulate({ onRow, ...input }) {
    return settings.map((setting) => {
      const row = simulateRow(setting, input);
      onRow?.(row);
      return row;
    });
  },
  line({ design, folds, correlation, width, count, atBorder, atZero }) {
    const of = ({ tests, posterior }: Said) =>
      `${(tests / count).toFixed(3)} (posterior ${(posterior / count).toFixed(3)})`;
    return `${design}, K = ${folds}, correlation ${
      correlation.toFixed(2)
    }, δ = ${width} standard errors: ` +
      `equivalent at the border ${of(atBorder)}, at 0 ${of(atZero)}`;
  },
  markdown: rendered,
};

/** Draws the studies of one row. */
export function simulateRow(setting: Setting, { seed, count }: PartInput): EquivalenceRow {
  const { design, folds, correlation, width } = setting;
  const region = width * Math.sqrt((1 / folds + 1 / (folds - 1)) * foldVariance);
  const points = design === "nine points" ? 10 : 2;
  const purpose = `${design}, ${folds} folds, correlation ${
    correlation.toFixed(3)
  }, width ${width}`;
  const stream = randomStream(seed, purpose, "equivalence");
  const studiesThatSay = (
    difference: number,
    reads: (said: readonly (Equivalence | null)[]) => Said,
  ) => {
    let [tests, posterior] = [0, 0];
    for (let study = 0; study < count; study++) {
      const drawn = drawLosses({ points, folds, seeds, variances, correlation }, stream);
      // At the border half of the points are above 0 and half below.
      const shifted = drawn.scoring.map((losses, point) =>
        losses.map((row) => row.map((loss) => loss + shiftOf(point, difference)))
      );
      const shared = Math.sqrt(correlation / (1 - correlation)) * stream.normal();
      const gains = Array.from(
        { length: folds },
        () => region / share * (1 + gainSpread * (shared + stream.normal())),
      );
      const source = declared({ ...drawn, scoring: shifted }, design, region, gains);
      const said = reads(compareWithBaseline(source)!.points.map((each) => each.equivalence!));
      tests += said.tests;
      posterior += said.posterior;
    }
    return { tests, posterior };
  };
  return {
    ...setting,
    count,
    atBorder: studiesThatSay(region, (all) => saidOf(all)),
    atZero: studiesThatSay(0, (all) => saidOf(all.slice(0, 1))),
  };
}

function shiftOf(point: number, difference: number): number {
  return point === 0 ? 0 : point % 2 === 0 ? -difference : difference;
}

function saidOf(all: readonly (Equivalence | null)[]): Said {
  return {
    tests: Number(all.some((each) => each?.withinRegion)),
    posterior: Number(all.some((each) => each !== null && each.posterior.inside > 0.95)),
  };
}

/** Records of a study with its region; of a share, with an evaluation before the last that is better by the gain. */
function declared(
  losses: DrawnLosses,
  design: Design,
  region: number,
  gains: readonly number[],
): StudyRecords {
  const { record, records } = recordsOf(losses);
  if (design !== "share of early stopping") {
    return { record: { ...record, equivalence: { nats: region } }, records };
  }
  return {
    record: { ...record, equivalence: { shareOfEarlyStopping: share } },
    records: records.map((run) => {
      const best = { ...run.final!, step: 0 };
      best.heldOutLoss -= gains[run.fold as number];
      return { ...run, curve: [best, run.final!], best };
    }),
  };
}

function rendered({ rows, seed }: StoredPart<EquivalenceRow>): string {
  const table = markdownTable([
    [
      "design",
      "K",
      "ρ",
      "δ",
      "n",
      "at ±δ: tests",
      "posterior > 0.95",
      "at 0: tests",
      "posterior > 0.95",
    ],
    ...rows.map(({ design, folds, correlation, width, count, atBorder, atZero }) => [
      design,
      `${folds}`,
      correlation.toFixed(2),
      `${width}`,
      `${count}`,
      ...[atBorder, atZero].flatMap(({ tests, posterior }) => [
        (tests / count).toFixed(3),
        (posterior / count).toFixed(3),
      ]),
    ]),
  ]);
  return `${table}\nSeed ${seed}.`;
}
