import type { DimensionRecord } from "../records/dimension_record.ts";
import { armAxis, settingsOf } from "../statistics/arms_study.ts";
import type { ArmPair, ArmsComparison, ArmVerdict, TunedArm } from "../statistics/compare_arms.ts";
import { type ArmStatement, describeArms, formatFlops } from "../statistics/describe_arms.ts";
import type { FinalResult, FinalScore } from "../statistics/final_block.ts";
import type { Findings } from "../statistics/findings.ts";
import {
  counted,
  formatAxis,
  formatEstimate,
  formatNumber,
  formatPoint,
  formatPValue,
  formatSetting,
  formatSigned,
  listInWords,
} from "../statistics/format.ts";
import { intervalWords } from "../statistics/interval_notes.ts";
import type { Choice, TunedComparison } from "../statistics/tuned.ts";
import { equivalenceColumns, equivalenceNote, verdictWords } from "./equivalence_columns.ts";
import { type Column, fragment, type Insertion, type Markup, table } from "./html.ts";
import { keep, tight } from "./sections.ts";
import { type LossUnit, lossUnit } from "../statistics/study_loss.ts";

/** Refits of the root's choice and that of the arm with the lowest choosing loss, on the final block. */
export function armsFinalSection(findings: Findings): Markup {
  const { final, study } = findings;
  if (study.finalFold === null) {
    return fragment`<p class="notice">This study has no final block.</p>`;
  }
  const absent = withoutRefit(findings);
  const loss = (score: FinalScore | null) =>
    score === null ? "–" : formatEstimate({
      mean: score.loss,
      standardError: score.standardDeviation,
      foldMeans: [],
    });
  return fragment`${
    final.length === 0
      ? fragment`<p>No refit has completed.</p>
`
      : table<FinalResult>(
        `Cross-entropy on the final block, which chose nothing, ${
          lossUnit(study).words
        }: mean ± standard deviation over ` +
          `${
            counted(study.seeds.length, "seed")
          }. Refitted on all text before the final block: the choice ` +
          `of the arm without parent and that of the arm with the lowest choosing loss, over all folds.`,
        [
          { title: "arm", numeric: false, cell: ({ point }) => keep(String(point[armAxis])) },
          {
            title: "chosen",
            numeric: false,
            cell: ({ point }) => keep(formatPoint(settingsOf(point))),
          },
          { title: "step", cell: ({ chosenStep }) => chosenStep?.step ?? "–" },
          { title: "loss at that step", cell: ({ chosenStep }) => loss(chosenStep) },
          { title: "loss at the last step", cell: ({ lastStep }) => loss(lastStep) },
          { title: "runs", cell: ({ completed, expected }) => `${completed} of ${expected}` },
        ],
        final,
      )
  }<p>One block is one piece of text, so no verdict is taken from it.${
    absent === null ? "" : ` ${absent}`
  }</p>
`;
}

/** Which arms have no refit, and why; null where all have one. */
function withoutRefit({ final, arms }: Findings): string | null {
  const refit = new Set(final.map(({ point }) => String(point[armAxis])));
  const absent = (arms?.arms ?? []).map(({ arm }) => arm.name).filter((name) => !refit.has(name));
  if (absent.length === 0 || refit.size === 0) return null;
  return `${listInWords(absent)} ${
    absent.length === 1 ? "is" : "are"
  } not there: by that rule only ${listInWords([...refit])} ${
    refit.size === 1 ? "was" : "were"
  } refitted.`;
}

/** The arms of a study: verdicts in words, what was chosen, and all pairs. */
export function armsSection(comparison: ArmsComparison): Markup {
  const { study, arms, verdicts, pairs, equalFlops } = comparison;
  // That more folds are no more texts is said by the scope of the verdicts.
  const covered = verdicts.some(({ difference }) => difference.test?.interval)
    ? intervalWords(study, ["covered", "training"])
    : null;
  const said = (...topics: ArmStatement["topic"][]) =>
    describeArms(comparison).filter(({ topic }) => topics.includes(topic)).map(({ text }) =>
      fragment`<p>${tight(text)}</p>
`
    );
  return fragment`${said("verdict", "region", "scope", "caution", "diverged")}
${armsTable(comparison, lossUnit(study))}
${choicesTable(arms)}
${
    pairs.length === 0 ? null : table<ArmPair>(
      `All other pairs: the validation loss of the first arm minus that of the second, ${
        lossUnit(study).words
      }, with ` +
        `95 % intervals that nothing adjusts. Only comparisons with a parent, declared beforehand, ` +
        `are tested.`,
      [
        { title: "pair", numeric: false, cell: ({ arm, from }) => keep(`${arm} − ${from}`) },
        ...differenceColumns<ArmPair>(({ difference }) => difference),
      ],
      pairs,
    )
  }
<h3>Compute</h3>
${said("flops", "equalFlops")}
${equalFlops.state === "compared" ? armsTable(equalFlops, lossUnit(study), true) : null}
<h3>How arms are compared</h3>
${said("tuning")}
<p>The parent of an arm is the arm that it is judged against. The choosing loss is the loss that chooses: ${
    comparison.chosenBy === "choosingBlock"
      ? "that on the second block that each fold holds out"
      : "the mean validation loss of the other folds"
  }. A point is one value for each axis of an arm.${rangesInWords(arms)}</p>
<p>Seeds are averaged in each fold. The differences of the folds are tested by the corrected resampled t-test,
adjusted by Holm over all arms with a parent. There is no verdict if, in at least half of the folds, the
chosen value is the most extreme one tried or lies in the outer 5 % of its range (of its logarithm, for a
logarithmic range).${covered === null ? "" : ` ${covered}`}</p>
`;
}

/** What each arm's axes were drawn from; empty where no arm has an axis. */
export function rangesInWords(arms: readonly TunedArm[]): string {
  const range = (axis: string, dimension: DimensionRecord) =>
    dimension.kind === "choice"
      ? `${formatAxis(axis)} among ${dimension.values.map(formatSetting).join(", ")}`
      : `${formatAxis(axis)} from ${formatSetting(dimension.from)} to ${
        formatSetting(dimension.to)
      }${
        dimension.kind === "log" || dimension.kind === "integer" && dimension.scale === "log"
          ? " (logarithmic)"
          : ""
      }`;
  const all = arms.map(({ arm: { name, dimensions } }) => ({
    name,
    ranges: Object.entries(dimensions).map(([axis, dimension]) => range(axis, dimension)),
  })).filter(({ ranges }) => ranges.length > 0);
  return all.length === 0
    ? ""
    : ` Ranges: ${all.map(({ name, ranges }) => `${name}, ${ranges.join(", ")}`).join("; ")}.`;
}

const plainVerdicts: { readonly [verdict in ArmVerdict["verdict"]]: string } = {
  lower: "lower",
  higher: "higher",
  equivalent: "equivalent",
  notShown: "no difference shown",
  withheld: "withheld",
  none: "no test",
};

function wordsOf(armVerdict: ArmVerdict | undefined): string {
  if (armVerdict === undefined) return "–";
  const { verdict, difference } = armVerdict;
  const plain = verdict === "notShown" && difference.detectable !== null
    // The smallest difference that 80 % of such studies would show.
    ? `${plainVerdicts[verdict]} (±${formatNumber(difference.detectable)} would be)`
    : plainVerdicts[verdict];
  return verdict === "withheld" || verdict === "none" || !difference.equivalence
    ? plain
    : verdictWords(verdict, difference);
}

interface ArmRow {
  readonly tunedArm: TunedArm;
  readonly verdict: ArmVerdict | undefined;
}

function armsTable(
  { arms, verdicts }: {
    readonly arms: readonly TunedArm[];
    readonly verdicts: readonly ArmVerdict[];
  },
  { words }: LossUnit,
  equalFlops = false,
): Markup {
  const rows = arms.map((tunedArm): ArmRow => ({
    tunedArm,
    verdict: verdicts.find(({ arm }) => arm === tunedArm.arm.name),
  }));
  return table<ArmRow>(
    equalFlops
      ? "The same at equal compute: of each arm the points, in their drawn order, that fit."
      : `Validation loss of each tuned arm, ${words}: mean ± standard error over the folds. Difference: ` +
        "minus that of its parent, with the 95 % interval of the corrected resampled t-test, which nothing adjusts, while p is after Holm: the two can " +
        "disagree. ± has no correction for shared training text, as that interval has. " +
        "FLOPs: floating-point operations of all its trainings on the folds." +
        equivalenceNote(verdicts.map(({ difference }) => difference)),
    [
      { title: "arm", numeric: false, cell: ({ tunedArm }) => keep(tunedArm.arm.name) },
      { title: "parent", numeric: false, cell: ({ tunedArm }) => tunedArm.arm.parent ?? "–" },
      { title: "points", cell: ({ tunedArm }) => tunedArm.points.length },
      {
        title: "validation loss",
        cell: ({ tunedArm: { loss } }) => loss === null ? "–" : formatEstimate(loss),
      },
      ...differenceColumns<ArmRow>(({ verdict }) => verdict?.difference ?? null),
      {
        title: "p (Holm)",
        cell: ({ verdict }) => formatPValue(verdict?.difference.adjustedPValue ?? null),
      },
      ...equivalenceColumns(rows, ({ verdict }) => verdict?.difference),
      { title: "verdict", numeric: false, cell: ({ verdict }) => wordsOf(verdict) },
      {
        title: "FLOPs",
        cell: ({ tunedArm: { flops } }) => flops === null ? "–" : formatFlops(flops),
      },
    ],
    rows,
    ({ verdict }) => verdict?.verdict === "lower" ? "marked" : "",
  );
}

function differenceColumns<Row>(differenceOf: (row: Row) => TunedComparison | null): Column<Row>[] {
  return [
    {
      title: "difference",
      cell: (row) => {
        const test = differenceOf(row)?.test;
        return test == null ? "–" : formatSigned(test.mean);
      },
    },
    {
      title: "95 % interval (not adjusted)",
      cell: (row) => {
        const interval = differenceOf(row)?.test?.interval;
        return interval == null ? "–" : `[${interval.map((end) => formatSigned(end)).join(", ")}]`;
      },
    },
  ];
}

/** What was chosen for each fold, an arm a row. */
function choicesTable(arms: readonly TunedArm[]): Markup | null {
  const folds = [...new Set(arms.flatMap(({ tuning }) => tuning.choices.map(({ fold }) => fold)))];
  if (folds.length === 0) return null;
  const chosen = ({ tuning }: TunedArm, fold: number): Insertion => {
    const choice = tuning.choices.find((each) => each.fold === fold);
    return choice === undefined ? "–" : keep(choiceWords(choice));
  };
  return table<TunedArm>(
    "What was chosen for each fold, before it was scored.",
    [
      { title: "arm", numeric: false, cell: ({ arm }) => keep(arm.name) },
      ...folds.map((fold): Column<TunedArm> => ({
        title: `fold ${fold}`,
        numeric: false,
        cell: (arm) => chosen(arm, fold),
      })),
    ],
    arms,
  );
}

function choiceWords({ point, step }: Choice): string {
  const settings = formatPoint(settingsOf(point));
  return [settings, step === null ? "each run's step" : `step ${step}`]
    .filter((each) => each !== "").join(", ");
}
