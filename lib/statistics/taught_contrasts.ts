import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { teacherOf } from "../records/teacher_record.ts";
import { contrast } from "./contrast.ts";
import { type LinearContrastResult, linearContrasts } from "./linear_contrasts.ts";
import type { StudyRecords } from "./study_records.ts";

/** Settings that learn from a teacher, each against its control. */
export interface TaughtContrasts {
  /** Validation loss at the last step minus that of the control, one a setting that has one. */
  readonly compared: readonly LinearContrastResult[];
  /** Settings with a teacher for which no point is the control. */
  readonly withoutControl: number;
}

/**
 * Compares each setting that learns from a teacher with its control: the point that is the same in all
 * else and learns from the text alone. Asked together, so adjusted by Holm over all of them.
 *
 * @param source A study, or its records.
 * @returns Null for a study without teachers.
 */
export function taughtContrasts(source: StudyRecords): TaughtContrasts | null {
  const { record } = source;
  const rows = rowsOf(record);
  const taught = rows.filter(({ isTaught }) => isTaught);
  if (taught.length === 0) return null;
  const controls = new Map(
    rows.filter(({ isTaught }) => !isTaught).toReversed().map((row) => [row.rest, row.point]),
  );
  const questions = taught.flatMap(({ point, rest }) => {
    const control = controls.get(rest);
    return control === undefined ? [] : [contrast(point).minus(control)];
  });
  return {
    compared: linearContrasts(source, questions).contrasts,
    withoutControl: taught.length - questions.length,
  };
}

/** Points with all that they are but for who teaches. */
function rowsOf({ space, specifications }: StudyRecord) {
  return space.points.flatMap((point, index) => {
    const specification = specifications[index];
    if (specification === undefined) return [];
    const { teacher: _, ...training } = (specification.training ?? {}) as JsonObject;
    const rest = canonicalJson({ ...specification, training });
    return [{ point, rest, isTaught: teacherOf(specification) !== null }];
  });
}
