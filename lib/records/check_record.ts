import { checkOneOf, show } from "../core/check.ts";
import type { CurvePoint, RunRecord, RunStatus } from "./run_record.ts";
import type { StudyRecord } from "./study_record.ts";

/** Versions of the record formats that this library reads. */
export const recordVersions: readonly number[] = [1];

const statuses: readonly RunStatus[] = ["completed", "diverged", "failed", "pruned"];

type Check = "text" | "number" | "count" | "list" | "object" | "textOrNull" | "objectOrNull";

const holds: { readonly [check in Check]: (value: unknown) => boolean } = {
  text: (value) => typeof value === "string" && value.length > 0,
  number: (value) => typeof value === "number" && Number.isFinite(value),
  count: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  list: Array.isArray,
  object: (value) => value !== null && typeof value === "object" && !Array.isArray(value),
  textOrNull: (value) => value === null || typeof value === "string",
  objectOrNull: (value) => value === null || holds.object(value),
};

const words: { readonly [check in Check]: string } = {
  text: "a non-empty text",
  number: "a finite number",
  count: "a whole number from 0",
  list: "a list",
  object: "an object",
  textOrNull: "a text or null",
  objectOrNull: "an object or null",
};

function checkFields(
  subject: string,
  value: unknown,
  fields: { readonly [name: string]: Check },
): void {
  if (!holds.object(value)) {
    throw new TypeError(`${subject} must be an object, found ${show(value)}.`);
  }
  for (const [name, check] of Object.entries(fields)) {
    const field = (value as { [name: string]: unknown })[name];
    if (!holds[check](field)) {
      throw new TypeError(`${subject}.${name} must be ${words[check]}, found ${show(field)}.`);
    }
  }
}

/** Checks those of some fields that are there. */
function checkOptionalFields(
  subject: string,
  value: object,
  fields: { readonly [name: string]: Check },
): void {
  const there = Object.entries(fields).filter(([name]) =>
    (value as { [name: string]: unknown })[name] !== undefined
  );
  checkFields(subject, value, Object.fromEntries(there));
}

function checkVersion(subject: string, value: unknown): void {
  if (!holds.object(value)) {
    throw new TypeError(`${subject} must be an object, found ${show(value)}.`);
  }
  const { schemaVersion } = value as { schemaVersion?: unknown };
  const newest = Math.max(...recordVersions);
  if (typeof schemaVersion === "number" && schemaVersion > newest) {
    throw new RangeError(
      `${subject}.schemaVersion must be at most ${newest}, found ${schemaVersion}: it was written ` +
        `by a newer version of parsimony; update parsimony to read it.`,
    );
  }
  checkOneOf(`${subject}.schemaVersion`, schemaVersion as number, recordVersions);
}

/**
 * Checks that a value read from JSON is the record of a run.
 *
 * @param subject What the value is called in messages.
 * @param value What was read.
 * @throws {RangeError} If its schemaVersion is unknown.
 * @throws {TypeError} If a field is missing or of another type; the message names it.
 */
export function checkRunRecord(value: unknown, subject = "run"): RunRecord {
  checkVersion(subject, value);
  checkFields(subject, value, {
    id: "text",
    point: "object",
    seed: "number",
    status: "text",
    engine: "text",
    numericsVersion: "count",
    curve: "list",
    final: "objectOrNull",
    best: "objectOrNull",
    tokens: "object",
    parameters: "list",
    samples: "list",
    weights: "textOrNull",
    error: "textOrNull",
    attempts: "count",
    durationSeconds: "number",
    finishedAt: "text",
    host: "text",
  });
  const run = value as RunRecord;
  for (const name of ["id", "weightsSha256"] as const) {
    const hash = run[name];
    if ((name === "id" || hash !== undefined) && !/^[0-9a-f]{64}$/.test(String(hash))) {
      throw new TypeError(`${subject}.${name} must be 64 hexadecimal digits, found ${show(hash)}.`);
    }
  }
  checkOneOf(`${subject}.status`, run.status, statuses);
  checkFoldIndex(`${subject}.fold`, run.fold);
  checkOptionalFields(subject, run, { arenaMaximumBytes: "count", copiedFrom: "text" });
  checkOptionalFields(`${subject}.tokens`, run.tokens, { trainingUnknownShare: "number" });
  for (const [index, point] of run.curve.entries()) {
    checkCurvePoint(`${subject}.curve[${index}]`, point);
  }
  if (run.final !== null) checkCurvePoint(`${subject}.final`, run.final);
  if (run.best !== null) checkCurvePoint(`${subject}.best`, run.best);
  if (run.status === "completed" && run.final === null) {
    throw new TypeError(`${subject}.final must be an object in a completed run, found null.`);
  }
  return run;
}

function checkCurvePoint(subject: string, value: unknown): void {
  checkFields(subject, value, {
    step: "count",
    trainingLoss: "number",
    heldOutLoss: "number",
    generalizationGap: "number",
    penalty: "number",
    weightNorm: "number",
    exactZeros: "count",
    nearZeros: "count",
    countedWeights: "count",
    learningRate: "number",
    learningRateTimesDecay: "number",
  });
  checkOptionalFields(subject, value as CurvePoint, {
    choosingLoss: "number",
    knownHeldOutLoss: "number",
  });
}

function checkFoldIndex(subject: string, value: unknown): void {
  if (value !== "final" && !holds.count(value)) {
    throw new TypeError(
      `${subject} must be a whole number from 0 or "final", found ${show(value)}.`,
    );
  }
}

/**
 * Checks that a value read from JSON is the record of a study.
 *
 * @param subject What the value is called in messages.
 * @param value What was read.
 * @throws {RangeError} If its schemaVersion is unknown.
 * @throws {TypeError} If a field is missing or of another type; the message names it.
 */
export function checkStudyRecord(value: unknown, subject = "study"): StudyRecord {
  checkVersion(subject, value);
  checkFields(subject, value, {
    name: "text",
    definitionHash: "text",
    space: "object",
    specifications: "list",
    folds: "list",
    finalFold: "objectOrNull",
    seeds: "list",
    select: "object",
    baseline: "objectOrNull",
    corpus: "object",
    engine: "text",
    createdAt: "text",
    provenance: "object",
  });
  const study = value as StudyRecord;
  checkFields(`${subject}.space`, study.space, { kind: "text", points: "list" });
  checkFields(`${subject}.provenance`, study.provenance, { numericsVersion: "count" });
  if (study.space.points.length !== study.specifications.length) {
    throw new TypeError(
      `${subject}.specifications must be one for each of the ${study.space.points.length} points, ` +
        `found ${study.specifications.length}.`,
    );
  }
  for (const [index, fold] of study.folds.entries()) {
    checkFields(`${subject}.folds[${index}]`, fold, { training: "list", heldOut: "list" });
    checkOptionalFields(`${subject}.folds[${index}]`, fold, { choosing: "list" });
    checkFoldIndex(`${subject}.folds[${index}].index`, fold.index);
  }
  checkOptionalFields(subject, study, { roles: "object", repeated: "object" });
  if (study.refits !== undefined) {
    checkOneOf(`${subject}.refits`, study.refits, ["chosenStep"]);
  }
  checkOptionalFields(`${subject}.space`, study.space, { arms: "list" });
  return study;
}
