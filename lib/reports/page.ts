import { darkColors } from "../plots/dark.ts";
import { sha256Base64 } from "../core/hash.ts";
import { visibleText } from "../core/html.ts";
import { theme } from "../plots/theme.ts";
import { captionOf, type ReportDocument, type ReportFigure } from "./document.ts";
import { drawingScript } from "./_drawing_script.ts";
import { plotlyLayout } from "../plots/plotly.ts";
import { resized } from "../plots/resize.ts";
import { fragment, type Markup, markup } from "./html.ts";
import { style } from "./style.ts";

/**
 * What the page may do: run its own scripts and use its own style, each named by its hash, and draw
 * pictures that it holds. Scripts of a blob are those that a script of the page itself has made.
 */
function policy(scripts: readonly string[], styles: readonly string[]): string {
  const hashes = (contents: readonly string[]) =>
    contents.map((content) => `'sha256-${sha256Base64(content)}'`).join(" ");
  return [
    "default-src 'none'",
    `script-src ${hashes(scripts)} blob:`,
    `style-src ${hashes(styles)}`,
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/**
 * A report as one page that needs nothing else: its figures are there as images, and where scripts
 * run, those near the view are drawn again so that they answer to a pointer.
 *
 * @param document The report.
 * @param script The script of plotly.js.
 */
export function renderPage(document: ReportDocument, script: string): string {
  const { title, byline, sections, figures } = document;
  const body = fragment`<main>
<h1>${title}</h1>
<p class="byline">${byline}</p>
<nav aria-label="Sections">${
    sections.map(({ id, shortTitle }) => fragment`<a href="#${id}">${shortTitle}</a> `)
  }</nav>
${
    sections.map((section) =>
      fragment`<h2 id="${section.id}">${section.title}</h2>
${section.body}
${section.id === "figures" ? figures.map(figureMarkup) : null}`
    )
  }</main>`;
  const plots = figures.map((figure) => ({
    ...figure.plotly(),
    narrow: plotlyLayout(resized(figure.chart, phoneWidth)),
    dark: darkColors(figure.chart),
  }));
  const drawing = drawingScript(plots);
  const library = inScript(script);
  const { html, rules } = withoutStyleAttributes(body.html);
  const styles = `${style}${printHeader(title)}${rules}`;
  // plotly.js adds a style element without content and fills it by the object model.
  const pictures = [...html.matchAll(/<style>([^<]*)<\/style>/g)].map(([, each]) => each);
  const allowed = policy([drawing, library], [...new Set([styles, ...pictures, ""])]);
  return fragment`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${markup(allowed)}">
<meta name="generator" content="Parsimony">
<title>${title} – regularization study</title>
<style>${markup(styles)}</style>
</head>
<body>
${markup(html)}
<script id="plotly" type="text/plain">${markup(library)}</script>
<script>${markup(drawing)}</script>
</body>
</html>
`.html;
}

/** The policy allows no style attributes, such as formulas have: their styles, as rules of the page. */
function withoutStyleAttributes(html: string): { html: string; rules: string } {
  const styles: string[] = [];
  const placeOf = (style: string) =>
    styles.includes(style) ? styles.indexOf(style) : styles.push(style) - 1;
  const without = html.replace(
    / style="([^"<>]*)"/g,
    (_, style) => ` data-style="${placeOf(style)}"`,
  );
  return {
    html: without,
    rules: styles.map((each, index) => `[data-style="${index}"] { ${each} }\n`).join(""),
  };
}

/** What a phone of 390 pixels leaves between the margins of the page. */
const phoneWidth = 358;

/** On paper: the title above and the number of the page below. */
function printHeader(title: string): string {
  const text = [...visibleText(title)].map((character) =>
    /[A-Za-z0-9 .,:_-]/.test(character) ? character : `\\${character.codePointAt(0)!.toString(16)} `
  ).join("");
  return `@page {
  @top-left { content: "${text}"; font: 8pt ${theme.font}; color: ${theme.muted}; }
  @top-right { content: "Parsimony"; font: 8pt ${theme.font}; color: ${theme.muted}; }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt ${theme.font}; color: ${theme.muted}; }
}
`;
}

/**
 * The image stays in the page behind the drawing, for paper and for where no script runs; a second one
 * is laid out for the width of a phone.
 */
function figureMarkup(figure: ReportFigure, index: number): Markup {
  return fragment`<figure><div class="plot" id="figure-${index}" role="group" tabindex="0" aria-label="${figure.alt}">${
    markup(
      figure.svg().replace("<svg ", `<svg class="wide" `) +
        figure.svg({ width: phoneWidth }).replace("<svg ", `<svg class="narrow" `),
    )
  }</div><figcaption>${captionOf(figure, index)}</figcaption></figure>
`;
}

/** A script of others as it may stand in a script element of HTML. */
function inScript(script: string): string {
  return script.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
}
