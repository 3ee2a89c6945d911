import type { JsonObject } from "../core/json.ts";
import { formatPoint } from "./format.ts";
import type { LinearContrast, LinearContrastTerm } from "./linear_contrasts.ts";
import type { View } from "./summarize.ts";

/** How a point of a contrast is looked at. */
export interface TermOptions {
  /** Where in training; as `linearContrasts` looks at the others when left out. */
  readonly view?: View;
}

/** A contrast that is put together point by point. */
export interface PointContrast extends LinearContrast {
  /** The same with a point subtracted. */
  minus(point: JsonObject, options?: TermOptions): PointContrast;
  /** The same with a point added. */
  plus(point: JsonObject, options?: TermOptions): PointContrast;
  /** The same under a name of its own, in a group of contrasts that are drawn side by side. */
  named(name: string, group?: string): PointContrast;
}

/**
 * Begins a contrast for `linearContrasts` with a point: `contrast(a).minus(b)` asks how a differs from b,
 * `contrast(both).minus(a).minus(b).plus(neither)` how two remedies interact.
 *
 * @param point A point of a study.
 * @returns A contrast that is called what it computes until it is `named`.
 *
 * @example
 * ```ts
 * import { contrast } from "./contrast.ts";
 * import assert from "node:assert/strict";
 * const dropout = contrast({ dropout: 0.5 }).minus({ dropout: 0 });
 * assert.equal(dropout.name, "dropout = 0.5 − dropout = 0");
 * assert.deepEqual(dropout.terms, [
 *   { point: { dropout: 0.5 }, weight: 1 },
 *   { point: { dropout: 0 }, weight: -1 },
 * ]);
 * assert.equal(dropout.named("half", "alone").group, "alone");
 * ```
 */
export function contrast(point: JsonObject, options: TermOptions = {}): PointContrast {
  return contrastOf([{ point, weight: 1, ...options }]);
}

function contrastOf(
  terms: readonly LinearContrastTerm[],
  given: Partial<LinearContrast> = {},
): PointContrast {
  const add = (weight: number) => (point: JsonObject, options: TermOptions = {}) =>
    contrastOf([...terms, { point, weight, ...options }], given);
  return {
    name: nameOf(terms),
    ...given,
    terms,
    minus: add(-1),
    plus: add(1),
    named: (name, group) => contrastOf(terms, { name, group }),
  };
}

function nameOf(terms: readonly LinearContrastTerm[]): string {
  return terms.map(({ point, weight }, index) =>
    `${weight < 0 ? "− " : index > 0 ? "+ " : ""}${formatPoint(point)}`
  ).join(" ");
}
