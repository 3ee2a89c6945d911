import { canonicalJson, type JsonObject } from "../core/json.ts";
import {
  axesOfStudy,
  isWithoutRemedy,
  sameButRemedies,
  specificationOf,
} from "../statistics/axis_roles.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { settingKey, without } from "./settings.ts";
import { categoricalColors } from "./theme.ts";

/** Points of a study along one of its axes. */
export interface AlongAxis<Point> {
  /** Points that belong together, in the order of the study. */
  readonly series: readonly {
    /** Values that its points share. */
    readonly others: JsonObject;
    /** Whether they are the baseline's. */
    readonly isBaseline: boolean;
    readonly members: readonly Point[];
  }[];
  /** Whether no two points differ in this axis alone, so that there is nothing to join. */
  readonly scattered: boolean;
  /** Axes of training at whose best value each point stands; empty where all points are drawn. */
  readonly tunedOver: readonly string[];
  /** How many points of the study are not drawn because no other differs from them in this axis alone. */
  readonly leftOut: number;
}

/**
 * Lays the points of a study along one of its axes.
 *
 * A series are the points that agree on all other axes, one that lacks the axis among them. Points with
 * no such companion stand beside no line: they are left out where there are lines, and drawn as they
 * lie, by the values of a choice, where there are none (random draws).
 *
 * A baseline without any remedy is where the lines of all remedies begin, also of those that are told
 * apart by a choice.
 *
 * Points of arms are random draws, which share no grid, and are drawn as they lie.
 *
 * How a model is trained is a nuisance to what else is compared: beside other axes each setting stands
 * at the values of the axes of training that `cost` finds best.
 *
 * @param points Those that can be drawn.
 * @param cost What the values of training are chosen by, lower is better; where left out, all points are
 * drawn.
 */
export function alongAxis<Point extends { readonly point: JsonObject }>(
  { record }: StudyRecords,
  axis: string,
  points: readonly Point[],
  cost?: (point: Point) => number,
): AlongAxis<Point> {
  const axes = axesOfStudy(record);
  const training = axes.filter(({ name, role }) => role === "training" && name !== axis)
    .map(({ name }) => name);
  const role = axes.find(({ name }) => name === axis)?.role;
  const nuisance = cost === undefined || role === "training" ? [] : training;
  const planned = record.space.points;
  const othersOf = (point: JsonObject) => without(point, [axis, ...nuisance]);
  const keyOf = (point: JsonObject) => canonicalJson(othersOf(point));
  const groups = Map.groupBy(planned, keyOf);
  const placesOf = (group: readonly JsonObject[]) =>
    new Set(group.map((point) => settingKey(point[axis]))).size;
  const trainings = (group: readonly JsonObject[]) =>
    new Set(group.map((point) => nuisance.map((name) => settingKey(point[name])).join())).size;
  const owners = [...groups].filter(([, group]) => group.some((point) => axis in point));
  // Where each place was trained in one way of its own, none was tuned, and places differ in that as well.
  const lines = owners.filter(([, group]) =>
    placesOf(group) > 1 && (trainings(group) === 1 || placesOf(group) < group.length)
  );
  const baseline = record.baseline;
  if (record.space.arms !== undefined || lines.length === 0) {
    return scatteredAlong(record, axis, points);
  }
  const drawn = new Set(lines.map(([key]) => key));
  const start = nuisance.length === 0 && role === "strength" && baseline !== null &&
      !drawn.has(keyOf(baseline)) && isWithoutRemedy(specificationOf(record, baseline) ?? {})
    ? baseline
    : null;
  const begins = (group: readonly JsonObject[]) =>
    start !== null &&
    group.every((point) =>
      settingKey(point[axis]) !== settingKey(start[axis]) && isTrainedAlike(record, point, start)
    );
  const started = lines.some(([, group]) => begins(group));
  const members = Map.groupBy(points, ({ point }) => keyOf(point));
  return {
    series: lines.flatMap(([key, group]) => {
      const [first] = group;
      const own = [
        ...begins(group) ? members.get(keyOf(start!)) ?? [] : [],
        ...members.get(key) ?? [],
      ];
      return own.length === 0 ? [] : [{
        others: othersOf(first),
        isBaseline: baseline !== null && keyOf(baseline) === key,
        members: nuisance.length === 0 ? own : cheapest(own, axis, cost!),
      }];
    }),
    scattered: false,
    tunedOver: lines.some(([, group]) => placesOf(group) < group.length)
      ? nuisance.filter((name) => planned.some((point) => name in point))
      : [],
    leftOut: owners.filter(([key]) => !drawn.has(key) && !(started && key === keyOf(start!)))
      .flatMap(([, group]) => group).length,
  };
}

/** Whether two points differ in their remedies alone. */
export function isTrainedAlike(
  record: StudyRecords["record"],
  point: JsonObject,
  other: JsonObject,
): boolean {
  const [own, others] = [specificationOf(record, point), specificationOf(record, other)];
  return own !== undefined && others !== undefined && sameButRemedies(own, others);
}

/** Of the points at each value of an axis the one with the lowest cost. */
function cheapest<Point extends { readonly point: JsonObject }>(
  points: readonly Point[],
  axis: string,
  cost: (point: Point) => number,
): Point[] {
  const places = Map.groupBy(points, ({ point }) => settingKey(point[axis]));
  return [...places.values()].map((own) => own.reduce((a, b) => cost(b) < cost(a) ? b : a));
}

/** All points that have an axis, together with those that share the value of a choice. */
function scatteredAlong<Point extends { readonly point: JsonObject }>(
  record: StudyRecords["record"],
  axis: string,
  points: readonly Point[],
): AlongAxis<Point> {
  const on = points.filter(({ point }) => axis in point);
  const valuesOf = (name: string) => new Set(on.map(({ point }) => settingKey(point[name]))).size;
  const choice = axesOfStudy(record).find(({ name, role }) =>
    role === "choice" && name !== axis && valuesOf(name) > 1 &&
    valuesOf(name) <= categoricalColors.length
  )?.name;
  const groups = Map.groupBy(
    on,
    ({ point }) => choice === undefined ? "" : settingKey(point[choice]),
  );
  const baseline = record.baseline === null ? null : canonicalJson(record.baseline);
  return {
    series: [...groups.values()].map((members) => ({
      others: choice !== undefined && choice in members[0].point
        ? { [choice]: members[0].point[choice] }
        : {},
      isBaseline: members.some(({ point }) => canonicalJson(point) === baseline),
      members,
    })),
    scattered: true,
    tunedOver: [],
    leftOut: 0,
  };
}
