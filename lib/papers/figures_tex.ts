import { captionOfChart } from "../plots/print.ts";
import type { ReportFigure } from "../reports/document.ts";
import type { ArticleFigure } from "./article.ts";
import { proseTex } from "./inline.ts";

/** Names of figures, and how many columns of print each fills: two for several panels or a long legend. */
export function namedFigures(figures: readonly ReportFigure[]): ArticleFigure[] {
  return figures.map(({ chart }, index) => ({
    index,
    name: `figure-${String(index + 1).padStart(2, "0")}`,
    columns: chart.panels.length > 1 || hasLongLegend(chart) ? 2 : 1,
  }));
}

/** Characters of a legend's longest line, and lines, that one column has room for. */
const longestLegend = { characters: 40, lines: 8 };

function hasLongLegend({ panels, legend }: ReportFigure["chart"]): boolean {
  if (legend === "none") return false;
  const names = panels.flatMap(({ layers }) =>
    layers.flatMap((layer) => "legend" in layer && layer.legend ? [layer.name] : [])
  );
  return names.length > longestLegend.lines ||
    names.some((name) => name.length > longestLegend.characters);
}

/**
 * Figures as floats, those of one column in pairs.
 *
 * @param shown Which ones, in their order.
 * @param figures All of the report.
 */
export function figuresTex(
  shown: readonly ArticleFigure[],
  figures: readonly ReportFigure[],
): string {
  const rows: ArticleFigure[][] = [];
  let alone: ArticleFigure[] | null = null;
  for (const each of shown) {
    if (each.columns === 2) rows.push([each]);
    else if (alone === null) rows.push(alone = [each]);
    else {
      alone.push(each);
      alone = null;
    }
  }
  return [mentioned(shown), ...rows.map((row) => floatTex(row, figures))].join("\n");
}

/** Every float is spoken of. */
function mentioned(shown: readonly ArticleFigure[]): string {
  const references = shown.map(({ name }) => `\\ref{fig:${name}}`);
  if (references.length === 0) return "";
  const [first, last] = [references[0], references.at(-1)];
  if (references.length === 1) return `See Figure~${first}.\n`;
  return `See Figures~${first} ${references.length === 2 ? "and" : "to"}~${last}.\n`;
}

function floatTex(row: readonly ArticleFigure[], figures: readonly ReportFigure[]): string {
  const figure = ({ name, index }: ArticleFigure) =>
    `\\includegraphics{figures/${name}}\n\\caption[]{${
      captionTex(figures[index])
    }}\n\\label{fig:${name}}`;
  const content = row.length === 1
    ? `\\centering\n${figure(row[0])}`
    : row.map((each) =>
      `\\begin{minipage}[t]{3.25in}\n\\vspace{0pt}\n${figure(each)}\n\\end{minipage}`
    ).join("\\hfill\n");
  return `\\begin{figure}\n${content}\n\\end{figure}\n`;
}

/** What a figure shows, what is drawn, and what its marks are. */
function captionTex({ caption, chart }: ReportFigure): string {
  return proseTex(`${captionOfChart(chart)} ${caption}`);
}
