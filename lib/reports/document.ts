import { type Figure, figureOf } from "../plots/figure.ts";
import { plotFolds } from "../plots/fold_strips.ts";
import { plotHeatMaps } from "../plots/heat_maps.ts";
import { plotLearningCurves } from "../plots/learning_curves.ts";
import { axesOf } from "../plots/axis_data.ts";
import { plotGeneralizationGap, plotQuantity } from "../plots/quantity_by_axis.ts";
import { plotSparsityAgainstLoss } from "../plots/sparsity_against_loss.ts";
import { describeAbstract } from "../statistics/abstract.ts";
import { describeFindings } from "../statistics/describe.ts";
import { type Findings, findings } from "../statistics/findings.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { currentRuns, inPlannedOrder } from "../statistics/summarize.ts";
import { differencesSection } from "./differences.ts";
import { fragment, type Insertion, type Markup } from "./html.ts";
import { runsSection, samplesSection } from "./run_sections.ts";
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
  readonly figures: readonly Figure[];
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
  const figures = figuresOf(current, shown);
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
        fragment`<p class="abstract">${tight(describeAbstract(shown).join(" "))}</p>
`,
        shown.complete
          ? fragment`<p>${completeness.text}</p>`
          : fragment`<p class="notice">${completeness.text}</p>`,
      ]),
      section(
        "final",
        "On text that selection never read",
        "Final block",
        finalSection(shown, axes),
      ),
      section("findings", "What the records show", "Findings", wordsSection(shown)),
      section(
        "figures",
        "Figures",
        "Figures",
        figures.length === 0
          ? fragment`<p>No run has completed, so there is nothing to draw.</p>`
          : null,
      ),
      section("selection", "Selection", "Selection", [
        selectionSection(shown),
        searchSection(record, runs, shown.summaries),
      ]),
      section("points", "All points", "Points", pointsSection(shown, axes)),
      section(
        "differences",
        "Differences, intervals and effect sizes",
        "Differences",
        shown.baseline === null
          ? fragment`<p>No point is declared as unpenalized, so there is nothing to differ from.</p>`
          : differencesSection(shown, axes),
      ),
      section("methods", "Methods", "Methods", methodsSection(record, runs)),
      section("samples", "Text samples", "Samples", samplesSection(shown, runs)),
      section("runs", "Runs", "Runs", runsSection(runs, axes)),
      section("provenance", "Provenance", "Provenance", provenanceSection(record, runs, command)),
    ],
  };
}

function figuresOf(study: StudyRecords, shown: Findings): Figure[] {
  if (shown.summaries.every((summary) => summary.lastStep === null)) return [];
  const axes = axesOf(study);
  return [
    ...(axes.length > 1 ? [plotHeatMaps(study)] : []),
    ...axes.map((axis) => plotGeneralizationGap(study, { axis })),
    ...axes.map((axis) => plotQuantity(study, { axis, view: "lastStep" })),
    ...axes.map((axis) => plotQuantity(study, { axis, view: "bestStep" })),
    ...(sparse(shown)
      ? [
        ...axes.map((axis) => plotQuantity(study, { axis, quantity: "exactZeroShare" })),
        plotSparsityAgainstLoss(study),
      ]
      : []),
    plotFolds(study),
    plotLearningCurves(study),
  ].map((figure) => figureOf({ ...figure.chart, width: 1000 }));
}

/** Whether any weight of any point is exactly 0. */
function sparse({ summaries }: Findings): boolean {
  return summaries.some(({ lastStep }) => (lastStep?.estimates.exactZeroShare.mean ?? 0) > 0);
}
