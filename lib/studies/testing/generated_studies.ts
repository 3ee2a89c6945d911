import type { Json, JsonObject } from "../../core/json.ts";
import { randomStream } from "../../core/random.ts";
import { constantSchedule, cosineSchedule } from "../../core/schedule.ts";
import { inlineText } from "../../data/corpora.ts";
import { fixedSplit } from "../../data/fixed_split.ts";
import { blockedFolds } from "../../data/folds.ts";
import { groupedFolds } from "../../data/pair_folds.ts";
import { pairTokenizer } from "../../data/pair_tokens.ts";
import { inlinePairs, type TextPair } from "../../data/pairs.ts";
import { characters, words } from "../../data/tokenizers.ts";
import { gruLanguageModel } from "../../models/gru_language_model.ts";
import { lstmLanguageModel } from "../../models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../../models/lstm_sequence_to_sequence.ts";
import { transformerLanguageModel } from "../../models/transformer_language_model.ts";
import { adam } from "../../optimizers/adam.ts";
import { adamW } from "../../optimizers/adam_w.ts";
import { sgd } from "../../optimizers/sgd.ts";
import { coupledWeightDecay } from "../../penalties/coupled_weight_decay.ts";
import { decoupledWeightDecay } from "../../penalties/decoupled_weight_decay.ts";
import { elasticNet } from "../../penalties/elastic_net.ts";
import { labelSmoothing } from "../../penalties/label_smoothing.ts";
import { proximalL1 } from "../../penalties/proximal_l1.ts";
import type { RunRecord, RunStatus } from "../../records/run_record.ts";
import type {
  ArmRecord,
  FoldRecord,
  SpaceRecord,
  StudyRecord,
} from "../../records/study_record.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import type { SpecificationOptions } from "../../training/specification.ts";
import { defineStudy } from "../define.ts";
import { definitionHash, type StudyDefinition } from "../definition.ts";
import { choice, logRange, when } from "../dimensions.ts";
import { checkStudyOptions, type StudyOptions } from "../options.ts";
import { lowestMean, oneStandardError } from "../rule.ts";
import { joinSpaces, latinHypercube, randomSearch } from "../search.ts";
import { missingRuns, type PlannedRun } from "../run_id.ts";
import { grid, points } from "../space.ts";
import {
  bayesianSearch,
  empiricalMaximum,
  successiveHalving,
  warmStartPath,
} from "../strategies.ts";
import { planOf } from "../_plan.ts";
import { trainingParts } from "../_training_parts.ts";
import { type RunOptions, syntheticRun } from "./synthetic_runs.ts";

/** A study whose definition is real and whose runs come from a formula. */
export interface GeneratedStudy extends StudyRecords {
  /** What is special about it; the name of its record. */
  readonly shape: string;
}

/** A shape of a study: its options, and what its runs do. */
export interface Shape {
  readonly options: Partial<StudyOptions> & Pick<StudyOptions, "specify">;
  readonly runs?: RunOptions;
  /** Which refits on all but the final block there are; all that the study asks for. */
  readonly refits?: "all" | "none" | "diverged";
  /** What a definition by hand adds, where no option gives it. */
  readonly amend?: (definition: StudyDefinition) => StudyDefinition;
}

// A common word or two, and many that come once, so that tokens of words are often unknown.
const sentence = (index: number) =>
  `call me ${index % 7} ishmael, whale${index * index} of ${index % 11} seas. `;
const text = Array.from({ length: 130 }, (_, index) => sentence(index)).join("");
const pairs = Array.from(
  { length: 80 },
  (_, index): TextPair => [`thou hast ${index} ships`, `you have ${index} ships`],
);

const corpus = inlineText(text);
const tokenizer = characters();
const model = gruLanguageModel({ embeddingSize: 8, hiddenSize: 16 });
const optimizer = adam({ learningRate: 0.01 });
const training = { steps: 100, batchSize: 4, windowLength: 16, evaluateEvery: 10 };
const base = { corpus, tokenizer, model, optimizer, training };
const decay = (strength: number) => decoupledWeightDecay({ strength });
const lasso = (strength: number) => proximalL1({ strength });

/** The specification of a point whose axes are the usual ones; those that it lacks are at a default. */
function usual(point: JsonObject): SpecificationOptions {
  const { lambda, alpha, dropout, learningRate = 0.01, hiddenSize = 16, trainingTokens, steps } =
    point as { readonly [axis: string]: number | undefined };
  return {
    ...base,
    model: gruLanguageModel({
      embeddingSize: 8,
      hiddenSize: hiddenSize!,
      ...(dropout === undefined ? {} : { outputDropout: dropout }),
    }),
    optimizer: adam({ learningRate: learningRate! }),
    penalties: [
      ...(lambda === undefined ? [] : [lasso(lambda)]),
      ...(alpha === undefined ? [] : [decay(alpha)]),
    ],
    training: {
      ...training,
      ...(steps === undefined ? {} : { steps }),
      ...(trainingTokens === undefined ? {} : { trainingTokens }),
    },
  };
}

const alphas = { alpha: [0, 0.1, 0.3, 1] };
const of = (
  axes: { readonly [axis: string]: readonly Json[] },
  changes: Partial<StudyOptions> = {},
): Shape["options"] => ({ space: grid(axes), specify: usual, ...changes });

/** An arm's points, each with the axis `arm`, as a space of arms holds them. */
function armsByHand(draw: "sobol" | "random"): SpaceRecord {
  const rates = logRange(1e-3, 3e-2);
  const arms = ([
    { name: "plain", parent: null, dimensions: { learningRate: rates } },
    {
      name: "decay",
      parent: "plain",
      dimensions: { learningRate: rates, alpha: logRange(0.1, 3) },
    },
    {
      name: "lasso",
      parent: "plain",
      dimensions: { learningRate: rates, lambda: logRange(1e-5, 1e-3) },
    },
  ] as Pick<ArmRecord, "name" | "parent" | "dimensions">[])
    .map((arm): ArmRecord => ({ ...arm, count: 5, draw, seed: 1 }));
  const drawn = arms.flatMap(({ name, dimensions, count, seed }) =>
    latinHypercube({ dimensions, count, seed }).points.map((point) => ({ arm: name, ...point }))
  );
  return { kind: "arms", points: drawn, arms };
}

/** Folds that hold out a second block, the next one, by which points and steps are chosen. */
function withChoosing(definition: StudyDefinition): StudyDefinition {
  const { folds } = definition;
  const without = (fold: FoldRecord, { start, end }: { start: number; end: number }) =>
    fold.training.flatMap((span) => [
      { start: span.start, end: Math.min(span.end, start) },
      { start: Math.max(span.start, end), end: span.end },
    ]).filter((span) => span.end > span.start);
  return {
    ...definition,
    folds: folds.map((fold, index) => {
      const [next] = folds[(index + 1) % folds.length].heldOut;
      return { ...fold, training: without(fold, next), choosing: [next] };
    }),
  };
}

const ownCode = { sha256: "ab".repeat(32), files: { "parts/ridge.ts": "cd".repeat(32) } };
const ownPart = { module: "parts/ridge.ts", export: "default", code: ownCode };

const hostile = '<b>|`x`\u202e"strength" *a* 1. {\\}';
const long =
  "a very long name of an axis that says all there is to say about what it does to a model";

/** All shapes by name. */
export const shapes: { readonly [name: string]: Shape } = {
  "lambda-alpha": { options: of({ lambda: [0, 1e-5, 1e-4], alpha: [0, 0.3, 1] }) },
  "alpha-only": { options: of(alphas) },
  "lambda-lowest-mean": {
    options: of({ lambda: [0, 1e-5, 1e-4, 1e-3] }, { select: lowestMean("validationLoss") }),
  },
  "rate-alpha": { options: of({ learningRate: [3e-3, 1e-2, 3e-2], alpha: [0, 0.3, 1] }) },
  "rate-alpha-baseline": {
    options: of({ learningRate: [3e-3, 1e-2, 3e-2], alpha: [0, 0.3, 1] }, {
      baseline: { learningRate: 3e-2, alpha: 0 },
    }),
  },
  "rate-only": { options: of({ learningRate: [1e-3, 3e-3, 1e-2, 3e-2] }) },
  "rate-only-baseline": {
    options: of({ learningRate: [1e-3, 3e-3, 1e-2, 3e-2] }, { baseline: { learningRate: 1e-2 } }),
  },
  "steps-only": {
    options: of({ steps: [50, 100, 200] }, { baseline: { steps: 100 } }),
  },
  "size-only": { options: of({ hiddenSize: [8, 16, 32, 64] }) },
  "size-only-baseline": {
    options: of({ hiddenSize: [8, 16, 32, 64] }, { baseline: { hiddenSize: 64 } }),
  },
  "size-alpha": { options: of({ hiddenSize: [8, 32], alpha: [0, 0.3, 1] }) },
  "data-only": { options: of({ trainingTokens: [500, 1000, 2000] }) },
  "data-alpha-baseline": {
    options: of({ trainingTokens: [500, 1000, 2000], alpha: [0, 1] }, {
      baseline: { trainingTokens: 500, alpha: 0 },
    }),
  },
  "optimizer-choice": {
    options: {
      space: grid({ optimizer: ["adam", "sgd", "adamW"] }),
      baseline: { optimizer: "adam" },
      specify: ({ optimizer }) => ({
        ...base,
        optimizer: optimizer === "adam"
          ? adam({ learningRate: 0.01 })
          : optimizer === "sgd"
          ? sgd({ learningRate: 0.1 })
          : adamW({ learningRate: 0.01, decay: 0.3 }),
      }),
    },
  },
  "penalty-choice": {
    options: {
      space: grid({ penalty: ["none", "lasso", "decay", "smoothing"] }),
      specify: ({ penalty }) => ({
        ...base,
        penalties: penalty === "none" ? [] : [
          penalty === "lasso"
            ? lasso(1e-4)
            : penalty === "decay"
            ? decay(0.3)
            : labelSmoothing({ strength: 0.1 }),
        ],
      }),
    },
  },
  "model-choice": {
    options: {
      space: grid({ model: ["gru", "lstm", "transformer"] }),
      specify: ({ model }) => ({
        ...base,
        model: model === "gru"
          ? gruLanguageModel({ embeddingSize: 8, hiddenSize: 16 })
          : model === "lstm"
          ? lstmLanguageModel({ embeddingSize: 8, hiddenSize: 16 })
          : transformerLanguageModel({
            blockSize: 16,
            embeddingSize: 8,
            layers: 1,
            heads: 2,
          }),
      }),
    },
  },
  "joined-remedies": {
    options: {
      space: joinSpaces(
        grid({ learningRate: [3e-3, 1e-2, 3e-2] }),
        grid({ learningRate: [3e-3, 1e-2, 3e-2], dropout: [0.2, 0.4] }),
        grid({ learningRate: [3e-3, 1e-2, 3e-2], alpha: [0.3, 1] }),
        grid({ learningRate: [3e-3, 1e-2, 3e-2], lambda: [1e-5, 1e-4] }),
      ),
      baseline: { learningRate: 1e-2 },
      specify: usual,
    },
  },
  "joined-rule-of-thumb": {
    options: {
      space: joinSpaces(grid({ lambda: [0, 1e-4], alpha: [0, 1] }), points([{ lambda: 3e-5 }])),
      specify: ({ lambda, alpha }) => usual({ lambda, alpha: alpha ?? 0.2 }),
    },
  },
  "conditional-axes": {
    options: {
      space: randomSearch({
        dimensions: {
          optimizer: choice(["adam", "sgd"]),
          learningRate: logRange(1e-3, 1e-1),
          momentum: when({ optimizer: ["sgd"] }, choice([0, 0.9])),
          alpha: logRange(0.1, 1, { zeroShare: 0.3 }),
        },
        count: 8,
        seed: 3,
      }),
      specify: ({ optimizer, learningRate, momentum, alpha }) => ({
        ...base,
        optimizer: optimizer === "sgd" ? sgd({ learningRate, momentum }) : adam({ learningRate }),
        penalties: [decay(alpha)],
      }),
    },
  },
  "early-stopping": {
    options: of(alphas, {
      specify: ({ alpha }) => ({
        ...usual({ alpha }),
        training: { ...training, earlyStopping: { patience: 1 } },
      } as SpecificationOptions),
    }),
    runs: { ownNoise: 0.06 },
  },
  "early-stopping-some": {
    options: of({ stop: [false, true], alpha: [0, 0.3, 1] }, {
      baseline: { stop: false, alpha: 0 },
      specify: ({ stop, alpha }) => ({
        ...usual({ alpha }),
        training: { ...training, earlyStopping: stop ? { patience: 2 } : null },
      } as SpecificationOptions),
    }),
    runs: { ownNoise: 0.04 },
  },
  "words-unknown": {
    options: of({ alpha: [0, 0.3, 3] }, {
      specify: ({ alpha }) => ({ ...usual({ alpha }), tokenizer: words() } as SpecificationOptions),
    }),
    runs: { unknownShare: 0.15 },
  },
  "pairs": {
    options: {
      space: grid({ lambda: [0, 1e-4, 1e-3] }),
      folds: groupedFolds({ count: 3 }),
      specify: ({ lambda }) => ({
        corpus: inlinePairs(pairs),
        tokenizer: pairTokenizer({ source: characters(), target: characters() }),
        model: lstmSequenceToSequence({ embeddingSize: 8, hiddenSize: 16 }),
        penalties: [lasso(lambda)],
        optimizer,
        training: { steps: 100, batchSize: 4, evaluateEvery: 10 },
      }),
    },
  },
  "one-seed": { options: of(alphas, { seeds: [7] }) },
  "two-folds": { options: of(alphas, { folds: blockedFolds({ count: 2 }) }) },
  "six-folds": { options: of(alphas, { folds: blockedFolds({ count: 6 }), seeds: [1] }) },
  "one-fold": {
    options: of(alphas, {
      folds: fixedSplit({
        training: { start: 0, end: 3000 },
        heldOut: { start: 3000, end: 3600 },
        test: { start: 3600, end: 4200 },
      }),
    }),
  },
  "one-fold-one-seed": {
    options: of(alphas, {
      seeds: [1],
      folds: fixedSplit({
        training: { start: 0, end: 3000 },
        heldOut: { start: 3000, end: 3600 },
      }),
    }),
  },
  "one-point": { options: of({ alpha: [0.3] }) },
  "one-empty-point": { options: { space: points([{}]), specify: usual } },
  "identical": {
    options: of({ alpha: [0, 1e-9, 1e-8] }),
    runs: { constant: () => 0 },
  },
  "constant-differences": {
    options: of({ alpha: [0, 1e-9, 1e-8] }),
    runs: { constant: ({ alpha }) => -0.01 * Math.sign(Number(alpha)) },
  },
  "one-diverged": {
    options: of(alphas),
    runs: { status: ({ alpha }, fold) => alpha === 1 && fold === 1 ? "diverged" : "completed" },
  },
  "baseline-diverged": {
    options: of(alphas),
    runs: { status: ({ alpha }, fold) => alpha === 0 && fold === 1 ? "diverged" : "completed" },
  },
  "all-diverged": { options: of(alphas), runs: { status: () => "diverged" } },
  "all-failed": { options: of(alphas), runs: { status: () => "failed" } },
  "some-failed": {
    options: of({ lambda: [0, 1e-4], alpha: [0, 1] }),
    runs: {
      status: ({ lambda, alpha }, fold, seed) =>
        lambda === 0 && alpha === 1 && fold === 0 && seed === 2 ? "failed" : "completed",
    },
  },
  "some-missing": {
    options: of({ lambda: [0, 1e-4], alpha: [0, 1] }),
    runs: { status: ({ alpha }, fold) => alpha === 1 && fold === 2 ? "missing" : "completed" },
  },
  "no-point-complete": {
    options: of({ lambda: [0, 1e-4], alpha: [0, 1] }),
    runs: { status: (_, fold) => fold === 2 ? "missing" : "completed" },
  },
  "nothing-yet": { options: of(alphas), runs: { status: () => "missing" } },
  "baseline-with-decay": {
    options: of({ dropout: [0, 0.3] }, {
      specify: (
        { dropout },
      ) => ({ ...usual({ dropout }), penalties: [decay(0.5)] } as SpecificationOptions),
    }),
  },
  "baseline-with-dropout": {
    options: of({ alpha: [0, 0.3, 1] }, { specify: ({ alpha }) => usual({ alpha, dropout: 0.3 }) }),
  },
  "baseline-is-strong": {
    options: of({ alpha: [0, 0.3, 1] }, { baseline: { alpha: 0.3 } }),
  },
  "no-baseline": { options: of({ alpha: [0.1, 0.3, 1] }) },
  "dropout-only": { options: of({ dropout: [0, 0.2, 0.5] }) },
  "two-decays": {
    options: {
      space: grid({ kind: ["coupled", "decoupled"], strength: [0.01, 0.1, 1] }),
      specify: ({ kind, strength }) => ({
        ...base,
        penalties: [kind === "coupled" ? coupledWeightDecay({ strength }) : decay(strength)],
      }),
    },
  },
  "elastic-net": {
    options: {
      space: grid({ lambda: [0, 1e-3], ridge: [0, 1e-2] }),
      specify: ({ lambda, ridge }) => ({
        ...base,
        penalties: [elasticNet({ l1Strength: lambda, l2Strength: ridge })],
      }),
    },
  },
  "one-axis-for-two-penalties": {
    options: of({ strength: [0, 0.1, 1] }, {
      specify: ({ strength }) => ({
        ...base,
        penalties: [decay(strength), lasso(strength / 1000)],
      }),
    }),
  },
  "booleans": {
    options: of({ resetAfter: [true, false] }, {
      baseline: { resetAfter: true },
      specify: ({ resetAfter }) => ({
        ...base,
        model: gruLanguageModel({ embeddingSize: 8, hiddenSize: 16, resetAfter }),
      }),
    }),
  },
  "clipping-or-none": {
    options: of({ clipping: [null, 1], alpha: [0, 1] }, {
      specify: ({ clipping, alpha }) => ({
        ...usual({ alpha }),
        clipping: clipping === null ? null : { norm: clipping },
      } as SpecificationOptions),
    }),
  },
  "schedules": {
    options: of({ schedule: ["constant", "cosine"], learningRate: [3e-3, 1e-2] }, {
      specify: ({ schedule, learningRate }) => ({
        ...base,
        optimizer: adam({
          learningRate,
          schedule: schedule === "constant" ? constantSchedule() : cosineSchedule({ steps: 100 }),
        }),
      }),
    }),
  },
  "three-axes": {
    options: {
      space: latinHypercube({
        dimensions: {
          lambda: logRange(1e-5, 1e-3, { zeroShare: 0.2 }),
          alpha: logRange(0.1, 1, { zeroShare: 0.2 }),
          dropout: choice([0, 0.2, 0.4]),
        },
        count: 20,
        seed: 1,
      }),
      specify: usual,
      seeds: [1],
    },
  },
  "three-axes-with-zero": {
    options: {
      space: joinSpaces(
        points([{ lambda: 0, alpha: 0, dropout: 0 }]),
        latinHypercube({
          dimensions: {
            lambda: logRange(1e-5, 1e-3),
            alpha: logRange(0.1, 1),
            dropout: choice([0, 0.2, 0.4]),
          },
          count: 19,
          seed: 2,
        }),
      ),
      specify: usual,
      seeds: [1, 2],
    },
  },
  "arms": {
    options: {
      space: armsByHand("sobol"),
      specify: ({ learningRate, alpha, lambda }) => usual({ learningRate, alpha, lambda }),
      baseline: null,
    },
    amend: withChoosing,
  },
  "arms-random": {
    options: {
      space: armsByHand("random"),
      specify: ({ learningRate, alpha, lambda }) => usual({ learningRate, alpha, lambda }),
      baseline: null,
      seeds: [1],
    },
    amend: withChoosing,
  },
  "choosing-blocks": { options: of({ lambda: [0, 1e-4], alpha: [0, 1] }), amend: withChoosing },
  "warm-start-path": {
    options: of({ lambda: [0, 1e-5, 1e-4] }, { strategy: warmStartPath({ axis: "lambda" }) }),
  },
  "successive-halving": {
    options: of({ lambda: [0, 1e-5, 1e-4], alpha: [0, 0.3, 1] }, {
      strategy: successiveHalving({ rungs: [30, 60], reductionFactor: 2 }),
    }),
  },
  "bayesian-startup": {
    options: {
      strategy: bayesianSearch({
        dimensions: { lambda: logRange(1e-6, 1e-3, { zeroShare: 0.2 }), alpha: logRange(0.1, 3) },
        count: 6,
        seed: 1,
      }),
      specify: usual,
    },
  },
  "bayesian-search": {
    options: {
      space: randomSearch({
        dimensions: { lambda: logRange(1e-6, 1e-3), alpha: logRange(0.1, 3) },
        count: 5,
        seed: 9,
      }),
      strategy: bayesianSearch({
        dimensions: { lambda: logRange(1e-6, 1e-3, { zeroShare: 0.2 }), alpha: logRange(0.1, 3) },
        count: 9,
        startup: 4,
        seed: 1,
      }),
      specify: usual,
    },
  },
  "empirical-maximum": {
    options: {
      space: points([{ lambda: 0 }, { lambda: 0.003 }]),
      strategy: empiricalMaximum({ axis: "lambda", from: 1e-4, to: 1e-1 }),
      specify: usual,
    },
    runs: { zeros: 1 },
  },
  "own-penalty": {
    options: of({ lambda: [0, 0.01, 0.1] }),
    amend: (definition) => ({
      ...definition,
      specifications: definition.specifications.map((each, index) => ({
        ...each,
        penalties: [{
          kind: "ownPenalty",
          ...ownPart,
          name: "ridge",
          formula: "loss + ½ λ Σ w²",
          strength: definition.space.points[index].lambda,
          options: {},
          targets: ["kernel", "recurrentKernel"],
        }],
      })),
    }),
  },
  "own-model": {
    options: of({ alpha: [0, 0.3] }),
    amend: (definition) => ({
      ...definition,
      specifications: definition.specifications.map((each) => ({
        ...each,
        model: { kind: "ownModel", ...ownPart, name: "bigram", options: { width: 8 } },
      })),
    }),
  },
  "axes-named-as-columns": {
    options: of({ fold: [0, 0.3, 1], seed: [0, 1e-4] }, {
      specify: ({ fold, seed }) => usual({ alpha: fold, lambda: seed }),
    }),
  },
  "axes-named-as-quantities": {
    options: of({ step: [0, 0.3], validationLoss: [0, 1e-4], study: ["a", "b"] }, {
      specify: ({ step, validationLoss, study }) =>
        usual({ alpha: step, lambda: validationLoss, dropout: study === "a" ? 0.1 : 0.2 }),
      seeds: [1],
    }),
  },
  "axes-with-words": {
    options: of({ "baseline": [0, 0.3], "last step": [0, 1e-4] }, {
      specify: (point) => usual({ alpha: point.baseline, lambda: point["last step"] }),
    }),
  },
  "hostile-names": {
    options: of({ [hostile]: [0, 1], [long]: ["<i>a</i>", "b|cd", "ا\u200fب", "x".repeat(90)] }, {
      specify: (point) =>
        usual({ alpha: point[hostile], dropout: String(point[long]).length / 200 }),
      seeds: [1],
    }),
  },
  "list-values": {
    options: of({ targets: [["kernel"], ["recurrentKernel"], ["kernel", "recurrentKernel"]] }, {
      specify: ({ targets }) => ({
        ...base,
        penalties: [decoupledWeightDecay({ strength: 0.3, targets })],
      }),
    }),
  },
  "no-over-fitting": { options: of(alphas), runs: { memorized: 0.05 } },
  "negative-gap": { options: of(alphas), runs: { memorized: -0.3 } },
  "little-learned": { options: of(alphas), runs: { unigramEntropy: 1.3 } },
  "penalties-harm": {
    options: of({ alpha: [0, 3, 10] }),
    runs: { memorized: 0.2, sharedNoise: 0.001, ownNoise: 0.001 },
  },
  "all-noise": {
    options: of({ alpha: [0, 1e-4, 2e-4] }),
    runs: { ownNoise: 0.2, memorized: 0.5 },
  },
  "refits-missing": { options: of(alphas), refits: "none" },
  "refits-diverged": { options: of(alphas), refits: "diverged" },
  "no-final-block": { options: of(alphas, { folds: blockedFolds({ count: 3, finalShare: 0 }) }) },
  "select-one-axis": {
    options: of({ lambda: [0, 1e-4], learningRate: [3e-3, 1e-2], alpha: [0, 0.3] }, {
      select: oneStandardError("validationLoss", { axes: ["alpha"] }),
      baseline: { lambda: 0, learningRate: 1e-2, alpha: 0 },
      seeds: [1],
    }),
  },
};

/**
 * A shape of its own for a seed: some axes of several kinds, some folds and seeds, perhaps a declared
 * baseline, runs that end badly, early stopping, noise.
 */
export function randomShape(seed: number): Shape {
  const draws = randomStream(seed, "shape of a study");
  const pick = <Value>(values: readonly Value[]) => values[draws.integer(values.length)];
  const known: { readonly [axis: string]: readonly number[] } = {
    lambda: pick([[0, 1e-5, 1e-4], [1e-5, 1e-4], [0, 1e-3]]),
    alpha: pick([[0, 0.1, 1], [0.3, 1], [0, 0.3]]),
    dropout: pick([[0, 0.3], [0.1, 0.2, 0.5]]),
    learningRate: pick([[1e-3, 1e-2, 3e-2], [3e-3, 1e-2]]),
    hiddenSize: pick([[8, 32], [16, 64]]),
    trainingTokens: pick([[600, 1200], [500, 1000, 1500]]),
  };
  const names = Object.keys(known).filter(() => draws.uniform() < 0.4).slice(0, 3);
  if (names.length === 0) names.push(pick(Object.keys(known)));
  const space = grid(Object.fromEntries(names.map((name) => [name, known[name]])));
  const stops = draws.uniform() < 0.25;
  const badly = draws.uniform() < 0.35;
  const declared = draws.uniform() < 0.5;
  return {
    options: {
      space,
      specify: (point) => {
        const specification = usual(point);
        return stops
          ? {
            ...specification,
            training: { ...specification.training, earlyStopping: { patience: 1 } },
          } as SpecificationOptions
          : specification;
      },
      folds: blockedFolds({ count: pick([2, 3, 5]), finalShare: pick([0, 0.1]) }),
      seeds: pick([[1], [1, 2], [3, 5, 8]]),
      // Without one it follows from what the axes are for.
      ...pick([{}, { select: lowestMean("validationLoss") }]),
      ...(declared ? { baseline: pick(space.points) } : {}),
    },
    runs: {
      memorized: pick([0.1, 0.6, 1.6]),
      ownNoise: pick([0.002, 0.01, 0.1]),
      sharedNoise: pick([0.01, 0.05]),
      ...(badly
        ? {
          status: (_, __, ___, index) =>
            randomStream(seed, "status", index).uniform() < 0.05
              ? (["diverged", "failed", "missing"] as const)[index % 3]
              : "completed" as const,
        }
        : {}),
    },
  };
}

/**
 * Makes the records of a shape: what `runStudy` would define of its options, and runs of a formula.
 *
 * @param name Name of the study.
 * @param shape Its shape.
 */
export async function generateStudy(name: string, shape: Shape): Promise<GeneratedStudy> {
  const settings = checkStudyOptions({
    folds: blockedFolds({ count: 3 }),
    seeds: [1, 2],
    ...shape.options,
    name,
  });
  const defined = await defineStudy(trainingParts, settings, "wasm");
  const definition = shape.amend?.(defined) ?? defined;
  const record = {
    schemaVersion: 1,
    ...definition,
    definitionHash: definitionHash(definition),
    createdAt: "2026-01-02T03:04:05.000Z",
    provenance: {
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
    },
  } as StudyRecord;
  return { shape: name, record, records: runsOf(record, shape) };
}

/** Everything that the study asks for, from a formula; with successive halving rung by rung. */
function runsOf(record: StudyRecord, { runs: options = {}, refits = "all" }: Shape): RunRecord[] {
  const records = new Map<string, RunRecord>();
  const missing = new Set<string>();
  const statusOf = ({ point, fold, seed }: PlannedRun): RunStatus | "missing" => {
    if (fold.index !== "final") {
      return options.status?.(point, fold.index, seed, records.size + missing.size) ?? "completed";
    }
    if (refits === "none") return "missing";
    return refits === "diverged" && seed !== record.seeds[0] ? "diverged" : "completed";
  };
  for (;;) {
    const runs = [...records.values()];
    const asked = missingRuns(planOf(record, runs), runs).filter(({ id }) => !missing.has(id));
    if (asked.length === 0) return runs;
    for (const planned of asked) {
      const status = planned.stopAt === undefined ? statusOf(planned) : "pruned";
      if (status === "missing") missing.add(planned.id);
      else records.set(planned.id, syntheticRun(record, planned, status, options));
    }
  }
}

/** How many shapes are drawn by seed beside those that have names. */
const randomCount = 12;

/** Every generated study, those with names first. */
export async function generatedStudies(): Promise<GeneratedStudy[]> {
  const random = Array.from(
    { length: randomCount },
    (_, seed) => [`random-${seed}`, randomShape(seed)] as const,
  );
  const studies: GeneratedStudy[] = [];
  for (const [name, shape] of [...Object.entries(shapes), ...random]) {
    studies.push(await generateStudy(name, shape));
  }
  return studies;
}
