import { canonicalJson, type Json, type JsonObject } from "../../core/json.ts";
import { randomStream } from "../../core/random.ts";
import type { BayesianSearchRecord } from "../../records/strategy_record.ts";
import { type Dimension, shareOf, valueAt } from "./dimensions.ts";
import { type Coordinate, type ParzenAxis, parzenEstimator } from "./parzen.ts";
import { existsIn, latinHypercube } from "./random_search.ts";

/** A point whose objective is known. */
export interface Observation {
  /** Its values by axis; it may lack axes and have others. */
  readonly point: JsonObject;
  /** To be minimized; infinite for a point that could not be trained. */
  readonly loss: number;
}

/** Draws of a whole point that may give one that is there already, before there is none left. */
const allowedRepeats = 200;
/** From so many on the first candidate is taken: the best one may be there again and again. */
const choosyRepeats = 20;

/**
 * The points with which a search begins: a Latin hypercube of `startup` points, at most `count`.
 */
export function startupPoints(search: BayesianSearchRecord): readonly JsonObject[] {
  const { dimensions, seed } = search;
  const count = Math.min(search.startup, search.count);
  return latinHypercube({ dimensions, count, seed }).points;
}

/**
 * Asks a tree-structured Parzen estimator (Bergstra et al. 2011) for points.
 *
 * Of n observations the best γ(n) = min(⌈n/10⌉, 25) make the density l, the others g; of
 * `candidates` draws from l the one with the largest l/g is asked for, which maximizes the expected
 * improvement. Axes without a condition are drawn together (`joint`) or one by one; then, in their
 * order, those whose condition holds, each from the observations that have it. Points asked for in
 * one batch count as the worst observations, so that they keep apart; a point that is there already
 * is drawn again.
 *
 * Where we differ from the paper: kernels of all observations weigh the same as there, widths and
 * priors are Optuna's ({@link ./parzen.ts | parzenEstimator}), zeros of logarithmic axes have a
 * probability of their own, and axes may be joint.
 *
 * @param search As `bayesianSearch` gives it.
 * @param observations Points that are done.
 * @param pending Points that are asked for and not done yet.
 * @param count How many are wanted.
 * @returns At most `count` points that are neither observed nor pending, fewer when there are none
 * left; they depend on the arguments alone.
 *
 * @example
 * ```ts
 * import { linearRange } from "./dimensions.ts";
 * import { bayesianSearch } from "./bayesian_search.ts";
 * import { askTreeParzen, startupPoints } from "./tree_parzen.ts";
 * import assert from "node:assert/strict";
 * const search = bayesianSearch({ dimensions: { x: linearRange(-1, 1) }, count: 40, seed: 1 });
 * const lossOf = (point: { x?: unknown }) => (Number(point.x) - 0.3) ** 2;
 * const observed = startupPoints(search).map((point) => ({ point, loss: lossOf(point) }));
 * while (observed.length < search.count) {
 *   const [point] = askTreeParzen(search, observed, [], 1);
 *   observed.push({ point, loss: lossOf(point) });
 * }
 * assert.ok(Math.min(...observed.map(({ loss }) => loss)) < 1e-4);
 * ```
 */
export function askTreeParzen(
  search: BayesianSearchRecord,
  observations: readonly Observation[],
  pending: readonly JsonObject[],
  count: number,
): JsonObject[] {
  const sorted = [...observations].sort((a, b) => a.loss === b.loss ? 0 : a.loss - b.loss);
  const good = goodObservations(sorted.length);
  const below = sorted.slice(0, good).map(({ point }) => point);
  const above = [...sorted.slice(good).map(({ point }) => point), ...pending];
  const known = new Set([...below, ...above].map(canonicalJson));
  const asked: JsonObject[] = [];
  for (let draw = 0; asked.length < count && draw <= allowedRepeats; draw++) {
    const place = observations.length + pending.length + asked.length;
    const candidates = draw < choosyRepeats ? search.candidates : 1;
    const point = drawPoint({ ...search, candidates }, below, above, `${place} ${draw}`);
    if (known.has(canonicalJson(point))) continue;
    known.add(canonicalJson(point));
    above.push(point);
    asked.push(point);
    draw = -1;
  }
  return asked;
}

/** γ(n) = min(⌈n/10⌉, 25): how many of n observations are good. */
export function goodObservations(count: number): number {
  return Math.min(Math.ceil(count / 10), 25);
}

function drawPoint(
  search: BayesianSearchRecord,
  below: readonly JsonObject[],
  above: readonly JsonObject[],
  purpose: string,
): JsonObject {
  const { dimensions, joint } = search;
  const point: { [axis: string]: Json } = {};
  for (const axes of groupsOf(dimensions, joint)) {
    if (!axes.every((axis) => existsIn(point, dimensions[axis]))) continue;
    const kernels = axes.map((axis) => axisOf(dimensions[axis]));
    const estimatorOf = (points: readonly JsonObject[]) =>
      parzenEstimator(kernels, coordinatesOf(points, axes, dimensions));
    const [likely, unlikely] = [estimatorOf(below), estimatorOf(above)];
    const stream = randomStream(search.seed, "treeParzenEstimator", purpose, axes.join(" "));
    let best: { at: Coordinate[]; score: number } | null = null;
    for (let candidate = 0; candidate < search.candidates; candidate++) {
      const at = likely.draw(stream);
      const score = likely.logDensity(at) - unlikely.logDensity(at);
      if (best === null || score > best.score) best = { at, score };
    }
    for (const [index, axis] of axes.entries()) {
      point[axis] = valueOf(dimensions[axis], best!.at[index]);
    }
  }
  return point;
}

/** Axes that are drawn together, in the order in which they are drawn. */
function groupsOf(dimensions: BayesianSearchRecord["dimensions"], joint: boolean): string[][] {
  const axes = Object.keys(dimensions);
  if (!joint) return axes.map((axis) => [axis]);
  const free = axes.filter((axis) => dimensions[axis].condition === undefined);
  const bound = axes.filter((axis) => dimensions[axis].condition !== undefined);
  return [free, ...bound.map((axis) => [axis])];
}

function axisOf(dimension: Dimension): ParzenAxis {
  if (dimension.kind === "choice") return { kind: "choice", count: dimension.values.length };
  if (dimension.kind === "log" && dimension.zeroShare > 0) {
    return { kind: "zeroOrShare", zeroShare: dimension.zeroShare };
  }
  return { kind: "share" };
}

/** Of the points that have all axes and values in range. */
function coordinatesOf(
  points: readonly JsonObject[],
  axes: readonly string[],
  dimensions: BayesianSearchRecord["dimensions"],
): Coordinate[][] {
  return points
    .map((point) =>
      axes.map((axis) => axis in point ? coordinateOf(dimensions[axis], point[axis]) : undefined)
    )
    .filter((each): each is Coordinate[] => !each.includes(undefined));
}

function coordinateOf(dimension: Dimension, value: Json): Coordinate | undefined {
  if (dimension.kind === "choice") {
    const index = dimension.values.map(canonicalJson).indexOf(canonicalJson(value));
    return index < 0 ? undefined : index;
  }
  if (typeof value !== "number") return undefined;
  if (dimension.kind !== "log") return shareOf(dimension, value);
  const { zeroShare } = dimension;
  if (value === 0) return zeroShare > 0 ? null : undefined;
  const share = shareOf(dimension, value);
  // Of what is above zero.
  return share === undefined ? undefined : (share - zeroShare) / (1 - zeroShare);
}

function valueOf(dimension: Dimension, at: Coordinate): Json {
  if (dimension.kind === "choice") return dimension.values[at!];
  if (at === null) return 0;
  if (dimension.kind !== "log") return valueAt(dimension, at);
  const share = dimension.zeroShare + at * (1 - dimension.zeroShare);
  return valueAt(dimension, Math.min(share, 1 - 2 ** -53));
}
