import { checkBoolean, checkInteger, checkKeys, checkOneOf, show } from "../../core/check.ts";
import { canonicalJson, hashJson, type JsonObject } from "../../core/json.ts";
import type { EnsembleSummary, FoldIndex, RunRecord } from "../../records/run_record.ts";
import type { EnsembleRecord, FoldRecord, StudyRecord } from "../../records/study_record.ts";
import type { PlannedRun } from "../search/planned_run.ts";
import { modelChoice } from "./model_choice.ts";
import { plannedRunOf } from "./planned_run_of.ts";
import { allRuns } from "./run_id.ts";
import type { StudySelection } from "./selection.ts";

/** Which ensemble is wanted. */
export interface EnsembleChoice {
  /** Point of the search space. */
  readonly point: JsonObject;
  /** Index of a fold, or `final`: members trained on all but the final block. */
  readonly fold: FoldIndex;
  /** Seeds of the members, none twice. */
  readonly seeds: readonly number[];
  /** What is averaged at each token. */
  readonly mean: EnsembleSummary["mean"];
  /** Whether the snapshots of each run are its members (see `training.snapshots`), or what it ended with. */
  readonly snapshots: boolean;
}

/** An ensemble that a study can ask for: runs whose weights are its members. */
export interface PlannedEnsemble {
  readonly id: string;
  readonly point: JsonObject;
  readonly specification: JsonObject;
  readonly fold: FoldRecord;
  readonly mean: EnsembleSummary["mean"];
  /** Whether the snapshots of each run are its members. */
  readonly snapshots: boolean;
  /** In the order in which they are summed. */
  readonly members: readonly PlannedRun[];
}

/** What may be averaged. */
export const ensembleMeans: readonly EnsembleSummary["mean"][] = ["probabilities", "logits"];

/** Everything that the numbers of an ensemble depend on. */
export interface EnsembleIdentity {
  /** Ids of its members' runs, in their order. */
  readonly members: readonly string[];
  readonly mean: EnsembleSummary["mean"];
  /** Whether the snapshots of each run are its members; not by default. */
  readonly snapshots?: boolean;
  /** Engine with whatever its bits depend on. */
  readonly engine: string;
  readonly numericsVersion: number;
}

/**
 * Id of an ensemble: the SHA-256 of the canonical JSON of everything that its numbers depend on. What is
 * measured on which text is in the ids of its members.
 *
 * @returns 64 lowercase hexadecimal digits.
 *
 * @example
 * ```ts
 * import { ensembleId } from "./ensembles.ts";
 * import assert from "node:assert/strict";
 * const members = ["a".repeat(64), "b".repeat(64)];
 * const identity = { members, mean: "logits", engine: "wasm", numericsVersion: 2 } as const;
 * assert.match(ensembleId(identity), /^[0-9a-f]{64}$/);
 * assert.notEqual(ensembleId(identity), ensembleId({ ...identity, members: members.toReversed() }));
 * ```
 */
export function ensembleId(identity: EnsembleIdentity): string {
  const { members, mean, snapshots = false, engine, numericsVersion } = identity;
  return hashJson({
    ensemble: { members, mean, ...(snapshots && { snapshots }) },
    engine,
    numericsVersion,
  });
}

/**
 * The ensemble of a point on a fold.
 *
 * @param records Records of the study's runs, which say how refits are trained.
 * @throws {RangeError} If the study has no such point, fold or seed.
 */
export function plannedEnsemble(
  study: StudyRecord,
  records: readonly RunRecord[],
  { point, fold, seeds, ...kind }: EnsembleChoice,
): PlannedEnsemble {
  const members = seeds.map((seed) => plannedRunOf(study, records, { point, fold, seed }));
  return ensembleOf(study, members, kind);
}

function ensembleOf(
  { engine, provenance: { numericsVersion } }: StudyRecord,
  members: readonly PlannedRun[],
  kind: Pick<EnsembleChoice, "mean" | "snapshots">,
): PlannedEnsemble {
  const [first] = members;
  return {
    id: ensembleId({ members: members.map(({ id }) => id), ...kind, engine, numericsVersion }),
    point: first.point,
    specification: first.specification,
    fold: first.fold,
    ...kind,
    members,
  };
}

/**
 * Fills in what a choice of an ensemble leaves out: the point that the study's rule selects, the final
 * fold, all seeds, probabilities.
 *
 * @throws {TypeError | RangeError} On an unknown option, seeds that are none or one of them twice, or as
 * {@link modelChoice}.
 */
export function ensembleChoice(
  study: StudyRecord,
  selection: StudySelection,
  choice: Partial<EnsembleChoice>,
): EnsembleChoice {
  const subject = "study.ensemble";
  checkKeys(subject, choice, ["point", "fold", "seeds", "mean", "snapshots"]);
  const { seeds = study.seeds, mean = "probabilities", snapshots = false, ...rest } = choice;
  const { point, fold } = modelChoice(study, selection, rest);
  return {
    point,
    fold,
    seeds: checkSeeds(subject, seeds),
    mean: checkOneOf(`${subject}: mean`, mean, [...ensembleMeans]),
    snapshots: checkBoolean(`${subject}: snapshots`, snapshots),
  };
}

/** Refuses what is no list of different whole numbers. */
export function checkSeeds(subject: string, seeds: readonly number[]): readonly number[] {
  if (!Array.isArray(seeds) || seeds.length === 0) {
    throw new TypeError(`${subject}: seeds must be a list of whole numbers, found ${show(seeds)}.`);
  }
  for (const seed of seeds) checkInteger(`${subject}: a seed`, seed);
  const twice = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
  if (twice === undefined) return seeds;
  throw new RangeError(
    `${subject}: seeds must differ, because a run can be a member once, found ${
      show(twice)
    } twice.`,
  );
}

/** Ensembles that a study is to have, one on each fold whose members complete. */
export interface EnsembleOptions {
  /** Point of the members; every point of the space if not given. */
  readonly point?: JsonObject;
  /** Seeds of the members, in the order in which they are summed; all of the study if not given. */
  readonly seeds?: readonly number[];
  /**
   * What is averaged at each token.
   *
   * @default {"probabilities"}
   */
  readonly mean?: EnsembleSummary["mean"];
  /**
   * Whether the snapshots that each run has taken (`training.snapshots`) are the members, of points that
   * take some, and not the weights that it ended with.
   *
   * @default {false}
   */
  readonly snapshots?: boolean;
}

/**
 * Checks the ensembles that a study is to have, and fills in their means.
 *
 * @param given As the study was given them; undefined for none.
 * @param study Points and seeds that it has.
 * @throws {TypeError | RangeError} If there is an unknown option, point or seed, a seed is there twice, or
 * two ask for the same.
 */
export function checkEnsembles(
  subject: string,
  given: unknown,
  { points, seeds }: { readonly points: readonly JsonObject[]; readonly seeds: readonly number[] },
): readonly EnsembleRecord[] | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length === 0) {
    throw new TypeError(
      `${subject} must be a list of at least one object, such as [{ seeds: [1, 2, 3] }], found ` +
        `${show(given)}.`,
    );
  }
  const known = points.map(canonicalJson);
  const checked = given.map((each, index): EnsembleRecord => {
    const name = `${subject}[${index}]`;
    checkKeys(name, each, ["point", "seeds", "mean", "snapshots"]);
    const {
      point,
      seeds: own,
      mean = "probabilities",
      snapshots = false,
    } = each as EnsembleOptions;
    if (point !== undefined && !known.includes(canonicalJson(point))) {
      throw new RangeError(`${name}: point must be a point of the space, found ${show(point)}.`);
    }
    const other = own && checkSeeds(name, own).find((seed) => !seeds.includes(seed));
    if (other !== undefined) {
      throw new RangeError(
        `${name}: seeds must be some of the study's, ${seeds.join(", ")}, found ${show(other)}.`,
      );
    }
    const ofSnapshots = checkBoolean(`${name}: snapshots`, snapshots);
    const [count, whose] = own === undefined ? [seeds.length, "the study's "] : [own.length, ""];
    if (count < 2 && !ofSnapshots) {
      throw new RangeError(
        `${name}: seeds must be at least 2, for the mean of one run is that run, found ${whose}` +
          `${show(own ?? seeds)}; an ensemble of one run is of its snapshots (snapshots: true).`,
      );
    }
    return {
      ...(point === undefined ? {} : { point }),
      ...(own === undefined ? {} : { seeds: [...own] }),
      mean: checkOneOf(`${name}: mean`, mean, [...ensembleMeans]),
      ...(ofSnapshots && { snapshots: true as const }),
    };
  });
  const keys = checked.map(canonicalJson);
  const twice = checked.find((_, index) => keys.indexOf(keys[index]) !== index);
  if (twice === undefined) return checked;
  throw new RangeError(`${subject} must ask for each ensemble once, found ${show(twice)} twice.`);
}

/**
 * The ensembles that a study asks for and whose members have all completed, in the order in which it asks
 * for them: by its list, by point, by fold, the final one last.
 *
 * @param runs Records of the study's runs: they alone decide.
 */
export function plannedEnsembles(
  study: StudyRecord,
  runs: readonly RunRecord[],
): readonly PlannedEnsemble[] {
  if (study.ensembles === undefined) return [];
  const completed = new Set(
    runs.filter(({ status }) => status === "completed").map(({ id }) => id),
  );
  const placeOf = (point: JsonObject, fold: FoldIndex, seed: number) =>
    `${canonicalJson(point)} ${fold} ${seed}`;
  const runsByPlace = new Map(
    allRuns(study, runs).filter(({ id }) => completed.has(id))
      .map((run) => [placeOf(run.point, run.fold.index, run.seed), run]),
  );
  const folds = [...study.folds, ...(study.finalFold === null ? [] : [study.finalFold])];
  const taking = new Set(
    study.space.points.filter((_, index) => takesSnapshots(study.specifications[index]))
      .map(canonicalJson),
  );
  const found = study.ensembles.flatMap(({ point, seeds = study.seeds, mean, snapshots = false }) =>
    (point === undefined ? study.space.points : [point]).filter((each) =>
      !snapshots || taking.has(canonicalJson(each))
    ).flatMap((each) =>
      folds.flatMap(({ index }) => {
        const members = seeds.map((seed) => runsByPlace.get(placeOf(each, index, seed)));
        const whole = members.filter((run) => run !== undefined);
        return whole.length < members.length ? [] : [ensembleOf(study, whole, { mean, snapshots })];
      })
    )
  );
  // Two entries of the list may come to the same.
  return [...new Map(found.map((ensemble) => [ensemble.id, ensemble])).values()];
}

function takesSnapshots({ training }: JsonObject): boolean {
  return ((training as JsonObject | undefined)?.snapshots ?? null) !== null;
}

/** Whether a run is a member of an ensemble that the study asks for, so that its weights are kept. */
export function isMember({ ensembles = [] }: StudyRecord, { point, seed }: PlannedRun): boolean {
  return ensembles.some(({ point: own, seeds }) =>
    (seeds === undefined || seeds.includes(seed)) &&
    (own === undefined || canonicalJson(own) === canonicalJson(point))
  );
}

/**
 * The records of a study's ensembles that have one, in the order in which the study asks for them.
 *
 * @param runs Records of its runs.
 * @param recorded Records of ensembles, others among them.
 */
export function ownEnsembles(
  study: StudyRecord,
  runs: readonly RunRecord[],
  recorded: readonly RunRecord[],
): RunRecord[] {
  const records = new Map(recorded.map((record) => [record.id, record]));
  return plannedEnsembles(study, runs).map(({ id }) => records.get(id))
    .filter((record) => record !== undefined);
}

/** Planned ensembles that have no record yet. */
export function missingEnsembles(
  study: StudyRecord,
  runs: readonly RunRecord[],
  recorded: readonly RunRecord[],
): readonly PlannedEnsemble[] {
  const ids = new Set(recorded.map(({ id }) => id));
  return plannedEnsembles(study, runs).filter(({ id }) => !ids.has(id));
}

/** What the record of an ensemble says of it, but for how many snapshots it has. */
export function summaryOf({ mean, members }: PlannedEnsemble): EnsembleSummary {
  return { mean, members: members.map(({ id }) => id), seeds: members.map(({ seed }) => seed) };
}
