import type { JsonObject } from "../core/json.ts";
import { formatPoint, formatShare } from "../statistics/format.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { categoricalColors } from "./theme.ts";

/** Zeros of the groups of a model with a name. */
export interface NamedZeroGroups {
  /** A text, or a point of a study, which is shown as `λ = 0, α = 1`. */
  readonly name: string | JsonObject;
  /** One entry a parameter, as `zeroGroups` counts them. */
  readonly groups: readonly { readonly zeroShares: readonly number[] }[];
}

/** The groups of some models, those with the most zeros first. */
export interface ZerosByGroup {
  readonly models: readonly {
    readonly name: string;
    /** Share of exact zeros of each group of all parameters, falling. */
    readonly shares: readonly number[];
    /** Groups of zeros alone. */
    readonly empty: number;
    /** Mean of these shares. */
    readonly meanShare: number;
  }[];
}

/** Sorts the groups of each model by their zeros. */
export function zerosByGroup(models: readonly NamedZeroGroups[]): ZerosByGroup {
  if (models.length === 0) throw new RangeError("plotZerosByGroup: models must not be empty.");
  return {
    models: models.map(({ name, groups }) => {
      const shares = groups.flatMap(({ zeroShares }) => zeroShares).sort((a, b) => b - a);
      const text = typeof name === "string" ? name : formatPoint(name);
      if (shares.length === 0) {
        throw new RangeError(`plotZerosByGroup: ${text} must have at least one group, found none.`);
      }
      return {
        name: text,
        shares,
        empty: shares.filter((share) => share === 1).length,
        meanShare: shares.reduce((sum, share) => sum + share, 0) / shares.length,
      };
    }),
  };
}

/** Draws the share of zeros of each group, the emptiest at the left. */
export function zerosByGroupChart({ models }: ZerosByGroup): Chart {
  const layers = models.map(({ name, shares, empty }, index): Layer => ({
    kind: "line",
    name: `${name}: ${empty} of ${shares.length} groups empty`,
    color: categoricalColors[index % categoricalColors.length],
    // A step a group: both of its edges at its height.
    x: shares.flatMap((_, at) => [100 * at / shares.length, 100 * (at + 1) / shares.length]),
    y: shares.flatMap((share) => [100 * share, 100 * share]),
    width: 2,
    hover: shares.flatMap((share) => {
      const text = `${name}: ${formatShare(share)} of the group's weights are exactly 0`;
      return [text, text];
    }),
    legend: true,
  }));
  return {
    title: finding(models),
    subtitle: "Share of exact zeros in each group of weights, the emptiest group at the left. A " +
      "penalty that empties whole groups falls from 100 % to near 0 at once; one that scatters its " +
      "zeros falls slowly.",
    alt: `Zeros by group. ${models.map(describe).join("; ")}.`,
    panels: [{
      x: { title: "groups, the emptiest first (% of groups)", range: [0, 100] },
      y: { title: "exact zeros in the group (%)", range: [-2, 104] },
      layers,
    }],
    width: 760,
    height: 430,
    legend: "bottom",
  };
}

function finding(models: ZerosByGroup["models"]): string {
  const sorted = models.toSorted((a, b) => b.empty / b.shares.length - a.empty / a.shares.length);
  if (sorted[0].empty === 0) return "No group of weights is empty";
  return sorted.map(({ name, shares, empty }, index) =>
    `${empty} of ${shares.length}${index === 0 ? " groups are empty" : ""} with ${name}`
  ).join(", ");
}

function describe({ name, shares, empty, meanShare }: ZerosByGroup["models"][number]): string {
  const partly = shares.filter((share) => share > 0 && share < 1).length;
  return `${name}: ${shares.length} groups, ${empty} of zeros alone, ${partly} with some zeros; ` +
    `${formatShare(meanShare)} zeros in the mean group`;
}

/**
 * Draws how the exact zeros of trained models lie in groups of weights: the share of zeros of each
 * group, sorted, a line a model.
 *
 * @param models Groups with their names, such as
 * `{ name: point, groups: zeroGroups(model, { groups: "unit" }) }`.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If there is no model, or one without groups.
 *
 * @example
 * ```ts
 * import { plotZerosByGroup } from "./zeros_by_group.ts";
 * import assert from "node:assert/strict";
 * const { chart } = plotZerosByGroup([
 *   { name: "group lasso", groups: [{ zeroShares: [1, 0, 1, 0] }] },
 *   { name: "L1", groups: [{ zeroShares: [0.5, 0.5, 0.75, 0.25] }] },
 * ]);
 * assert.equal(chart.title, "2 of 4 groups are empty with group lasso, 0 of 4 with L1");
 * ```
 */
export function plotZerosByGroup(models: readonly NamedZeroGroups[]): Figure {
  return figureOf(zerosByGroupChart(zerosByGroup(models)));
}
