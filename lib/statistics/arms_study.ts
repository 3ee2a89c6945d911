import type { JsonObject } from "../core/json.ts";
import type { ArmRecord, StudyRecord } from "../records/study_record.ts";

/** Axis of a space of arms that says which arm a point belongs to. */
export const armAxis = "arm";

/** The record of a study whose points belong to named arms. */
export type ArmsStudyRecord = StudyRecord & {
  readonly space: { readonly arms: readonly ArmRecord[] };
};

/**
 * Whether a study compares arms: ways of training that are each tuned over ranges of their own.
 *
 * @param study The study's record.
 *
 * @example
 * ```ts
 * import { isArmsStudy } from "./arms_study.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * assert.equal(isArmsStudy(syntheticStudy().study), false);
 * ```
 */
export function isArmsStudy(study: StudyRecord): study is ArmsStudyRecord {
  return study.space.arms !== undefined;
}

/** Points of one arm, in the order in which they were drawn. */
export function pointsOfArm(study: StudyRecord, arm: string): JsonObject[] {
  return study.space.points.filter((point) => point[armAxis] === arm);
}

/** A point without the name of its arm: what was tuned. */
export function settingsOf(point: JsonObject): JsonObject {
  const { [armAxis]: _, ...settings } = point;
  return settings;
}

/** Every arm that has a parent, with it, in the order of the study. */
export function armsWithParent(
  study: ArmsStudyRecord,
): { readonly arm: ArmRecord; readonly parent: ArmRecord }[] {
  const { arms } = study.space;
  return arms.flatMap((arm) => {
    const parent = arms.find(({ name }) => name === arm.parent);
    return parent === undefined ? [] : [{ arm, parent }];
  });
}
