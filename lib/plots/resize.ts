import { checkInteger } from "../core/check.ts";
import type { Chart } from "./chart.ts";
import { layOut } from "./layout.ts";

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
  const compact = width < compactWidth;
  const narrow: Chart = {
    ...chart,
    width,
    ...(compact ? { compact } : {}),
    legend: compact && chart.legend === "right" ? "bottom" : chart.legend,
  };
  const probe = layOut({ ...narrow, height: 10_000 });
  const rows = new Set(probe.panels.map(({ top }) => top)).size;
  return { ...narrow, height: Math.round(10_000 + rows * (panelHeight - probe.panels[0].height)) };
}
