import type { JsonObject } from "../../core/json.ts";
import { canonicalJson } from "../../core/json.ts";
import type { RandomStream } from "../../core/random.ts";
import type { CurvePoint, RunRecord, RunStatus } from "../../records/run_record.ts";
import type { SelectionRule, StudyRecord } from "../../records/study_record.ts";
import { mean } from "../../statistics/estimate.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import type { VarianceComponents } from "./variance_components.ts";

/** Sizes and variances of studies that are drawn. */
export interface ModelOptions {
  /** Points P. */
  readonly points: number;
  /** Folds K. */
  readonly folds: number;
  /** Seeds S. */
  readonly seeds: number;
  /** What a loss is made of. */
  readonly variances: VarianceComponents;
  /** ρ: correlation between folds of a point's seed-averaged difference from others, below 1. */
  readonly correlation: number;
}

/** Held-out losses of a study without any effect: every point has the same mean over texts. */
export interface DrawnLosses {
  /** On the held-out text: [point][fold][seed]. */
  readonly scoring: readonly (readonly (readonly number[])[])[];
  /** The same models on the next fold's block. */
  readonly choosing: readonly (readonly (readonly number[])[])[];
  /** What all folds of the text share of each point. */
  readonly shared: readonly number[];
  /** For each point the fold mean on one more stretch of this text, and on one of another text. */
  readonly next: readonly { readonly sameText: number; readonly otherText: number }[];
}

/** Mean of all losses, nats per token; no test depends on it. */
export const centre = 2.5;

/**
 * Draws y[p, k, s] = centre + f_k + g_ks + t_p + d_pk + e_pks, all normal with mean 0: what points share
 * (fold, seed in fold), what a point owes to the text's luck in all folds (t), in one fold (d), and in one
 * run (e). Var t = ρ/(1 − ρ) (σ²_pf + σ²_e/S), so that a point's fold means have correlation ρ besides what
 * points share.
 *
 * The choosing block of a fold is the next fold's block, with its f and d, and read by the same models,
 * with their t, g and e: as much in common as there can be.
 */
export function drawLosses(options: ModelOptions, stream: RandomStream): DrawnLosses {
  const { points, folds, seeds, variances, correlation } = options;
  const deviation = {
    fold: Math.sqrt(variances.fold),
    foldSeed: Math.sqrt(variances.foldSeed),
    pointFold: Math.sqrt(variances.pointFold),
    residual: Math.sqrt(variances.residual),
    shared: Math.sqrt(
      correlation / (1 - correlation) * (variances.pointFold + variances.residual / seeds),
    ),
  };
  const draw = (scale: number) => scale * stream.normal();
  const drawn = (count: number, scale: number) => Array.from({ length: count }, () => draw(scale));
  const block = drawn(folds, deviation.fold);
  const foldSeed = Array.from({ length: folds }, () => drawn(seeds, deviation.foldSeed));
  const shared = drawn(points, deviation.shared);
  const scoring: number[][][] = [];
  const choosing: number[][][] = [];
  for (const own of shared) {
    const level = block.map((each) => each + draw(deviation.pointFold));
    const models = foldSeed.map((row) =>
      row.map((each) => centre + own + each + draw(deviation.residual))
    );
    scoring.push(models.map((row, k) => row.map((each) => each + level[k])));
    choosing.push(models.map((row, k) => row.map((each) => each + level[(k + 1) % folds])));
  }
  // What points share on the next stretch cancels in their differences and is left out.
  const stretch = () => draw(deviation.pointFold) + mean(drawn(seeds, deviation.residual)) + centre;
  const next = shared.map((own) => ({
    sameText: own + stretch(),
    otherText: draw(deviation.shared) + stretch(),
  }));
  return { scoring, choosing, shared, next };
}

/** How records of drawn losses are made. */
export interface RecordOptions {
  /** Name of the study. */
  readonly name?: string;
  /** Which of the drawn points it has; all when left out. The first is the baseline. */
  readonly points?: readonly number[];
  /** Whether the folds hold out a choosing block too. */
  readonly choosing?: boolean;
  /** Trained on the first tokens of each fold only. */
  readonly trainingTokens?: number;
  /** By which rule it selects; the lowest mean when left out. */
  readonly rule?: SelectionRule["kind"];
  /** How the runs of a point end; completed when left out. */
  readonly status?: (point: number) => RunStatus;
}

/** Tokens of a block. */
const blockTokens = 1000;

/**
 * Records as a study would have them, with one evaluation a run: losses for the library's own functions to
 * read. K blocks of a text of the same length, each fold trained on all others (without gaps).
 *
 * @param losses Drawn, or [point][fold][seed] of any other origin.
 */
export function recordsOf(
  { scoring, choosing }: Pick<DrawnLosses, "scoring" | "choosing">,
  options: RecordOptions = {},
): StudyRecords {
  const indices = options.points ?? scoring.map((_, index) => index);
  const points: JsonObject[] = indices.map((index) => ({ strength: index }));
  const [folds, seeds] = [scoring[0].length, scoring[0][0].length];
  const blocks = Array.from({ length: folds }, (_, index) => ({
    start: index * blockTokens,
    end: (index + 1) * blockTokens,
  }));
  const specification: JsonObject = {
    penalties: [],
    training: {
      steps: 1,
      ...(options.trainingTokens === undefined ? {} : { trainingTokens: options.trainingTokens }),
    },
  };
  const record: StudyRecord = {
    schemaVersion: 1,
    name: options.name ?? "drawn",
    definitionHash: "",
    space: { kind: "points", points },
    specifications: points.map(() => specification),
    folds: blocks.map((block, index) => {
      const second = blocks[(index + 1) % folds];
      return {
        index,
        training: blocks.filter((each) => each !== block && !(options.choosing && each === second)),
        heldOut: [block],
        ...(options.choosing ? { choosing: [second] } : {}),
      };
    }),
    finalFold: null,
    seeds: Array.from({ length: seeds }, (_, index) => index + 1),
    select: { kind: options.rule ?? "mean", metric: "validationLoss", axes: [] },
    baseline: points[0],
    corpus: { name: "drawn", sha256: "", licence: "", source: "", tokens: folds * blockTokens },
    engine: "wasm",
    createdAt: "",
    provenance,
  };
  const trainingBlocks = folds - (options.choosing ? 2 : 1);
  const tokens = {
    training: options.trainingTokens ?? Math.max(1, trainingBlocks * blockTokens),
    heldOut: blockTokens,
    vocabulary: 60,
    unknownShare: 0,
    unigramEntropy: 3,
  };
  const records = indices.flatMap((index, at) =>
    scoring[index].flatMap((row, fold) =>
      row.map((heldOutLoss, seed) =>
        runOf(
          {
            point: points[at],
            fold,
            seed: seed + 1,
            status: options.status?.(index) ?? "completed",
            tokens,
          },
          heldOutLoss,
          options.choosing ? choosing[index][fold][seed] : undefined,
        )
      )
    )
  );
  return { record, records };
}

function runOf(
  run: Pick<RunRecord, "point" | "fold" | "seed" | "status" | "tokens">,
  heldOutLoss: number,
  choosingLoss: number | undefined,
): RunRecord {
  const at: CurvePoint = {
    step: 1,
    trainingLoss: 0,
    heldOutLoss,
    generalizationGap: heldOutLoss,
    ...(choosingLoss === undefined ? {} : { choosingLoss }),
    penalty: 0,
    weightNorm: 1,
    exactZeros: 0,
    nearZeros: 0,
    countedWeights: 1,
    learningRate: 1,
    learningRateTimesDecay: 0,
    gradientNorm: null,
  };
  return {
    schemaVersion: 1,
    id: `${canonicalJson(run.point)} ${run.fold} ${run.seed}`,
    ...run,
    engine: "wasm",
    numericsVersion: provenance.numericsVersion,
    curve: [at],
    final: at,
    best: at,
    stoppedAtStep: null,
    parameters: [],
    samples: [],
    weights: null,
    error: null,
    attempts: 1,
    durationSeconds: 0,
    finishedAt: "",
    host: "",
  };
}

const provenance: StudyRecord["provenance"] = {
  parsimony: "",
  numericsVersion: 1,
  gitCommit: null,
  gitDirty: null,
  deno: "",
  v8: "",
  typescript: "",
  operatingSystem: "",
  cpu: "",
  cores: 1,
  engine: "wasm",
  packages: {},
};
