import { checkInteger, checkKeys, checkNumber, show } from "../../core/check.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { checkOptions, number, oneOf, orNotGiven } from "../../core/options.ts";
import type { ConditionRecord, DimensionRecord } from "../../records/dimension_record.ts";

export { shareOf } from "../../statistics/share_of_range.ts";

/** What one axis of a search draws its values from; plain JSON. */
export type Dimension = DimensionRecord;

/** Values of other axes, any one of each list, under which an axis exists. */
export type Condition = ConditionRecord;

/**
 * Numbers drawn evenly from [from, to).
 *
 * @throws {TypeError | RangeError} If a bound is no finite number, or from is not below to.
 *
 * @example
 * ```ts
 * import { linearRange, valueAt } from "./dimensions.ts";
 * import assert from "node:assert/strict";
 * assert.equal(valueAt(linearRange(0, 0.5), 0.25), 0.125);
 * ```
 */
export function linearRange(from: number, to: number): Dimension {
  checkBounds("linearRange", from, to, {});
  return { kind: "linear", from, to };
}

/**
 * Numbers whose logarithm is drawn evenly from [ln from, ln to), and 0 with a share of its own: a
 * logarithmic axis has no 0, yet no penalty at all belongs to every search for a strength.
 *
 * @param from Smallest number, above 0.
 * @param to Largest number, above `from`.
 * @param options `zeroShare`: share of exact zeros in [0, 1), none by default.
 * @throws {TypeError | RangeError} If a bound is not above 0, from is not below to, or the share is
 * not allowed.
 *
 * @example
 * ```ts
 * import { logRange, valueAt } from "./dimensions.ts";
 * import assert from "node:assert/strict";
 * const lambda = logRange(1e-6, 1e-2, { zeroShare: 0.2 });
 * assert.equal(valueAt(lambda, 0.1), 0);
 * assert.equal(valueAt(lambda, 0.6), 1e-4);
 * ```
 */
export function logRange(
  from: number,
  to: number,
  options: { readonly zeroShare?: number } = {},
): Dimension {
  const { zeroShare } = checkOptions("logRange", options, {
    zeroShare: number({ from: 0, below: 1 }, 0),
  });
  if (from === 0) {
    throw new RangeError(
      `logRange: from must be a finite number above 0, found 0: a logarithm has no 0. Give the ` +
        `smallest strength above 0, and let 0 be drawn with a share of its own: ` +
        `logRange(${typeof to === "number" && to > 0 ? to / 1000 : 1e-6}, ${
          show(to)
        }, { zeroShare: 0.1 }).`,
    );
  }
  checkBounds("logRange", from, to, { above: 0 });
  return { kind: "log", from, to, zeroShare };
}

/**
 * Whole numbers from `from` to `to`, both included.
 *
 * @param options `scale`: `linear` by default, each number as likely as any other; `log`: k with
 * probability ln((k + 1) / k), so that small ones are as likely as large ones by ratio (from 1).
 * @throws {TypeError | RangeError} If a bound is no whole number or from is not below to.
 *
 * @example
 * ```ts
 * import { integerRange, valueAt } from "./dimensions.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual([0, 0.5, 0.99].map((u) => valueAt(integerRange(1, 2), u)), [1, 2, 2]);
 * assert.equal(valueAt(integerRange(16, 255, { scale: "log" }), 0.5), 64);
 * ```
 */
export function integerRange(
  from: number,
  to: number,
  options: { readonly scale?: "linear" | "log" } = {},
): Dimension {
  const { scale } = checkOptions("integerRange", options, {
    scale: orNotGiven(oneOf(["linear", "log"], "linear")),
  });
  checkInteger("integerRange: from", from, scale === "log" ? { from: 1 } : {});
  checkInteger("integerRange: to", to);
  checkBounds("integerRange", from, to, {});
  return { kind: "integer", from, to, scale };
}

/**
 * One of some values, each as likely as any other.
 *
 * @param values Numbers, texts, booleans or null, none twice.
 * @throws {TypeError | RangeError} If it is no list, empty, or holds a value twice.
 *
 * @example
 * ```ts
 * import { choice, valueAt } from "./dimensions.ts";
 * import assert from "node:assert/strict";
 * assert.equal(valueAt(choice(["l1", "l2"]), 0.6), "l2");
 * ```
 */
export function choice(values: readonly Json[]): Dimension {
  if (!Array.isArray(values) || values.length === 0) {
    throw new TypeError(`choice: values must be a list with a value, found ${show(values)}.`);
  }
  if (new Set(values.map(canonicalJson)).size < values.length) {
    throw new RangeError(`choice: values must differ, found ${show(values)}.`);
  }
  return { kind: "choice", values: [...values] };
}

/**
 * A dimension that exists only where other axes have certain values; points without it lack its
 * axis.
 *
 * @param condition For one or more other axes the values that they may have; all must hold. The
 * other axes must stand before this one in the search.
 * @param dimension What is drawn then.
 * @throws {TypeError} If the condition is empty or an axis has no list of values.
 *
 * @example
 * ```ts
 * import { choice, linearRange, when } from "./dimensions.ts";
 * import { randomSearch } from "./random_search.ts";
 * import assert from "node:assert/strict";
 * const { points } = randomSearch({
 *   dimensions: {
 *     optimizer: choice(["adam", "sgd"]),
 *     momentum: when({ optimizer: ["sgd"] }, linearRange(0, 1)),
 *   },
 *   count: 9,
 *   seed: 1,
 * });
 * for (const point of points) assert.equal("momentum" in point, point.optimizer === "sgd");
 * ```
 */
export function when(condition: Condition, dimension: Dimension): Dimension {
  const entries = condition === null || typeof condition !== "object"
    ? []
    : Object.entries(condition);
  if (entries.length === 0 || !entries.every(([, values]) => Array.isArray(values))) {
    throw new TypeError(
      `when: the condition must be an object of lists of values, such as { optimizer: ["sgd"] }, ` +
        `found ${show(condition)}.`,
    );
  }
  return { ...dimension, condition: { ...dimension.condition, ...condition } };
}

/**
 * Checks a dimension that was written, not made by the functions above: as they check it.
 *
 * @throws {TypeError | RangeError} As they do.
 */
export function checkDimension(subject: string, dimension: Dimension): void {
  const common = ["kind", "condition"];
  const { kind, condition } = dimension;
  if (kind === "choice") {
    checkKeys(subject, dimension, [...common, "values"]);
    choice(dimension.values);
  } else {
    const own = { linear: [], log: ["zeroShare"], integer: ["scale"] }[kind];
    checkKeys(subject, dimension, [...common, "from", "to", ...own]);
    if (kind === "linear") linearRange(dimension.from, dimension.to);
    else if (kind === "log") {
      logRange(dimension.from, dimension.to, { zeroShare: dimension.zeroShare });
    } else integerRange(dimension.from, dimension.to, { scale: dimension.scale });
  }
  if (condition !== undefined) when(condition, dimension);
}

/**
 * Whether a dimension can give a value: a member of a choice, a number inside of a range (a whole one of
 * whole numbers), and 0 of a logarithmic range that has zeros.
 */
export function canGive(dimension: Dimension, value: Json): boolean {
  if (dimension.kind === "choice") {
    return dimension.values.some((each) => canonicalJson(each) === canonicalJson(value));
  }
  if (typeof value !== "number") return false;
  if (dimension.kind === "log" && value === 0) return dimension.zeroShare > 0;
  return value >= dimension.from && value <= dimension.to &&
    (dimension.kind !== "integer" || Number.isInteger(value));
}

/** What a dimension can give, in words. */
export function whatItGives(dimension: Dimension): string {
  if (dimension.kind === "choice") return dimension.values.map((each) => show(each)).join(", ");
  const { kind, from, to } = dimension;
  const zeros = kind === "log" && dimension.zeroShare > 0 ? "0 and " : "";
  return `${zeros}${kind === "integer" ? "whole numbers" : "numbers"} from ${from} to ${to}`;
}

/**
 * The value of a dimension at a share of its probability: its quantile function, with 12
 * significant digits.
 *
 * @param share In [0, 1).
 */
export function valueAt(dimension: Dimension, share: number): Json {
  checkNumber("valueAt: share", share, { from: 0, below: 1 });
  switch (dimension.kind) {
    case "linear":
      return between(dimension, dimension.from + share * (dimension.to - dimension.from));
    case "log": {
      const { from, to, zeroShare } = dimension;
      if (share < zeroShare) return 0;
      return between(dimension, from * (to / from) ** ((share - zeroShare) / (1 - zeroShare)));
    }
    case "integer": {
      const { from, to, scale } = dimension;
      const value = scale === "log"
        ? from * ((to + 1) / from) ** share
        : from + share * (to - from + 1);
      // The last digits of a power may lie just below the whole number that it is.
      return Math.min(to, Math.floor(rounded(value)));
    }
    case "choice":
      return dimension.values[Math.floor(share * dimension.values.length)];
  }
}

/** What is the same on every processor, whatever the last digit of its powers. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

function between({ from, to }: { from: number; to: number }, value: number): number {
  return Math.min(to, Math.max(from, rounded(value)));
}

function checkBounds(subject: string, from: number, to: number, range: { above?: number }): void {
  checkNumber(`${subject}: from`, from, range);
  checkNumber(`${subject}: to`, to, { above: from });
}
