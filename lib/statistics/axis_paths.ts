import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import { penaltyName } from "../penalties/words.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { differingPaths, leaves } from "./specification_paths.ts";

/** What of a study says what its axes are for. */
export type StudyAxes = Pick<StudyRecord, "space" | "specifications" | "roles">;

interface Row {
  readonly point: JsonObject;
  readonly specification: JsonObject;
  /** Leaves by path. */
  readonly byPath: ReadonlyMap<string, Json>;
  /** Leaves by path, penalties told apart by their kind and not by their place in the list. */
  readonly byKind: ReadonlyMap<string, { readonly path: string; readonly value: Json }>;
}

export function rowsOf({ space, specifications }: StudyAxes): Row[] {
  return space.points.flatMap((point, index) => {
    const specification = specifications[index];
    if (specification === undefined) return [];
    const all = leaves(specification, "");
    const byKind = all.map(([path, value]) => [kindPath(specification, path), { path, value }]);
    return [{
      point,
      specification,
      byPath: new Map(all),
      byKind: new Map(byKind as [string, { path: string; value: Json }][]),
    }];
  });
}

/** A path in which a penalty stands by its name instead of its place. */
function kindPath(specification: JsonObject, path: string): string {
  return path.replace(/^penalties\[(\d+)\]/, (_, index) => {
    const penalties = specification.penalties as readonly JsonObject[];
    const name = penaltyName(penalties[Number(index)]);
    const before = penalties.slice(0, Number(index)).filter((each) => penaltyName(each) === name);
    return `penalties(${name} ${before.length})`;
  });
}

/**
 * Paths whose value an axis decides. Those that hold it as it is in every point, where 0 may also be a
 * penalty that is left out; else, where the value is worked on before it gets there, those that differ
 * between points that differ in this axis only; else those that grow or fall along with it.
 */
export function pathsOf(rows: readonly Row[], axis: string): string[] {
  const own = rows.filter(({ point }) => axis in point);
  const distinct = new Set(own.map(({ point }) => canonicalJson(point[axis])));
  if (distinct.size === 0) return [];
  if (distinct.size === 1) return pathsOfOneValue(own, rows, axis);
  const exact = heldPaths(own, axis, (row) => row.byPath, false);
  if (exact.length > 0) return exact;
  const placed = heldPaths(own, axis, (row) => row.byPath, true);
  if (placed.length > 0) return placed;
  const kinds = heldPaths(
    own,
    axis,
    (row) => new Map([...row.byKind].map(([path, { value }]) => [path, value])),
    true,
  );
  if (kinds.length > 0) {
    return kinds.map((kind) => own.find(({ byKind }) => byKind.has(kind))!.byKind.get(kind)!.path);
  }
  const differing = pathsBetween(rows, axis);
  return differing.length > 0 ? differing : pathsAlong(own, axis);
}

/** Paths that hold the value of an axis in every row; 0 may also be absent where that is asked for. */
function heldPaths(
  rows: readonly Row[],
  axis: string,
  leavesOf: (row: Row) => ReadonlyMap<string, Json>,
  absentIsZero: boolean,
): string[] {
  const all = rows.map((row) => ({ value: row.point[axis], found: leavesOf(row) }));
  const first = all.find(({ value }) => value !== 0)!;
  const holds = ({ value, found }: typeof first, path: string) =>
    found.has(path)
      ? canonicalJson(found.get(path)!) === canonicalJson(value)
      : absentIsZero && value === 0;
  return [...first.found.keys()].filter((path) => all.every((each) => holds(each, path)));
}

/**
 * Of an axis with one value: paths that hold it and are named like the axis, or hold it only in the
 * points that have the axis, or else the only one that holds it.
 */
function pathsOfOneValue(own: readonly Row[], rows: readonly Row[], axis: string): string[] {
  const value = canonicalJson(own[0].point[axis]);
  const holds = ({ byPath }: Row, path: string) =>
    byPath.has(path) && canonicalJson(byPath.get(path)!) === value;
  const held = [...own[0].byPath.keys()].filter((path) => own.every((row) => holds(row, path)));
  const named = held.filter((path) => path.split(".").at(-1) === axis);
  if (named.length > 0) return named;
  const others = rows.filter(({ point }) => !(axis in point));
  const apart = others.length === 0
    ? []
    : held.filter((path) => !others.some((row) => holds(row, path)));
  if (apart.length > 0) return apart;
  return held.length === 1 ? held : [];
}

/** Paths that differ between points that differ in an axis only, in its value or by lacking it. */
function pathsBetween(rows: readonly Row[], axis: string): string[] {
  const alike = new Map<string, Row[]>();
  for (const row of rows) {
    const { [axis]: _, ...others } = row.point;
    const key = canonicalJson(others);
    alike.set(key, [...(alike.get(key) ?? []), row]);
  }
  const groups = [...alike.values()].filter((group) =>
    group.length > 1 && group.some(({ point }) => axis in point)
  );
  return [
    ...new Set(groups.flatMap((group) => [
      ...differingPaths(group.map(({ specification }) => specification)).keys(),
    ])),
  ];
}

/** Fewer values fall in line by chance. */
const fewestInLine = 5;

/** Paths whose numbers grow, or fall, strictly with an axis over all points, as in random searches. */
function pathsAlong(rows: readonly Row[], axis: string): string[] {
  if (!rows.every(({ point }) => typeof point[axis] === "number")) return [];
  const sorted = [...rows].sort((a, b) => (a.point[axis] as number) - (b.point[axis] as number));
  const values = sorted.map(({ point }) => point[axis] as number);
  if (new Set(values).size < fewestInLine) return [];
  const steps = (numbers: readonly number[]) =>
    numbers.slice(1).map((value, index) => Math.sign(value - numbers[index]));
  const due = steps(values);
  return [...sorted[0].byPath.keys()].filter((path) => {
    const numbers = sorted.map(({ byPath }) => byPath.get(path));
    if (!numbers.every((each) => typeof each === "number")) return false;
    const found = steps(numbers);
    return due.every((step, index) => step === found[index]) ||
      due.every((step, index) => step === -found[index]);
  });
}
