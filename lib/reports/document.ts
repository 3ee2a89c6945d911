import { plotArms } from "../plots/arms.ts";
import { type Figure, figureOf } from "../plots/figure.ts";
import { plotFolds } from "../plots/fold_strips.ts";
import { plotHeatMaps } from "../plots/heat_maps.ts";
import { plotLearningCurves } from "../plots/learning_curves.ts";
import { axesOf } from "../plots/axis_data.ts";
import { plotDifferences } from "../plots/differences_by_axis.ts";
import { plotLosses } from "../plots/losses_by_axis.ts";
import { plotGeneralizationGap, plotQuantity } from "../plots/quantity_by_axis.ts";
import { plotSparsityAgainstLoss } from "../plots/sparsity_against_loss.ts";
import { describeAbstract } from "../statistics/abstract.ts";
import { isArmsStudy } from "../statistics/arms_study.ts";
import { compareArms } from "../statistics/compare_arms.ts";
import { formatAxisMeaning } from "../statistics/axis_meaning.ts";
import { describeFindings } from "../statistics/describe.ts";
import { type Findings, findings } from "../statistics/findings.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { currentRuns, inPlannedOrder } from "../statistics/summarize.ts";
import { armsAbstract, armsFinalSection, armsSection } from "./arms_section.ts";
import { differencesSection } from "./differences.ts";
import { fragment, type Insertion, type Markup } from "./html.ts";
import { runsSection } from "./run_sections.ts";
import { samplePanels, samplesSection } from "./samples.ts";
import { methodsSection, provenanceSection } from "./methods.ts";
import { searchSection } from "./search_section.ts";
import { finalSection, pointsSection, selectionSection, tight, wordsSection } from "./sections.ts";

/** A report before it is written as HTML or as Markdown. */
export interface ReportDocument {
  readonly title: string;
  /** What stands under the title. */
  readonly byline: string;
  readonly sections: readonly {
    /** Of the anchor in a page. */
    readonly id: string;
    readonly title: string;
    /** In the list of sections. */
    readonly shortTitle: string;
    readonly body: Markup;
  }[];
  /** Stand where `sections` has the id `figures`. */
  readonly figures: readonly ReportFigure[];
}

/** A figure with what stands below it, beside its number. */
export interface ReportFigure extends Figure {
  /** What is drawn, without what it shows: a sentence. */
  readonly caption: string;
}

/** Below a figure of a report: its number and what is drawn. */
export function captionOf({ caption }: ReportFigure, index: number): string {
  return `Figure ${index + 1}. ${caption}`;
}

/** Figures of charts as wide as a page, with their captions. */
export function reportFigures(
  captioned: readonly (readonly [string, Figure])[],
): ReportFigure[] {
  return captioned.map(([caption, { chart }]) => ({
    ...figureOf({ ...chart, width: 1000 }),
    caption,
  }));
}

/**
 * The report of a study, from its records alone.
 *
 * @param source Its records.
 * @param command Command that runs the study, or null.
 */
export function reportDocument(source: StudyRecords, command: string | null): ReportDocument {
  const { record } = source;
  const runs = inPlannedOrder(record, currentRuns(record, source.records));
  const current: StudyRecords = { record, records: runs };
  const shown = findings(record, runs);
  const axes = axesOf(current);
  const arms = isArmsStudy(record) ? compareArms(current) : null;
  const figures = arms === null ? figuresOf(current, shown) : reportFigures([
    ["Differences of the arms, fold by fold, with 95 % intervals.", plotArms(arms)],
  ]);
  const [completeness] = describeFindings(shown);
  const section = (id: string, title: string, shortTitle: string, body: Insertion) => ({
    id,
    title,
    shortTitle,
    body: fragment`${body}`,
  });
  return {
    title: record.name,
    byline: `Regularization study on ${record.corpus.name} with Parsimony ` +
      `${record.provenance.parsimony}, ${record.createdAt.slice(0, 10)}`,
    figures,
    sections: [
      section("abstract", "Abstract", "Abstract", [
        fragment`<p class="abstract">${
          tight(arms === null ? describeAbstract(shown).join(" ") : armsAbstract(arms))
        }</p>
`,
        shown.complete
          ? fragment`<p>${completeness.text}</p>`
          : fragment`<p class="notice">${completeness.text}</p>`,
      ]),
      section(
        "final",
        "On text that selection never read",
        "Final block",
        arms === null ? finalSection(shown, axes) : armsFinalSection(shown),
      ),
      arms === null
        ? section("findings", "What the records show", "Findings", wordsSection(shown))
        : section("arms", "Arms, tuned against tuned", "Arms", armsSection(arms)),
      section(
        "figures",
        "Figures",
        "Figures",
        figures.length === 0
          ? fragment`<p>No run has completed, so there is nothing to draw.</p>`
          : null,
      ),
      // Points of several arms are not selected from each other.
      ...(arms === null
        ? [section("selection", "Selection", "Selection", [
          selectionSection(shown),
          searchSection(record, runs, shown.summaries),
        ])]
        : []),
      section("points", "All points", "Points", pointsSection(shown, axes)),
      ...(arms === null
        ? [section(
          "differences",
          "Differences, intervals and effect sizes",
          "Differences",
          shown.baseline === null
            ? fragment`<p>No point is declared as unpenalized, so there is nothing to differ from.</p>`
            : differencesSection(shown, axes),
        )]
        : []),
      section("methods", "Methods", "Methods", methodsSection(record, runs)),
      section("samples", "Text samples", "Samples", samplesSection(samplePanels(shown, runs))),
      section("runs", "Runs", "Runs", runsSection(record, runs, axes)),
      section("provenance", "Provenance", "Provenance", provenanceSection(record, runs, command)),
    ],
  };
}

function figuresOf(study: StudyRecords, shown: Findings): ReportFigure[] {
  if (shown.summaries.every((summary) => summary.lastStep === null)) return [];
  const axes = axesOf(study);
  const [last, best] = ["at the last step", "at each point's best step"];
  const names = axes.map((axis) => formatAxisMeaning(study.record, axis));
  const each = (captionOf: (name: string) => string, draw: (axis: string) => Figure) =>
    axes.map((axis, index) => [captionOf(names[index]), draw(axis)] as const);
  const maps = axes.length < 2 ? [] : [
    [
      `Validation loss, generalization gap and exact zeros over ${names[0]} and ${
        names[1]
      }, ${last}.`,
      plotHeatMaps(study),
    ] as const,
  ];
  const differences = (["lastStep", "bestStep"] as const).flatMap((view) =>
    shown.baseline === null ? [] : each(
      (name) =>
        `Differences of gap and validation loss from no penalty against ${name}, ${
          view === "lastStep" ? last : "each at its own best step"
        }, with 95 % intervals.`,
      (axis) => plotDifferences(study, { axis, view }),
    )
  );
  const zeros = !sparse(shown) ? [] : [
    ...each(
      (name) => `Share of penalized weights that are exactly 0 against ${name}, ${last}.`,
      (axis) => plotQuantity(study, { axis, quantity: "exactZeroShare" }),
    ),
    [
      `Exact zeros and validation loss of every setting, ${last}.`,
      plotSparsityAgainstLoss(study),
    ] as const,
  ];
  return reportFigures([
    ...maps,
    ...each(
      (name) => `Generalization gap against ${name}, ${last}.`,
      (axis) => plotGeneralizationGap(study, { axis }),
    ),
    ...each(
      (name) => `Validation and training loss against ${name}, ${last}.`,
      (axis) => plotLosses(study, { axis }),
    ),
    ...each(
      (name) => `Validation and training loss against ${name}, ${best}.`,
      (axis) => plotLosses(study, { axis, view: "bestStep" }),
    ),
    ...differences,
    ...zeros,
    [
      `Validation loss fold by fold of the unpenalized and the selected points, ${last}.`,
      plotFolds(study),
    ],
    ["Learning curves of the unpenalized and the selected points.", plotLearningCurves(study)],
  ]);
}

/** Whether any weight of any point is exactly 0. */
function sparse({ summaries }: Findings): boolean {
  return summaries.some(({ lastStep }) => (lastStep?.estimates.exactZeroShare.mean ?? 0) > 0);
}
