import { show, showLong } from "../../core/check.ts";
import { canonicalJson, hashJson, type JsonObject } from "../../core/json.ts";
import { numericsVersion as currentNumericsVersion } from "../../core/version.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { FoldRecord, StudyRecord } from "../../records/study_record.ts";
import { refitSpecifications } from "./refits.ts";
import { type Need, neededIds, type PlannedRun, recordsOf } from "../search/planned_run.ts";
import { type PointNeed, pointNeeds } from "./needs.ts";

/** Everything that the numbers of a run depend on. */
export interface RunIdentity {
  readonly specification: JsonObject;
  /** With its index, because random streams derive from it. */
  readonly fold: FoldRecord;
  readonly seed: number;
  /** Engine with whatever its bits depend on. */
  readonly engine: string;
  /** The library's own when left out. */
  readonly numericsVersion?: number;
  /** Id of the run whose trained weights it begins with; left out when the initializer draws them. */
  readonly warmStartedFrom?: string;
  /** Ids of the runs whose predictions it learns, in their order; left out where there are none. */
  readonly teachers?: readonly string[];
}

/**
 * Id of a run: the SHA-256 of the canonical JSON of everything that its numbers depend on.
 *
 * The point is not part of it: two spaces whose points give the same specification share runs.
 *
 * @returns 64 lowercase hexadecimal digits.
 *
 * @example
 * ```ts
 * import { runId } from "./run_id.ts";
 * import assert from "node:assert/strict";
 * const fold = { index: 0, training: [{ start: 9, end: 20 }], heldOut: [{ start: 0, end: 5 }] };
 * const run = { specification: { steps: 10 }, fold, seed: 1, engine: "wasm" };
 * assert.equal(runId(run), runId({ ...run, specification: { ...run.specification } }));
 * assert.notEqual(runId(run), runId({ ...run, seed: 2 }));
 * ```
 */
export function runId(run: RunIdentity): string {
  const { specification, fold, seed, engine, warmStartedFrom, teachers } = run;
  return hashJson({
    specification,
    fold: {
      index: fold.index,
      training: fold.training,
      heldOut: fold.heldOut,
      ...(fold.choosing && { choosing: fold.choosing }),
      ...(fold.unit && { unit: fold.unit }),
    },
    seed,
    engine,
    numericsVersion: run.numericsVersion ?? currentNumericsVersion,
    ...(warmStartedFrom === undefined ? {} : { warmStartedFrom }),
    ...(teachers === undefined ? {} : { teachers }),
  });
}

/**
 * The cross-validation runs of a study: all points × folds × seeds, in the order in which they are
 * trained: every point once before any point again, so that an unfinished study already says
 * something about all of them.
 */
export function crossValidationRuns(study: StudyRecord): readonly PlannedRun[] {
  const known = crossValidations.get(study);
  if (known !== undefined) return known;
  const needs = pointNeeds(study);
  const planners = study.folds.map((fold) => plannerOf(study, fold, needs));
  const runs = study.seeds.flatMap((seed) =>
    planners.flatMap((plan) => study.space.points.map((_, index) => plan(index, seed)))
  );
  crossValidations.set(study, runs);
  return runs;
}

/** Hashing is what takes time in opening a large study, and its plan is asked for several times. */
const crossValidations = new WeakMap<StudyRecord, readonly PlannedRun[]>();

/**
 * The refits of some points: trained on all but the final block with every seed.
 *
 * What of a specification looks at held-out text is replaced by what the folds chose, so that training
 * reads nothing of the final block ({@link refitSpecifications}).
 *
 * @param study The study.
 * @param chosen Points to refit.
 * @param runs Records of the study's runs on the folds, others among them.
 * @throws {RangeError} If a point is not in the study.
 */
export function refitRuns(
  study: StudyRecord,
  chosen: readonly JsonObject[],
  runs: readonly RunRecord[],
): PlannedRun[] {
  const { finalFold } = study;
  if (finalFold === null) return [];
  if (chosen.length === 0) return [];
  const specifications = refitSpecifications(study, recordsOf(crossValidationRuns(study), runs));
  const needs = pointNeeds(study);
  const plan = plannerOf({ ...study, specifications }, finalFold, needs);
  const places = placesOf(study, chosen);
  if (needs.every((each) => each.length === 0)) {
    return study.seeds.flatMap((seed) => places.map((place) => plan(place, seed)));
  }
  const wanted = new Set<string>();
  const want = (run: PlannedRun, place: number) => {
    if (wanted.has(run.id)) return;
    wanted.add(run.id);
    for (const { at, seeds } of needs[place]) {
      for (const seed of seeds === "own" ? [run.seed] : seeds) want(plan(at, seed), at);
    }
  };
  for (const seed of study.seeds) for (const place of places) want(plan(place, seed), place);
  return study.seeds.flatMap((seed) =>
    study.space.points.map((_, index) => plan(index, seed)).filter(({ id }) => wanted.has(id))
  );
}

/**
 * Plans the runs of a study on one fold, each with those that it needs.
 *
 * @returns The run of the point at a place with a seed; the same object whenever it is asked for.
 */
function plannerOf(
  study: StudyRecord,
  fold: FoldRecord,
  needs: readonly (readonly PointNeed[])[],
): (place: number, seed: number) => PlannedRun {
  const { engine, provenance: { numericsVersion }, space, specifications } = study;
  const planned = new Map<string, PlannedRun>();
  const plan = (place: number, seed: number): PlannedRun => {
    const key = `${place} ${seed}`;
    const known = planned.get(key);
    if (known !== undefined) return known;
    const [point, specification] = [space.points[place], specifications[place]];
    const found = needs[place].map(({ role, at, seeds }): Need => ({
      role,
      ids: (seeds === "own" ? [seed] : seeds).map((seed) => plan(at, seed).id),
    }));
    const needed = found.length === 0 ? {} : { needs: found };
    const id = runId({
      ...{ specification, fold, seed, engine, numericsVersion },
      ...identityOf(needed),
    });
    const run = { id, point, specification, fold, seed, ...needed };
    planned.set(key, run);
    return run;
  };
  return plan;
}

/** What a run's record and its id say of the runs that it needed. */
export function identityOf(
  run: Pick<PlannedRun, "needs">,
): Pick<RunRecord, "warmStartedFrom" | "teachers"> {
  const [warmStartedFrom] = neededIds(run, "warmStart");
  const teachers = neededIds(run, "teacher");
  return {
    ...(warmStartedFrom === undefined ? {} : { warmStartedFrom }),
    ...(teachers.length === 0 ? {} : { teachers }),
  };
}

/** All runs that a study can ask for; what its refits are, the runs on its folds say. */
export function allRuns(study: StudyRecord, runs: readonly RunRecord[]): readonly PlannedRun[] {
  return [...crossValidationRuns(study), ...refitRuns(study, study.space.points, runs)];
}

/**
 * The records of a study's own runs, in the order in which the study plans them: of the engine,
 * numerics version, specifications and spans that its definition asks for. A journal may hold
 * others, which are kept and never mixed in.
 *
 * @param runs One record a run, in any order.
 */
export function ownRuns(study: StudyRecord, runs: readonly RunRecord[]): RunRecord[] {
  return recordsOf(allRuns(study, runs), runs);
}

/**
 * The specifications that a study has for some points.
 *
 * @throws {RangeError} If a point is not in the study.
 */
export function specificationsOf(
  study: StudyRecord,
  points: readonly JsonObject[],
): JsonObject[] {
  return placesOf(study, points).map((place) => study.specifications[place]);
}

/** Places of points in the space of a study. */
function placesOf(study: StudyRecord, points: readonly JsonObject[]): number[] {
  const indices = new Map(study.space.points.map((point, index) => [canonicalJson(point), index]));
  return points.map((point) => {
    const index = indices.get(canonicalJson(point));
    if (index !== undefined) return index;
    const known = study.space.points.map((point) => show(point));
    const more = known.length > 8 ? ` and ${known.length - 8} more` : "";
    throw new RangeError(
      `Study ${show(study.name)} has no point ${showLong(point)}; its points are ` +
        `${known.slice(0, 8).join(", ")}${more}.`,
    );
  });
}
