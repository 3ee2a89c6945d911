import { checkKeys, checkOneOf, show } from "../../core/check.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { reproductionOf } from "../reproductions/all.ts";
import { claimsTable } from "../reproductions/document.ts";
import { armEstimate, compareArmsIn } from "../../statistics/arm_quantities.ts";
import type { PointComparison } from "../../statistics/compare.ts";
import { compareArms } from "../../statistics/compare_arms.ts";
import { formatEstimate, formatPValue, formatShare } from "../../statistics/format.ts";
import { quantities, type Quantity } from "../../statistics/summarize.ts";
import type { Study } from "../../studies/study.ts";
import { findingOf } from "./all.ts";
import type { Finding } from "./finding.ts";
import {
  armsTable,
  armVerdict,
  choicesTable,
  compareFamily,
  familyTable,
  formatDifference,
  formatDifferences,
  isShare,
  pointsTable,
  verdictOf,
} from "./tables.ts";

const shown = ["mean", "interval", "p", "adjusted", "verdict"] as const;

/** What is shown of a comparison. */
type Shown = (typeof shown)[number];

/** What a mark may ask for of a finding. */
export type FindingMark =
  /** A comparison of a family, by its point. */
  | { readonly contrast: string; readonly point: JsonObject; readonly show: Shown }
  /**
   * An arm: its difference from its parent, or `estimate`, mean ± standard error of what was chosen for it;
   * in the `quantity`, the validation loss by default.
   */
  | { readonly arm: string; readonly show: Shown | "estimate"; readonly quantity?: Quantity }
  /** How two arms differ of which neither is the other's parent. */
  | { readonly arm: string; readonly from: string; readonly show: "mean" | "interval" }
  /** A table: `points`, `arms`, `choices`, or a family's name; of a reproduction `claims`. */
  | { readonly table: string };

/** The text of a mark about a finding, or of a reproduction's table. */
export function findingText(study: Study, mark: FindingMark): string {
  const reproduction = reproductionOf(study.name);
  if (reproduction !== null && "table" in mark) {
    checkKeys("mark", mark, ["table"]);
    checkOneOf("table", mark.table, ["claims"]);
    return `\n\n${claimsTable(reproduction, study)}\n`;
  }
  const finding = findingOf(study.name);
  if (finding === null) throw new RangeError(`${study.name} is the study of no finding.`);
  if ("table" in mark) {
    checkKeys("mark", mark, ["table"]);
    return `\n\n${tableText(study, finding, mark.table)}\n`;
  }
  if ("arm" in mark) return armText(study, mark);
  checkKeys("mark", mark, ["contrast", "point", "show"]);
  const show = checkOneOf("show", mark.show, shown);
  const family = named("contrast", finding.families, mark.contrast);
  const key = canonicalJson(mark.point);
  const { quantity, contrasts } = compareFamily(study, family);
  const found = contrasts.find(({ terms: [{ point }] }) => canonicalJson(point) === key);
  if (found === undefined) {
    throw new RangeError(`${family.name} of ${study.name} compares no point ${key}.`);
  }
  return comparisonText(quantity, found, show);
}

type ArmMark = Extract<FindingMark, { readonly arm: string }>;

function armText(study: Study, mark: ArmMark): string {
  const comparison = compareArms(study);
  if ("from" in mark) {
    checkKeys("mark", mark, ["arm", "from", "show"]);
    const found = comparison.pairs.find(({ arm, from }) => arm === mark.arm && from === mark.from);
    if (found === undefined) {
      throw new RangeError(
        `${study.name} has no such pair of arms, found ${show(mark.arm)} and ${show(mark.from)}.`,
      );
    }
    const shown = checkOneOf("show", mark.show, ["mean", "interval"]);
    return comparisonText("validationLoss", found.difference, shown);
  }
  checkKeys("mark", mark, ["arm", "show", "quantity"]);
  const quantity = checkOneOf("quantity", mark.quantity ?? "validationLoss", quantities);
  if (mark.show === "estimate") {
    const arm = comparison.arms.find((each) => each.arm.name === mark.arm);
    const found = arm === undefined ? null : armEstimate(study, comparison, arm, quantity);
    if (found === null) {
      throw new RangeError(`${study.name} has no score of arm ${show(mark.arm)}.`);
    }
    return isShare(quantity) ? formatShare(found.mean) : formatEstimate(found);
  }
  const shownOf = checkOneOf("show", mark.show, shown);
  const verdict = comparison.verdicts.find(({ arm }) => arm === mark.arm);
  if (verdict === undefined) {
    throw new RangeError(`${study.name} has no arm ${show(mark.arm)} with a parent.`);
  }
  if (quantity === "validationLoss") {
    return shownOf === "verdict"
      ? armVerdict(verdict)
      : comparisonText(quantity, verdict.difference, shownOf);
  }
  const found = compareArmsIn(study, comparison, quantity).find(({ arm }) => arm === mark.arm)!;
  return comparisonText(quantity, found, shownOf);
}

function tableText(study: Study, finding: Finding, table: string): string {
  if (table === "points") return pointsTable(study);
  if (table === "arms") return armsTable(study);
  if (table === "choices") return choicesTable(study);
  return familyTable(study, named("table", finding.families, table));
}

function named<T extends { readonly name: string }>(
  what: string,
  list: readonly T[],
  name: string,
): T {
  const found = list.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new RangeError(
    `${what} must be one of ${list.map((each) => each.name).join(", ")}, found ${show(name)}.`,
  );
}

function comparisonText(
  quantity: Quantity,
  compared: Pick<PointComparison, "test" | "adjustedPValue">,
  show: Shown,
): string {
  const { test, adjustedPValue } = compared;
  if (show === "verdict") return verdictOf(compared);
  if (test === null) throw new RangeError("Runs are missing, so nothing is compared.");
  if (show === "mean") return formatDifference(quantity, test.mean);
  if (show === "interval") return formatDifferences(quantity, test.interval);
  return formatPValue(show === "p" ? test.pValue : adjustedPValue);
}
