import { type LossUnit, natsPerToken } from "../statistics/study_loss.ts";
import { quantityWords } from "./quantity_words.ts";
import { categoricalColors, markColors } from "./theme.ts";
import { valueRange } from "./axes.ts";
import type { Chart } from "./chart.ts";

/** The means of one point's finished runs, while a study goes on. */
export interface LivePoint {
  /** The point in words. */
  readonly label: string;
  /** Finished runs in the means. */
  readonly runs: number;
  /** Mean validation loss at the last step. */
  readonly validationLoss: number;
  /** Mean of validation loss − training loss. */
  readonly generalizationGap: number;
}

/** Points that are drawn at most; a study of thousands would else send megabytes with each look. */
export const mostLivePoints = 400;

/**
 * Draws what is known of a study's points while it goes on: validation loss against the gap, a full
 * mark where a point has as many runs as any, a ring on the best of those.
 *
 * @param study Name of the study.
 * @param unit That of its losses; nats per token by default.
 * @param points In any order; of more than {@link mostLivePoints} those with the lowest loss.
 *
 * @example
 * ```ts
 * import { livePointsChart } from "./live_points.ts";
 * import assert from "node:assert/strict";
 * const points = [
 *   { label: "lambda 0", runs: 2, validationLoss: 2.1, generalizationGap: 0.8 },
 *   { label: "lambda 1", runs: 2, validationLoss: 1.9, generalizationGap: 0.3 },
 * ];
 * assert.match(livePointsChart("a", points).title, /lambda 1/);
 * ```
 */
export function livePointsChart(
  study: string,
  points: readonly LivePoint[],
  unit: LossUnit = natsPerToken,
): Chart {
  const sorted = [...points].sort((a, b) => a.validationLoss - b.validationLoss);
  const shown = sorted.slice(0, mostLivePoints);
  const most = Math.max(0, ...points.map(({ runs }) => runs));
  const complete = (point: LivePoint) => point.runs === most;
  const best = sorted.find(complete);
  const hover = (point: LivePoint) =>
    `${point.label}: loss ${point.validationLoss.toFixed(3)}, gap ${
      point.generalizationGap.toFixed(3)
    }, ${point.runs} ${point.runs === 1 ? "run" : "runs"}`;
  const marks = (list: readonly LivePoint[]) => ({
    x: list.map(({ generalizationGap }) => generalizationGap),
    y: list.map(({ validationLoss }) => validationLoss),
    hover: list.map(hover),
  });
  const left = points.length - shown.length;
  return {
    title: best === undefined
      ? `${study}: no run is finished`
      : `${study}: best so far ${best.label}`,
    subtitle: `Means over the finished runs of each point; hollow: fewer runs than others${
      left > 0 ? `; the ${left} with the highest loss are left out` : ""
    }.`,
    alt: `Scatter plot of ${points.length} points, generalization gap against validation loss.`,
    panels: [{
      x: {
        title: quantityWords("generalizationGap", unit).axis,
        range: valueRange(marks(shown).x),
      },
      y: { title: quantityWords("validationLoss", unit).axis, range: valueRange(marks(shown).y) },
      layers: [
        {
          kind: "line",
          name: "points",
          color: categoricalColors[0],
          ...marks(shown),
          joined: false,
          marks: true,
          hollow: shown.map((point) => !complete(point)),
          legend: false,
        },
        {
          kind: "marks",
          name: "best so far",
          symbol: "ring",
          color: markColors.mean,
          ...marks(best === undefined ? [] : [best]),
        },
      ],
    }],
    width: 520,
    height: 340,
    legend: "none",
  };
}
