import { corpus } from "../../data/corpora.ts";
import { characters } from "../../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../../models/gru_language_model.ts";
import { decoupledWeightDecay } from "../../penalties/decoupled_weight_decay.ts";
import { coupledWeightDecay } from "../../penalties/coupled_weight_decay.ts";
import { proximalL1 } from "../../penalties/proximal_l1.ts";
import { cosineSchedule } from "../../core/schedule.ts";
import { adam } from "../../optimizers/adam.ts";
import { logRange } from "../../studies/search/dimensions.ts";
import type { TextSpecificationOptions } from "../../training/specification.ts";

/** Steps after which the small generator over-fits the small text. */
export const steps = 400;

/** Sizes of the generator of the first notebook; of a quick study smaller ones. */
export function generatorSizes(quick: boolean) {
  return { embeddingSize: quick ? 4 : 24, hiddenSize: quick ? 6 : 64 };
}

/** Training of the first notebook, evaluated `evaluations` times after the start. */
export function training(quick: boolean, evaluations: number) {
  return {
    steps: quick ? 4 : steps,
    batchSize: quick ? 4 : 16,
    windowLength: 32,
    evaluateEvery: quick ? 2 : steps / evaluations,
    evaluationTokens: quick ? 200 : 4096,
    samples: { count: 0 },
  };
}

/** Characters of the text that the generator over-fits. */
export const excerptLength = 12_000;

/** A few pages of Moby-Dick; those of the first notebook by default. */
export function pages({ start = 40_000, length = excerptLength } = {}) {
  return corpus("moby-dick", { excerpt: { start, length } });
}

/** The generator of the first notebook on a few pages of Moby-Dick, with some penalties. */
export function generator(
  quick: boolean,
  options: {
    readonly penalties: TextSpecificationOptions["penalties"];
    /** Evaluations after the start; 5 by default. */
    readonly evaluations?: number;
    /** Characters that it reads; `start` and `length` of {@link pages}. */
    readonly excerpt?: { readonly start?: number; readonly length?: number };
  },
): TextSpecificationOptions {
  const { penalties, evaluations = 5, excerpt } = options;
  return {
    corpus: pages(excerpt),
    tokenizer: characters(),
    model: gruLanguageModel(generatorSizes(quick)),
    penalties,
    optimizer: adam({ learningRate: 1e-2 }),
    training: training(quick, evaluations),
  };
}

/** Strengths of the two penalties that most findings are about. */
export interface LambdaAlpha {
  readonly lambda: number;
  readonly alpha: number;
}

/** L1 by its proximal map and decoupled weight decay. */
export function lambdaAlpha({ lambda, alpha }: LambdaAlpha): TextSpecificationOptions["penalties"] {
  return [proximalL1({ strength: lambda }), decoupledWeightDecay({ strength: alpha })];
}

/** What the findings have in common, in words. */
export const settingInWords =
  "A GRU of 64 (embedding 24) learns characters of Moby-Dick by Adam with learning rate 0.01 over " +
  "400 batches of 16 windows of 32.";

/** Learning rates among which every arm of a tuned comparison has its own. */
export const learningRates = logRange(4e-3, 8e-2);

/** A point of a tuned comparison. */
export interface TunedPoint {
  readonly arm: string;
  readonly learningRate: number;
  /** λ of proximal L1. */
  readonly lambda?: number;
  /** α of decoupled decay. */
  readonly alpha?: number;
  /** α of coupled decay. */
  readonly coupled?: number;
}

/** Article 2's smallest strength of its coupled decay. */
const articleStrength = 1e-5;

/**
 * The generator of a tuned comparison: its rate falls to 0 by a cosine, but in the arm `stopped`, where it
 * is constant and the step is chosen.
 */
export function tunedGenerator(
  quick: boolean,
  { arm, learningRate, lambda = 0, alpha = 0, coupled }: TunedPoint,
  excerpt: { readonly start?: number; readonly length?: number } = {},
): TextSpecificationOptions {
  const gradientDecay = arm === "article" ? articleStrength : coupled;
  const { training, ...rest } = generator(quick, {
    penalties: gradientDecay === undefined
      ? lambdaAlpha({ lambda, alpha })
      : [coupledWeightDecay({ strength: gradientDecay })],
    evaluations: 10,
    excerpt,
  });
  const schedule = cosineSchedule({ steps: training.steps! });
  return {
    ...rest,
    training,
    optimizer: adam({ learningRate, ...(arm === "stopped" ? {} : { schedule }) }),
  };
}

/** What the tuned comparisons have in common, in words. */
export const tunedArmsInWords =
  "A GRU of 64 (embedding 24) learns characters of Moby-Dick by Adam over 400 batches of 16 windows " +
  "of 32; the learning rate falls to 0 by a cosine. Each fold holds out two blocks: one chooses " +
  "point and step of each arm, the other scores what was chosen, and neither is trained on.";
