import { type Element, type Node, texOf, textOf } from "../reports/parse_html.ts";
import { escapeTex, escapeTight } from "./escape_tex.ts";

/** Letters of an equation that may stay on one line. */
const longestTight = 28;

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

/** Nodes within a line, as TeX. */
export function inlineTex(nodes: readonly Node[]): string {
  return nodes.map((node, index) => {
    if (typeof node === "string") return proseTex(node);
    return elementTex(node, index === nodes.length - 1);
  }).join("");
}

function elementTex(node: Element, last: boolean): string {
  const { tag, children, classes } = node;
  if (tag === "code") return codeTex(textOf(node));
  if (tag === "strong") return `\\textbf{${inlineTex(children)}}`;
  if (tag === "sup") return `\\textsuperscript{${inlineTex(children)}}`;
  if (tag === "br") return "\\newline{}";
  if (tag === "math") return `$${texOf(node)}$`;
  if (tag === "div" && classes.includes("formula")) return displayTex(node);
  if (classes.includes("equation")) {
    const text = textOf(node);
    return proseTex(text, text.length > longestTight ? escapeTex : escapeTight);
  }
  const content = inlineTex(children);
  if (classes.includes("tag")) return `\\emph{${content}}${last ? "" : "; "}`;
  // What stands apart by its margin in a page.
  return classes.includes("nowrap") && !last ? `${content}; ` : content;
}

/** A formula on a line of its own. */
export function displayTex({ children }: Element): string {
  const [formula] = children;
  return typeof formula === "string" ? proseTex(formula) : `\\[${texOf(formula)}\\]`;
}

/** Code in the letters of code; a formula in a line of text in those of text. */
function codeTex(text: string): string {
  return /[←·Σ]/.test(text) ? proseTex(text) : `\\texttt{${escapeTex(text)}}`;
}
