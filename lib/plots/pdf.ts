/**
 * PDF of a static image, by pdfkit: vectors and text in an embedded subset of Inter, the same bytes
 * anywhere.
 *
 * @module
 */

import PDFDocument from "pdfkit";
import { create } from "fontkit";
import { visibleLine, visibleText } from "../core/html.ts";
import type { Chart } from "./chart.ts";
import { drawChart } from "./drawing.ts";
import { interFaces } from "./_inter.ts";
import { byCode, spansOf, withTexts } from "./_chart_texts.ts";
import type { Rectangle } from "./layout.ts";
import { type Paint, round, type Shape } from "./shapes.ts";
import { theme } from "./theme.ts";

/** What we call of pdfkit, which comes without types. */
// deno-lint-ignore no-explicit-any
type Document = any;

/** Points of PDF for a pixel: 390 pixels are 3.25 inches. */
const scale = 3.25 * 72 / 390;

const faceNames = { regular: "regular", bold: "bold" } as const;

/** A chart in whose texts the characters that Inter lacks are written by their code. */
export function inInter(chart: Chart): Chart {
  const font = create(interFaces()[0]);
  return withTexts(chart, (text) => byCode(text, (code) => font.hasGlyphForCodePoint(code)));
}

/**
 * Writes a chart as a PDF of one page, as large as the chart at 120 pixels an inch.
 *
 * A character that {@link inInter} has written by its code, such as `‹U+4E2D›`, is found by who copies or
 * searches the text (`ActualText`).
 *
 * @param chart The chart, laid out.
 * @returns Bytes of a PDF, without a date or a name of a machine.
 */
export async function renderPdf(chart: Chart): Promise<Uint8Array> {
  const [regular, bold] = interFaces();
  const document: Document = new PDFDocument({
    size: [scale * chart.width, scale * chart.height],
    margin: 0,
    pdfVersion: "1.5",
    // Else pdfkit reads a typeface of its own from the disk.
    font: null,
    info: {
      Title: visibleText(chart.title),
      Subject: visibleText(chart.alt),
      Creator: "Parsimony",
      CreationDate: new Date(0),
    },
  });
  document.registerFont(faceNames.regular, regular).registerFont(faceNames.bold, bold);
  const parts: Uint8Array[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on("data", (part: Uint8Array) => parts.push(part));
    document.on("end", resolve).on("error", reject);
  });
  document.scale(scale);
  const { heading, panels, legend } = drawChart(chart);
  const draw = (shape: Shape) => drawShape(document, shape);
  heading.forEach(draw);
  for (const { area, around, inside } of panels) {
    around.forEach(draw);
    document.save();
    box(document, area).clip();
    inside.forEach(draw);
    document.restore();
  }
  legend.forEach(draw);
  document.end();
  await ended;
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

function drawShape(document: Document, shape: Shape): void {
  switch (shape.kind) {
    case "line":
      document.moveTo(...shape.from.map(round)).lineTo(...shape.to.map(round));
      return paintPath(document, shape.paint);
    case "box":
      for (const paint of shape.paints) {
        box(document, shape.area);
        paintPath(document, paint);
      }
      return;
    case "circle":
      document.circle(...shape.centre.map(round), shape.radius);
      return paintPath(document, shape.paint);
    case "path":
      for (const [index, place] of shape.points.entries()) {
        const [x, y] = place.map(round);
        if (index === 0) document.moveTo(x, y);
        else document.lineTo(x, y);
      }
      if (shape.closed) document.closePath();
      return paintPath(document, shape.paint);
    case "text":
      return drawText(document, shape);
  }
}

function box(document: Document, { left, top, width, height }: Rectangle): Document {
  return document.rect(round(left), round(top), round(width), round(height));
}

function paintPath(document: Document, paint: Paint): void {
  const { fill = theme.text, fillOpacity = 1, opacity = 1, stroke, width = 1, dash } = paint;
  document.fillOpacity(fillOpacity * opacity).strokeOpacity(opacity).lineWidth(width);
  if (dash === undefined) document.undash();
  else document.dash(dash.split(" ").map(Number));
  const filled = fill !== "none";
  if (filled && stroke !== undefined) document.fillAndStroke(fill, stroke);
  else if (filled) document.fill(fill);
  else document.stroke(stroke);
}

function drawText(document: Document, { at, content, style }: Shape & { kind: "text" }): void {
  const [x, y] = at.map(round);
  document.font(style.weight === 600 ? faceNames.bold : faceNames.regular)
    .fontSize(style.size ?? theme.textSize)
    .fillOpacity(1).fillColor(style.fill ?? theme.text);
  const spans = spansOf(visibleLine(content)).map((span) => ({
    ...span,
    width: document.widthOfString(span.shown) as number,
  }));
  const width = spans.reduce((sum, span) => sum + span.width, 0);
  let left = x - { start: 0, middle: width / 2, end: width }[style.anchor ?? "start"];
  document.save();
  if (style.upwards) document.rotate(-90, { origin: [x, y] });
  for (const span of spans) {
    const draw = () =>
      document.text(span.shown, left, y, { lineBreak: false, baseline: "alphabetic" });
    if (span.actual === undefined) draw();
    else standingFor(document, span.actual, draw);
    left += span.width;
  }
  document.restore();
}

/**
 * Draws a text that stands for another one. The mark lies within the text object that pdfkit writes:
 * around it, Poppler would look for the text at a place outside of the page.
 */
function standingFor(document: Document, actual: string, draw: () => void): void {
  const add = document.addContent;
  document.addContent = (content: string) => {
    if (content === "ET") document.endMarkedContent();
    add.call(document, content);
    if (content === "BT") document.markContent("Span", { actual });
    return document;
  };
  try {
    draw();
  } finally {
    document.addContent = add;
  }
}
