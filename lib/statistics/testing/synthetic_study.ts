import { hashJson, type JsonObject } from "../../core/json.ts";
import { randomStream } from "../../core/random.ts";
import type {
  CurvePoint,
  FoldIndex,
  RunRecord,
  RunStatus,
  TextSample,
} from "../../records/run_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";

/** What a synthetic study is made of; every part has a default. */
export interface SyntheticOptions {
  readonly name?: string;
  readonly axes?: { readonly [axis: string]: readonly number[] };
  readonly folds?: number;
  readonly seeds?: readonly number[];
  readonly steps?: number;
  readonly evaluateEvery?: number;
  /** How a run ends; `missing` leaves it out. Completed by default. */
  readonly status?: (
    point: JsonObject,
    fold: FoldIndex,
    seed: number,
  ) => RunStatus | "missing";
  /** Points to refit on all but the final block; none leaves the final fold without records. */
  readonly finalPoints?: readonly JsonObject[];
  readonly corpusName?: string;
  readonly sampleText?: string;
  /** Size of the differences between fold × seed that all points share, nats. */
  readonly sharedNoise?: number;
  /** Size of the differences of single runs, nats. */
  readonly ownNoise?: number;
}

/** Records made from a formula with seeded noise, for tests only: nothing in them was measured. */
export interface SyntheticStudy {
  readonly study: StudyRecord;
  readonly runs: RunRecord[];
}

/** Where made-up studies say that they come from. */
export const provenance = {
  parsimony: "0.1.0",
  numericsVersion: 1,
  gitCommit: "0123456789abcdef0123456789abcdef01234567",
  gitDirty: false,
  deno: "2.9.6",
  v8: "15.0",
  typescript: "6.0.3",
  operatingSystem: "linux x86_64",
  cpu: "a test",
  cores: 2,
  engine: "wasm",
  packages: { "@tensorflow/tfjs": "4.22.0" },
};

const unigramEntropy = 2.87;

/**
 * Makes records that look like an over-fitting character model under two penalties: training loss
 * falls, held-out loss turns up again, and stronger penalties trade one for the other; the first
 * axis makes exact zeros. For tests of statistics, plots, reports and frames.
 */
export function syntheticStudy(options: SyntheticOptions = {}): SyntheticStudy {
  const axes = options.axes ?? {
    lambda: [0, 1e-5, 3e-5, 1e-4, 3e-4],
    alpha: [0, 0.03, 0.3, 1],
  };
  const foldCount = options.folds ?? 3;
  const seeds = options.seeds ?? [1, 2, 3];
  const points = cartesian(axes);
  const baseline = Object.fromEntries(Object.keys(axes).map((axis) => [axis, 0]));
  const tokens = 40_000;
  const block = tokens / foldCount;
  const study: StudyRecord = {
    schemaVersion: 1,
    name: options.name ?? "synthetic",
    definitionHash: hashJson({ axes, foldCount, seeds }),
    space: { kind: "grid", axes, points },
    specifications: points.map((point) => specificationOf(point, options)),
    folds: Array.from({ length: foldCount }, (_, index) => ({
      index,
      training: index === 0
        ? [{ start: Math.round(block) + 64, end: tokens }]
        : [{ start: 0, end: Math.round(index * block) - 64 }],
      heldOut: [{ start: Math.round(index * block), end: Math.round((index + 1) * block) }],
    })),
    finalFold: {
      index: "final",
      training: [{ start: 0, end: tokens }],
      heldOut: [{ start: tokens + 64, end: tokens + 4_500 }],
    },
    seeds,
    select: { kind: "oneStandardError", metric: "validationLoss", axes: Object.keys(axes) },
    baseline: points.some((point) => hashJson(point) === hashJson(baseline)) ? baseline : null,
    corpus: {
      name: options.corpusName ?? "synthetic-corpus",
      sha256: hashJson("corpus"),
      licence: "public domain",
      source: "made by the test",
      tokens: tokens + 4_500,
    },
    engine: "wasm",
    createdAt: "2026-01-02T03:04:05.000Z",
    provenance,
  };
  const runs: RunRecord[] = [];
  const make = (point: JsonObject, fold: FoldIndex, seed: number) => {
    const status = options.status?.(point, fold, seed) ?? "completed";
    if (status !== "missing") runs.push(makeRun(options, axes, point, fold, seed, status));
  };
  for (const point of points) {
    for (const { index } of study.folds) for (const seed of seeds) make(point, index, seed);
  }
  for (const point of options.finalPoints ?? []) {
    for (const seed of seeds) make(point, "final", seed);
  }
  return { study, runs };
}

/** The same as a study's records, which statistics and figures take. */
export function syntheticRecords(options: SyntheticOptions = {}) {
  const { study: record, runs: records } = syntheticStudy(options);
  return { record, records };
}

function cartesian(axes: { readonly [axis: string]: readonly number[] }): JsonObject[] {
  let points: JsonObject[] = [{}];
  for (const [axis, values] of Object.entries(axes)) {
    points = points.flatMap((point) => values.map((value) => ({ ...point, [axis]: value })));
  }
  return points;
}

/** Axes that go where their name says; the others are strengths of the two penalties, in their order. */
const namedAxes = ["learningRate", "hiddenSize", "dropout"];

/** The specification of a point; `steps`, `evaluateEvery` and `corpusName` as the study's. */
export function specificationOf(point: JsonObject, options: SyntheticOptions = {}): JsonObject {
  const strengths = Object.entries(point).filter(([axis, value]) =>
    typeof value === "number" && !namedAxes.includes(axis)
  );
  const free = strengths.filter(([axis]) => axis !== "lambda" && axis !== "alpha");
  const first = point.lambda ?? free.shift()?.[1] ?? 0;
  const second = point.alpha ?? free.shift()?.[1] ?? 0;
  const targets = ["kernel", "recurrentKernel"];
  return {
    schemaVersion: 1,
    corpus: {
      kind: "catalogue",
      name: options.corpusName ?? "synthetic-corpus",
      licence: "public domain",
      sha256: hashJson("corpus"),
    },
    tokenizer: { kind: "characters" },
    model: {
      kind: "gruLanguageModel",
      embeddingSize: 64,
      hiddenSize: point.hiddenSize ?? 128,
      ...(point.dropout === undefined ? {} : { outputDropout: point.dropout }),
    },
    penalties: [
      { kind: "proximalL1", strength: first, threshold: "perWeight", targets },
      { kind: "decoupledWeightDecay", strength: second, targets },
    ],
    optimizer: { kind: "adam", learningRate: point.learningRate ?? 2e-3 },
    clipping: null,
    training: {
      steps: options.steps ?? 1000,
      batchSize: 32,
      windowLength: 64,
      evaluateEvery: options.evaluateEvery ?? 100,
    },
  };
}

function makeRun(
  options: SyntheticOptions,
  axes: { readonly [axis: string]: readonly number[] },
  point: JsonObject,
  fold: FoldIndex,
  seed: number,
  status: RunStatus,
): RunRecord {
  // Strength of a point: 0 without penalty, 1 at the end of one axis.
  const strengths = Object.entries(axes).map(([axis, values]) => {
    const largest = Math.max(...values.map(Math.abs), Number.MIN_VALUE);
    return Math.sqrt((point[axis] as number) / largest);
  });
  const strength = strengths.reduce((sum, value) => sum + value, 0);
  const zeroShare = Math.min(0.95, 0.9 * (strengths[0] ?? 0));
  const shared = randomStream(seed, `fold ${fold}`, "shared noise");
  const own = randomStream(seed, `fold ${fold}`, hashJson(point));
  const foldLevel = randomStream(0, `fold ${fold}`, "level").normal() * 0.04;
  const sharedLevel = foldLevel + shared.normal() * (options.sharedNoise ?? 0.02);
  const ownLevel = own.normal() * (options.ownNoise ?? 0.008);
  const steps = options.steps ?? 1000;
  const evaluateEvery = options.evaluateEvery ?? 100;
  const curve: CurvePoint[] = [];
  const countedWeights = 81_920;
  const lastStep = status === "completed" ? steps : steps / 2;
  for (let step = 0; step <= lastStep; step += evaluateEvery) {
    const progress = step / steps;
    const floor = 0.85 + 0.75 * strength;
    const trainingLoss = floor + (4.1 - floor) * Math.exp(-9 * progress) + ownLevel / 2;
    const memorized = 1.6 * progress ** 1.3 / (1 + 4 * strength);
    const heldOutLoss = trainingLoss + memorized + (step === 0 ? 0 : sharedLevel + ownLevel);
    const exactZeros = Math.round(countedWeights * zeroShare * Math.min(1, 2 * progress));
    curve.push({
      step,
      trainingLoss,
      heldOutLoss,
      generalizationGap: heldOutLoss - trainingLoss,
      penalty: 0.1 * strength,
      weightNorm: 12 + 30 * progress / (1 + strength),
      exactZeros,
      nearZeros: Math.min(countedWeights, exactZeros + 400),
      countedWeights,
      learningRate: 2e-3,
      learningRateTimesDecay: 0,
      gradientNorm: step === 0 ? null : 0.4,
    });
  }
  const usable = status === "failed" ? [] : curve;
  const samples: TextSample[] = status === "completed"
    ? [{
      prompt: "Call me ",
      text: options.sampleText ?? `Ishmael. Strength ${strength.toFixed(2)}, seed ${seed}.`,
      temperature: 0.8,
    }]
    : [];
  return {
    schemaVersion: 1,
    id: hashJson({ point, fold, seed, options: options.name ?? "synthetic" }),
    point,
    fold,
    seed,
    status,
    engine: "wasm",
    numericsVersion: 1,
    curve: usable,
    final: usable.at(-1) ?? null,
    best: usable.reduce<CurvePoint | null>(
      (best, at) => best === null || at.heldOutLoss < best.heldOutLoss ? at : best,
      null,
    ),
    stoppedAtStep: null,
    tokens: {
      training: 26_000,
      heldOut: 13_000,
      vocabulary: 70,
      unknownShare: 0.0002,
      unigramEntropy,
    },
    parameters: [
      { name: "embedding/table", kind: "embedding", shape: [70, 64], penalties: [] },
      {
        name: "gru0/kernel",
        kind: "kernel",
        shape: [64, 384],
        penalties: ["proximalL1", "decoupledWeightDecay"],
      },
      {
        name: "gru0/recurrentKernel",
        kind: "recurrentKernel",
        shape: [128, 384],
        penalties: ["proximalL1", "decoupledWeightDecay"],
      },
      { name: "gru0/bias", kind: "bias", shape: [384], penalties: [] },
    ],
    samples,
    weights: null,
    error: status === "diverged"
      ? "A loss became NaN."
      : status === "failed"
      ? "The training process ended with code 139."
      : null,
    attempts: status === "failed" ? 2 : 1,
    durationSeconds: 10 + seed,
    finishedAt: "2026-01-02T03:14:05.000Z",
    host: "test-host",
  };
}
