import type { FileContent } from "../core/files.ts";
import { type Element, type Node, parseHtml } from "../reports/parse_html.ts";
import type { ReportDocument } from "../reports/document.ts";
import { blocksTex, headedParts } from "./blocks.ts";
import { proseWith } from "./inline.ts";
import type { NumberMacros } from "./numbers.ts";
import { readTable } from "./table_model.ts";
import { tableTex } from "./table_tex.ts";

/** What the articles of a study and of a comparison are made of. */
export interface ArticleParts {
  readonly report: ReportDocument;
  /** Macros of the numbers in its running text. */
  readonly macros: NumberMacros;
  /** What was used, with citations, as TeX. */
  readonly sources: string;
}

/** A section of an article. */
export interface ArticleSection {
  readonly title: string;
  readonly tex: string;
}

/** An article before it is put together. */
export interface Article {
  /** Its title as text. */
  readonly name: string;
  /** The same as TeX. */
  readonly title: string;
  /** Day of its records, ISO 8601. */
  readonly date: string;
  readonly abstract: string;
  readonly sections: readonly ArticleSection[];
  readonly appendix: readonly ArticleSection[];
  /** Figures of its report, by the names that its text includes them by. */
  readonly figures: readonly ArticleFigure[];
  /** Files that its text takes in. */
  readonly files: readonly FileContent[];
}

/** A figure of an article: which one of the report, its name, and columns of print that it fills. */
export interface ArticleFigure {
  readonly index: number;
  readonly name: string;
  readonly columns: 1 | 2;
}

/** Sections of a report as TeX; their tables become files. */
export interface SectionReader {
  /** Files of the tables so far. */
  readonly files: FileContent[];
  /** Parsed HTML of a section; none where the report has no such section. */
  nodes(id: string): readonly Node[];
  /** Blocks of nodes; tables are taken in where they stand. */
  tex(id: string, nodes: readonly Node[], heading?: "subsection" | "paragraph"): string;
  /** Sentences of a section, as a paragraph. */
  sentences(id: string, sentences: readonly string[]): string;
  /** Writes a table, and gives the command that takes it in. */
  table(id: string, table: Element): string;
}

/**
 * Reads the sections of a report.
 *
 * @param document The report.
 * @param macros Macros of the numbers in the article's running text.
 * @param prefix What the names of its sections begin with, where an article has several reports.
 */
export function sectionReader(
  { sections }: ReportDocument,
  macros: NumberMacros,
  prefix = "",
): SectionReader {
  const files: FileContent[] = [];
  const counts = new Map<string, number>();
  const table = (id: string, element: Element) => {
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    const name = `${id}-${count}`;
    files.push({
      path: `tables/${name}.tex`,
      content: tableTex(readTable(element), `tab:${name}`, { bold: id === "selection" }),
    });
    return `\\input{tables/${name}}`;
  };
  return {
    files,
    nodes: (id) => {
      const section = sections.find((each) => each.id === id);
      return section === undefined ? [] : parseHtml(section.body.html);
    },
    tex: (id, nodes, heading = "subsection") =>
      blocksTex(nodes, {
        heading,
        table: (element) => table(id, element),
        prose: proseWith(macros, `${prefix}${id}`),
      }),
    sentences: (id, sentences) =>
      `${proseWith(macros, `${prefix}${id}`)(sentences.join(" "), false)}\n`,
    table,
  };
}

/** The nodes below a heading of a section, with the heading. */
export function partOf(nodes: readonly Node[], heading: RegExp): readonly Node[] {
  return headedParts(nodes).filter((part) => heading.test(part.heading ?? ""))
    .flatMap((part) => part.nodes);
}
