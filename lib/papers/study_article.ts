import { type Element, elementsIn, textOf } from "../reports/parse_html.ts";
import type { ReportFigure } from "../reports/document.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { escapeTex } from "./escape_tex.ts";
import {
  type Article,
  type ArticleParts,
  type ArticleSection,
  type SectionReader,
  sectionReader,
} from "./article.ts";
import { headedParts } from "./blocks.ts";
import { proseTex } from "./inline.ts";
import { figuresTex, namedFigures } from "./figures_tex.ts";
import { builtOn, methodsTex } from "./methods_tex.ts";
import type { PaperAddition } from "./paper_addition.ts";
import { readTable, type ReportTable, tablesIn } from "./table_model.ts";
import { tableTex } from "./table_tex.ts";

/** Rows of the table of points up to which the text shows it whole. */
const mostMainRows = 14;

/** What the article of a study is made of. */
export interface StudyArticleParts extends ArticleParts {
  /** What the study asks, in sentences. */
  readonly question: readonly string[];
  /** What it has beside; null for nothing. */
  readonly addition: PaperAddition | null;
}

/**
 * The article of a study, from the sections of its report: the question, methods, results with the main
 * table and chosen figures, and everything else in an appendix, but for the list of runs.
 *
 * @param study The study.
 * @param parts Its report, and what stands beside it.
 */
export function studyArticle(study: StudyRecord, parts: StudyArticleParts): Article {
  const { question, report: document, macros, addition, sources } = parts;
  const name = addition?.title ?? `${document.title}: regularization on ${study.corpus.name}`;
  const reader = sectionReader(document, macros);
  const figures = namedFigures(document.figures);
  const { main, others } = chosenFigures(document.figures);
  const isArms = reader.nodes("arms").length > 0;
  const { tex: results, whole } = isArms
    ? { tex: armsResults(reader), whole: null }
    : pointsResults(reader);
  const methods = methodsTex(reader);
  const section = (title: string, tex: string): ArticleSection[] =>
    tex.trim() === "" ? [] : [{ title, tex }];
  return {
    name,
    title: escapeTex(name),
    date: study.createdAt.slice(0, 10),
    abstract: reader.tex("abstract", reader.nodes("abstract")),
    figures,
    sections: [
      ...section(
        "Question",
        reader.sentences("question", [...addition?.question ?? [], ...question]),
      ),
      ...section("Methods", "\\input{methods}\n"),
      ...section(
        "Results",
        `${results}\n${comparisonsTex(reader, addition)}${
          figuresTex(main.map((index) => figures[index]), document.figures)
        }`,
      ),
      ...section("Text that no selection has read", reader.tex("final", reader.nodes("final"))),
      ...section("Size and compute", reader.tex("compute", reader.nodes("compute"))),
    ],
    appendix: [
      ...section("All points", allPoints(reader, isArms, whole !== null)),
      ...section("Selection", reader.tex("selection", reader.nodes("selection"))),
      ...section(
        "Differences from the baseline",
        reader.tex("differences", reader.nodes("differences")),
      ),
      ...section("What could have been shown", reader.tex("power", reader.nodes("power"))),
      ...section("Ensembles, averages and costs", runsTex(reader)),
      ...section(
        "Further figures",
        figuresTex(others.map((index) => figures[index]), document.figures),
      ),
      ...section("Text samples", samplesTex(reader)),
      ...section("Provenance", provenanceTex(reader)),
    ],
    files: [{ path: "methods.tex", content: `${methods}\n${builtOn(sources)}` }, ...reader.files],
  };
}

/** Comparisons that were declared before the runs. */
function comparisonsTex(reader: SectionReader, addition: PaperAddition | null): string {
  const tables = (addition?.comparisons ?? []).map((table, index) => {
    const name = `declared-${index + 1}`;
    reader.files.push({ path: `tables/${name}.tex`, content: tableTex(table, `tab:${name}`) });
    return `\\input{tables/${name}}\n`;
  });
  if (tables.length === 0) return "";
  const references = tables.map((_, index) => `\\ref{tab:declared-${index + 1}}`);
  return `\\paragraph{Declared comparisons.} See ${references.length === 1 ? "Table" : "Tables"}~${
    references.join(", ")
  }.\n\n${tables.join("\n")}\n`;
}

/** Answers to the questions of the report, below the main table. */
function pointsResults(reader: SectionReader): { tex: string; whole: Element | null } {
  const [table] = tablesIn(reader.nodes("points"));
  const text = reader.tex("findings", reader.nodes("findings"), "paragraph");
  if (table === undefined) return { tex: text, whole: null };
  const whole = readTable(table);
  const all = whole.rows.length <= mostMainRows;
  const rows = all ? whole.rows : whole.rows.filter(({ mark }) => /baseline|marked/.test(mark));
  if (rows.length === 0) return { tex: text, whole: null };
  const main: ReportTable = all ? whole : {
    ...whole,
    rows,
    caption:
      `${whole.caption} Of ${whole.rows.length} points those that have a role; all are in the appendix.`,
  };
  reader.files.push({ path: "tables/main.tex", content: tableTex(main, "tab:main") });
  return {
    tex: `Table~\\ref{tab:main} shows ${
      all ? "all points" : "the points that have a role"
    } at the last step.\n\n\\input{tables/main}\n\n${text}`,
    whole: all ? table : null,
  };
}

/** Verdicts on the arms, and their table; choices and other pairs are in the appendix. */
function armsResults(reader: SectionReader): string {
  const parts = headedParts(reader.nodes("arms"));
  const [, ...others] =
    parts[0]?.nodes.flatMap((node) => typeof node === "string" ? [] : tablesIn([node])) ?? [];
  const shown = parts.filter(({ heading }) => heading === null || heading === "Compute").map(
    ({ heading, nodes }) => {
      const kept = nodes.filter((node) =>
        typeof node === "string" || !others.some((other) => tablesIn([node]).includes(other))
      );
      const text = reader.tex("arms", kept, "paragraph");
      return heading === null ? text : `\\paragraph{${heading}}\n\n${text}`;
    },
  );
  return shown.join("\n");
}

/** Every point, of arms also what was chosen; a table that the text has whole is not there again. */
function allPoints(reader: SectionReader, isArms: boolean, isShown: boolean): string {
  const moved = isArms ? tablesIn(headedParts(reader.nodes("arms"))[0]?.nodes ?? []).slice(1) : [];
  const parts = headedParts(reader.nodes("points"));
  return [
    ...moved.map((table) => reader.table("arms", table)),
    ...parts.slice(isShown ? 1 : 0).map(({ heading, nodes }) =>
      `\\subsection{${proseTex((heading ?? "").replace(/^\([a-z]\) /, ""))}}\n\n${
        reader.tex("points", nodes)
      }`
    ),
  ].join("\n\n");
}

/** What stands before the list of runs, and what a run took. */
function runsTex(reader: SectionReader): string {
  const nodes = reader.nodes("runs");
  const costs = elementsIn(nodes).filter(({ tag, children }) =>
    tag === "details" &&
    elementsIn(children).some((each) =>
      each.tag === "summary" && textOf(each) === "What a run took"
    )
  );
  return [
    reader.tex("runs", nodes),
    ...tablesIn(costs).map((table) => reader.table("runs", table)),
  ].join("\n\n");
}

/** Of the baseline and of selected points; what a page shows folded is left out. */
function samplesTex(reader: SectionReader): string {
  const nodes = reader.nodes("samples");
  return elementsIn(nodes).some(({ classes }) => classes.includes("samples"))
    ? reader.tex("samples", nodes)
    : "";
}

function provenanceTex(reader: SectionReader): string {
  const nodes = reader.nodes("provenance");
  const shown = headedParts(nodes).filter(({ heading }) =>
    heading === null || heading === "To reproduce"
  );
  return shown.map(({ heading, nodes }) =>
    `${heading === null ? "" : `\\subsection{${heading}}\n\n`}${reader.tex("provenance", nodes)}`
  ).join("\n");
}

/**
 * Beginnings of captions: of the figures of one kind the first is shown, four kinds in the text and four
 * in the appendix. The others lie beside them.
 */
const shownFigures = [
  "Differences of the arms",
  "Validation and training loss",
  "Differences of gap",
  "Validation loss fold by fold",
  "Learning curves",
  "Generalization gap",
  "Exact zeros and validation loss",
  "Validation loss of ensembles",
  "Validation loss, generalization gap",
  "Validation loss and generalization gap",
  "Exact zeros as a share",
  "Weights that are others",
  "Expected loss",
];

/** Figures for the text and for the appendix. */
function chosenFigures(figures: readonly ReportFigure[]): { main: number[]; others: number[] } {
  const shown = shownFigures.map((start) =>
    figures.findIndex(({ caption }) => caption.startsWith(start))
  ).filter((index) => index >= 0);
  return { main: shown.slice(0, 4), others: shown.slice(4, 8) };
}
