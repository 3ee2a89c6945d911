import { parseJson } from "../../../core/parse_json.ts";
import { checkKeys, checkText, show } from "../../../core/check.ts";
import { sha256 } from "../../../core/hash.ts";
import { canonicalJson, type Json, type JsonObject } from "../../../core/json.ts";
import {
  checkOptions,
  integer,
  nested,
  number,
  oneOf,
  option,
  orAbsent,
  orNull,
  passed,
  stated,
  text,
} from "../../../core/options.ts";
import { numericsVersion } from "../../../core/version.ts";
import { checkFold } from "../../../data/check_fold.ts";
import { checkRunRecord } from "../../../records/check_record.ts";
import type { RunRecord } from "../../../records/run_record.ts";
import { teacherOf } from "../../../records/teacher_record.ts";
import type { FoldRecord } from "../../../records/study_record.ts";
import type { CheckpointInterval } from "../../../training/checkpoint.ts";
import type { RunRequest } from "../../../training/run_request.ts";
import { runId } from "../../plan/run_id.ts";

/** A run on its way to a worker: JSON only. */
export interface RunJob {
  readonly schemaVersion: 1;
  /** Name of the study, for messages and for the key of its results. */
  readonly study: string;
  /** Id of the engine that the run's bits must come from. */
  readonly engine: string;
  readonly numericsVersion: number;
  readonly id: string;
  readonly specification: JsonObject;
  readonly point: JsonObject;
  readonly fold: FoldRecord;
  readonly seed: number;
  /** Whether the trained weights are wanted back. */
  readonly keepWeights: boolean;
  readonly checkpointEvery: CheckpointInterval | null;
  /** Step at which the run pauses at a rung; absent when it goes to its end. */
  readonly stopAt?: number;
  /** Whether the study takes numbers of another engine or numerics version; left out for no. */
  readonly allowOther?: true;
}

/**
 * A run as it goes to a worker.
 *
 * @param of Study, engine that its record must come from, and whether another one will do.
 */
export function jobOf(
  request: RunRequest,
  of: Pick<RunJob, "study" | "engine"> & { readonly allowOther: boolean },
): RunJob {
  const { id, specification, point, fold, seed, weightsPath, checkpoint, stopAt } = request;
  return {
    schemaVersion: 1,
    study: of.study,
    engine: of.engine,
    numericsVersion,
    id,
    specification,
    point,
    fold,
    seed,
    keepWeights: weightsPath !== null,
    checkpointEvery: checkpoint ? { seconds: checkpoint.seconds, steps: checkpoint.steps } : null,
    ...(stopAt ? { stopAt } : {}),
    ...(of.allowOther ? { allowOther: true } : {}),
  };
}

/** What a worker gives back. */
export interface RunResult {
  readonly record: RunRecord;
  /** Bytes of the weights file as base64, or null. */
  readonly weights: string | null;
}

const interval = { seconds: orNull(number({ from: 0 })), steps: orNull(integer({ from: 1 })) };

const described = stated({
  schemaVersion: oneOf([1]),
  study: option(checkStudyName),
  engine: text(),
  numericsVersion: integer(),
  id: passed<string>(),
  specification: option(checkObject),
  point: option(checkObject),
  fold: option(checkFold),
  seed: integer(),
  keepWeights: oneOf([true, false]),
  checkpointEvery: orNull(nested(stated(interval))),
  stopAt: orAbsent(integer({ from: 1 })),
  allowOther: orAbsent(oneOf([true])),
});

/** Characters of a job's JSON at most; a study's own text may be in it. */
const longestJob = 64 * 1024 * 1024;

/**
 * Checks what arrived on the queue: the shape of every field, that engine and numerics version are
 * this worker's, that the fold is one and the specification can be trained on it, and that the id is
 * the hash of all that.
 *
 * @param checkSpecification Gives a specification with all its defaults, or throws where it is none or
 * cannot be trained on the fold.
 * @param allowOther Whether this worker does runs of another engine or numerics version for studies
 * that take such numbers.
 * @throws {TypeError | RangeError} Saying why the job is refused.
 */
export function checkJob(
  value: unknown,
  engine: string,
  checkSpecification: (specification: JsonObject, fold: FoldRecord) => JsonObject,
  allowOther = false,
): RunJob {
  const length = canonicalJson(value ?? null).length;
  if (length > longestJob) {
    throw new RangeError(`job must be at most ${longestJob} characters long, found ${length}.`);
  }
  const job = checkOptions("job", value, described, ".");
  const [same, both] = [!allowOther || job.allowOther !== true, "allowed on both sides"];
  if (same && job.numericsVersion !== numericsVersion) {
    throw new RangeError(
      `job.numericsVersion must be this worker's, ${numericsVersion}, found ${job.numericsVersion}: ` +
        `its numbers would be others, which is not ${both}. Update the older side of the two.`,
    );
  }
  if (same && job.engine !== engine) {
    throw new RangeError(
      `job.engine must be this worker's, ${show(engine)}, found ${show(job.engine)}: its numbers ` +
        `would be others, which is not ${both}. Start a worker with that engine.`,
    );
  }
  const specification = checkSpecification(job.specification, job.fold);
  if (canonicalJson(specification) !== canonicalJson(job.specification)) {
    throw new RangeError("job.specification must hold every default, found one that does not.");
  }
  if (teacherOf(specification) !== null) {
    throw new RangeError(
      "job.specification must have no training.teacher: weights of other runs do not come over a queue.",
    );
  }
  const id = runId(job);
  if (job.id !== id) {
    throw new RangeError(`job.id must be the hash of the run, ${id}, found ${show(job.id)}.`);
  }
  return job;
}

function checkStudyName(name: string, value: unknown): string {
  const study = checkText(name, value);
  if (study.length <= 400 && !/\p{Cc}/u.test(study)) return study;
  throw new RangeError(`${name} must be the name of a study, found ${show(study)}.`);
}

function checkObject(name: string, value: unknown): JsonObject {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw new TypeError(`${name} must be an object, found ${show(value)}.`);
}

/**
 * Checks what a worker gave back against what was asked for.
 *
 * @param allowOther Whether it may be of another engine or numerics version.
 * @throws {SyntaxError | TypeError | RangeError} If it is not the result of that run.
 */
export function checkResult(
  text: string,
  request: RunRequest,
  engine: string,
  allowOther = false,
): RunResult {
  const value = parseJson(text, "result");
  checkKeys("result", value, ["record", "weights"]);
  const { record, weights } = value as RunResult;
  checkRunRecord(record);
  const asked = {
    id: request.id,
    fold: request.fold.index,
    seed: request.seed,
    point: request.point,
    ...(allowOther ? {} : { engine, numericsVersion }),
  };
  for (const [name, expected] of Object.entries(asked)) {
    const found = record[name as keyof RunRecord] as Json;
    if (canonicalJson(found) !== canonicalJson(expected)) {
      throw new RangeError(
        `result.record.${name} must be ${show(expected)}, found ${show(found)}.`,
      );
    }
  }
  if (weights === null) {
    if (request.weightsPath !== null && record.status === "completed") {
      throw new TypeError("result.weights must be there, found none.");
    }
  } else {
    checkText("result.weights", weights);
    const { weightsSha256 } = record;
    if (weightsSha256 !== undefined && sha256(bytesOf(weights)) !== weightsSha256) {
      throw new RangeError(
        `result.weights must have the SHA-256 of the record, ${weightsSha256}, found another.`,
      );
    }
  }
  return { record, weights };
}

function bytesOf(weights: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(weights);
  } catch {
    throw new SyntaxError(`result.weights must be base64, found ${show(weights)}.`);
  }
}

/** Names in Redis of what belongs to runs of an engine and a numerics version. */
export function queueNames(engine: string, study: string, version = numericsVersion) {
  // A colon has a meaning in BullMQ's keys.
  const safe = (text: string) => encodeURIComponent(text).replaceAll("%", "_");
  return {
    queue: `runs-${version}-${safe(engine)}`,
    /** Hash from run id to result. */
    results: `parsimony:results-${version}-${safe(engine)}-${safe(study)}`,
    jobId: (id: string) => `${safe(study)}-${id}`,
  };
}
