import { escapeHtml, visibleText } from "../core/html.ts";
import { captionOf, type ReportDocument } from "./document.ts";

import {
  type Element,
  elementsIn,
  inBlocks,
  type Node,
  parseHtml,
  texOf,
  textOf,
} from "./parse_html.ts";

/** Where the pictures of a figure are, as seen from the Markdown file. */
export interface FigurePaths {
  readonly light: string;
  readonly dark: string;
}

/**
 * A report as Markdown for GitHub: tables, formulas in TeX, samples as code, long parts folded, and the
 * figures as pictures.
 *
 * It says what the page says, because it is written from the same sections.
 *
 * @param document The report.
 * @param figurePaths Pictures of its figures, in their order.
 */
export function renderMarkdown(
  document: ReportDocument,
  figurePaths: readonly FigurePaths[],
): string {
  const pictures = document.figures.flatMap((figure, index) => {
    const { alt, chart } = figure;
    const { light, dark } = figurePaths[index];
    const picture =
      `<picture><source media="(prefers-color-scheme: dark)" srcset="${escapeHtml(dark)}">` +
      `<img alt="${attribute(alt)}" src="${escapeHtml(light)}" width="${chart.width}"></picture>`;
    return [picture, `_${escapeMarkdown(captionOf(figure, index))}_`];
  });
  return [
    `# ${escapeMarkdown(document.title)}`,
    escapeMarkdown(document.byline),
    ...document.sections.flatMap(({ id, title, body }) => [
      `## ${escapeMarkdown(title)}`,
      ...blocks(parseHtml(body.html)),
      ...(id === "figures" ? pictures : []),
    ]),
  ].filter((block) => block !== "").join("\n\n") + "\n";
}

/** A text as it may stand in a line of Markdown: nothing in it is markup or HTML. */
export function escapeMarkdown(text: string): string {
  return visibleText(text).replace(/\s+/g, " ").replace(/[\\`*_[\]|~$#]/g, "\\$&")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replace(/^(\s*)([-+=]|\d+[.)])(?=\s|$)/, "$1\\$2");
}

/** A text as it may stand in an attribute of HTML within Markdown. */
function attribute(text: string): string {
  return escapeHtml(text.replace(/\s+/g, " "))
    .replace(/[\\`*_[\]|~$]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

/** Blocks of Markdown. */
function blocks(nodes: readonly Node[]): string[] {
  return inBlocks(nodes, inline, block);
}

function block(element: Element): string[] {
  const { tag, children, classes } = element;
  switch (tag) {
    case "h3":
      return [`### ${inline(children).trim()}`];
    case "p": {
      const text = inline(children).trim();
      return [classes.includes("notice") || classes.includes("lead") ? `> ${text}` : text];
    }
    case "ul":
      return [
        elementsIn(children)
          .map((item) => `- ${inline(item.children).trim()}`).join("\n"),
      ];
    case "div": {
      const [formula] = children;
      if (classes.includes("formula") && typeof formula !== "string" && formula.tag === "math") {
        return [fenced(texOf(formula), "math")];
      }
      return blocks(children);
    }
    case "table":
      return table(element);
    case "blockquote":
      return [fenced(sampleText(element), "text")];
    case "pre":
      return [fenced(textOf(element), "text")];
    case "details": {
      const [summary, ...rest] = elementsIn(children);
      return [
        `<details><summary>${escapeHtml(textOf(summary))}</summary>`,
        ...blocks(rest),
        "</details>",
      ];
    }
    case "dl": {
      const items = elementsIn(children);
      const lines: string[] = [];
      for (let at = 0; at + 1 < items.length; at += 2) {
        lines.push(
          `- **${inline(items[at].children).trim()}**: ${inline(items[at + 1].children).trim()}`,
        );
      }
      return [lines.join("\n")];
    }
    default:
      return blocks(children);
  }
}

/** A text sample, with what the model was given in brackets that a text seldom has. */
function sampleText({ children }: Element): string {
  return children.map((child) => {
    if (typeof child === "string") return child;
    return child.classes.includes("prompt") ? `⟦${textOf(child)}⟧` : textOf(child);
  }).join("");
}

/** Nodes within a line; in the cell of a table a bar would end the cell, also within code. */
function inline(nodes: readonly Node[], inCell = false): string {
  return nodes.map((node, index) => {
    if (typeof node === "string") return escapeMarkdown(node);
    const { tag, children, classes } = node;
    const content = inline(children, inCell);
    const last = index === nodes.length - 1;
    if (tag === "code") return codeSpan(textOf(node), inCell);
    if (tag === "strong") return `**${content}**`;
    if (tag === "br") return "<br>";
    if (tag === "math") return `$\`${texOf(node)}\`$`;
    if (tag === "div") return classes.includes("formula") ? ` ${content.trim()} ` : content;
    if (classes.includes("tag")) return `_${content}_${last ? "" : " · "}`;
    // What stands apart by its margin in a page.
    return classes.includes("nowrap") && !last ? `${content}; ` : content;
  }).join("");
}

function table({ children }: Element): string[] {
  const parts = elementsIn(children);
  const caption = parts.find(({ tag }) => tag === "caption");
  const rowsOf = (name: string) =>
    elementsIn(parts.find(({ tag }) => tag === name)?.children ?? [])
      .map((row) => elementsIn(row.children));
  const [head = []] = rowsOf("thead");
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const cell = ({ children }: Element) => inline(children, true).trim();
  return [
    ...(caption === undefined ? [] : [`_${inline(caption.children).trim()}_`]),
    [
      line(head.map(cell)),
      line(head.map(({ classes }) => classes.includes("number") ? "---:" : ":---")),
      ...rowsOf("tbody").map((row) => line(row.map(cell))),
    ].join("\n"),
  ];
}

/** A text as code, with a fence longer than any within. */
function fenced(text: string, language: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text.replace(/\n+$/, "")}\n${fence}`;
}

function codeSpan(text: string, inCell: boolean): string {
  const ticks = "`".repeat(longestRun(text) + 1);
  const space = /^`|`$/.test(text) ? " " : "";
  const line = text.replace(/\s+/g, " ");
  const content = inCell ? line.replaceAll("|", "\\|") : line;
  return `${ticks}${space}${content}${space}${ticks}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
