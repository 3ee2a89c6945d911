import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { bitsOfText } from "../../core/perplexity.ts";
import { randomStream } from "../../core/random.ts";
import type {
  CurvePoint,
  EvaluatedText,
  FoldIndex,
  ParameterSummary,
  RunRecord,
  RunStatus,
} from "../../records/run_record.ts";
import type { FoldRecord, StudyRecord, TokenSpan } from "../../records/study_record.ts";
import { identityOf } from "../plan/run_id.ts";
import type { PlannedRun } from "../search/planned_run.ts";

/** What the runs of a generated study do beside what the formula says. */
export interface RunOptions {
  /** How a run ends; `missing` leaves it out. Completed when left out. */
  readonly status?: (
    point: JsonObject,
    fold: FoldIndex,
    seed: number,
    index: number,
  ) => RunStatus | "missing";
  /** Nats added to the held-out loss of a point, in place of its own noise. */
  readonly constant?: (point: JsonObject) => number;
  /** Size of what all points of a fold × seed share, nats; 0.02. */
  readonly sharedNoise?: number;
  /** Size of what a single run adds, nats; 0.008. */
  readonly ownNoise?: number;
  /** Size of what differs between folds, nats; 0.04. */
  readonly foldNoise?: number;
  /** What over-fitting costs without a remedy at the last step, nats; 1.6. */
  readonly memorized?: number;
  /** Share of held-out tokens that training does not know; 0. */
  readonly unknownShare?: number;
  /** Share of zeros that L1 penalties make; 0.9 at the strongest. */
  readonly zeros?: number;
  readonly unigramEntropy?: number;
}

/** What the formula makes of a specification. */
interface Effects {
  /** 0 without a remedy, about 1 for a strong one. */
  readonly remedy: number;
  /** Of L1 penalties alone. */
  readonly sparse: number;
  /** Decades from the learning rate 0.01. */
  readonly rate: number;
  /** Doublings of the hidden size from 16. */
  readonly size: number;
  /** Halvings of the training text. */
  readonly lessText: number;
}

/** Strength at which a remedy of a kind is half of what it can be. */
const half: { readonly [kind: string]: number } = {
  proximalL1: 1e-4,
  l1: 1e-4,
  l2: 1e-2,
  elasticNet: 1e-3,
  decoupledWeightDecay: 0.5,
  coupledWeightDecay: 1e-2,
  labelSmoothing: 0.1,
  adamW: 0.5,
  dropout: 0.3,
};

function effectsOf(specification: JsonObject, trainingTokens: number): Effects {
  const { model, optimizer, penalties, training } = specification as unknown as {
    model: { [option: string]: unknown };
    optimizer: { kind: string; learningRate: number; decay?: number };
    penalties: { kind: string; [option: string]: unknown }[];
    training: { trainingTokens?: number; trainingBytes?: number };
  };
  const shares: [string, number][] = penalties.flatMap(({ kind, ...options }) =>
    Object.entries(options).filter(([option]) => /strength/i.test(option))
      .map(([, value]): [string, number] => [kind, value as number])
  );
  shares.push(["adamW", optimizer.decay ?? 0]);
  for (const [option, value] of Object.entries(model)) {
    if (/dropout$/i.test(option) && typeof value === "number") shares.push(["dropout", value]);
  }
  const share = ([kind, strength]: [string, number]) =>
    strength / (strength + (half[kind] ?? 0.01));
  const hidden = (model.hiddenSize ?? model.embeddingSize ?? 16) as number;
  return {
    remedy: shares.map(share).reduce((sum, each) => sum + each, 0),
    sparse: Math.max(0, ...shares.filter(([kind]) => /l1/i.test(kind)).map(share)),
    rate: Math.log10(optimizer.learningRate / 0.01) +
      (optimizer.kind === "sgd" ? -1 : 0),
    size: Math.log2(hidden / 16),
    lessText: Math.log2(
      trainingTokens / (training.trainingTokens ?? training.trainingBytes ?? trainingTokens),
    ),
  };
}

const lengthOf = (spans: readonly TokenSpan[]) =>
  spans.reduce((sum, { start, end }) => sum + end - start, 0);

/**
 * A run as it could have been recorded: its curve comes from a formula of the specification with
 * seeded noise, nothing is trained.
 */
export function syntheticRun(
  study: StudyRecord,
  planned: PlannedRun,
  status: RunStatus,
  options: RunOptions,
): RunRecord {
  const { point, specification, fold, seed, stopAt = null } = planned;
  const key = canonicalJson(point);
  const training = specification.training as {
    steps: number;
    evaluateEvery: number;
    earlyStopping: { patience: number } | null;
    trainingTokens?: number;
    trainingBytes?: number;
  };
  const { pairs, bytes, tokens } = study.corpus;
  const perPair = pairs === undefined ? 1 : (tokens ?? bytes!) / pairs;
  const trainingTokens = Math.round(perPair * lengthOf(fold.training));
  const heldOutTokens = Math.round(perPair * lengthOf(fold.heldOut));
  const effects = effectsOf(specification, trainingTokens);
  const unknownShare = options.unknownShare ?? 0;
  const countedWeights = 10_000;
  const stream = (name: string, ...names: (string | number)[]) =>
    randomStream(seed, name, ...names);
  const level = randomStream(0, study.name, `fold ${fold.index}`).normal() *
    (options.foldNoise ?? 0.04);
  const shared = level +
    stream("shared", `fold ${fold.index}`).normal() * (options.sharedNoise ?? 0.02);
  const own = options.constant?.(point) ??
    stream("own", `fold ${fold.index}`, key).normal() * (options.ownNoise ?? 0.008);
  const choosing = stream("choosing", `fold ${fold.index}`, key).normal() * 0.01;
  const { steps, evaluateEvery } = training;
  const { metrics: asked = [] } = specification.training as { metrics?: readonly string[] };
  const end = stopAt ?? (status === "diverged" ? Math.floor(steps / 2) : steps);
  const text = fold.unit === undefined ? null : textOf(specification, fold, perPair);
  const curve: CurvePoint[] = [];
  let best: CurvePoint | null = null;
  let stoppedAtStep: number | null = null;
  let since = 0;
  const places = [];
  for (let step = 0; step < steps; step += evaluateEvery) places.push(step);
  for (const step of [...places, steps]) {
    if (step > end) break;
    const progress = step / steps;
    const floor = 0.85 + 0.5 * effects.remedy + 0.25 * Math.abs(effects.rate) -
      0.08 * effects.size + 0.05 * effects.lessText;
    const fall = 4.1 - floor;
    const trainingLoss = floor + fall * Math.exp(-9 * progress * 10 ** (effects.rate / 2)) +
      (options.constant === undefined ? own / 2 : 0);
    const memorized = (options.memorized ?? 1.6) * progress ** 1.3 * 2 ** (effects.size / 4) *
      2 ** (effects.lessText / 3) / (1 + 3 * effects.remedy) * 10 ** (effects.rate / 3);
    const known = trainingLoss + memorized + (step === 0 ? 0 : shared + own);
    const heldOutLoss = (1 - unknownShare) * known + unknownShare * (9 + 2 * progress);
    const exactZeros = Math.round(
      countedWeights * (options.zeros ?? 0.9) * effects.sparse * Math.min(1, 2 * progress),
    );
    const at: CurvePoint = {
      step,
      trainingLoss,
      heldOutLoss,
      generalizationGap: heldOutLoss - trainingLoss,
      ...(fold.choosing === undefined ? {} : { choosingLoss: heldOutLoss + choosing }),
      ...(unknownShare === 0 ? {} : { knownHeldOutLoss: known }),
      ...(text && bitsOfText(heldOutLoss, text.heldOut)),
      penalty: 0.1 * effects.remedy,
      weightNorm: 12 + 30 * progress / (1 + effects.remedy),
      exactZeros,
      nearZeros: Math.min(countedWeights, exactZeros + 400),
      countedWeights,
      learningRate: (specification.optimizer as { learningRate: number }).learningRate,
      learningRateTimesDecay: 0,
      gradientNorm: step === 0 ? null : 0.4,
    };
    curve.push(at);
    const chosen = (each: CurvePoint) => each.choosingLoss ?? each.heldOutLoss;
    if (best === null || chosen(at) < chosen(best)) [best, since] = [at, 0];
    else since++;
    if (
      training.earlyStopping !== null && since >= training.earlyStopping.patience && step < steps
    ) {
      stoppedAtStep = step;
      break;
    }
  }
  const usable = status === "failed" ? [] : curve;
  const finished = status === "completed";
  return {
    schemaVersion: 1,
    id: planned.id,
    point,
    fold: fold.index,
    seed,
    ...identityOf(planned),
    status,
    engine: study.engine,
    numericsVersion: study.provenance.numericsVersion,
    curve: usable,
    final: usable.at(-1) ?? null,
    best: status === "failed" ? null : best,
    stoppedAtStep: finished ? stoppedAtStep : null,
    tokens: {
      training: text?.training.tokens ?? training.trainingTokens ?? trainingTokens,
      heldOut: text?.heldOut.tokens ?? heldOutTokens,
      vocabulary: 40,
      unknownShare,
      unigramEntropy: options.unigramEntropy ?? 2.87,
      ...(text && status !== "failed" && { text }),
    },
    ...(finished && study.corpus.pairs !== undefined
      ? {
        pairs: {
          training: lengthOf(fold.training),
          heldOut: lengthOf(fold.heldOut),
          sourceVocabulary: 40,
          sourceUnknownShare: 0,
          tokenAccuracy: 0.5,
          written: {
            ...{ pairs: 5, exactMatch: 0.2, editDistance: 0.4, chrf: 40 },
            ...(asked.includes("bleu") && { bleu: 20 }),
            ...(asked.includes("rougeL") && { rougeL: 0.3 }),
          },
        },
      }
      : {}),
    parameters: parametersOf(specification),
    samples: finished
      ? [{
        prompt: "call me ",
        text: `ishmael, seed ${seed}.`,
        ...(study.corpus.pairs === undefined ? {} : { reference: "ishmael." }),
        temperature: 0.8,
      }]
      : [],
    weights: null,
    error: status === "diverged"
      ? "A loss became infinite at step 5."
      : status === "failed"
      ? "The training process ended with code 139."
      : null,
    attempts: status === "failed" ? 2 : 1,
    durationSeconds: 10 + seed,
    finishedAt: "2026-01-02T03:14:05.000Z",
    host: "test-host",
  };
}

/**
 * How much text a run reads of a fold that was laid before there are tokens: of characters fewer tokens than
 * bytes, some unknown.
 *
 * @param bytes Bytes of a position: 1, or of a pair's target.
 */
function textOf({ tokenizer, training }: JsonObject, fold: FoldRecord, bytes: number) {
  const { kind, tokenizer: both } = tokenizer as { kind: string; tokenizer?: JsonObject };
  const ofBytes = (both?.kind ?? kind) === "bytes";
  const of = (positions: number): EvaluatedText => {
    const all = Math.round(bytes * positions);
    const characters = Math.round(0.9 * all);
    return ofBytes
      ? { tokens: all, bytes: all, characters }
      : { tokens: characters, bytes: all, characters, spelling: 13.9 * Math.round(all / 500) };
  };
  const { trainingBytes } = training as { trainingBytes?: number };
  return {
    training: of(trainingBytes ?? lengthOf(fold.training)),
    heldOut: of(lengthOf(fold.heldOut)),
    ...(fold.choosing && { choosing: of(lengthOf(fold.choosing)) }),
  };
}

function parametersOf(specification: JsonObject): ParameterSummary[] {
  const { model, penalties } = specification as unknown as {
    model: { embeddingSize?: number; hiddenSize?: number };
    penalties: { kind: string; name?: string; strength?: number }[];
  };
  const embedding = model.embeddingSize ?? 8;
  const hidden = model.hiddenSize ?? 16;
  const acting = penalties.filter(({ strength }) => strength !== 0).map(({ kind, name }) =>
    name ?? kind
  );
  return [
    { name: "embedding/table", kind: "embedding", shape: [40, embedding], penalties: [] },
    { name: "gru0/kernel", kind: "kernel", shape: [embedding, 3 * hidden], penalties: acting },
    {
      name: "gru0/recurrentKernel",
      kind: "recurrentKernel",
      shape: [hidden, 3 * hidden],
      penalties: acting,
    },
    { name: "gru0/bias", kind: "bias", shape: [3 * hidden], penalties: [] },
    { name: "output/kernel", kind: "outputKernel", shape: [hidden, 40], penalties: [] },
  ];
}
