import { describeVarianceSplit } from "../statistics/describe_variance_split.ts";
import { formatNumber, formatShare } from "../statistics/format.ts";
import { type StudyDifference, studyDifferences } from "../statistics/study_differences.ts";
import { lossUnit } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { type Bounded, type VarianceSplit, varianceSplit } from "../statistics/variance_split.ts";
import { type Column, fragment, type Markup, table } from "./html.ts";

interface Row extends StudyDifference {
  readonly split: VarianceSplit;
}

/** What the study could have shown, and what the variance of its differences is made of; null where nothing is tested. */
export function powerSection(source: StudyRecords): Markup | null {
  const rows = studyDifferences(source).filter(({ test }) => test?.state === "tested")
    .map((each): Row => ({ ...each, split: varianceSplit(each.pairs) }));
  if (rows.length === 0) return null;
  const splits = rows.map(({ split }) => split);
  const sentence = describeVarianceSplit(splits);
  const zeroed = splits.some(({ belowZero }) => belowZero.length > 0);
  return fragment`${
    sentence === null
      ? null
      : fragment`<p>${sentence} Only more folds or other texts lower the part between folds.</p>
`
  }${
    table<Row>(
      `What this study could have shown, validation loss, ${
        lossUnit(source.record).words
      }: the smallest true ` +
        `difference that has a power of 80 % at the first step of Holm. Standard deviations of a difference of two ` +
        `runs, by mean squares: between folds, and of single runs in a fold besides what a seed does in all of them.` +
        (zeroed ? " An estimate below 0 is 0." : "") +
        " The share of the variance between folds after averaging seeds, and by how much twice the seeds would have " +
        "lowered the standard error, with 95 % intervals.",
      columns,
      rows,
    )
  }`;
}

const columns: readonly Column<Row>[] = [
  { title: "difference", numeric: false, cell: ({ name }) => name },
  { title: "80 % power from", cell: ({ detectable }) => formatNumber(detectable) },
  { title: "folds", cell: ({ split }) => deviation(split.components?.fold) },
  { title: "single runs", cell: ({ split }) => deviation(split.components?.rest) },
  { title: "share of folds", cell: ({ split }) => bounded(split.foldShare) },
  { title: "twice the seeds", cell: ({ split }) => bounded(split.twiceTheSeeds) },
];

function deviation(variance: number | undefined): string {
  return variance === undefined ? "–" : formatNumber(Math.sqrt(variance));
}

function bounded(found: Bounded | null): string {
  return found === null
    ? "–"
    : `${formatShare(found.value)} [${found.interval.map((end) => formatShare(end)).join(", ")}]`;
}
