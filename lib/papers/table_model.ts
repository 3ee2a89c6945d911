import { type Element, elementsIn, type Node, textOf } from "../reports/parse_html.ts";
import { withoutMarks } from "../statistics/trace_numbers.ts";

/** A table of a report, as it is. */
export interface ReportTable {
  readonly caption: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly ReportRow[];
}

/** Head of a column. */
export interface ReportColumn {
  readonly title: string;
  /** Whether its cells are numbers. */
  readonly numeric: boolean;
}

/** A row, and what it is marked as. */
export interface ReportRow {
  readonly mark: string;
  readonly cells: readonly ReportCell[];
}

/** A cell: what it shows, and its text. */
export interface ReportCell {
  readonly nodes: readonly Node[];
  readonly text: string;
  /** Labels such as the roles of a point. */
  readonly tags: readonly string[];
}

/** Reads a table that a report has. */
export function readTable({ children }: Element): ReportTable {
  const parts = elementsIn(children);
  const part = (name: string) => elementsIn(parts.find(({ tag }) => tag === name)?.children ?? []);
  const caption = parts.find(({ tag }) => tag === "caption");
  const [head] = part("thead");
  return {
    caption: caption === undefined ? "" : withoutMarks(textOf(caption)),
    columns: elementsIn(head.children).map((cell) => ({
      title: withoutMarks(textOf(cell)),
      numeric: cell.classes.includes("number"),
    })),
    rows: part("tbody").map(({ classes, children }) => ({
      mark: classes.join(" "),
      cells: elementsIn(children).map(readCell),
    })),
  };
}

function readCell({ children }: Element): ReportCell {
  const tags = elementsIn(children).filter(({ classes }) => classes.includes("tag"));
  const nodes = children.filter((each) => !tags.includes(each as Element));
  return {
    nodes,
    text: nodes.map((each, index) => {
      if (typeof each === "string") return each;
      // What stands apart by its margin in a page.
      const apart = each.classes.includes("nowrap") && index < nodes.length - 1;
      return apart ? `${textOf(each)}; ` : textOf(each);
    }).join("").trim(),
    tags: tags.map((each) => withoutMarks(textOf(each))),
  };
}

/**
 * All tables within nodes, in their order.
 *
 * @param nodes Parsed HTML of a section.
 */
export function tablesIn(nodes: readonly Node[]): Element[] {
  return elementsIn(nodes).flatMap((each) =>
    each.tag === "table" ? [each] : tablesIn(each.children)
  );
}

/** The same table with rows and columns exchanged; the first column heads the others. */
export function transposed({ caption, columns, rows }: ReportTable): ReportTable {
  const text = (text: string): ReportCell => ({ nodes: [text], text, tags: [] });
  return {
    caption,
    columns: [
      { title: columns[0].title, numeric: false },
      ...rows.map(({ cells }) => ({ title: cells[0].text, numeric: false })),
    ],
    rows: columns.slice(1).map(({ title }, index) => ({
      mark: "",
      cells: [text(title), ...rows.map(({ cells }) => cells[index + 1])],
    })),
  };
}
