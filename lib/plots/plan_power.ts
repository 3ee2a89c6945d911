import { counted, formatNumber, formatShare } from "../statistics/format.ts";
import type { StudyPlanning } from "../statistics/plan_study.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { orderedColors, theme } from "./theme.ts";

/** So many numbers of folds are drawn, evenly chosen. */
const mostLines = 6;

/** Draws the power of plans against their runs, a line for each number of folds. */
export function planChart(planning: StudyPlanning): Chart {
  const { plans, wanted, unit, cheapest, of } = planning;
  const drawn = chosen([...new Set(plans.map(({ folds }) => folds))], cheapest?.folds);
  const colors = orderedColors(drawn.length);
  const lines = drawn.map((folds, index): Layer => {
    const own = plans.filter((plan) => plan.folds === folds);
    return {
      kind: "line",
      name: `${folds} folds`,
      color: colors[index],
      x: own.map(({ seeds }) => seeds),
      y: own.map(({ power }) => power),
      marks: true,
      hover: own.map(({ seeds, power, runs }) =>
        `${folds} folds × ${counted(seeds, "seed")}, ${counted(runs, "run")}: power ${
          formatShare(power)
        }`
      ),
      legend: true,
    };
  });
  const difference = `${formatNumber(wanted.difference)} ${unit.words}`;
  return {
    title: cheapest === null
      ? `No plan shows ${difference} with a power of ${formatShare(wanted.power)}`
      : `${cheapest.folds} folds × ${
        counted(cheapest.seeds, "seed")
      } show ${difference} with a power of ${formatShare(cheapest.power)}`,
    subtitle:
      `Share of studies that would show a true difference of that size, if the variances of ${of.name} in ` +
      `the pilot are the true ones; dashed: the power asked for.`,
    alt: `Power against seeds. ${
      drawn.map((folds) => {
        const own = plans.filter((plan) => plan.folds === folds);
        const [first, last] = [own[0], own.at(-1)!];
        return `${folds} folds: ${formatShare(first.power)} with ${first.seeds} to ${
          formatShare(last.power)
        } with ${last.seeds}`;
      }).join("; ")
    }.`,
    panels: [{
      x: { title: "seeds", range: valueRange(plans.map(({ seeds }) => seeds)) },
      y: {
        title: "power",
        range: [-0.02, 1.02],
        ticks: [0, 0.2, 0.4, 0.6, 0.8, 1].map((position) => ({
          position,
          label: `${Math.round(100 * position)} %`,
        })),
      },
      layers: [
        { kind: "rule", y: wanted.power, label: "power asked for", color: theme.axis },
        ...lines,
        ...(cheapest === null ? [] : [{
          kind: "marks" as const,
          name: "fewest runs",
          symbol: "star" as const,
          color: theme.text,
          x: [cheapest.seeds],
          y: [cheapest.power],
        }]),
      ],
    }],
    width: 760,
    height: 430,
    legend: "right",
  };
}

/** Some of a list, evenly from first to last, and one that must be there. */
function chosen(all: readonly number[], needed: number | undefined): number[] {
  const count = Math.min(mostLines, all.length);
  const even = Array.from(
    { length: count },
    (_, at) => all[count === 1 ? 0 : Math.round(at * (all.length - 1) / (count - 1))],
  );
  return all.filter((each) => even.includes(each) || each === needed);
}

/**
 * Draws what `planStudy` found: the power of each number of folds against seeds, and the cheapest plan.
 *
 * @param planning What `planStudy` returned.
 * @returns A figure that a notebook shows.
 *
 * @example
 * ```ts
 * import { planStudy } from "../statistics/plan_study.ts";
 * import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
 * import { plotPlan } from "./plan_power.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy({ axes: { lambda: [0, 0.001] } });
 * const { chart } = plotPlan(planStudy({ record, records }, { difference: 0.05, folds: [3, 5] }));
 * assert.deepEqual(chart.panels[0].layers.slice(1, 3).map((layer) => "name" in layer && layer.name), [
 *   "3 folds",
 *   "5 folds",
 * ]);
 * ```
 */
export function plotPlan(planning: StudyPlanning): Figure {
  return figureOf(planChart(planning));
}
