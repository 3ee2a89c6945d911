import { checkKeys, checkObject, checkText } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import type { ManyStudiesOptions } from "../statistics/compare_many_studies.ts";

/**
 * Which studies a page of several compares, and by what: what lies beside it as JSON, so that it can be made
 * again.
 */
export interface ComparisonDefinition {
  /** Names of the studies, the one in whose folder the page lies first. */
  readonly studies: readonly string[];
  /** The contrast and the other options; empty for all that the studies share. */
  readonly options: ManyStudiesOptions;
}

/** Name of a definition in the folder of a paper. */
export const paperDefinition = "comparison.json";

/** Options of `compareStudies` of a list of studies. */
export const manyStudiesOptionNames = [
  "arm",
  "parent",
  "point",
  "from",
  "view",
  "region",
  "seed",
  "draws",
] as const;

/**
 * What the files of a comparison are called, without their ending: by the other studies, or their number, and
 * what is compared.
 *
 * @param names Names of the studies, the one in whose folder they lie first.
 * @param options Those of a comparison of several; none of two that are compared point by point.
 */
export function comparisonName(
  names: readonly string[],
  options?: ManyStudiesOptions,
): string {
  const [, ...others] = names;
  if (options === undefined) return `compare-with-${others[0]}`;
  const { arm, point } = options;
  const named = others.map((name) => name.replaceAll("/", "-")).join("-and-");
  const by = arm?.replace(/[^\p{L}\p{N}._-]/gu, "-") ?? (point === undefined ? null : "point");
  return `compare-with-${named.length <= 80 ? named : `${others.length}-studies`}${
    by === null ? others.length === 1 ? "-by-selection" : "" : `-by-${by}`
  }`;
}

/** A definition as it is stored. */
export function renderComparisonDefinition({ studies, options }: ComparisonDefinition): string {
  const given = Object.fromEntries(
    manyStudiesOptionNames.flatMap((name) =>
      options[name] === undefined ? [] : [[name, options[name] as JsonObject]]
    ),
  );
  return `${JSON.stringify({ studies, options: given }, null, 2)}\n`;
}

/**
 * Reads a stored definition; what its options are is checked where they go.
 *
 * @throws {TypeError} If it is not one.
 */
export function parseComparisonDefinition(text: string): ComparisonDefinition {
  const found: unknown = JSON.parse(text);
  checkKeys("comparison", found, ["studies", "options"]);
  const { studies, options } = found as { readonly studies: unknown; readonly options: unknown };
  if (!Array.isArray(studies)) {
    throw new TypeError("comparison: studies must be a list of names.");
  }
  studies.forEach((name) => checkText("comparison: studies", name));
  checkObject("comparison: options", options);
  checkKeys("comparison: options", options, manyStudiesOptionNames);
  return { studies, options: options as ManyStudiesOptions };
}
