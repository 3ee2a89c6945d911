import { canonicalJson } from "../../core/json.ts";
import { markdownTable } from "../markdown_table.ts";
import { armEstimate, compareArmsIn } from "../../statistics/arm_quantities.ts";
import { settingsOf } from "../../statistics/arms_study.ts";
import type { PointComparison } from "../../statistics/compare.ts";
import { type ArmVerdict, compareArms, type TunedArm } from "../../statistics/compare_arms.ts";
import { significanceLevel } from "../../statistics/verdict.ts";
import {
  formatEstimate,
  formatNumber,
  formatPoint,
  formatPValue,
  formatShare,
} from "../../statistics/format.ts";
import { type LinearContrastResults, linearContrasts } from "../../statistics/linear_contrasts.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { type Quantity, summarizeTrials, type ViewSummary } from "../../statistics/summarize.ts";
import type { Family } from "./finding.ts";

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
  return quantity.endsWith("Share");
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

function testCells(
  quantity: Quantity,
  compared: Pick<PointComparison, "test" | "adjustedPValue" | "detectable">,
) {
  const { test, adjustedPValue } = compared;
  return [
    test === null ? "–" : formatDifference(quantity, test.mean),
    formatDifferences(quantity, test?.interval),
    formatPValue(test?.pValue ?? null),
    formatPValue(adjustedPValue),
    verdictWords(quantity, compared),
  ];
}

/** The verdict; beside "no difference shown" the smallest difference that 80 % of such studies would show. */
function verdictWords(
  quantity: Quantity,
  compared: Pick<PointComparison, "test" | "adjustedPValue" | "detectable">,
): string {
  const verdict = verdictOf(compared);
  return verdict !== "no difference shown" || compared.detectable === null
    ? verdict
    : `${verdict} (±${formatDifference(quantity, compared.detectable).slice(1)} would be)`;
}

/** What the records say to the comparisons of a family. */
export function compareFamily(source: StudyRecords, family: Family): LinearContrastResults {
  return linearContrasts(source, family.contrasts, { quantity: family.quantity });
}

/** The comparisons of a family. */
export function familyTable(source: StudyRecords, family: Family): string {
  const { quantity, contrasts } = compareFamily(source, family);
  const sameFrom =
    new Set(contrasts.map(({ terms: [, from] }) => canonicalJson(from.point))).size === 1;
  return markdownTable([
    ["point", ...testColumns],
    ...contrasts.map((each) => [
      each.terms.slice(0, sameFrom ? 1 : 2).map(({ point }) => formatPoint(point)).join(" minus "),
      ...testCells(quantity, each),
    ]),
  ]);
}

/** Each arm at what was chosen for it, and how far its loss is from that of its parent. */
export function armsTable(source: StudyRecords): string {
  const comparison = compareArms(source);
  const estimate = (arm: TunedArm, quantity: Quantity) => {
    const found = armEstimate(source, comparison, arm, quantity);
    if (found === null) return "–";
    return isShare(quantity) ? formatShare(found.mean) : formatEstimate(found);
  };
  return markdownTable([
    ["arm", "held-out loss", "training loss", "gap", "exact zeros", "minus", ...testColumns],
    ...comparison.arms.map((arm) => {
      const verdict = comparison.verdicts.find((each) => each.arm === arm.arm.name);
      return [
        arm.arm.name,
        estimate(arm, "validationLoss"),
        estimate(arm, "trainingLoss"),
        estimate(arm, "generalizationGap"),
        estimate(arm, "exactZeroShare"),
        verdict?.parent ?? "–",
        ...(verdict === undefined ? testColumns.map(() => "–") : armCells(verdict)),
      ];
    }),
  ]);
}

/** A verdict that is withheld says nothing of what would be seen. */
function armCells({ verdict, difference }: ArmVerdict): string[] {
  const cells = testCells("validationLoss", difference);
  return verdict === "withheld" ? [...cells.slice(0, -1), verdict] : cells;
}

/** What was chosen for each arm, fold by fold. */
export function choicesTable(source: StudyRecords): string {
  const { arms } = compareArms(source);
  const rows = arms.map(({ arm, tuning }) => [
    arm.name,
    ...source.record.folds.map(({ index }) => {
      const choice = tuning.choices.find(({ fold }) => fold === index);
      if (choice === undefined) return "–";
      const { point, step } = choice;
      return `${formatPoint(settingsOf(point))}${step === null ? "" : `, step ${step}`}`;
    }),
  ]);
  return markdownTable([
    ["arm", ...source.record.folds.map(({ index }) => `fold ${index}`)],
    ...rows,
  ]);
}

/** Differences of the arms in a quantity of what was chosen. */
export function armQuantityTable(source: StudyRecords, quantity: Quantity): string {
  return markdownTable([
    ["arm", "minus", ...testColumns],
    ...compareArmsIn(source, compareArms(source), quantity).map((each) => [
      each.arm,
      each.parent,
      ...testCells(quantity, each),
    ]),
  ]);
}

/** The verdict on an arm against its parent, in a word or two. */
export function armVerdict({ verdict, difference }: ArmVerdict): ComparisonVerdict | "withheld" {
  return verdict === "withheld" ? "withheld" : verdictOf(difference);
}
