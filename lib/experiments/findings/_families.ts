import type { Json, JsonObject } from "../../core/json.ts";
import type { Figure } from "../../plots/figure.ts";
import { plotLinearContrasts } from "../../plots/linear_contrasts.ts";
import { contrast, type PointContrast } from "../../statistics/contrast.ts";
import { formatPoint } from "../../statistics/format.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import type { Family } from "./finding.ts";
import { compareFamily } from "./tables.ts";

// Families that several findings declare: points against the one without penalty.

/** Held-out loss at the last step. */
export function lossFamily(points: readonly JsonObject[], none: JsonObject): Family {
  return {
    name: "loss",
    what: "held-out loss at the last step, minus that without penalty",
    contrasts: against(points, none, "Held-out loss, last step, minus no penalty"),
  };
}

/** Generalization gap at the last step. */
export function gapFamily(points: readonly JsonObject[], none: JsonObject): Family {
  return {
    name: "gap",
    what: "gap at the last step, minus that without penalty",
    quantity: "generalizationGap",
    contrasts: against(points, none, "Gap, last step, minus no penalty"),
  };
}

/** Draws families, a panel each. */
export function plotFamilies(source: StudyRecords, families: readonly Family[]): Figure {
  return plotLinearContrasts(families.map((family) => compareFamily(source, family)));
}

/** Points minus another one, each called by its settings, words without their axis. */
function against(points: readonly JsonObject[], from: JsonObject, group: string): PointContrast[] {
  const setting = ([axis, value]: [string, Json]) =>
    typeof value === "string" ? value : formatPoint({ [axis]: value });
  return points.map((point) =>
    contrast(point).minus(from).named(Object.entries(point).map(setting).join(", "), group)
  );
}
