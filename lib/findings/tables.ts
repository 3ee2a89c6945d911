import { canonicalJson, type JsonObject } from "../core/json.ts";
import { markdownTable } from "../reproductions/markdown_table.ts";
import type { PointComparison } from "../statistics/compare.ts";
import { contrasts } from "../statistics/contrasts.ts";
import { significanceLevel } from "../statistics/findings.ts";
import {
  formatEstimate,
  formatNumber,
  formatPoint,
  formatPValue,
  formatShare,
} from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { type Quantity, summarizeTrials, type ViewSummary } from "../statistics/summarize.ts";
import { compareTuned } from "../statistics/tuned.ts";
import type { Family, Finding } from "./finding.ts";

/** What a comparison comes to, in words. */
export type ComparisonVerdict = "lower" | "higher" | "no difference shown" | "not tested";

/** Whether a difference is beyond noise at 5 %, after Holm's adjustment where there is one. */
export function verdictOf(
  { test, adjustedPValue }: Pick<PointComparison, "test" | "adjustedPValue">,
): ComparisonVerdict {
  const pValue = adjustedPValue ?? test?.pValue ?? null;
  if (test === null || pValue === null) return "not tested";
  if (!(pValue < significanceLevel)) return "no difference shown";
  return test.mean < 0 ? "lower" : "higher";
}

/** Whether a quantity is a share, which is shown in percent. */
export function isShare(quantity: Quantity): boolean {
  return quantity === "exactZeroShare" || quantity === "nearZeroShare";
}

/** A difference with its sign; of shares in percentage points. */
export function formatDifference(quantity: Quantity, value: number): string {
  const text = isShare(quantity)
    ? `${formatNumber(100 * value, 1)} points`
    : formatNumber(value, quantity === "weightNorm" ? 2 : 3);
  return value > 0 ? `+${text}` : text;
}

/** An interval of differences. */
export function formatDifferences(
  quantity: Quantity,
  interval: readonly [number, number] | null | undefined,
): string {
  if (!interval) return "–";
  return interval.map((end) => formatDifference(quantity, end)).join(" to ");
}

/** Every point at the last step and at its best step: mean ± standard error over the folds. */
export function pointsTable({ record, records }: StudyRecords): string {
  const cells = (view: ViewSummary | null, show: (view: ViewSummary) => string) =>
    view === null ? "–" : show(view);
  return markdownTable([
    [
      "point",
      "training loss",
      "held-out loss",
      "gap",
      "exact zeros",
      "below 0.001",
      "best step",
      "held-out loss there",
    ],
    ...summarizeTrials(record, records).map(({ point, lastStep, bestStep }) => [
      formatPoint(point),
      cells(lastStep, ({ estimates }) => formatEstimate(estimates.trainingLoss)),
      cells(lastStep, ({ estimates }) => formatEstimate(estimates.validationLoss)),
      cells(lastStep, ({ estimates }) => formatEstimate(estimates.generalizationGap)),
      cells(lastStep, ({ estimates }) => formatShare(estimates.exactZeroShare.mean)),
      cells(lastStep, ({ estimates }) => formatShare(estimates.nearZeroShare.mean)),
      cells(bestStep, ({ step }) => step === null ? "–" : String(step)),
      cells(bestStep, ({ estimates }) => formatEstimate(estimates.validationLoss)),
    ]),
  ]);
}

const testColumns = ["difference", "95 % interval", "p", "p after Holm", "verdict"];

function testCells(quantity: Quantity, compared: Pick<PointComparison, "test" | "adjustedPValue">) {
  const { test, adjustedPValue } = compared;
  return [
    test === null ? "–" : formatDifference(quantity, test.mean),
    formatDifferences(quantity, test?.interval),
    formatPValue(test?.pValue ?? null),
    formatPValue(adjustedPValue),
    verdictOf(compared),
  ];
}

/** The comparisons of a family. */
export function familyTable(source: StudyRecords, family: Family): string {
  const keys = new Set(family.pairs.map(({ from }) => canonicalJson(from)));
  const sameFrom = keys.size === 1;
  const words = (point: JsonObject, from: JsonObject) =>
    sameFrom ? formatPoint(point) : `${formatPoint(point)} minus ${formatPoint(from)}`;
  return markdownTable([
    ["point", ...testColumns],
    ...contrasts(source, family).map((each) => [
      words(each.point, each.from),
      ...testCells(family.quantity ?? "validationLoss", each),
    ]),
  ]);
}

/** The planned comparisons of tuned ways of training, each by itself. */
export function plannedTable(source: StudyRecords, { planned }: Finding): string {
  return markdownTable([
    ["comparison", ...testColumns.filter((each) => each !== "p after Holm")],
    ...planned.map(({ what, tuning, from }) => {
      const cells = testCells("validationLoss", compareTuned(source, tuning, from));
      return [what, ...cells.filter((_, at) => testColumns[at] !== "p after Holm")];
    }),
  ]);
}
