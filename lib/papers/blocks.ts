import { type Element, elementsIn, inBlocks, type Node, textOf } from "../reports/parse_html.ts";
import { withoutMarks } from "../statistics/trace_numbers.ts";
import { escapeTex } from "./escape_tex.ts";
import { displayTex, inlineTex, plainProse, type Prose } from "./inline.ts";

/** What becomes of parts of a section that do not stand in its text. */
export interface BlockOptions {
  /** TeX for a table of the section. */
  table(table: Element): string;
  /** Command for a heading within the section. */
  readonly heading: "subsection" | "paragraph";
  /** Makes TeX of running text; numbers are typed by default. */
  readonly prose?: Prose;
}

/** A part of a section under one heading; null for what stands before the first one. */
export interface HeadedPart {
  readonly heading: string | null;
  readonly nodes: readonly Node[];
}

/** Parts of a section, in their order. */
export function headedParts(nodes: readonly Node[]): HeadedPart[] {
  const parts: { heading: string | null; nodes: Node[] }[] = [{ heading: null, nodes: [] }];
  for (const node of nodes) {
    if (typeof node !== "string" && node.tag === "h3") {
      parts.push({ heading: withoutMarks(textOf(node)).trim(), nodes: [] });
    } else parts.at(-1)!.nodes.push(node);
  }
  return parts.filter(({ heading, nodes }) =>
    heading !== null || nodes.some((node) => typeof node !== "string" || node.trim() !== "")
  );
}

/**
 * Blocks of a section as paragraphs of TeX. What a page shows folded is left out.
 *
 * @param nodes Parsed HTML of a section.
 * @param options What becomes of tables and headings.
 */
export function blocksTex(nodes: readonly Node[], options: BlockOptions): string {
  return blocks(nodes, options).join("\n\n") + "\n";
}

function blocks(nodes: readonly Node[], options: BlockOptions): string[] {
  return inBlocks(
    nodes,
    (line) => inlineTex(line, options.prose),
    (element) => block(element, options),
  );
}

function block(element: Element, options: BlockOptions): string[] {
  const { tag, children, classes } = element;
  switch (tag) {
    case "h3":
      return [`\\${options.heading}{${inlineTex(children).trim()}}`];
    case "p":
      return [inlineTex(children, options.prose).trim()];
    case "ul":
      return [
        list(
          "itemize",
          elementsIn(children).map((item) =>
            `\\item ${inlineTex(item.children, options.prose).trim()}`
          ),
        ),
      ];
    case "dl":
      return [list("description", entriesOf(children, options.prose))];
    case "table":
      return [options.table(element)];
    case "pre":
      return [codeLines(textOf(element))];
    case "blockquote":
      return [`\\begin{quote}\\small\n${sampleTex(element)}\n\\end{quote}`];
    case "details":
      return [];
    default:
      return classes.includes("formula") ? [displayTex(element)] : blocks(children, options);
  }
}

function list(environment: string, items: readonly string[]): string {
  return `\\begin{${environment}}\n${items.join("\n")}\n\\end{${environment}}`;
}

function entriesOf(children: readonly Node[], prose: Prose = plainProse): string[] {
  const items = elementsIn(children);
  const entries: string[] = [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    entries.push(
      `\\item[${inlineTex(items[at].children).trim()}] ${
        inlineTex(items[at + 1].children, prose).trim()
      }`,
    );
  }
  return entries;
}

/** A line without text: a space would be dropped at its start, and leave an underfull box. */
const emptyLine = "\\mbox{}";

/** Lines as they are, spaces too; a long one goes on below, set in. */
function codeLines(text: string): string {
  const lines = withoutMarks(text).replace(/\n+$/, "").split("\n").map((line) => {
    const [, indent, rest] = /^(\s*)(.*)$/.exec(line)!;
    return `${"~".repeat(indent.length)}${escapeTex(rest)}`;
  });
  return `\\begin{codelines}\n${
    lines.map((line) => line === "" ? emptyLine : line).join("\\\\\n")
  }\n\\end{codelines}`;
}

/** A text that a model wrote, in its lines; what it was given in italics. */
function sampleTex({ children }: Element): string {
  const lines = (text: string) =>
    withoutMarks(text).split("\n").map((line) =>
      line.trim() === "" ? emptyLine + line : escapeTex(line)
    );
  return children.map((child) => {
    if (typeof child === "string") return lines(child).join("\\newline\n");
    if (child.tag === "br") return "\\newline\n";
    const text = lines(textOf(child)).join("\\newline\n");
    return child.classes.includes("prompt") ? `\\textit{${text}}` : text;
  }).join("");
}
