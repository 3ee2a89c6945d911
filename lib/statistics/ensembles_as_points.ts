import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecords } from "./study_records.ts";

/** Point under which the ensembles of a point stand. */
export interface EnsemblePoint {
  /** Point of their members. */
  readonly members: JsonObject;
  /** What they are called; no point of the study. */
  readonly as: JsonObject;
}

/**
 * The records of a study in which ensembles stand as points of their own, so that `linearContrasts` and
 * figures compare them with runs.
 *
 * A fold has one ensemble of a point and a run for each seed: the ensemble stands there once for each seed,
 * so that its difference from a point is that from the mean over the point's seeds. That it has no spread
 * over seeds says nothing of how ensembles of other seeds would differ.
 *
 * @param source A study, or its records.
 * @param named See {@link EnsemblePoint}.
 * @returns The records with these points beside those of the study, without its ensembles.
 * @throws {RangeError} If members are of no point of the study, a name is one of its points or stands
 * twice, or a fold has several ensembles of the members.
 *
 * @example
 * ```ts
 * import { ensemblesAsPoints } from "./ensembles_as_points.ts";
 * import { contrast } from "./contrast.ts";
 * import { linearContrasts } from "./linear_contrasts.ts";
 * import { syntheticRecords } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { record, records } = syntheticRecords();
 * const [members] = record.space.points;
 * // Of each fold an ensemble whose loss is 1.
 * const ensembles = record.folds.map(({ index }) => {
 *   const run = records.find((run) => run.point === members && run.fold === index)!;
 *   const final = { ...run.final!, heldOutLoss: 1 };
 *   return { ...run, id: `ensemble ${index}`, final, curve: [final] };
 * });
 * const as = { models: 2 };
 * const { contrasts: [{ folds }] } = linearContrasts(
 *   ensemblesAsPoints({ record, records, ensembles }, [{ members, as }]),
 *   [contrast(as).minus(members)],
 * );
 * assert.equal(folds.length, record.folds.length);
 * ```
 */
export function ensemblesAsPoints(
  { record, records, ensembles = [] }: StudyRecords,
  named: readonly EnsemblePoint[],
): StudyRecords {
  const { space, specifications, seeds } = record;
  const known = space.points.map(canonicalJson);
  const names = named.map(({ as }) => canonicalJson(as));
  const taken = names.find((name, index) => known.includes(name) || names.indexOf(name) < index);
  if (taken !== undefined) {
    throw new RangeError(
      `ensemblesAsPoints: ensembles must be called what no other point of study ${record.name} is, ` +
        `found ${taken}.`,
    );
  }
  const added = named.map(({ members, as }) => {
    const key = canonicalJson(members);
    const place = known.indexOf(key);
    if (place < 0) {
      throw new RangeError(`ensemblesAsPoints: study ${record.name} has no point ${key}.`);
    }
    const own = ensembles.filter(({ point }) => canonicalJson(point) === key);
    const twice = own.find(({ fold }, index) =>
      own.findIndex((each) => each.fold === fold) < index
    );
    if (twice !== undefined) {
      throw new RangeError(
        `ensemblesAsPoints: a fold of study ${record.name} must have one ensemble of ${key}, found ` +
          `several on fold ${twice.fold}.`,
      );
    }
    return {
      point: as,
      specification: specifications[place],
      records: own.flatMap((each) => seeds.map((seed) => standIn(each, as, seed))),
    };
  });
  return {
    record: {
      ...record,
      space: { ...space, points: [...space.points, ...added.map(({ point }) => point)] },
      specifications: [...specifications, ...added.map(({ specification }) => specification)],
    },
    records: [...records, ...added.flatMap((each) => each.records)],
  };
}

/** An ensemble in the place of the run of a seed. */
function standIn(ensemble: RunRecord, point: JsonObject, seed: number): RunRecord {
  return { ...ensemble, id: `${ensemble.id} ${seed}`, point, seed };
}
