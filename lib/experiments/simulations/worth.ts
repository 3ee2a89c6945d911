import { type RandomStream, randomStream } from "../../core/random.ts";
import { type PowerLaw, powerLawAt } from "../../statistics/power_law.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { type Worth, worthInText } from "../../statistics/worth_in_text.ts";
import { markdownTable } from "../markdown_table.ts";
import { holds, seeds } from "./family.ts";
import { centre, drawLosses, recordsOf } from "./model.ts";
import type { PartInput, SimulationPart, StoredPart } from "./part.ts";

/** What of a setting's studies is drawn. */
interface Setting {
  /** Folds K. */
  readonly folds: number;
  /** Amounts of text, each twice the one before. */
  readonly amounts: number;
  /** Name of the law in {@link laws}. */
  readonly law: keyof typeof laws;
  /** What multiplies the measured standard deviations of single points. */
  readonly noise: number;
  /** Whether the other folds choose among strengths that are equally good. */
  readonly tuned: boolean;
}

/** Intervals that hold the truth, and those without an upper end. */
interface Covered {
  readonly holding: number;
  readonly open: number;
}

/** Studies whose loss follows a power law, with a remedy of known worth. */
export interface WorthRow extends Setting {
  /** Studies drawn. */
  readonly count: number;
  /** 1.4 times the text at the second amount. */
  readonly inside: Covered;
  /** 1.4 times the text at the last amount but one. */
  readonly near: Covered;
  /** Twice the text at the last amount, which is never measured. */
  readonly beyond: Covered;
  readonly exponent: Covered;
  readonly asymptote: Covered;
}

/** Laws of the loss without remedy, nats per token. */
const laws = {
  usual: { asymptote: 1.8, scale: 90, exponent: 0.5 },
  slow: { asymptote: 0.5, scale: 9, exponent: 0.2 },
} as const satisfies { readonly [name: string]: PowerLaw };

/** Standard deviations of a loss, rounded from those of the studies in results/findings. */
const deviations = { fold: 0.086, foldSeed: 0.008, pointFold: 0.042, residual: 0.018 };

const smallest = 2000;
const strengths = { given: [1], tuned: [0.3, 1, 3] };

const settings: readonly Setting[] = [
  ...[4, 5, 6].flatMap((amounts) =>
    [3, 5, 10].flatMap((folds) =>
      [false, true].map((tuned) => ({ folds, amounts, law: "usual" as const, noise: 1, tuned }))
    )
  ),
  ...[3, 5, 10].flatMap((folds) => [
    { folds, amounts: 5, law: "usual" as const, noise: 0.3, tuned: false },
    { folds, amounts: 5, law: "slow" as const, noise: 0.3, tuned: false },
  ]),
];

/** How often intervals of a worth in text hold it, on records that the library's own functions read. */
export const worth: SimulationPart<WorthRow> = {
  name: "worth",
  count: 2000,
  simulate({ onRow, ...input }) {
    return settings.map((setting) => {
      const row = { ...setting, ...drawRow(setting, input) };
      onRow?.(row);
      return row;
    });
  },
  line(row) {
    const { folds, amounts, law, noise, tuned, count, ...covered } = row;
    const shares = Object.entries(covered).map(([what, { holding, open }]) =>
      `${what} ${(holding / count).toFixed(3)} (${(open / count).toFixed(2)} open)`
    );
    return `worth in text, K = ${folds}, ${amounts} amounts, ${law} law, noise ${noise}, ` +
      `${tuned ? "tuned" : "given"}: ${shares.join(", ")} of ${count}`;
  },
  markdown: rendered,
};

const places = ["inside", "near", "beyond", "exponent", "asymptote"] as const;

function drawRow(setting: Setting, { seed, count }: PartInput) {
  const { folds, amounts, law, noise, tuned } = setting;
  const stream = randomStream(
    seed,
    `${folds} folds, ${amounts} amounts, ${law} law, noise ${noise}, ${tuned ? "tuned" : "given"}`,
    "worth",
  );
  const counts = Object.fromEntries(places.map((place) => [place, { holding: 0, open: 0 }])) as {
    [place in typeof places[number]]: { holding: number; open: number };
  };
  for (let study = 0; study < count; study++) {
    for (const [place, interval, truth] of intervalsOf(setting, stream)) {
      if (holds(interval, truth)) counts[place].holding++;
      if (interval?.[1] === Infinity) counts[place].open++;
    }
  }
  return { count, ...counts };
}

/** The intervals of one drawn study, with what they should hold. */
function intervalsOf(
  setting: Setting,
  stream: RandomStream,
): (readonly [typeof places[number], readonly [number, number] | null, number])[] {
  const law = laws[setting.law];
  const worths = worthsOf(setting.amounts);
  const { curves: [{ fit, worths: found }] } = worthInText(drawStudy(setting, worths, stream));
  const at = (amount: number) => found.find((each: Worth) => each.amount === amount)!.interval;
  return [
    ...worths.map(({ place, amount, factor }) => [place, at(amount), factor] as const),
    ["exponent", fit.exponentInterval, law.exponent],
    ["asymptote", fit.asymptoteInterval, law.asymptote],
  ];
}

function worthsOf(amounts: number) {
  const amount = (index: number) => smallest * 2 ** index;
  return [
    { place: "inside", amount: amount(1), factor: 1.4 },
    { place: "near", amount: amount(amounts - 2), factor: 1.4 },
    { place: "beyond", amount: amount(amounts - 1), factor: 2 },
  ] as const;
}

/** A study with a model without remedy at each amount, and a remedy at some of them. */
function drawStudy(
  { folds, amounts, law, noise, tuned }: Setting,
  worths: ReturnType<typeof worthsOf>,
  stream: RandomStream,
): StudyRecords {
  const without = Array.from({ length: amounts }, (_, index) => {
    const tokens = smallest * 2 ** index;
    return { point: { tokens, alpha: 0 }, loss: powerLawAt(laws[law], tokens) };
  });
  const remedies = worths.flatMap(({ amount, factor }) =>
    strengths[tuned ? "tuned" : "given"].map((alpha) => ({
      point: { tokens: amount, alpha },
      loss: powerLawAt(laws[law], amount * factor),
    }))
  );
  const all = [...without, ...remedies];
  const variances = {
    fold: deviations.fold ** 2,
    foldSeed: deviations.foldSeed ** 2,
    pointFold: (noise * deviations.pointFold) ** 2,
    residual: (noise * deviations.residual) ** 2,
  };
  const drawn = drawLosses(
    { points: all.length, folds, seeds, variances, correlation: 1 / folds },
    stream,
  );
  const scoring = drawn.scoring.map((rows, index) =>
    rows.map((row) => row.map((loss) => loss - centre + all[index].loss))
  );
  const { record, records } = recordsOf({ scoring, choosing: scoring });
  const points = all.map(({ point }) => point);
  return {
    record: {
      ...record,
      space: { kind: "points", points },
      specifications: points.map(({ tokens, alpha }) => ({
        penalties: [{ kind: "decoupledWeightDecay", strength: alpha }],
        training: { steps: 1, trainingTokens: tokens },
      })),
      baseline: null,
    },
    records: records.map((run) => ({ ...run, point: points[run.point.strength as number] })),
  };
}

function rendered({ rows, seed }: StoredPart<WorthRow>): string {
  const share = ({ holding }: Covered, count: number) => (holding / count).toFixed(3);
  const table = markdownTable([
    [
      "K",
      "amounts",
      "law",
      "noise",
      "remedy",
      "n",
      "inside",
      "near the end",
      "beyond",
      "no upper end: inside, near, beyond",
      "exponent",
      "asymptote",
    ],
    ...rows.map(({ folds, amounts, law, noise, tuned, count, ...covered }) => [
      `${folds}`,
      `${amounts}`,
      law,
      `${noise}`,
      tuned ? "tuned" : "given",
      `${count}`,
      ...([covered.inside, covered.near, covered.beyond].map((each) => share(each, count))),
      [covered.inside, covered.near, covered.beyond].map(({ open }) => (open / count).toFixed(2))
        .join(", "),
      share(covered.exponent, count),
      share(covered.asymptote, count),
    ]),
  ]);
  const law = ({ asymptote, scale, exponent }: PowerLaw) =>
    `${asymptote} + ${scale} · n^−${exponent}`;
  return `${table}\nUsual law: ${law(laws.usual)}; slow: ${law(laws.slow)}. Seed ${seed}.`;
}
