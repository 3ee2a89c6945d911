import { checkInteger } from "../core/check.ts";
import { wrapWords } from "../statistics/format.ts";
import type { Chart, Panel } from "./chart.ts";
import { layOut, textWidth } from "./layout.ts";
import { theme } from "./theme.ts";

/** Below this width a legend stands under the panels, and panels that become too narrow are stacked. */
const compactWidth = 600;

/**
 * A chart in another width, for a column of print or a phone: titles are broken anew, panels keep their
 * height, and the whole is as high as that needs.
 *
 * @param width Pixels, 240 to 4000.
 * @param options.panelHeight Pixels, for panels of another height.
 */
export function resized(
  chart: Chart,
  width: number,
  options: { readonly panelHeight?: number } = {},
): Chart {
  checkInteger("figure: width", width, { from: 240, to: 4000 });
  if (width === chart.width && options.panelHeight === undefined) return chart;
  const { panelHeight = layOut(chart).panels[0].height } = options;
  const compact = chart.compact === true || width < compactWidth;
  let resized: Chart = {
    ...chart,
    width,
    ...(compact ? { compact } : {}),
    legend: compact && chart.legend === "right" ? "bottom" : chart.legend,
  };
  // Labels and titles break by the size of panels, which follows from how many lines they take.
  for (let attempt = 0; attempt < 4; attempt++) {
    const { panels } = layOut(resized);
    const rows = new Set(panels.map(({ top }) => top)).size;
    const height = Math.round(resized.height + rows * (panelHeight - panels[0].height));
    resized = {
      ...resized,
      height,
      panels: compact
        ? chart.panels.map((panel, index) => withNarrowLabels(panel, panels[index].width))
        : chart.panels,
    };
  }
  return resized;
}

/** Labels of several words on more lines where they would run into their neighbours. */
function withNarrowLabels(panel: Panel, width: number): Panel {
  const { ticks = [], range } = panel.x;
  const positions = ticks.map(({ position }) => position).sort((a, b) => a - b);
  const steps = positions.slice(1).map((position, index) => position - positions[index]);
  const room = Math.min(...steps) / (range[1] - range[0]) * width - 6;
  const fits = (line: string) => textWidth(line, theme.textSize) <= room;
  if (ticks.every(({ label }) => label.split("\n").every(fits))) return panel;
  const narrow = ticks.map(({ position, label }) => ({
    position,
    // A setting is not broken.
    label: label.replaceAll(" = ", "\u00a0=\u00a0").split("\n")
      .flatMap((line) => wrapWords(line, fits)).join("\n").replaceAll("\u00a0", " "),
  }));
  const words = ticks.some(({ label }) => /[^\d.,e+−%-]/.test(label));
  if (words && !narrow.every(({ label }) => label.split("\n").every(fits))) {
    // Numbers between others can be left out, names cannot.
    const turned = ticks.map(({ position, label }) => ({
      position,
      label: label.replaceAll(",\n", ", ").replaceAll("\n", ", "),
    }));
    return { ...panel, x: { ...panel.x, ticks: turned, turned: true } };
  }
  return { ...panel, x: { ...panel.x, ticks: narrow } };
}
