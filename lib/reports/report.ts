import { join } from "node:path";
import { checkKeys } from "../core/check.ts";
import { writeFileAtomically } from "../core/files.ts";
import { canonicalJson } from "../core/json.ts";
import { type Figure, figureOf, scriptJson } from "../plots/figure.ts";
import { plotHeatMaps } from "../plots/heat_maps.ts";
import { plotLearningCurves } from "../plots/learning_curves.ts";
import { plotlyScript } from "../plots/plotly_script.ts";
import { axesOf, plotGeneralizationGap, plotQuantity } from "../plots/quantity_by_axis.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { readRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import { describeFindings } from "../statistics/describe.ts";
import { type Findings, findings } from "../statistics/findings.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { currentRuns } from "../statistics/summarize.ts";
import { fragment, type Markup, markup } from "./html.ts";
import { runsSection, samplesSection } from "./run_sections.ts";
import { methodsSection, provenanceSection } from "./methods.ts";
import { finalSection, pointsSection, selectionSection, wordsSection } from "./sections.ts";
import { style } from "./style.ts";

/** Options of {@link writeReport}. */
export interface ReportOptions {
  /** Where to write; `report.fragment` in the study's folder when left out. */
  readonly path?: string;
  /** Command that runs the study, shown under "To reproduce". */
  readonly command?: string;
}

/**
 * Writes the report of a study as one HTML file that needs nothing else: figures, scripts and styles
 * are in it, and it asks for nothing from the network.
 *
 * It is written from `study.json` and `runs.jsonl` alone; the same records give the same bytes. An
 * incomplete study, or one whose every run diverged, gives a report that says so.
 *
 * @param study Folder of a study (`results/<name>`), or a study with its folder.
 * @param options.path Where to write.
 * @param options.command Command that runs the study.
 * @returns Path of the file.
 * @throws {Deno.errors.NotFound} If the folder holds no study.
 */
export async function writeReport(
  study: string | (StudyRecords & { readonly folder: string }),
  options: ReportOptions = {},
): Promise<string> {
  checkKeys("writeReport", options, ["path", "command"]);
  const folder = typeof study === "string" ? study : study.folder;
  const source = typeof study === "string" ? readStudy(folder) : study;
  const path = options.path ?? join(folder, "report.html");
  const page = renderReport(source, {
    script: await plotlyScript(),
    command: options.command ?? null,
  });
  await writeFileAtomically(path, page);
  return path;
}

/** Reads the records of a study from its folder. */
export function readStudy(folder: string): StudyRecords {
  const path = join(folder, "study.json");
  const record = readStudyRecord(path);
  if (record === null) {
    throw new Deno.errors.NotFound(`Cannot report on ${folder}: ${path} does not exist.`);
  }
  return { record, records: readRuns(join(folder, "runs.jsonl")) };
}

/**
 * The report of a study as HTML.
 *
 * @param source Its records.
 * @param options.script The script of plotly.js.
 * @param options.command Command that runs the study, or null.
 */
export function renderReport(
  source: StudyRecords,
  options: { readonly script: string; readonly command: string | null },
): string {
  const { record } = source;
  const runs = asPlanned(record, currentRuns(record, source.records));
  const current: StudyRecords = { record, records: runs };
  const shown = findings(record, runs);
  const axes = axesOf(current);
  const figures = figuresOf(current, shown);
  const [completeness] = describeFindings(shown);
  const body = fragment`<main>
<h1>${record.name}</h1>
<p class="byline">Regularization study on ${record.corpus.name} with Parsimony ${record.provenance.parsimony},
${record.createdAt.slice(0, 10)}</p>
<nav aria-label="Sections"><a href="#final">Final block</a><a href="#findings">Findings</a><a
href="#figures">Figures</a><a href="#selection">Selection</a><a href="#points">Points</a><a
href="#methods">Methods</a><a href="#samples">Samples</a><a href="#runs">Runs</a><a
href="#provenance">Provenance</a></nav>
${
    shown.complete
      ? fragment`<p>${completeness.text}</p>`
      : fragment`<p class="notice">${completeness.text}</p>`
  }
<h2 id="final">On text that selection never read</h2>
${finalSection(shown, axes)}
<h2 id="findings">What the records show</h2>
${wordsSection(shown)}
<h2 id="figures">Figures</h2>
${figures.length === 0 ? fragment`<p>No run has completed, so there is nothing to draw.</p>` : null}
${figures.map(figureMarkup)}
<h2 id="selection">Selection</h2>
${selectionSection(shown)}
<h2 id="points">All points</h2>
${pointsSection(shown, axes)}
<h2 id="methods">Methods</h2>
${methodsSection(record, runs)}
<h2 id="samples">Text samples</h2>
${samplesSection(shown, runs)}
<h2 id="runs">Runs</h2>
${runsSection(runs, axes)}
<h2 id="provenance">Provenance</h2>
${provenanceSection(record, runs, options.command)}
</main>`;
  return page(record.name, body, figures, options.script);
}

/** Runs in an order that does not depend on which of them ended first. */
function asPlanned(study: StudyRecord, runs: readonly RunRecord[]): RunRecord[] {
  const points = new Map(study.space.points.map((point, index) => [canonicalJson(point), index]));
  const place = ({ point, fold, seed }: RunRecord) => [
    fold === "final" ? 1 : 0,
    study.seeds.indexOf(seed),
    fold === "final" ? 0 : fold,
    points.get(canonicalJson(point)) ?? -1,
  ];
  const places = new Map(runs.map((run) => [run, place(run)]));
  return runs.toSorted((a, b) => {
    const [first, second] = [places.get(a)!, places.get(b)!];
    const at = first.findIndex((value, index) => value !== second[index]);
    return at === -1 ? 0 : first[at] - second[at];
  });
}

function figuresOf(study: StudyRecords, shown: Findings): Figure[] {
  if (shown.summaries.every((summary) => summary.lastStep === null)) return [];
  const axes = axesOf(study);
  return [
    ...(axes.length > 1 ? [plotHeatMaps(study)] : []),
    ...axes.map((axis) => plotGeneralizationGap(study, { axis })),
    ...axes.map((axis) => plotQuantity(study, { axis, view: "lastStep" })),
    ...axes.map((axis) => plotQuantity(study, { axis, view: "bestStep" })),
    plotLearningCurves(study),
  ].map((figure) => figureOf({ ...figure.chart, width: 1000 }));
}

function figureMarkup(figure: Figure, index: number): Markup {
  // The static image stands until the script replaces it, and where no script runs.
  return fragment`<figure><div class="plot" id="figure-${index}" role="img" aria-label="${figure.alt}">${
    markup(figure.svg())
  }</div></figure>
`;
}

const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; " +
  "img-src data: blob:";

function page(name: string, body: Markup, figures: readonly Figure[], script: string): string {
  const plots = figures.map((figure) => figure.plotly());
  const drawing = `
(async () => {
  for (const [index, figure] of ${scriptJson(plots)}.entries()) {
    const element = document.getElementById("figure-" + index);
    element.replaceChildren();
    await Plotly.newPlot(element, figure.data, figure.layout, figure.config);
    element.dataset.drawn = "true";
    // Between two figures the page answers to its reader.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
})();
`;
  return fragment`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${markup(policy)}">
<meta name="generator" content="Parsimony">
<title>${name} – regularization study</title>
<style>${markup(style)}</style>
</head>
<body>
${body}
<script>${markup(inScript(script))}</script>
<script>${markup(drawing)}</script>
</body>
</html>
`.html;
}

/** A script of others as it may stand in a script element of HTML. */
function inScript(script: string): string {
  return script.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
}
