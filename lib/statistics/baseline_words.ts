import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import {
  axesOfStudy,
  compareRemedies,
  isWithoutRemedy,
  pointWithoutRemedy,
  remediesOf,
  sameButRemedies,
  specificationOf,
  strengthsByName,
  varyingRemedies,
  withoutRemedies,
} from "./axis_roles.ts";
import { formatAxisValue, formatPoint, formatSetting } from "./format.ts";

/** What the baseline of a study and the points beside it are called, as its specifications have it. */
export interface BaselineWords {
  /** Whether it has no remedy of a strength above 0, while other points have one. */
  readonly unpenalized: boolean;
  /** What others differ from: `no penalty`, or `the baseline (decoupled weight decay 0.5)`. */
  readonly name: string;
  /** The same where it was named in full before: `no penalty` or `the baseline`. */
  readonly short: string;
  /** Where it is: `without penalty` or `at the baseline`. */
  readonly at: string;
  /** The same with what sets it apart from points alike, such as `without penalty at rate = 0.003`. */
  readonly place: string;
  /** As a model: `the unpenalized model` or `the baseline`. */
  readonly model: string;
  /** What the others have more of: `penalty`, `dropout` or `regularization`. */
  readonly remedy: string;
  /** A point whose remedies exceed the baseline's, such as `penalized point`. */
  readonly strongerPoint: string;
  /** A count of them, such as `3 penalized points`. */
  stronger(count: number): string;
}

/**
 * What the baseline of a study is called: by what it has, never by what it has not.
 *
 * It is `no penalty` only where it has no remedy above 0 and other points have a penalty; `no dropout`
 * where all that the others have is dropout, and `no regularization` where they have both, or stochastic
 * depth, masked inputs or rearranged ones.
 *
 * @param study The study's record.
 * @returns The words; those of `the baseline` where the study declares none.
 *
 * @example
 * ```ts
 * import { baselineWords } from "./baseline_words.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * assert.equal(baselineWords(syntheticStudy().study).name, "no penalty");
 * ```
 */
export function baselineWords(study: StudyRecord): BaselineWords {
  const baseline = study.baseline === null ? undefined : specificationOf(study, study.baseline);
  const { remedy, having } = remedyWords(study);
  const said = (unpenalized: boolean) => {
    // Beside a baseline that has a remedy itself, having one sets no point apart.
    const strongerPoint = unpenalized && remedy !== "dropout"
      ? `${having} point`
      : `point with more ${remedy}`;
    return {
      unpenalized,
      remedy,
      strongerPoint,
      stronger: (count: number) =>
        `${count} ${count === 1 ? strongerPoint : strongerPoint.replace("point", "points")}`,
    };
  };
  const others = baseline === undefined
    ? []
    : study.specifications.filter((each) => compareRemedies(each, baseline) === "stronger");
  if (baseline === undefined || !isWithoutRemedy(baseline) || others.length === 0) {
    const has = baseline === undefined ? "" : whatItHas(study, baseline);
    return {
      ...said(false),
      name: `the baseline${has === "" ? "" : ` (${has})`}`,
      short: "the baseline",
      at: "at the baseline",
      place: "at the baseline",
      model: "the baseline",
    };
  }
  const where = placeAmongAlike(study);
  return {
    ...said(true),
    name: `no ${remedy}${where}`,
    short: `no ${remedy}`,
    at: `without ${remedy}`,
    place: `without ${remedy}${where}`,
    model: remedy === "dropout" ? "the model without dropout" : `the un${having} model`,
  };
}

/** What the remedies are that the points differ in, in one word, and what a point with it is called. */
function remedyWords(study: StudyRecord): { remedy: string; having: string } {
  const varying = varyingRemedies(study.specifications);
  if (varying.length > 0 && varying.every((name) => /dropout/i.test(name))) {
    return { remedy: "dropout", having: "more dropout" };
  }
  return varying.some((name) =>
      /dropout|stochastic depth|masked inputs|fill in the middle/i.test(name)
    )
    ? { remedy: "regularization", having: "regularized" }
    : { remedy: "penalty", having: "penalized" };
}

/** The baseline's remedies, those that others have and it lacks; else where it stands. */
function whatItHas(study: StudyRecord, baseline: JsonObject): string {
  const own = remediesOf(baseline).filter(({ strength }) => strength > 0)
    .map(({ name, strength }) => `${name} ${formatSetting(strength)}`);
  const has = strengthsByName(baseline);
  const lacking = varyingRemedies(study.specifications).filter((name) => (has.get(name) ?? 0) === 0)
    .map((name) => `without ${name}`);
  const where = placeAmongAlike(study).replace(/^ at /, "");
  const parts = [...own, ...lacking, ...(where === "" ? [] : [where])];
  return parts.length === 0 ? formatPoint(study.baseline!) : parts.join(", ");
}

/**
 * Where the baseline stands among points of the same remedies, such as ` at rate = 0.003`: what sets it
 * apart from them; nothing where it is the only one.
 */
function placeAmongAlike(study: StudyRecord): string {
  const point = study.baseline!;
  const own = specificationOf(study, point)!;
  const alike = study.space.points.filter((_, index) =>
    study.specifications[index] !== undefined &&
    compareRemedies(study.specifications[index], own) === "same"
  );
  const axes = axesOfStudy(study).filter(({ name, role }) =>
    role !== "strength" && name in point &&
    new Set(alike.map((each) => canonicalJson(each[name] ?? null))).size > 1
  );
  if (axes.length === 0) return "";
  return ` at ${axes.map(({ name }) => formatAxisValue(name, point[name])).join(", ")}`;
}

/** What a point of a study is besides its baseline. */
export type PointKind =
  /** The baseline itself. */
  | "baseline"
  /** The same model, data and training with stronger remedies: what a gap may be credited to. */
  | "stronger"
  /** Anything else: another learning rate, another size, a weaker or another remedy. */
  | "other";

/**
 * Tells points whose remedies exceed the baseline's, and that differ in nothing else, from all others:
 * only those are called penalized, and only to them a smaller gap is credited.
 *
 * @param study The study's record.
 * @param point One of its points.
 */
export function kindOfPoint(study: StudyRecord, point: JsonObject): PointKind {
  if (study.baseline === null) return "other";
  if (canonicalJson(point) === canonicalJson(study.baseline)) return "baseline";
  const [own, baseline] = [specificationOf(study, point), specificationOf(study, study.baseline)];
  if (own === undefined || baseline === undefined) return "other";
  return sameButRemedies(own, baseline) && compareRemedies(own, baseline) === "stronger"
    ? "stronger"
    : "other";
}

/** A point with remedies, and the one without that is trained alike. */
export interface MatchedPoint {
  readonly point: JsonObject;
  readonly from: JsonObject;
}

/**
 * Pairs each point that has a remedy with the point that has none and is the same in everything else:
 * model, data and training. What a study compares whose every learning rate has its own baseline.
 *
 * @param study The study's record.
 * @returns Pairs in the study's order; points without such a partner are left out.
 */
export function matchedPoints(study: StudyRecord): MatchedPoint[] {
  const rows = study.space.points.flatMap((point, index) => {
    const specification = study.specifications[index];
    return specification === undefined ? [] : [{ point, specification }];
  });
  const without = Map.groupBy(
    rows.filter(({ specification }) => isWithoutRemedy(specification)),
    ({ specification }) => withoutRemedies(specification),
  );
  return rows.filter(({ specification }) => !isWithoutRemedy(specification)).flatMap((row) => {
    const [from] = without.get(withoutRemedies(row.specification)) ?? [];
    return from === undefined ? [] : [{ point: row.point, from: from.point }];
  });
}

/**
 * The point of a study that others are compared with by default: the one whose every axis is 0; else the
 * only one without a penalty; else the only one without any remedy, or without those that differ. Where
 * there are several, as with a learning rate as an axis, there is none.
 *
 * @param space Points with their specifications.
 * @param isUnpenalized Whether a specification has no penalty above 0.
 */
export function defaultBaseline(
  space: Pick<StudyRecord, "space" | "specifications" | "roles">,
  isUnpenalized: (specification: JsonObject) => boolean,
): JsonObject | null {
  const { points } = space.space;
  const zero = points.find((point) => Object.values(point).every((value) => value === 0));
  if (zero !== undefined) return zero;
  const unpenalized = points.filter((_, index) => isUnpenalized(space.specifications[index]));
  return unpenalized.length === 1 ? unpenalized[0] : pointWithoutRemedy(space);
}
