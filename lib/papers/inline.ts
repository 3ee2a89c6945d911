import { type Element, type Node, texOf, textOf } from "../reports/parse_html.ts";
import { withoutMarks } from "../statistics/trace_numbers.ts";
import { escapeTex, escapeTight } from "./escape_tex.ts";
import { type NumberMacros, useOf } from "./numbers.ts";

/** Letters of an equation that may stay on one line. */
const longestTight = 20;

/** Powers of ten as our sentences write them, and the effect size of a formula. */
const special = /(\d(?:[\d.]*) · 10\^-?\d+|\b\d+(?:\.\d+)?e[-+]?\d+\b|\bd_z\b)/;

/** A text of a report as TeX, its powers of ten set as such. */
export function proseTex(text: string, escape: (text: string) => string = escapeTex): string {
  return text.split(special).map((part, index) => index % 2 === 0 ? escape(part) : powerTex(part))
    .join("");
}

function powerTex(text: string): string {
  if (text === "d_z") return "$d_z$";
  const [digits, power] = text.split(/ · 10\^|e/);
  return text.includes("e") ? `\\num{${text}}` : `$${digits}\\cdot 10^{${power}}$`;
}

/** Makes TeX of a text: running text, or a short one that stays on one line. */
export type Prose = (text: string, tight: boolean) => string;

/** Numbers as they are typed. */
export const plainProse: Prose = (text, tight) =>
  proseTex(withoutMarks(text), tight ? escapeTight : escapeTex);

/**
 * Numbers as macros.
 *
 * @param macros Those of the article.
 * @param section Section that the text stands in.
 */
export function proseWith(macros: NumberMacros, section: string): Prose {
  return (text, tight) =>
    macros.inText(section, text).map((piece) =>
      typeof piece === "string" ? plainProse(piece, tight) : useOf(piece)
    ).join("").replace(/\{\} (?=\\%)/g, "{}~");
}

/** Nodes within a line, as TeX. */
export function inlineTex(nodes: readonly Node[], prose: Prose = plainProse): string {
  return nodes.map((node, index) => {
    if (typeof node === "string") return prose(node, false);
    return elementTex(node, index === nodes.length - 1, prose);
  }).join("");
}

function elementTex(node: Element, last: boolean, prose: Prose): string {
  const { tag, children, classes } = node;
  if (tag === "code") return codeTex(textOf(node), prose);
  if (tag === "strong") return `\\textbf{${inlineTex(children, prose)}}`;
  if (tag === "sup") return `\\textsuperscript{${inlineTex(children)}}`;
  if (tag === "br") return "\\newline{}";
  if (tag === "math") return `$${texOf(node)}$`;
  if (tag === "div" && classes.includes("formula")) return displayTex(node);
  if (classes.includes("equation")) {
    const text = textOf(node);
    return prose(text, withoutMarks(text).length <= longestTight);
  }
  const content = inlineTex(children, prose);
  if (classes.includes("tag")) return `\\emph{${content}}${last ? "" : "; "}`;
  // What stands apart by its margin in a page.
  return classes.includes("nowrap") && !last ? `${content}; ` : content;
}

/** A formula on a line of its own. */
export function displayTex({ children }: Element): string {
  const [formula] = children;
  return typeof formula === "string" ? plainProse(formula, false) : `\\[${texOf(formula)}\\]`;
}

/** Code in the letters of code; a formula in a line of text in those of text. */
function codeTex(text: string, prose: Prose): string {
  return /[←·Σ]/.test(text) ? prose(text, false) : `\\texttt{${escapeTex(withoutMarks(text))}}`;
}
