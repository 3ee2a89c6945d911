import { checkKeys, checkOneOf, show } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { reproductionOf } from "../reproductions/all.ts";
import { claimsTable } from "../reproductions/document.ts";
import type { PointComparison } from "../statistics/compare.ts";
import { contrasts } from "../statistics/contrasts.ts";
import { formatPValue } from "../statistics/format.ts";
import type { Quantity } from "../statistics/summarize.ts";
import { compareTuned } from "../statistics/tuned.ts";
import type { Study } from "../studies/study.ts";
import { findingOf } from "./all.ts";
import type { Finding } from "./finding.ts";
import {
  familyTable,
  formatDifference,
  formatDifferences,
  plannedTable,
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
  /** A comparison of tuned ways of training. */
  | { readonly planned: string; readonly show: Exclude<Shown, "adjusted"> }
  /** A table: `points`, `planned`, or a family's name; of a reproduction `claims`. */
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
  const show = checkOneOf("show", mark.show, shown);
  if ("planned" in mark) {
    checkKeys("mark", mark, ["planned", "show"]);
    const planned = named("planned", finding.planned, mark.planned);
    const compared = compareTuned(study, planned.tuning, planned.from);
    return comparisonText("validationLoss", compared, show);
  }
  checkKeys("mark", mark, ["contrast", "point", "show"]);
  const family = named("contrast", finding.families, mark.contrast);
  const key = canonicalJson(mark.point);
  const found = contrasts(study, family).find((each) => each.key === key);
  if (found === undefined) {
    throw new RangeError(`${family.name} of ${study.name} compares no point ${key}.`);
  }
  return comparisonText(family.quantity ?? "validationLoss", found, show);
}

function tableText(study: Study, finding: Finding, table: string): string {
  if (table === "points") return pointsTable(study);
  if (table === "planned") return plannedTable(study, finding);
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
