import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import { figureOf } from "../plots/figure.ts";
import { foldStripsChart } from "../plots/fold_strips.ts";
import { learningCurves, plotLearningCurves } from "../plots/learning_curves.ts";
import { axesOf } from "../plots/axis_data.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { baselineWords } from "../statistics/baseline_words.ts";
import { corpusSize } from "../statistics/corpus_words.ts";
import type { Reading } from "../statistics/compare.ts";
import { compareStudies, type StudyComparison } from "../statistics/compare_studies.ts";
import { detectableWords } from "../statistics/detectable_words.ts";
import { describeDifference } from "../statistics/describe_difference.ts";
import { mean } from "../statistics/estimate.ts";
import { significanceLevel } from "../statistics/verdict.ts";
import {
  counted,
  formatEstimate,
  formatPoint,
  formatSetting,
  formatShare,
} from "../statistics/format.ts";
import { describeRegion } from "../statistics/describe_equivalence.ts";
import type { NestedChoice } from "../statistics/nested_choice.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { currentRuns, type PointSummary, type View } from "../statistics/summarize.ts";
import { untraced } from "../statistics/trace_numbers.ts";
import { differencesTable } from "./differences.ts";
import { type ReportDocument, type ReportFigure, reportFigures } from "./document.ts";
import { differingPaths } from "../statistics/specification_paths.ts";
import { type Column, fragment, type Insertion, type Markup, table } from "./html.ts";
import { keep, tight } from "./sections.ts";
import { type LossUnit, lossUnit } from "../statistics/study_loss.ts";

const views: readonly (readonly [View, string])[] = [
  ["lastStep", "At the last step"],
  ["bestStep", "At each point's best step in the fold mean"],
];

function current({ record, records }: StudyRecords): StudyRecords {
  return { record, records: currentRuns(record, records) };
}

/** What the comparison of two studies is written from, in each view. */
export function comparedStudies(first: StudyRecords, second: StudyRecords): StudyComparison[] {
  const sources = [current(first), current(second)] as const;
  return views.map(([view]) => compareStudies(...sources, { view }));
}

/**
 * The comparison of two studies, from their records alone.
 *
 * @param compared What it is written from, where that is known already.
 */
export function comparisonDocument(
  first: StudyRecords,
  second: StudyRecords,
  compared: readonly StudyComparison[] = comparedStudies(first, second),
): ReportDocument {
  const sources = [current(first), current(second)] as const;
  const names = [first.record.name, second.record.name] as const;
  const section = (id: string, title: string, body: Insertion) => ({
    id,
    title,
    shortTitle: title,
    body: fragment`${body}`,
  });
  const figures = untraced(() => figuresOf(sources, compared[0]));
  return {
    title: `${names[0]} and ${names[1]}`,
    byline: `Two regularization studies; differences are ${names[1]} minus ${names[0]}`,
    figures,
    sections: [
      section("abstract", "Abstract", [
        fragment`<p class="abstract">${
          tight(abstractOf(names, compared[0], lossUnit(first.record)))
        }</p>
`,
        pairingNotice(compared[0]),
        compared[0].region ? fragment`<p>${describeRegion(compared[0].region)}</p>` : null,
      ]),
      section("definitions", "What differs", definitionsTable([first.record, second.record])),
      section("selected", "What each selects", selectedTable(names, compared, [first, second])),
      section(
        "figures",
        "Figures",
        figures.length === 0 ? fragment`<p>No run has completed.</p>` : null,
      ),
      section(
        "points",
        "Points of both",
        compared.map((comparison, at) => pointsTable(views[at][1], comparison, second)),
      ),
    ],
  };
}

function abstractOf(
  names: readonly [string, string],
  comparison: StudyComparison,
  unit: LossUnit,
): string {
  const [a, b] = comparison.selected;
  if (a === null || b === null) {
    const missing = [a === null ? names[0] : null, b === null ? names[1] : null]
      .filter((name) => name !== null).join(" and ");
    return `Nothing is selected in ${missing}, because no point has all its runs: what each study ` +
      `comes to cannot be compared.`;
  }
  const own = (name: string, summary: PointSummary) =>
    `${name} selects ${formatPoint(summary.point)} with a validation loss of ${
      formatEstimate(summary.lastStep!.estimates.validationLoss)
    }`;
  const start = `At the last step ${own(names[0], a)}; ${own(names[1], b)}.`;
  const { betweenSelected: between, withheld } = comparison;
  if (withheld !== null) return `${start} What they select is not compared: ${withheld}.`;
  if (between === null) {
    return `${start} No run of one is paired with one of the other, so there is no test.`;
  }
  if (between.test === null) return `${start} Paired runs are missing, so there is no test.`;
  const { interval, pValue } = between.test;
  const missed = pValue !== null && pValue >= significanceLevel
    ? ` No difference is shown: ${detectableWords(between.detectable, { holm: false })}.`
    : "";
  const covers = interval === null
    ? ""
    : " The interval is of the mean over such stretches of this text, not of another text.";
  return `${start} These losses are lower than on other text, since the same folds selected the points. ` +
    `Selected for each fold by the other folds and scored on it, over ${
      foldsAndSeeds(comparison.pairing)
    }, the second minus the first is ${describeDifference(between, unit)}.${missed}${covers}`;
}

function foldsAndSeeds({ folds, seeds }: StudyComparison["pairing"]): string {
  return `${counted(folds.length, "fold")} and ${counted(seeds.length, "seed")}`;
}

function pairingNotice({ pairing }: StudyComparison): Markup {
  const { folds, obstacles } = pairing;
  if (obstacles.length === 0) {
    return fragment`<p>All ${foldsAndSeeds(pairing)} are the same in both, so every
difference is paired.</p>`;
  }
  const consequence = folds.length === 0
    ? "Nothing is paired and nothing is tested: the numbers stand side by side only."
    : `Differences are over the ${foldsAndSeeds(pairing)} that both have.`;
  return fragment`<p class="notice">Not everything is paired: ${
    obstacles.join("; ")
  }. ${consequence}</p>`;
}

/** A value of a specification; one that it lacks or that is null is none. */
function shown(value: Json): string {
  return value === null ? "none" : formatSetting(value);
}

/** What differs in the definitions of studies, a column each. */
export function definitionsTable(studies: readonly StudyRecord[]): Markup {
  const plain = (study: StudyRecord): { readonly [name: string]: Json } => ({
    corpus: `${study.corpus.name}, ${corpusSize(study.corpus)}`,
    points: study.space.points.length,
    folds: study.folds.length,
    seeds: study.seeds.join(", "),
    engine: study.engine,
    "numerics version": study.provenance.numericsVersion,
  });
  const all = studies.map(plain);
  const rows = [
    ...Object.keys(all[0]).map((name) => ({ name, values: all.map((each) => each[name]) })),
    ...[...differingPaths(studies.map(({ specifications }) => specifications[0] ?? {}))]
      .map(([name, values]) => ({ name, values })),
  ];
  return table<typeof rows[number]>(
    `Sizes and engines of ${
      studies.length === 2 ? "both" : "all"
    }, and where the specifications of their ` +
      "first points differ.",
    [
      { title: "what", numeric: false, cell: ({ name }) => name },
      ...studies.map(({ name }, index): Column<typeof rows[number]> => ({
        title: name,
        numeric: false,
        cell: ({ values }) => shown(values[index]),
      })),
    ],
    rows,
    ({ values: [first, ...others] }) => others.every((each) => each === first) ? "" : "marked",
  );
}

function selectedTable(
  names: readonly [string, string],
  compared: readonly StudyComparison[],
  sources: readonly StudyRecords[],
): Markup {
  const rows = compared.flatMap((comparison, at) =>
    comparison.selected.map((summary, side) => ({
      name: names[side],
      where: views[at][1],
      summary,
      estimates: summary?.[views[at][0]]?.estimates,
    }))
  );
  type Row = typeof rows[number];
  const estimate =
    (quantity: "validationLoss" | "trainingLoss" | "generalizationGap") => ({ estimates }: Row) =>
      estimates ? formatEstimate(estimates[quantity]) : "–";
  return table<Row>(
    `The point that each study's own rule selects: mean ± standard error over all its folds, ${
      [...new Set(sources.map(({ record }) => lossUnit(record).words))].join(" and ")
    }.`,
    [
      { title: "study", numeric: false, cell: ({ name }) => name },
      { title: "view", numeric: false, cell: ({ where }) => where },
      {
        title: "selected",
        numeric: false,
        cell: ({ summary }) => summary ? keep(formatPoint(summary.point)) : "none",
      },
      { title: "validation loss", cell: estimate("validationLoss") },
      { title: "training loss", cell: estimate("trainingLoss") },
      { title: "gap", cell: estimate("generalizationGap") },
      {
        title: "exact zeros",
        cell: ({ estimates }) => estimates ? formatShare(estimates.exactZeroShare.mean) : "–",
      },
    ],
    rows,
  );
}

function pointsTable(where: string, { points }: StudyComparison, second: StudyRecords): Markup {
  return points.length === 0
    ? fragment`<p>${where}: no point of both has paired runs.</p>`
    : differencesTable(
      `${where}: validation loss, second study minus the first`,
      points,
      axesOf(second),
      lossUnit(second.record),
    );
}

function figuresOf(
  sources: readonly [StudyRecords, StudyRecords],
  { chosen, betweenSelected, quantity, view }: StudyComparison,
): ReportFigure[] {
  const [first, second] = sources.map(({ record }) => record.name);
  const strips = betweenSelected === null ? [] : [
    [
      "Validation loss fold by fold of what the other folds select in each study, at the last step.",
      figureOf(foldStripsChart({
        quantity,
        view,
        reference: first,
        points: [first, second].map((study, side) => ({
          point: { study, ...commonPoint(chosen[side]) },
          isBaseline: side === 0,
          folds: byFold(chosen[side].readings),
          differences: side === 0 ? [] : byFold(chosen[1].readings).map(({ fold }, index) => ({
            fold,
            difference: betweenSelected.foldDifferences[index],
          })),
          test: side === 0 ? null : betweenSelected.test,
        })),
      })),
    ] as const,
  ];
  const curves = sources.flatMap((source) => {
    if (learningCurves(source).curves.length === 0) return [];
    const { chart } = plotLearningCurves(source);
    const { name, baseline } = source.record;
    const named = baseline === null ? "" : `${baselineWords(source.record).model} and `;
    return [
      [
        `Learning curves of ${named}the selected points of ${name}.`,
        figureOf({ ...chart, title: `${name}: ${chart.title}` }),
      ] as const,
    ];
  });
  return reportFigures([...strips, ...curves]);
}

function byFold(readings: readonly Reading[]) {
  return [...new Set(readings.map(({ fold }) => fold))].map((fold) => {
    const seeds = readings.filter((each) => each.fold === fold).map(({ value }) => value);
    return { fold, mean: mean(seeds), seeds };
  });
}

/** The point that all folds chose; where they differ, what is common to all. */
function commonPoint({ choices }: NestedChoice): JsonObject {
  const [first, ...others] = choices.map(({ point }) => point);
  return Object.fromEntries(
    Object.entries(first).filter(([axis, value]) =>
      others.every((each) => axis in each && canonicalJson(each[axis]) === canonicalJson(value))
    ),
  );
}
