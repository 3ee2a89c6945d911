import type { ReportFigure } from "../reports/document.ts";
import type { ArticleFigure } from "./article.ts";
import { proseTex } from "./inline.ts";

/** Names of figures, and how many columns of print each fills: two where it has several panels. */
export function namedFigures(figures: readonly ReportFigure[]): ArticleFigure[] {
  return figures.map(({ chart }, index) => ({
    index,
    name: `figure-${String(index + 1).padStart(2, "0")}`,
    columns: chart.panels.length > 1 ? 2 : 1,
  }));
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
  return rows.map((row) => floatTex(row, figures)).join("\n");
}

function floatTex(row: readonly ArticleFigure[], figures: readonly ReportFigure[]): string {
  const figure = ({ name, index }: ArticleFigure) =>
    `\\IfFileExists{figures/${name}.pdf}{\\includegraphics{figures/${name}}}{}\n\\caption[]{${
      captionTex(figures[index])
    }}\n\\label{fig:${name}}`;
  const content = row.length === 1
    ? `\\centering\n${figure(row[0])}`
    : row.map((each) =>
      `\\begin{minipage}[t]{3.25in}\n\\vspace{0pt}\n${figure(each)}\n\\end{minipage}`
    ).join("\\hfill\n");
  return `\\begin{figure}[!htbp]\n${content}\n\\end{figure}\n`;
}

/** What a figure shows, and what is drawn. */
function captionTex({ caption, chart: { title, subtitle } }: ReportFigure): string {
  return [title, caption, subtitle].filter((part) => part !== "")
    .map((part) => proseTex(/[.!?]$/.test(part) ? part : `${part}.`)).join(" ");
}
