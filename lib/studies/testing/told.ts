import type { Figure } from "../../plots/figure.ts";
import { plotDifferences } from "../../plots/differences_by_axis.ts";
import { plotFolds } from "../../plots/fold_strips.ts";
import { plotHeatMaps } from "../../plots/heat_maps.ts";
import { plotLearningCurves } from "../../plots/learning_curves.ts";
import { plotLossesAlong } from "../../plots/losses_along_axes.ts";
import { plotLosses } from "../../plots/losses_by_axis.ts";
import { plotGeneralizationGap, plotQuantity } from "../../plots/quantity_by_axis.ts";
import { plotSparsityAgainstLoss } from "../../plots/sparsity_against_loss.ts";
import type { JsonObject } from "../../core/json.ts";
import { quantities, type Quantity, type View } from "../../statistics/summarize.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";

/** A figure of a study with the call that drew it. */
export interface Drawn {
  /** Such as `plotLosses alpha bestStep`. */
  readonly call: string;
  readonly axis?: string;
  readonly view?: View;
  readonly quantity?: Quantity;
  /** Point that all lines go through. */
  readonly through?: JsonObject;
  readonly figure: Figure;
}

/** Every figure that the public functions draw of a study, each axis, view and quantity. */
export function everyFigure(study: StudyRecords): Drawn[] {
  const { record } = study;
  const axes = [...new Set(record.space.points.flatMap((point) => Object.keys(point)))];
  const views = ["lastStep", "bestStep"] as const;
  const drawn: Drawn[] = [];
  const draw = (name: string, about: Omit<Drawn, "call" | "figure">, figure: Figure) => {
    const { axis = "", view = "", quantity = "" } = about;
    drawn.push({ call: `${name} ${axis} ${view} ${quantity}`.trimEnd(), ...about, figure });
  };
  for (const view of views) {
    for (const axis of axes) {
      const about = { axis, view };
      draw("plotLosses", about, plotLosses(study, about));
      draw(
        "plotGeneralizationGap",
        about,
        plotGeneralizationGap(study, { ...about, bars: "interval" }),
      );
      // Each quantity once; the others' words are the same for every axis.
      for (const quantity of axis === axes[0] ? quantities : ["exactZeroShare"] as const) {
        draw("plotQuantity", { ...about, quantity }, plotQuantity(study, { ...about, quantity }));
      }
      if (record.baseline !== null) draw("plotDifferences", about, plotDifferences(study, about));
    }
    if (axes.length > 1) draw("plotHeatMaps", { view }, plotHeatMaps(study, { view, quantities }));
    draw("plotSparsityAgainstLoss", { view }, plotSparsityAgainstLoss(study, { view }));
    draw("plotFolds", { view }, plotFolds(study, { view }));
  }
  if (axes.length > 0 && record.baseline !== null) {
    draw("plotLossesAlong", { through: record.baseline }, plotLossesAlong(study));
  }
  const [through] = record.space.points;
  if (axes.length > 0) draw("plotLossesAlong", { through }, plotLossesAlong(study, { through }));
  draw("plotLearningCurves", {}, plotLearningCurves(study));
  draw("plotLearningCurves", {}, plotLearningCurves(study, { points: record.space.points }));
  return drawn;
}

/** How many values a figure shows: finite numbers in its layers. */
export function valuesIn({ chart }: Figure): number {
  return chart.panels.flatMap(({ layers }) =>
    layers.flatMap((layer) => {
      switch (layer.kind) {
        case "line":
        case "marks":
          return layer.y.filter(Number.isFinite);
        case "band":
          return layer.upper.filter(Number.isFinite);
        case "cells":
          return layer.values.flat().filter((value) => value !== null && Number.isFinite(value));
        case "steps":
          return layer.heights.filter(Number.isFinite);
        default:
          return [];
      }
    })
  ).length;
}

/** All texts of a figure: title, subtitle, description, axes, ticks, names and what a pointer shows. */
export function textsOfFigure({ chart, alt }: Figure): string[] {
  return [
    chart.title,
    chart.subtitle,
    alt,
    ...chart.panels.flatMap(({ title, x, y, layers }) => [
      title ?? "",
      x.title,
      y.title,
      ...[x, y].flatMap(({ ticks }) => (ticks ?? []).map(({ label }) => label)),
      ...layers.flatMap((layer) => [
        "name" in layer ? layer.name : "",
        ...("hover" in layer ? (layer.hover ?? []).flat() : []),
        ...("text" in layer ? layer.text.flat() : []),
      ]),
    ]),
  ];
}

/** The text of our HTML without scripts, styles, formulas, code blocks and drawings. */
export function textOfHtml(html: string): string {
  return html
    .replace(/<(script|style|svg|math|pre|head)[\s>].*?<\/\1>/gs, " ")
    .replace(/<\/(p|h\d|li|td|th|caption|figcaption|summary|dt|dd|blockquote)>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}
