import { checkOneOf, checkText, show } from "../../core/check.ts";
import { checkOptions, oneOf, option, orAbsent } from "../../core/options.ts";
import type { SelectionRule } from "../../records/study_record.ts";
import { axesOfStudy, type Axis } from "../../statistics/axis_roles.ts";
import type { StudyAxes } from "../../statistics/axis_paths.ts";

const metrics = ["validationLoss", "bitsPerByte", "bitsPerCharacter"] as const;

/**
 * Selects the point with the lowest mean over folds.
 *
 * @param metric What is compared on held-out text: `validationLoss`, nats per token; of folds in bytes also
 * `bitsPerByte` or `bitsPerCharacter` of that text, which tokens of any kind can be compared by.
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
 * Selects the simplest model within one standard error of the lowest mean over folds: the strongest
 * remedies, and the smallest sizes.
 *
 * @param metric What is compared, as of {@link lowestMean}.
 * @param options `axes`: axes whose values say how simple a point is, the one that counts first first.
 * When left out, those that have a direction by their role: strengths of remedies, larger being
 * simpler, and sizes, smaller being simpler; a point that lacks an axis of strength has 0 there.
 * `smaller`: those of the axes on which the smaller value is the simpler model; sizes when left out.
 *
 * @example
 * ```ts
 * import { oneStandardError } from "./rule.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(oneStandardError("validationLoss", { axes: ["lambda"] }).axes, ["lambda"]);
 * const steps = oneStandardError("validationLoss", { axes: ["steps"], smaller: ["steps"] });
 * assert.deepEqual(steps.smaller, ["steps"]);
 * ```
 */
export function oneStandardError(
  metric: SelectionRule["metric"],
  options: { readonly axes?: readonly string[]; readonly smaller?: readonly string[] } = {},
): SelectionRule {
  const { axes, smaller } = checkOptions("oneStandardError", options, {
    axes: option(checkNames, []),
    smaller: orAbsent(option(checkNames)),
  });
  const unknown = smaller?.find((axis) => !axes.includes(axis));
  if (unknown !== undefined) {
    throw new RangeError(
      `oneStandardError: smaller must name some of axes (${
        axes.map(show).join(", ") || "none"
      }), ` +
        `found ${show(unknown)}.`,
    );
  }
  return {
    kind: "oneStandardError",
    metric: checkOneOf("oneStandardError: metric", metric, metrics),
    axes: [...axes],
    ...(smaller === undefined ? {} : { smaller: [...smaller] }),
  };
}

function checkNames(subject: string, names: unknown): readonly string[] {
  if (Array.isArray(names)) return names.map((name) => checkText(subject, name));
  throw new TypeError(`${subject} must be a list of names, found ${show(names)}.`);
}

const described = {
  kind: oneOf(["mean", "oneStandardError"]),
  metric: oneOf(metrics),
  axes: option(checkNames),
  smaller: orAbsent(option(checkNames)),
};

/**
 * A rule as a study stores it: with the axes that were named, or every axis that is a number in all
 * points. Which of these count, and in which direction, follows from their roles (`ruleOfStudy`); of
 * named axes without a direction of their own the rule holds it.
 *
 * @param rule The rule that was asked for; undefined for one standard error by default, which is the
 * lowest mean where no axis has a direction.
 * @param study Its points and their specifications.
 * @param byDefault What is compared where no rule was asked for.
 * @throws {RangeError} If a named axis is not a number in every point that has it, or lacking in some
 * without being a strength; or if one standard error is asked for and no axis says which model is
 * simpler.
 */
export function ruleFor(
  rule: SelectionRule | undefined,
  study: StudyAxes,
  byDefault: SelectionRule["metric"] = "validationLoss",
): SelectionRule {
  const { kind, metric, axes, smaller } = rule === undefined
    ? oneStandardError(byDefault)
    : checkOptions("select", rule, described);
  const all = axesOfStudy(study);
  const whole = all.filter(({ numeric, partial }) => numeric && !partial).map(({ name }) => name);
  const usable = all.filter(({ numeric, partial, role }) =>
    numeric && (!partial || role === "strength")
  ).map(({ name }) => name);
  for (const axis of axes) {
    if (!usable.includes(axis)) {
      throw new RangeError(
        `select: an axis must be a number in every point (a strength may be lacking), which holds ` +
          `for ${usable.map(show).join(", ") || "none"}; found ${show(axis)}.`,
      );
    }
  }
  if (axes.length === 0) {
    if (rule?.kind === "oneStandardError") refuseWithoutDirection(all);
    return { kind, metric, axes: whole };
  }
  const own = (name: string) => all.find((axis) => axis.name === name)!.simpler;
  const said = smaller ?? axes.filter((name) => own(name) === "smaller");
  // Of strengths alone nothing needs to be said.
  return smaller === undefined && axes.every((name) => own(name) === "larger")
    ? { kind, metric, axes }
    : { kind, metric, axes, smaller: said };
}

/** Refuses one standard error where numbers vary and none of them says which model is simpler. */
function refuseWithoutDirection(axes: readonly Axis[]): void {
  const numeric = axes.filter((axis) => axis.numeric);
  if (numeric.length === 0 || axes.some(({ simpler }) => simpler !== null)) return;
  const found = numeric.map(({ name, role }) => `${show(name)} (${role})`).join(", ");
  throw new RangeError(
    `select: one standard error takes the simplest model near the best, and no axis says which that ` +
      `is: found ${found}. Name them in \`axes:\` of oneStandardError, those on which smaller is ` +
      `simpler in \`smaller:\` too; or say their roles in \`roles:\` of runStudy; or select by ` +
      `lowestMean.`,
  );
}
