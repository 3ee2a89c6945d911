import { checkInteger, checkKeys, checkOneOf, show } from "../../core/check.ts";
import { hashJson, type JsonObject } from "../../core/json.ts";
import type { EnsembleSummary, FoldIndex, RunRecord } from "../../records/run_record.ts";
import type { FoldRecord, StudyRecord } from "../../records/study_record.ts";
import type { PlannedRun } from "../search/planned_run.ts";
import { modelChoice } from "./model_choice.ts";
import { plannedRunOf } from "./planned_run_of.ts";
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
}

/** An ensemble that a study can ask for: runs whose weights are its members. */
export interface PlannedEnsemble {
  readonly id: string;
  readonly point: JsonObject;
  readonly specification: JsonObject;
  readonly fold: FoldRecord;
  readonly mean: EnsembleSummary["mean"];
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
  const { members, mean, engine, numericsVersion } = identity;
  return hashJson({ ensemble: { members, mean }, engine, numericsVersion });
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
  { point, fold, seeds, mean }: EnsembleChoice,
): PlannedEnsemble {
  const members = seeds.map((seed) => plannedRunOf(study, records, { point, fold, seed }));
  const { engine, provenance: { numericsVersion } } = study;
  const [first] = members;
  return {
    id: ensembleId({ members: members.map(({ id }) => id), mean, engine, numericsVersion }),
    point: first.point,
    specification: first.specification,
    fold: first.fold,
    mean,
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
  checkKeys(subject, choice, ["point", "fold", "seeds", "mean"]);
  const { seeds = study.seeds, mean = "probabilities", ...rest } = choice;
  const { point, fold } = modelChoice(study, selection, rest);
  return {
    point,
    fold,
    seeds: checkSeeds(subject, seeds),
    mean: checkOneOf(`${subject}: mean`, mean, [...ensembleMeans]),
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
