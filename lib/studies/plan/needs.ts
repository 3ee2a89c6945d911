import { showLong } from "../../core/check.ts";
import { canonicalJson } from "../../core/json.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { teacherOf, type TeacherRecord } from "../../records/teacher_record.ts";
import { strategyOf } from "../search/kinds.ts";
import type { Need } from "../search/planned_run.ts";

/** Runs of another point that those of a point need, on the same fold. */
export interface PointNeed {
  readonly role: Need["role"];
  /** Place of the other point in the space. */
  readonly at: number;
  /** Seeds of its runs; `own` for the one of the same seed. */
  readonly seeds: "own" | readonly number[];
}

/** What a plan reads of a study or its definition. */
type Points = Pick<StudyRecord, "space" | "specifications" | "strategy" | "seeds">;

/**
 * What the runs of each point need of those of others before they can be trained: weights to begin with, by
 * the study's strategy, and teachers, by the specifications.
 *
 * @returns One list a point, in the order of the space.
 * @throws {RangeError} If a teacher is no point of the study or has a seed that the study has not, or if
 * points need each other in a circle.
 *
 * @example
 * ```ts
 * import { grid } from "../search/space.ts";
 * import { pointNeeds } from "./needs.ts";
 * import assert from "node:assert/strict";
 * const space = grid({ share: [0, 0.5] });
 * const teacher = { point: { share: 0 }, seeds: [1] };
 * const student = { training: { teacher } };
 * assert.deepEqual(pointNeeds({ space, specifications: [{}, student], seeds: [1, 2] }), [
 *   [],
 *   [{ role: "teacher", at: 0, seeds: [1] }],
 * ]);
 * ```
 */
export function pointNeeds(study: Points): readonly (readonly PointNeed[])[] {
  const { space, specifications, strategy } = study;
  const weaker = strategyOf(strategy).beginsWith?.(space) ?? null;
  const teachers = specifications.map(teacherOf);
  const places = teachers.some((teacher) => teacher !== null)
    ? new Map(space.points.map((point, index) => [canonicalJson(point), index]))
    : null;
  const needs = space.points.map((_, index): PointNeed[] => {
    const from = weaker?.[index] ?? null;
    const teacher = teachers[index];
    return [
      ...(from === null ? [] : [{ role: "warmStart" as const, at: from, seeds: "own" as const }]),
      ...(teacher === null ? [] : [teacherNeed(study, index, teacher, places!)]),
    ];
  });
  refuseCircle(study, needs);
  return needs;
}

function teacherNeed(
  { space: { points }, seeds }: Points,
  index: number,
  teacher: TeacherRecord,
  places: ReadonlyMap<string, number>,
): PointNeed {
  const at = places.get(canonicalJson(teacher.point));
  const subject = `training.teacher of point ${showLong(points[index])}`;
  if (at === undefined) {
    const known = points.slice(0, 8).map((point) => showLong(point)).join(", ");
    const more = points.length > 8 ? ` and ${points.length - 8} more` : "";
    throw new RangeError(
      `${subject}: its point must be one of the study's, ${known}${more}, found ` +
        `${showLong(teacher.point)}.`,
    );
  }
  if (teacher.seeds !== "own") {
    const other = teacher.seeds.find((seed) => !seeds.includes(seed));
    if (other !== undefined) {
      throw new RangeError(
        `${subject}: its seeds must be of the study's, ${seeds.join(", ")}, found ${other}.`,
      );
    }
  }
  return { role: "teacher", at, seeds: teacher.seeds };
}

/** Refuses points that need each other, so that none of them could be trained first. */
function refuseCircle({ space: { points } }: Points, needs: readonly (readonly PointNeed[])[]) {
  /** Places that lead to no circle. */
  const good = new Set<number>();
  for (const start of needs.keys()) {
    /** The way here, each place with those that it still leads to. */
    const way = [{ place: start, next: needs[start].map(({ at }) => at) }];
    while (way.length > 0) {
      const { place, next } = way.at(-1)!;
      const other = next.pop();
      if (other === undefined) {
        good.add(place);
        way.pop();
        continue;
      }
      const first = way.findIndex((step) => step.place === other);
      if (first !== -1) {
        const circle = [...way.slice(first).map((step) => step.place), other];
        throw new RangeError(
          `Points must not need each other's runs in a circle, found ${
            circle.map((at) => showLong(points[at])).join(" needs ")
          }.`,
        );
      }
      if (!good.has(other)) way.push({ place: other, next: needs[other].map(({ at }) => at) });
    }
  }
}
