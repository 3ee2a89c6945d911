import { checkKeys, checkOneOf, checkText, show } from "../core/check.ts";
import type { SelectionRule, SpaceRecord } from "../records/study_record.ts";

const metrics = ["validationLoss"] as const;

/**
 * Selects the point with the lowest mean over folds.
 *
 * @param metric What is compared: `validationLoss`, nats per token on held-out text.
 *
 * @example
 * ```ts
 * import { lowestMean } from "./rule.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(lowestMean("validationLoss"), {
 *   kind: "mean", metric: "validationLoss", axes: [],
 * });
 * ```
 */
export function lowestMean(metric: SelectionRule["metric"]): SelectionRule {
  return { kind: "mean", metric: checkOneOf("lowestMean: metric", metric, metrics), axes: [] };
}

/**
 * Selects the strongest regularization within one standard error of the lowest mean over folds.
 *
 * @param metric What is compared: `validationLoss`, nats per token on held-out text.
 * @param options `axes`: axes whose values say how strong a point is, the one to maximize first
 * first; every axis that is a number in all points when left out.
 *
 * @example
 * ```ts
 * import { oneStandardError } from "./rule.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(oneStandardError("validationLoss", { axes: ["lambda"] }).axes, ["lambda"]);
 * ```
 */
export function oneStandardError(
  metric: SelectionRule["metric"],
  options: { readonly axes?: readonly string[] } = {},
): SelectionRule {
  checkKeys("oneStandardError", options, ["axes"]);
  const { axes = [] } = options;
  if (!Array.isArray(axes)) {
    throw new TypeError(`oneStandardError: axes must be a list of names, found ${show(axes)}.`);
  }
  for (const axis of axes) checkText("oneStandardError: axes", axis);
  return {
    kind: "oneStandardError",
    metric: checkOneOf("oneStandardError: metric", metric, metrics),
    axes: [...axes],
  };
}

/**
 * A rule with its axes filled in for a space: those named, or every axis that is a number in all
 * points.
 *
 * @throws {RangeError} If a named axis is not a number in every point.
 */
export function ruleFor(rule: SelectionRule, space: SpaceRecord): SelectionRule {
  checkKeys("select", rule, ["kind", "metric", "axes"]);
  checkOneOf("select: kind", rule.kind, ["mean", "oneStandardError"]);
  checkOneOf("select: metric", rule.metric, metrics);
  const numeric = [...new Set(space.points.flatMap((point) => Object.keys(point)))]
    .filter((axis) => space.points.every((point) => typeof point[axis] === "number"));
  for (const axis of rule.axes) {
    if (!numeric.includes(axis)) {
      throw new RangeError(
        `select: an axis must be a number in every point, which holds for ` +
          `${numeric.map(show).join(", ") || "none"}; found ${show(axis)}.`,
      );
    }
  }
  return { ...rule, axes: rule.axes.length > 0 ? rule.axes : numeric };
}
