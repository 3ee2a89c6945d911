import { checkOneOf, show } from "../core/check.ts";
import {
  anyText,
  type Check,
  count,
  fields,
  hash,
  integer,
  listOf,
  mapOf,
  number,
  object,
  oneOf,
  orNull,
  requireFields,
  share,
  text,
  truth,
  value,
} from "./_fields.ts";
import { dimension } from "./dimension_record.ts";
import { equivalence } from "./equivalence_record.ts";
import type { RunRecord, RunStatus } from "./run_record.ts";
import { strategy } from "./strategy_record.ts";
import type { StudyRecord } from "./study_record.ts";

/** Versions of the record formats that this library reads. */
export const recordVersions: readonly number[] = [1];

const statuses: readonly RunStatus[] = ["completed", "diverged", "failed", "pruned"];

const foldIndex = value(
  'a whole number from 0 or "final"',
  (found) => found === "final" || (Number.isSafeInteger(found) && (found as number) >= 0),
);

/** A value of an axis. */
const point = mapOf(value(
  "a number, a text, true, false, null or a list or object of them",
  (found) => found !== undefined,
));

const curvePoint = fields({
  step: count,
  trainingLoss: number,
  heldOutLoss: number,
  generalizationGap: number,
  penalty: number,
  weightNorm: number,
  exactZeros: count,
  nearZeros: count,
  countedWeights: count,
  learningRate: number,
  learningRateTimesDecay: number,
}, {
  choosingLoss: number,
  knownHeldOutLoss: number,
  bitsPerByte: number,
  bitsPerCharacter: number,
  gradientNorm: orNull(number),
  unchangedWeights: count,
  comparedWeights: count,
  averages: listOf(fields({ weights: text, heldOutLoss: number }, { choosingLoss: number })),
});

const sample = fields({ prompt: anyText, text: anyText, temperature: number }, {
  reference: anyText,
  beams: count,
  statistics: fields({
    tokens: count,
    distinct: listOf(share),
    nGramLength: count,
    repetition: share,
    trainingOverlap: share,
    heldOutOverlap: share,
    // A difference of two shares.
    memorizedShare: number,
    longestCopiedSpan: count,
  }),
});

const ensembleMean = oneOf(["probabilities", "logits"]);

const evaluatedText = fields({ tokens: count, bytes: count, characters: count }, {
  spelling: number,
});

const parameter = fields({
  name: text,
  kind: text,
  shape: listOf(count),
  penalties: listOf(text),
}, { frozen: truth, unchangedWeights: count });

const run: Check = fields({
  id: hash,
  point,
  fold: foldIndex,
  seed: integer,
  status: oneOf(statuses),
  engine: text,
  numericsVersion: count,
  curve: listOf(curvePoint),
  final: orNull(curvePoint),
  best: orNull(curvePoint),
  tokens: fields({
    training: count,
    heldOut: count,
    vocabulary: count,
    unknownShare: share,
    unigramEntropy: number,
  }, {
    trainingUnknownShare: share,
    textLost: text,
    text: fields({ training: evaluatedText, heldOut: evaluatedText }, { choosing: evaluatedText }),
  }),
  parameters: listOf(parameter),
  samples: listOf(sample),
  weights: orNull(anyText),
  error: orNull(anyText),
  attempts: count,
  durationSeconds: number,
  finishedAt: text,
  host: text,
}, {
  adapters: listOf(parameter),
  warmStartedFrom: hash,
  teachers: listOf(hash),
  ensemble: fields(
    { mean: ensembleMean, members: listOf(hash), seeds: listOf(integer) },
    { snapshots: count },
  ),
  copiedFrom: text,
  cost: fields({ flops: orNull(number), tokens: count, weights: count, bytes: count }),
  stoppedAtStep: orNull(count),
  weightsSha256: hash,
  arenaMaximumBytes: count,
  initialRows: fields({ ofMean: count, leftOut: count }),
  tokenAccuracy: fields({ training: share, heldOut: share }),
  infilling: fields({ pieces: count, loss: number, prefixLoss: number, exactMatch: share }),
  pairs: fields({
    training: count,
    heldOut: count,
    sourceVocabulary: count,
    sourceUnknownShare: share,
    tokenAccuracy: share,
    written: orNull(
      fields(
        { pairs: count, exactMatch: share, editDistance: number, chrf: number },
        { bleu: number, rougeL: share },
      ),
    ),
  }),
});

function checkVersion(subject: string, found: unknown): void {
  requireFields(subject, found, object);
  const { schemaVersion } = found as { schemaVersion?: unknown };
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
 * @param found What was read.
 * @throws {RangeError} If its schemaVersion is unknown.
 * @throws {TypeError} If a field is missing or of another type; the message names it.
 */
export function checkRunRecord(found: unknown, subject = "run"): RunRecord {
  checkVersion(subject, found);
  requireFields(subject, found, run);
  const record = found as RunRecord;
  if (record.status === "completed" && record.final === null) {
    throw new TypeError(`${subject}.final must be an object in a completed run, found null.`);
  }
  return record;
}

const span = value("an object with a start and a later end, whole numbers from 0", (found) => {
  const { start, end } = (found ?? {}) as { start?: unknown; end?: unknown };
  return Number.isSafeInteger(start) && Number.isSafeInteger(end) && (start as number) >= 0 &&
    (end as number) >= (start as number);
});

const fold = fields({ training: listOf(span), heldOut: listOf(span), index: foldIndex }, {
  choosing: listOf(span),
  unit: oneOf(["bytes", "pairs"]),
});

const provenance = fields({
  numericsVersion: count,
  parsimony: text,
  gitCommit: orNull(anyText),
  gitDirty: orNull(truth),
  deno: anyText,
  v8: anyText,
  typescript: anyText,
  operatingSystem: anyText,
  cpu: anyText,
  cores: count,
  engine: anyText,
  packages: mapOf(anyText),
});

const space = fields({ kind: text, points: listOf(point) }, {
  axes: mapOf(listOf(value("a value", (found) => found !== undefined))),
  arms: listOf(fields({
    name: text,
    parent: orNull(text),
    dimensions: mapOf(dimension),
    count,
    draw: oneOf(["sobol", "random"]),
    seed: integer,
  })),
});

const kinds = fields({ kind: text });

/** What reports read of a specification; the rest is looked at by who trains it. */
const specification = fields({}, {
  corpus: fields({ kind: text, name: text, licence: text, sha256: text }),
  tokenizer: kinds,
  model: kinds,
  penalties: listOf(fields({ kind: text }, { targets: listOf(text), layers: listOf(text) })),
  optimizer: fields({ kind: text }, { learningRate: number }),
  clipping: orNull(object),
  training: fields({}, {
    steps: count,
    batchSize: count,
    windowLength: count,
    evaluateEvery: count,
    evaluationTokens: orNull(count),
    earlyStopping: orNull(fields({ patience: count })),
    trainingTokens: count,
    trainingBytes: count,
    evaluationBytes: orNull(count),
    samples: object,
  }),
});

const foldDocuments = fields({ training: count, heldOut: count, nearDuplicates: count }, {
  groups: count,
  times: fields({ trainedTo: anyText, from: anyText, to: anyText }, {
    choosing: fields({ from: anyText, to: anyText }),
  }),
  choosing: fields({ documents: count, nearDuplicates: count }),
  dropped: count,
});

const documents = fields({
  count,
  by: oneOf(["document", "group", "time"]),
  folds: listOf(foldDocuments),
  final: orNull(foldDocuments),
  similarity: share,
  examples: listOf(fields({ heldOut: anyText, training: anyText, similarity: share })),
}, {
  groups: count,
  gap: fields({ documents: count, time: number, unit: oneOf(["days", "numbers"]) }),
});

const study: Check = fields({
  name: text,
  definitionHash: text,
  space,
  specifications: listOf(specification),
  folds: listOf(fold),
  finalFold: orNull(fold),
  seeds: listOf(integer),
  select: fields({
    kind: oneOf(["mean", "oneStandardError"]),
    metric: oneOf(["validationLoss", "bitsPerByte", "bitsPerCharacter"]),
    axes: listOf(text),
  }, { smaller: listOf(text) }),
  baseline: orNull(point),
  corpus: fields(
    { name: text, sha256: text, licence: text, source: text },
    { tokens: count, bytes: count, pairs: count },
  ),
  engine: text,
  createdAt: text,
  provenance,
}, {
  strategy,
  roles: mapOf(oneOf(["strength", "training", "size", "data", "choice", "own"])),
  refits: oneOf(["chosenStep"]),
  ensembles: listOf(
    fields({ mean: ensembleMean }, { point, seeds: listOf(integer), snapshots: truth }),
  ),
  equivalence,
  documents,
  repeated: fields({ length: orNull(count), shares: listOf(share), final: orNull(share) }),
  resumedWith: listOf(provenance),
});

/**
 * Checks that a value read from JSON is the record of a study.
 *
 * @param subject What the value is called in messages.
 * @param found What was read.
 * @throws {RangeError} If its schemaVersion is unknown.
 * @throws {TypeError} If a field is missing or of another type; the message names it.
 */
export function checkStudyRecord(found: unknown, subject = "study"): StudyRecord {
  checkVersion(subject, found);
  requireFields(subject, found, study);
  const record = found as StudyRecord;
  const { points } = record.space;
  if (points.length !== record.specifications.length) {
    throw new TypeError(
      `${subject}.specifications must be one for each of the ${points.length} points, ` +
        `found ${record.specifications.length}.`,
    );
  }
  const indices = record.folds.map(({ index }) => index);
  const twice = indices.find((index, at) => indices.indexOf(index) !== at);
  if (twice !== undefined) {
    throw new TypeError(`${subject}.folds must have an index each, found ${show(twice)} twice.`);
  }
  return record;
}
