import { ema } from "../../averages/ema.ts";
import { cosineSchedule } from "../../core/schedule.ts";
import type { JsonObject } from "../../core/json.ts";
import { corpus } from "../../data/corpora.ts";
import { characters } from "../../data/tokenizers/characters.ts";
import { transformerLanguageModel } from "../../models/transformer_language_model.ts";
import { adam } from "../../optimizers/adam.ts";
import { decoupledWeightDecay } from "../../penalties/decoupled_weight_decay.ts";
import type { TextSpecificationOptions } from "../../training/specification.ts";
import type { TeacherOptions } from "../../training/teacher_options.ts";

/** How much is trained: the study that is kept, or a few steps of a smaller model. */
export interface Sizes {
  readonly embeddingSize: number;
  readonly windowLength: number;
  readonly batchSize: number;
  readonly steps: number;
  /** Characters that a model trains on, about. */
  readonly trainingLength: number;
  /** Tokens of an evaluation, at most. */
  readonly evaluationTokens: number;
  /** Points of each arm of the search. */
  readonly pointsPerArm: number;
  /** Folds of the comparison. */
  readonly comparisonFolds: number;
  /** Members of an ensemble: seeds of the comparison, and times longer that one model of its cost trains. */
  readonly members: number;
}

/** Sizes of the studies; quick ones only show that everything is in place. */
export function sizesOf(quick: boolean): Sizes {
  return quick
    ? {
      embeddingSize: 8,
      windowLength: 8,
      batchSize: 2,
      steps: 4,
      trainingLength: 200,
      evaluationTokens: 64,
      pointsPerArm: 2,
      comparisonFolds: 3,
      members: 2,
    }
    : {
      embeddingSize: 32,
      windowLength: 16,
      batchSize: 16,
      steps: 300,
      trainingLength: 1_600,
      evaluationTokens: 800,
      pointsPerArm: 10,
      comparisonFolds: 8,
      members: 5,
    };
}

/** Settings of a remedy, those that it lacks left out. */
export interface Settings {
  /** η, where the rate begins. */
  readonly learningRate: number;
  /** α of decoupled decay. */
  readonly alpha?: number;
  /** Of input, of what each layer adds, and of attention weights. */
  readonly dropout?: number;
  /** Steps that the average of the weights looks back. */
  readonly horizon?: number;
  /** Of the last block. */
  readonly stochasticDepth?: number;
  /** Share of the loss that the teacher has. */
  readonly share?: number;
}

/** How a remedy trains, besides its settings. */
export interface Training {
  /** The text: its first character in the book, and how many. */
  readonly excerpt: { readonly start: number; readonly length: number };
  /** Whether the rate falls to 0 by a cosine; it is constant otherwise. */
  readonly falls: boolean;
  /** Evaluations without a lower choosing loss after which a run ends; to the end if not given. */
  readonly patience?: number;
  /** Times as many steps; 1 if not given. */
  readonly times?: number;
  readonly teacher?: Pick<TeacherOptions, "point" | "seeds">;
}

/** Both sides' logits are divided by it where there is a teacher. */
const temperature = 2;

/** Evaluations of a run, after the one at the start. */
const evaluations = 5;

/** The small Transformer on a few pages of Moby-Dick, with the remedies whose settings are there. */
export function transformer(
  sizes: Sizes,
  { learningRate, alpha = 0, dropout = 0, horizon, stochasticDepth = 0, share }: Settings,
  { excerpt, falls, patience, times = 1, teacher }: Training,
): TextSpecificationOptions {
  const { embeddingSize, windowLength, batchSize, evaluationTokens } = sizes;
  const steps = times * sizes.steps;
  return {
    corpus: corpus("moby-dick", { excerpt }),
    tokenizer: characters(),
    model: transformerLanguageModel({
      embeddingSize,
      layers: 2,
      heads: 2,
      blockSize: windowLength,
      // Those of GPT-2 are so small that a narrow model hardly begins in so few steps.
      initialization: "pytorch",
      tiedWeights: false,
      inputDropout: dropout,
      residualDropout: dropout,
      attentionDropout: dropout,
      stochasticDepth,
    }),
    penalties: [decoupledWeightDecay({ strength: alpha })],
    optimizer: adam({ learningRate, ...(falls && { schedule: cosineSchedule({ steps }) }) }),
    training: {
      steps,
      batchSize,
      windowLength,
      evaluateEvery: Math.ceil(steps / evaluations),
      evaluationTokens,
      samples: { count: 0 },
      ...(patience !== undefined && { earlyStopping: { patience } }),
      ...(horizon !== undefined && { averages: [ema({ horizon })] }),
      ...(teacher !== undefined && { teacher: { ...teacher, share: share!, temperature } }),
    },
  };
}

/** Settings of a point, without what tells its arm. */
export function settingsOf(point: JsonObject): Settings {
  const { arm: _, remedy: __, ...settings } = point;
  return settings as unknown as Settings;
}
