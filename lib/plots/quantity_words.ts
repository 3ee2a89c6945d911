import { formatNumber, formatShare } from "../statistics/format.ts";
import type { Quantity, View } from "../statistics/summarize.ts";

interface QuantityWords {
  readonly name: string;
  /** With its unit, for an axis. */
  readonly axis: string;
  readonly unit: string;
  show(value: number): string;
  /** Shorter, for the cells of a map. */
  short(value: number): string;
}

const nats = (name: string): QuantityWords => ({
  name,
  axis: `${name} (nats per token)`,
  unit: " nats per token",
  show: (value) => formatNumber(value),
  short: (value) => formatNumber(value, 2),
});

const share = (name: string): QuantityWords => ({
  name,
  axis: `${name} (share of penalized weights)`,
  unit: "",
  show: formatShare,
  short: (value) => formatShare(value).replace(" ", ""),
});

/** What a quantity is called in figures and tables, and how its values are shown. */
export const quantityWords: { readonly [quantity in Quantity]: QuantityWords } = {
  validationLoss: nats("validation loss"),
  trainingLoss: nats("training loss"),
  generalizationGap: nats("generalization gap"),
  exactZeroShare: share("exact zeros"),
  nearZeroShare: share("|w| < 0.001"),
  weightNorm: {
    name: "weight norm",
    axis: "weight norm √Σw²",
    unit: "",
    show: (value) => formatNumber(value, 2),
    short: (value) => formatNumber(value, 1),
  },
};

/** What a view is called in figures and tables. */
export const viewWords: { readonly [view in View]: string } = {
  lastStep: "at the last step",
  bestStep: "at each point's best step in the fold mean",
};

/** Begins a sentence. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
