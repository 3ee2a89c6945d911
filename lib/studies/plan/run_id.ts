import { show, showLong } from "../../core/check.ts";
import { canonicalJson, hashJson, type JsonObject } from "../../core/json.ts";
import { numericsVersion as currentNumericsVersion } from "../../core/version.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { FoldRecord, StudyRecord } from "../../records/study_record.ts";
import { refitSpecifications } from "./refits.ts";
import { strategyOf } from "../search/kinds.ts";
import { type PlannedRun, recordsOf } from "../search/planned_run.ts";

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
  const { specification, fold, seed, engine, warmStartedFrom } = run;
  return hashJson({
    specification,
    fold: {
      index: fold.index,
      training: fold.training,
      heldOut: fold.heldOut,
      ...(fold.choosing && { choosing: fold.choosing }),
    },
    seed,
    engine,
    numericsVersion: run.numericsVersion ?? currentNumericsVersion,
    ...(warmStartedFrom === undefined ? {} : { warmStartedFrom }),
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
  const runs = study.seeds.flatMap((seed) =>
    study.folds.flatMap((fold) => planFold(study, study.specifications, fold, seed))
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
  if (strategyOf(study.strategy).beginsWith === null) {
    const ofChosen = specificationsOf({ ...study, specifications }, chosen);
    return study.seeds.flatMap((seed) =>
      chosen.map((point, index) => plan(study, point, ofChosen[index], finalFold, seed))
    );
  }
  const wanted = onTheWay(study, chosen);
  return study.seeds.flatMap((seed) =>
    planFold(study, specifications, finalFold, seed).filter((_, index) => wanted.has(index))
  );
}

/** Places of some points and of all whose weights they begin with, directly or not. */
function onTheWay(study: StudyRecord, chosen: readonly JsonObject[]): Set<number> {
  const keys = new Set(chosen.map(canonicalJson));
  const weaker = weakerOf(study);
  const places = new Set<number>();
  for (const [index, point] of study.space.points.entries()) {
    if (!keys.has(canonicalJson(point))) continue;
    for (let at: number | null = index; at !== null; at = weaker[at]) places.add(at);
  }
  return places;
}

function weakerOf({ strategy, space }: StudyRecord): readonly (number | null)[] {
  return strategyOf(strategy).beginsWith?.(space) ?? space.points.map(() => null);
}

/** All points of a study on one fold with one seed, in their order. */
function planFold(
  study: StudyRecord,
  specifications: readonly JsonObject[],
  fold: FoldRecord,
  seed: number,
): PlannedRun[] {
  const weaker = weakerOf(study);
  const planned: PlannedRun[] = Array(weaker.length);
  const planAt = (index: number): PlannedRun => {
    if (planned[index] !== undefined) return planned[index];
    const from = weaker[index];
    const warmStartedFrom = from === null ? undefined : planAt(from).id;
    const [point, specification] = [study.space.points[index], specifications[index]];
    return planned[index] = plan(study, point, specification, fold, seed, warmStartedFrom);
  };
  return weaker.map((_, index) => planAt(index));
}

/**
 * The records of a study's own runs, in the order in which the study plans them: of the engine,
 * numerics version, specifications and spans that its definition asks for. A journal may hold
 * others, which are kept and never mixed in.
 *
 * @param runs One record a run, in any order.
 */
export function ownRuns(study: StudyRecord, runs: readonly RunRecord[]): RunRecord[] {
  return recordsOf(
    [...crossValidationRuns(study), ...refitRuns(study, study.space.points, runs)],
    runs,
  );
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
  const indices = new Map(study.space.points.map((point, index) => [canonicalJson(point), index]));
  return points.map((point) => {
    const index = indices.get(canonicalJson(point));
    if (index !== undefined) return study.specifications[index];
    const known = study.space.points.map((point) => show(point));
    const more = known.length > 8 ? ` and ${known.length - 8} more` : "";
    throw new RangeError(
      `Study ${show(study.name)} has no point ${showLong(point)}; its points are ` +
        `${known.slice(0, 8).join(", ")}${more}.`,
    );
  });
}

function plan(
  study: StudyRecord,
  point: JsonObject,
  specification: JsonObject,
  fold: FoldRecord,
  seed: number,
  warmStartedFrom?: string,
): PlannedRun {
  const { engine, provenance: { numericsVersion } } = study;
  const id = runId({ specification, fold, seed, engine, numericsVersion, warmStartedFrom });
  const planned = { id, point, specification, fold, seed };
  return warmStartedFrom === undefined ? planned : { ...planned, warmStartedFrom };
}
