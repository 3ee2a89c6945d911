import type { DocumentsRecord, FoldDocuments } from "./documents_record.ts";
import type {
  CurvePoint,
  EnsembleSummary,
  EvaluatedText,
  InfillingSummary,
  PairScores,
  PairsSummary,
  ParameterSummary,
  RunRecord,
  SampleStatistics,
  TextSample,
  TrainingCost,
  WeightsLoss,
} from "./run_record.ts";
import type {
  EnsembleRecord,
  FoldRecord,
  Provenance,
  RepeatedText,
  SelectionRule,
  SpaceRecord,
  StudyRecord,
  TokenSpan,
} from "./study_record.ts";

/** The keys of a record in the order in which they are written, each with those of its value. */
interface KnownKeys {
  /** Null where the value may be anything. Of a list: the keys of its elements. */
  readonly [key: string]: KnownKeys | null;
}

/** All keys of a type, so that a new one cannot be forgotten here. */
type KeysOf<T> = { readonly [key in keyof Required<T>]: KnownKeys | null };

const weightsLoss: KeysOf<WeightsLoss> = { weights: null, heldOutLoss: null, choosingLoss: null };

const curvePoint: KeysOf<CurvePoint> = {
  step: null,
  trainingLoss: null,
  heldOutLoss: null,
  choosingLoss: null,
  knownHeldOutLoss: null,
  bitsPerByte: null,
  bitsPerCharacter: null,
  generalizationGap: null,
  penalty: null,
  weightNorm: null,
  exactZeros: null,
  nearZeros: null,
  countedWeights: null,
  unchangedWeights: null,
  comparedWeights: null,
  learningRate: null,
  learningRateTimesDecay: null,
  gradientNorm: null,
  averages: weightsLoss,
};

const evaluatedText: KeysOf<EvaluatedText> = {
  tokens: null,
  bytes: null,
  characters: null,
  spelling: null,
};

const tokens: KeysOf<RunRecord["tokens"]> = {
  training: null,
  heldOut: null,
  vocabulary: null,
  unknownShare: null,
  trainingUnknownShare: null,
  unigramEntropy: null,
  textLost: null,
  text: { training: evaluatedText, heldOut: evaluatedText, choosing: evaluatedText },
};

const written: KeysOf<PairScores> = {
  pairs: null,
  exactMatch: null,
  editDistance: null,
  chrf: null,
  bleu: null,
  rougeL: null,
};

const pairs: KeysOf<PairsSummary> = {
  training: null,
  heldOut: null,
  sourceVocabulary: null,
  sourceUnknownShare: null,
  tokenAccuracy: null,
  written,
};

const infilling: KeysOf<InfillingSummary> = {
  pieces: null,
  loss: null,
  prefixLoss: null,
  exactMatch: null,
};

const statistics: KeysOf<SampleStatistics> = {
  tokens: null,
  distinct: null,
  nGramLength: null,
  repetition: null,
  trainingOverlap: null,
  heldOutOverlap: null,
  memorizedShare: null,
  longestCopiedSpan: null,
};

const sample: KeysOf<TextSample> = {
  prompt: null,
  text: null,
  reference: null,
  temperature: null,
  beams: null,
  statistics,
};

const parameter: KeysOf<ParameterSummary> = {
  name: null,
  kind: null,
  shape: null,
  penalties: null,
  frozen: null,
  unchangedWeights: null,
};

const ensemble: KeysOf<EnsembleSummary> = {
  mean: null,
  members: null,
  seeds: null,
  snapshots: null,
};
const cost: KeysOf<TrainingCost> = { flops: null, tokens: null, weights: null, bytes: null };

const run: KeysOf<RunRecord> = {
  schemaVersion: null,
  id: null,
  point: null,
  fold: null,
  seed: null,
  warmStartedFrom: null,
  teachers: null,
  ensemble,
  status: null,
  engine: null,
  arenaMaximumBytes: null,
  numericsVersion: null,
  curve: curvePoint,
  final: curvePoint,
  best: curvePoint,
  stoppedAtStep: null,
  tokens,
  initialRows: { ofMean: null, leftOut: null },
  pairs,
  tokenAccuracy: { training: null, heldOut: null },
  infilling,
  parameters: parameter,
  adapters: parameter,
  samples: sample,
  weights: null,
  weightsSha256: null,
  error: null,
  attempts: null,
  cost,
  durationSeconds: null,
  finishedAt: null,
  host: null,
  copiedFrom: null,
};

const span: KeysOf<TokenSpan> = { start: null, end: null };

const fold: KeysOf<FoldRecord> = {
  index: null,
  training: span,
  heldOut: span,
  choosing: span,
  unit: null,
};

const space: KeysOf<SpaceRecord> = { kind: null, axes: null, points: null, arms: null };

const select: KeysOf<SelectionRule> = { kind: null, metric: null, axes: null, smaller: null };

const repeated: KeysOf<RepeatedText> = { length: null, shares: null, final: null };

const foldDocuments: KeysOf<FoldDocuments> = {
  training: null,
  heldOut: null,
  groups: null,
  times: { trainedTo: null, from: null, to: null, choosing: { from: null, to: null } },
  nearDuplicates: null,
  choosing: { documents: null, nearDuplicates: null },
  dropped: null,
};

const documents: KeysOf<DocumentsRecord> = {
  count: null,
  groups: null,
  by: null,
  gap: { documents: null, time: null, unit: null },
  folds: foldDocuments,
  final: foldDocuments,
  similarity: null,
  examples: { heldOut: null, training: null, similarity: null },
};

const provenance: KeysOf<Provenance> = {
  parsimony: null,
  numericsVersion: null,
  gitCommit: null,
  gitDirty: null,
  deno: null,
  v8: null,
  typescript: null,
  operatingSystem: null,
  cpu: null,
  cores: null,
  engine: null,
  packages: null,
};

const corpus: KeysOf<StudyRecord["corpus"]> = {
  name: null,
  sha256: null,
  licence: null,
  source: null,
  tokens: null,
  bytes: null,
  pairs: null,
};

const ensembles: KeysOf<EnsembleRecord> = {
  point: null,
  seeds: null,
  mean: null,
  snapshots: null,
};

const study: KeysOf<StudyRecord> = {
  schemaVersion: null,
  name: null,
  definitionHash: null,
  space,
  strategy: null,
  specifications: null,
  folds: fold,
  finalFold: fold,
  seeds: null,
  select,
  baseline: null,
  roles: null,
  refits: null,
  ensembles,
  equivalence: { nats: null, bits: null, shareOfEarlyStopping: null },
  corpus,
  documents,
  repeated,
  engine: null,
  createdAt: null,
  provenance,
  resumedWith: provenance,
};

/** Keys of a run's record that the format does not have, as paths; the first of each. */
export function unknownRunKeys(record: RunRecord): string[] {
  return [...new Set(unknownKeys(record, run))];
}

/** The same of a study's record. */
export function unknownStudyKeys(record: StudyRecord): string[] {
  return [...new Set(unknownKeys(record, study))];
}

/**
 * Objects of a run's record whose keys stand in another order than the library writes them, as paths.
 * JSON gives that no meaning; a line that was edited shows by it.
 */
export function reorderedRunKeys(record: RunRecord): string[] {
  return [...new Set(reordered(record, run))];
}

function unknownKeys(value: unknown, known: KnownKeys): string[] {
  return objectsOf(value).flatMap((object) =>
    Object.entries(object).flatMap(([key, inner]) => {
      if (!Object.hasOwn(known, key)) return [key];
      const keys = known[key];
      return keys === null ? [] : unknownKeys(inner, keys).map((path) => `${key}.${path}`);
    })
  );
}

function reordered(value: unknown, known: KnownKeys, path = "the record"): string[] {
  const order = Object.keys(known);
  return objectsOf(value).flatMap((object) => {
    const places = Object.keys(object).map((key) => order.indexOf(key)).filter((at) => at >= 0);
    const here = places.every((at, index) => index === 0 || at > places[index - 1]) ? [] : [path];
    const inside = Object.entries(object).flatMap(([key, inner]) => {
      const keys = Object.hasOwn(known, key) ? known[key] : null;
      return keys === null ? [] : reordered(inner, keys, key);
    });
    return [...here, ...inside];
  });
}

/** An object, or those of a list; nothing of what is neither. */
function objectsOf(value: unknown): readonly object[] {
  const all = Array.isArray(value) ? value : [value];
  return all.filter((each) => each !== null && typeof each === "object");
}
