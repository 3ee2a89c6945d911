import type { StudyRecord } from "../records/study_record.ts";
import { significanceLevel } from "../statistics/verdict.ts";
import { formatNumber, formatShare } from "../statistics/format.ts";
import { type LossUnit, natsPerToken } from "../statistics/study_loss.ts";
import { type Quantity, stopsEarly, type View } from "../statistics/summarize.ts";

interface QuantityWords {
  readonly name: string;
  /** With its unit, for an axis. */
  readonly axis: string;
  readonly unit: string;
  show(value: number): string;
  /** Shorter, for the cells of a map. */
  short(value: number): string;
  /** What a value is multiplied by on an axis. */
  readonly scale: number;
}

const loss = (name: string) => ({ words }: LossUnit): QuantityWords => ({
  name,
  axis: `${name} (${words})`,
  unit: ` ${words}`,
  show: (value) => formatNumber(value),
  short: (value) => formatNumber(value, 2),
  scale: 1,
});

const share = (name: string): QuantityWords => ({
  name,
  axis: `${name} (%)`,
  unit: "",
  show: formatShare,
  short: (value) => formatShare(value).replace(" ", ""),
  scale: 100,
});

/** Those of losses by the unit of the study. */
const allWords: {
  readonly [quantity in Quantity]: QuantityWords | ((unit: LossUnit) => QuantityWords);
} = {
  validationLoss: loss("validation loss"),
  trainingLoss: loss("training loss"),
  generalizationGap: loss("generalization gap"),
  exactZeroShare: share("exact zeros"),
  nearZeroShare: share("weights with |w| < 0.001"),
  unchangedShare: share("weights that did not change"),
  weightNorm: {
    name: "weight norm",
    axis: "weight norm √Σw²",
    unit: "",
    show: (value) => formatNumber(value, 2),
    short: (value) => formatNumber(value, 1),
    scale: 1,
  },
};

/**
 * What a quantity is called in figures and tables, and how its values are shown.
 *
 * @param quantity The quantity.
 * @param unit That of the study's losses; nats per token by default.
 */
export function quantityWords(quantity: Quantity, unit: LossUnit = natsPerToken): QuantityWords {
  const words = allWords[quantity];
  return typeof words === "function" ? words(unit) : words;
}

/** Whether runs of a study stop early: each keeps its best evaluation, and there is no other view. */
export function hasEarlyStopping({ specifications }: StudyRecord): boolean {
  return specifications.some(stopsEarly);
}

/** Where the points of a study are looked at in a view. */
export function placeInTraining(study: StudyRecord, view: View): string {
  return hasEarlyStopping(study) ? "at the step that each run kept" : viewWords[view];
}

/** What a view is called in figures and tables. */
export const viewWords: { readonly [view in View]: string } = {
  lastStep: "at the last step",
  bestStep: "at each point's best step in the fold mean",
};

/** Says of a difference whether it is more than noise, by its p-value after Holm's adjustment. */
export function noiseVerdict(adjustedPValue: number | null): string {
  if (adjustedPValue === null) return "not tested";
  return adjustedPValue < significanceLevel ? "beyond noise" : "within noise";
}

/** Begins a sentence. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
