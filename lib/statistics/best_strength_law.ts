import { checkOneOf } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { checkOptions, orAbsent, passed, text } from "../core/options.ts";
import { axesOfStudy } from "./axis_roles.ts";
import { mean } from "./estimate.ts";
import { foldSizes } from "./fold_sizes.ts";
import { type FoldSizes, meanInterval } from "./mean_interval.ts";
import { confidence, view as viewOption } from "./options.ts";
import { dot } from "./_law_contrasts.ts";
import {
  acceptedAround,
  type Ends,
  type FoldTest,
  foldTest,
  isRefused,
} from "./power_law_over_folds.ts";
import type { StudyRecords } from "./study_records.ts";
import { type PointSummary, summarizeTrials, type View } from "./summarize.ts";

/** Options of {@link bestStrengthLaw}. */
export interface BestStrengthOptions {
  /** Along which the best strength moves: training tokens, a size, epochs; its values above 0. */
  readonly axis: string;
  /** Axis of the strength; the one that there is when left out. */
  readonly strength?: string;
  /**
   * Where points are looked at.
   *
   * @default {"lastStep"}
   */
  readonly view?: View;
  /** Which points count, where others have more remedies or other settings; all when left out. */
  readonly among?: (point: JsonObject) => boolean;
  /**
   * Of the intervals, from 0 to 1, both excluded.
   *
   * @default {0.95}
   */
  readonly confidence?: number;
}

const described = {
  axis: text(),
  strength: orAbsent(text()),
  view: viewOption,
  among: passed<((point: JsonObject) => boolean) | undefined>(undefined),
  confidence,
};

/** The best strength at a value of the axis, or why there is none. */
export interface BestStrength {
  /** Value of the axis. */
  readonly at: number;
  /**
   * `found`; the lowest mean is that of the smallest or the largest strength (`edge`) or of none at all (`none`);
   * fewer than three strengths above 0 have all their runs (`tooFew`).
   */
  readonly state: "found" | "edge" | "none" | "tooFew";
  /** Lowest point of the parabola in log strength; null unless found. */
  readonly strength: number | null;
  /** 0 or `Infinity` for an end beyond the neighbours of the lowest mean; null unless found. */
  readonly interval: Ends | null;
}

/** How the best strength moves along an axis. */
export interface BestStrengthLaw {
  /** Name of the axis. */
  readonly axis: string;
  /** Name of the axis of the strength. */
  readonly strengthAxis: string;
  /** Where in training the losses are looked at. */
  readonly view: View;
  /** Of the intervals. */
  readonly confidence: number;
  /** Number of folds. */
  readonly folds: number;
  /** Ascending by value. */
  readonly best: readonly BestStrength[];
  /** α* = scale · x^exponent through those that were found; null with fewer than two. */
  readonly law: { readonly scale: number; readonly exponent: number } | null;
  /** Of the exponent; null without a law, or with fewer than two folds. */
  readonly exponentInterval: readonly [number, number] | null;
}

/**
 * How the best strength of a remedy moves with text, size, epochs or any other axis of numbers: a power law
 * α* = A · x^p with the interval of p.
 *
 * At each value x the lowest mean over folds and its two neighbours in strength make a parabola in log α,
 * whose lowest point is α*. Where the lowest mean is at the edge of what was tried, nothing is said of
 * that x. The interval of α* holds the strengths at which the parabola's slope is not refused to be 0 by the
 * corrected resampled t-test. p is the slope of log α* against log x by least squares; its interval is
 * that of the mean over folds of the slopes that the folds have to the first order around it, so that what
 * values of x share in a fold is kept. Of 95 % intervals of p 92 to 98 % held the truth in drawn studies
 * (`best_strength_law_test.ts`).
 *
 * @param study A study, or its records.
 * @param options See {@link BestStrengthOptions}.
 * @returns The best strengths and the law.
 * @throws {RangeError} If an axis is not one of the study's, its values are not above 0, or points differ in
 * more than the two axes.
 *
 * Bergsma et al., Power Lines (2025, arXiv 2505.13738), fit such a law to the best timescale.
 *
 * @example
 * ```ts
 * import { bestStrengthLaw } from "./best_strength_law.ts";
 * import { textStudy } from "./testing/text_study.ts";
 * import assert from "node:assert/strict";
 * const study = textStudy({
 *   strengths: [0.03, 0.1, 0.3, 1, 3],
 *   best: { scale: 10, exponent: -0.4 },
 *   noise: 0,
 * });
 * const { law, best } = bestStrengthLaw(study, { axis: "tokens" });
 * assert.ok(Math.abs(law!.exponent + 0.4) < 1e-6);
 * assert.ok(Math.abs(best[0].strength! - 10 * 1000 ** -0.4) < 1e-6);
 * ```
 */
export function bestStrengthLaw(
  study: StudyRecords,
  options: BestStrengthOptions,
): BestStrengthLaw {
  const checked = checkOptions("bestStrengthLaw", options, described);
  const { axis, view, confidence, among = () => true } = checked;
  const { record, records } = study;
  const names = axesOfStudy(record).map(({ name }) => name);
  checkOneOf("bestStrengthLaw: axis", axis, names);
  const strengthAxis = strengthAxisOf(study, checked.strength);
  const points = summarizeTrials(record, records)
    .filter(({ point }) => axis in point && strengthAxis in point && among(point));
  checkPoints(points, axis, strengthAxis);
  const sizes = record.folds.length < 2 || records.length === 0 ? undefined : foldSizes(
    record,
    records.filter(({ fold }) => fold !== "final"),
  );
  const test = foldTest(record.folds.length, sizes ? sizes.test / sizes.training : 0, confidence);
  const valley = [...Map.groupBy(points, ({ point }) => point[axis] as number)]
    .sort(([a], [b]) => a - b)
    .map(([at, own]) => valleyAt(at, own.filter(({ complete }) => complete), strengthAxis, view));
  return {
    axis,
    strengthAxis,
    view,
    confidence,
    folds: record.folds.length,
    best: valley.map((each) => bestOf(each, test)),
    ...lawThrough(valley, sizes, confidence),
  };
}

function strengthAxisOf({ record }: StudyRecords, asked: string | undefined): string {
  const axes = axesOfStudy(record).filter(({ numeric }) => numeric);
  if (asked !== undefined) {
    return checkOneOf("bestStrengthLaw: strength", asked, axes.map(({ name }) => name));
  }
  const strengths = axes.filter(({ role }) => role === "strength").map(({ name }) => name);
  if (strengths.length === 1) return strengths[0];
  throw new RangeError(
    `bestStrengthLaw: strength must say which axis is meant, found ${
      strengths.length === 0 ? "no strength" : strengths.join(", ")
    }.`,
  );
}

function checkPoints(points: readonly PointSummary[], axis: string, strength: string): void {
  for (const { point } of points) {
    const [at, own] = [point[axis], point[strength]];
    if (typeof at === "number" && at > 0 && typeof own === "number" && own >= 0) continue;
    throw new RangeError(
      `bestStrengthLaw: values of ${axis} must be numbers above 0 and those of ${strength} from 0, found ${
        canonicalJson(point)
      }.`,
    );
  }
  const places = points.map(({ point }) => `${point[axis]} ${point[strength]}`);
  const repeated = places.findIndex((place, index) => places.indexOf(place) < index);
  if (repeated < 0) return;
  const first = points[places.indexOf(places[repeated])];
  throw new RangeError(
    `bestStrengthLaw: points must differ in ${axis} and ${strength} alone, so say by among which are ` +
      `meant, found ${canonicalJson(first.point)} and ${canonicalJson(points[repeated].point)}.`,
  );
}

/** Losses around the lowest mean at a value of the axis. */
interface Valley {
  readonly at: number;
  readonly state: BestStrength["state"];
  /** Logarithms of three strengths, ascending; empty unless found. */
  readonly logs: readonly number[];
  /** For each fold its losses at them. */
  readonly folds: readonly (readonly number[])[];
  /** Logarithm of the best strength. */
  readonly lowest: number;
}

function valleyAt(
  at: number,
  points: readonly PointSummary[],
  axis: string,
  view: View,
): Valley {
  const empty = { at, logs: [], folds: [], lowest: NaN };
  const sorted = points.filter((each) => each[view] !== null)
    .toSorted((a, b) => (a.point[axis] as number) - (b.point[axis] as number));
  const loss = (each: PointSummary) => each[view]!.estimates.validationLoss;
  const positive = sorted.filter(({ point }) => (point[axis] as number) > 0);
  if (positive.length < 3) return { ...empty, state: "tooFew" };
  const lowest = sorted.reduce((a, b) => loss(b).mean < loss(a).mean ? b : a);
  const place = positive.indexOf(lowest);
  if (place < 0) return { ...empty, state: "none" };
  if (place === 0 || place === positive.length - 1) return { ...empty, state: "edge" };
  const three = positive.slice(place - 1, place + 2);
  const logs = three.map(({ point }) => Math.log(point[axis] as number));
  const means = three.map((each) => loss(each).mean);
  const folds = loss(lowest).foldMeans.map((_, fold) =>
    three.map((each) => loss(each).foldMeans[fold])
  );
  // The slope is a straight line in log α; it is 0 at the lowest point.
  const [left, right] = [dot(slopeAt(logs, logs[0]), means), dot(slopeAt(logs, logs[2]), means)];
  const found = logs[0] + (logs[2] - logs[0]) * left / (left - right);
  return { at, state: "found", logs, folds, lowest: found };
}

/** Weights of three values that give the slope of the parabola through them at a place. */
function slopeAt(logs: readonly number[], place: number): number[] {
  return logs.map((own, index) => {
    const [a, b] = logs.filter((_, other) => other !== index);
    return (2 * place - a - b) / ((own - a) * (own - b));
  });
}

function bestOf(
  { at, state, logs, folds, lowest }: Valley,
  test: FoldTest | null,
): BestStrength {
  if (state !== "found") return { at, state, strength: null, interval: null };
  const strength = Math.exp(lowest);
  if (test === null) return { at, state, strength, interval: null };
  const refuses = (log: number) =>
    isRefused(folds.map((fold) => dot(slopeAt(logs, log), fold)), test);
  const range: Ends = [logs[0], logs[2]];
  const [low, high] = acceptedAround(refuses, range, lowest);
  return {
    at,
    state,
    strength,
    interval: [
      low <= range[0] ? 0 : Math.exp(low),
      high >= range[1] ? Infinity : Math.exp(high),
    ],
  };
}

function lawThrough(
  valleys: readonly Valley[],
  sizes: FoldSizes | undefined,
  confidence: number,
): Pick<BestStrengthLaw, "law" | "exponentInterval"> {
  const found = valleys.filter(({ state }) => state === "found");
  if (found.length < 2) return { law: null, exponentInterval: null };
  const places = found.map(({ at }) => Math.log(at));
  const centre = mean(places);
  const squares = places.reduce((sum, place) => sum + (place - centre) ** 2, 0);
  const weights = places.map((place) => (place - centre) / squares);
  const logs = found.map(({ lowest }) => lowest);
  const exponent = dot(weights, logs);
  const slopes = found[0].folds.map((_, fold) =>
    dot(weights, found.map((valley) => valley.lowest + shiftOf(valley, fold)))
  );
  return {
    law: { scale: Math.exp(mean(logs) - exponent * centre), exponent },
    exponentInterval: meanInterval(slopes, { ...(sizes && { sizes }), confidence }).interval,
  };
}

/** By how much a fold's losses move the lowest point, to the first order: −slope / curvature. */
function shiftOf({ logs, folds, lowest }: Valley, fold: number): number {
  const means = logs.map((_, at) => mean(folds.map((each) => each[at])));
  const [left, right] = [slopeAt(logs, logs[0]), slopeAt(logs, logs[2])];
  const curvature = (dot(right, means) - dot(left, means)) / (logs[2] - logs[0]);
  return -dot(slopeAt(logs, lowest), folds[fold]) / curvature;
}
