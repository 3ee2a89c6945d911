import { type StudyCommands, taskCommands } from "../core/study_commands.ts";
import { plotArms } from "../plots/arms.ts";
import { chooseFigures } from "../plots/choose_figures.ts";
import { plotExpectedBest } from "../plots/expected_best.ts";
import { type Figure, figureOf } from "../plots/figure.ts";
import { axesOf } from "../plots/axis_data.ts";
import { describeAbstract } from "../statistics/abstract.ts";
import type { ArmsComparison } from "../statistics/compare_arms.ts";
import { currentEnsembles } from "../statistics/current_ensembles.ts";
import { describeEnsembles } from "../statistics/describe_ensembles.ts";
import { describeFindings } from "../statistics/describe.ts";
import { findings } from "../statistics/findings.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { currentRuns, inPlannedOrder } from "../statistics/summarize.ts";
import { untraced } from "../statistics/trace_numbers.ts";
import { armsFinalSection, armsSection } from "./arms_section.ts";
import { differencesSection } from "./differences.ts";
import { ensemblesTable } from "./ensembles_table.ts";
import { fragment, type Insertion, type Markup } from "./html.ts";
import { runsSection } from "./run_sections.ts";
import { samplePanels, samplesSection } from "./samples.ts";
import { headlineSection } from "./headline.ts";
import { methodsSection } from "./methods.ts";
import { powerSection } from "./power_section.ts";
import { provenanceSection } from "./provenance_section.ts";
import { searchSection } from "./search_section.ts";
import { finalSection, selectionSection, tight, wordsSection } from "./sections.ts";
import { pointsSection } from "./points_section.ts";
import { worthOfReport, worthSection } from "./worth_section.ts";

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
 * @param commands Commands of the project that holds it; those of the library's own by default.
 */
export function reportDocument(
  source: StudyRecords,
  command: string | null,
  commands: StudyCommands = taskCommands,
): ReportDocument {
  const { record } = source;
  const runs = inPlannedOrder(record, currentRuns(record, source.records));
  const ensembles = currentEnsembles({ ...source, records: runs });
  const current: StudyRecords = { record, records: runs, ensembles };
  const shown = findings(record, runs);
  const axes = axesOf(current);
  const { arms } = shown;
  const worth = worthOfReport(current);
  // Charts are laid out by the lengths of their texts.
  const figures = untraced(() =>
    reportFigures([
      ...(arms === null ? [] : armFigures(current, arms)),
      ...chooseFigures(current).map(({ caption, draw }) => [caption, draw()] as const),
    ])
  );
  const [completeness] = describeFindings(shown);
  const power = powerSection(current);
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
          tight(
            [...describeAbstract(shown), ...describeEnsembles(current)].join(" "),
          )
        }</p>
`,
        shown.complete
          ? fragment`<p>${completeness.text}</p>`
          : fragment`<p class="notice">${completeness.text}</p>`,
      ]),
      section("compute", "Size and compute", "Compute", headlineSection(shown, runs)),
      section(
        "final",
        "On text that selection never read",
        "Final block",
        arms === null ? finalSection(shown, axes) : armsFinalSection(shown),
      ),
      arms === null
        ? section("findings", "What the records show", "Findings", wordsSection(shown))
        : section("arms", "Arms, tuned against tuned", "Arms", [
          shown.warnings.map((text) =>
            fragment`<p class="notice">${text}</p>
`
          ),
          armsSection(arms),
        ]),
      ...(worth === null ? [] : [section("worth", "Worth in text", "Worth", worthSection(worth))]),
      section(
        "figures",
        "Figures",
        "Figures",
        figures.length === 0 ? nothingToDraw : null,
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
          differencesSection(shown, axes),
        )]
        : []),
      ...(power === null ? [] : [section("power", "What could have been shown", "Power", power)]),
      section("methods", "Methods", "Methods", methodsSection(shown, runs)),
      section("samples", "Text samples", "Samples", samplesSection(samplePanels(shown, runs))),
      section("runs", "Runs", "Runs", [
        ensemblesTable(current, axes),
        runsSection(record, runs, axes),
      ]),
      section(
        "provenance",
        "Provenance",
        "Provenance",
        provenanceSection(current, command, commands),
      ),
    ],
  };
}

const nothingToDraw = fragment`<p>No run has completed, so there is nothing to draw.</p>`;

/** What only a study of arms has: how its arms differ, and what tuning by random points gives. */
function armFigures(
  study: StudyRecords,
  comparison: ArmsComparison,
): (readonly [string, Figure])[] {
  const random = comparison.arms.filter(({ arm }) => arm.count > 1);
  const sampled = random.length > 0 && random.every(({ arm }) => arm.draw === "random");
  const ended = comparison.arms.every(({ tuning }) => tuning.state !== "missingRuns");
  return [
    ["Differences of the arms, fold by fold, with 95 % intervals.", plotArms(comparison)],
    ...(sampled && ended
      ? [["Expected loss of the best of n points of each arm.", plotExpectedBest(study)] as const]
      : []),
  ];
}
