import { canonicalJson, type JsonObject } from "../core/json.ts";
import { checkOptions, oneOf, orAbsent, passed } from "../core/options.ts";
import { isArmsStudy } from "./arms_study.ts";
import { compareWithBaseline } from "./compare.ts";
import { compareArms } from "./compare_arms.ts";
import type { TestResult } from "./corrected_t.ts";
import { formatPoint } from "./format.ts";
import { type LinearContrast, linearContrasts } from "./linear_contrasts.ts";
import { views } from "./options.ts";
import type { StudyRecords } from "./study_records.ts";
import type { View } from "./summarize.ts";
import type { PairedDifference } from "./variance_split.ts";

/** A difference of validation losses that a study asks for, paired over fold × seed. */
export interface StudyDifference {
  /** Such as `λ = 0.001 − λ = 0`. */
  readonly name: string;
  /** The same without the baseline, where that is subtracted. */
  readonly shortName: string;
  /** Point of the study that it is about; null of arms and contrasts. */
  readonly point: JsonObject | null;
  /** One for each fold and seed that all of it completed. */
  readonly pairs: readonly PairedDifference[];
  /** The corrected resampled t-test; null where runs are missing. */
  readonly test: TestResult | null;
  /** Smallest true difference that 80 % of such studies would show; null without a test. */
  readonly detectable: number | null;
  /** Comparisons that Holm's adjustment counts. */
  readonly family: number;
}

/** Options of {@link studyDifferences}. */
export interface StudyDifferencesOptions {
  /** Where points are looked at; arms at their best step, points at the last one when left out. */
  readonly view?: View;
  /** Questions to take in place of what the study asks; as `contrast` puts them together. */
  readonly contrasts?: readonly LinearContrast[];
}

/** Options of {@link studyDifferences}, with what they must be. */
export const studyDifferencesOptions = {
  view: orAbsent(oneOf(views)),
  contrasts: passed<readonly LinearContrast[] | undefined>(undefined),
};

/**
 * The differences that a study asks for: of the given contrasts, else of each arm from its parent, else of each
 * point from the baseline.
 *
 * @param source A study, or its records.
 * @param options See {@link StudyDifferencesOptions}.
 * @returns One a comparison, in the order of the study; none where it has neither arms nor a baseline.
 *
 * @example
 * ```ts
 * import { studyDifferences } from "./study_differences.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy({ axes: { lambda: [0, 0.001] } });
 * const [{ name, pairs }] = studyDifferences({ record, records });
 * assert.equal(name, "λ = 0.001 − λ = 0");
 * assert.equal(pairs.length, 9);
 * ```
 */
export function studyDifferences(
  source: StudyRecords,
  options: StudyDifferencesOptions = {},
): StudyDifference[] {
  const { view, contrasts } = checkOptions("studyDifferences", options, studyDifferencesOptions);
  const at = view === undefined ? {} : { view };
  if (contrasts !== undefined) {
    const asked = linearContrasts(source, contrasts, at);
    return asked.contrasts.map(({ name, group, pairs, test, detectable }) => ({
      name: group === "" ? name : `${group}, ${name}`,
      shortName: group === "" ? name : `${group}, ${name}`,
      point: null,
      pairs,
      test,
      detectable,
      family: asked.family,
    }));
  }
  if (isArmsStudy(source.record)) {
    const { verdicts } = compareArms(source, at);
    return verdicts.map(({ arm, parent, difference: { pairs, test, detectable } }) => ({
      name: `${arm} − ${parent}`,
      shortName: `${arm} − ${parent}`,
      point: null,
      pairs,
      test,
      detectable,
      family: verdicts.length,
    }));
  }
  const comparison = compareWithBaseline(source, at);
  if (comparison === null) return [];
  const { baseline, points, family } = comparison;
  return points.map(({ point, pairs, test, detectable }) => ({
    name: `${formatPoint(point)} − ${formatPoint(whereOther(point, baseline))}`,
    shortName: formatPoint(point),
    point,
    pairs,
    test,
    detectable,
    family,
  }));
}

/** The baseline without the axes on which the point has the same value, where some are left. */
function whereOther(point: JsonObject, baseline: JsonObject): JsonObject {
  const own = Object.entries(baseline).filter(([axis, value]) =>
    canonicalJson(point[axis] ?? null) !== canonicalJson(value)
  );
  return own.length === 0 ? baseline : Object.fromEntries(own);
}
