/**
 * What figures of power laws have in common: a logarithmic axis of amounts, the fitted curve, and measured
 * losses on it.
 *
 * @module
 */

import { amountInWords, formatLaw } from "../statistics/describe_worth.ts";
import { formatNumber } from "../statistics/format.ts";
import { type PowerLaw, powerLawAt } from "../statistics/power_law.ts";
import type { LossAtAmount } from "../statistics/tuned_amounts.ts";
import type { Axis, Layer } from "./chart.ts";
import { theme } from "./theme.ts";

/** A logarithmic axis with the measured amounts as its ticks. */
export function amountAxis(
  amounts: readonly number[],
  unit: string,
  [from, to]: readonly [number, number],
  title = `training ${unit}`,
): Axis {
  const margin = 0.06 * Math.log10(to / from) || 0.5;
  return {
    title,
    range: [Math.log10(from) - margin, Math.log10(to) + margin],
    ticks: amounts.map((amount) => ({
      position: Math.log10(amount),
      label: amountInWords(amount),
    })),
  };
}

/** A law between two amounts. */
export function curveLayer(
  law: PowerLaw,
  [from, to]: readonly [number, number],
  style: {
    readonly name: string;
    readonly color: string;
    readonly symbol: string;
    readonly legend: boolean;
  } = {
    name: "fitted",
    color: theme.muted,
    symbol: "n",
    legend: true,
  },
): Layer {
  const cells = 60;
  const places = Array.from(
    { length: cells + 1 },
    (_, cell) => from * (to / from) ** (cell / cells),
  );
  return {
    kind: "line",
    name: style.name,
    color: style.color,
    width: 1.5,
    x: places.map(Math.log10),
    y: places.map((amount) => powerLawAt(law, amount)),
    hover: places.map((amount) =>
      `${formatLaw(law, style.symbol)}: ${formatNumber(powerLawAt(law, amount))} at ${
        amountInWords(Math.round(amount))
      }`
    ),
    legend: style.legend,
  };
}

/** Measured losses with their standard errors. */
export function measuredLayer(
  name: string,
  color: string,
  measured: readonly LossAtAmount[],
  unit: string,
): Layer {
  return {
    kind: "line",
    name,
    color,
    x: measured.map(({ amount }) => Math.log10(amount)),
    y: measured.map(({ loss }) => loss.mean),
    errors: measured.map(({ loss }) => loss.standardError),
    joined: false,
    marks: true,
    hover: measured.map(({ amount, loss }) =>
      `${name}, ${amountInWords(amount)} ${unit}: ${formatNumber(loss.mean)}`
    ),
    legend: true,
  };
}
