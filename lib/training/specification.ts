import { checkInteger, checkKeys, checkOneOf, show } from "../core/check.ts";
import { type CorpusSpecification, validateCorpus } from "../data/corpora.ts";
import { type TokenizerSpecification, validateTokenizer } from "../data/tokenizers.ts";
import { type ModelSpecification, validateModel } from "../models/create.ts";
import { decodingOptions } from "../models/decoding.ts";
import { type Clipping, validateClipping } from "../optimizers/clipping.ts";
import {
  type OptimizerSpecification,
  penaltiesWith,
  validateOptimizer,
} from "../optimizers/optimizer.ts";
import { type PenaltySpecification, validatePenalty } from "../penalties/targets.ts";

/** When a run stops before its last step: the best weights are kept. */
export interface EarlyStopping {
  /** Evaluations without a new lowest held-out loss after which the run stops, from 1. */
  readonly patience: number;
}

/** Texts to draw from the trained model, for the record. */
export interface SampleSpecification {
  /** How many texts, from 0. */
  readonly count: number;
  /** Tokens of each. */
  readonly length: number;
  /** Tokens of held-out text that the model reads first. */
  readonly promptLength: number;
  /** Logits are divided by it; 0 is greedy. */
  readonly temperature: number;
  /** Most likely tokens that are kept; null keeps all. */
  readonly topK: number | null;
  /** Probability that the kept tokens must reach. */
  readonly topP: number;
}

/** How a run trains, evaluates and stops. */
export interface TrainingSpecification {
  /** Optimizer steps, from 1. */
  readonly steps: number;
  /** Windows a step. */
  readonly batchSize: number;
  /** Tokens a window; the state begins at zero in each. */
  readonly windowLength: number;
  /** Steps between evaluations; the untrained model and the last step are always evaluated. */
  readonly evaluateEvery: number;
  /**
   * At most this many tokens of training text, and as many of held-out text, in evenly spaced
   * windows, enter an evaluation; null takes all.
   */
  readonly evaluationTokens: number | null;
  /** Early stopping on the held-out loss; null trains to the last step. */
  readonly earlyStopping: EarlyStopping | null;
  /** Texts to draw at the end. */
  readonly samples: SampleSpecification;
}

/** Everything that a run depends on beside its fold, seed and engine. */
export interface Specification {
  /** Version of this format. */
  readonly schemaVersion: 1;
  /** Text, with its checksum. */
  readonly corpus: CorpusSpecification;
  /** What a token is. */
  readonly tokenizer: TokenizerSpecification;
  /** Model, with its sizes and initial weights. */
  readonly model: ModelSpecification;
  /** Penalties, each with its targets; their order does not matter. */
  readonly penalties: readonly PenaltySpecification[];
  /** Optimizer with its learning rate. */
  readonly optimizer: OptimizerSpecification;
  /** Largest global norm of the gradient, or largest value, penalty terms included; null for none. */
  readonly clipping: Clipping | null;
  /** How long and on what batches it trains, and how it is evaluated. */
  readonly training: TrainingSpecification;
}

/** What `specify` returns: a specification whose defaults may be left out. */
export type SpecificationOptions =
  & Pick<Specification, "corpus" | "tokenizer" | "model" | "optimizer">
  & Partial<Pick<Specification, "schemaVersion" | "penalties" | "clipping">>
  & {
    readonly training:
      & Pick<TrainingSpecification, "steps" | "batchSize" | "windowLength">
      & Partial<Omit<TrainingSpecification, "samples">>
      & { readonly samples?: Partial<SampleSpecification> };
  };

/**
 * Checks a specification and fills its defaults; the result, as canonical JSON, is what run ids hash.
 *
 * @param json What `specify` returned, or what arrived as JSON.
 * @throws {TypeError | RangeError} On unknown, missing or contradictory options.
 */
export function validateSpecification(json: unknown): Specification {
  const subject = "specification";
  checkKeys(subject, json, [
    "schemaVersion",
    "corpus",
    "tokenizer",
    "model",
    "penalties",
    "optimizer",
    "clipping",
    "training",
  ]);
  const options = json as SpecificationOptions;
  checkOneOf(`${subject}.schemaVersion`, options.schemaVersion ?? 1, [1]);
  const penalties = options.penalties ?? [];
  if (!Array.isArray(penalties)) {
    throw new TypeError(`${subject}.penalties must be a list, found ${show(penalties)}.`);
  }
  const clipping = options.clipping ?? null;
  const optimizer = validateOptimizer(options.optimizer);
  const valid = penalties.map((penalty) => validatePenalty(penalty));
  // Refuses contradictions before anything is trained.
  penaltiesWith(optimizer, valid);
  return {
    schemaVersion: 1,
    corpus: validateCorpus(options.corpus),
    tokenizer: validateTokenizer(options.tokenizer),
    model: validateModel(options.model),
    penalties: valid,
    optimizer,
    clipping: clipping === null ? null : validateClipping(subject, clipping),
    training: validateTraining(options.training),
  };
}

function validateTraining(options: SpecificationOptions["training"]): TrainingSpecification {
  const subject = "training";
  checkKeys(subject, options, [
    "steps",
    "batchSize",
    "windowLength",
    "evaluateEvery",
    "evaluationTokens",
    "earlyStopping",
    "samples",
  ]);
  const count = (name: string, value: unknown, from = 1) =>
    checkInteger(`${subject}.${name}`, value, { from });
  const steps = count("steps", options.steps);
  const earlyStopping = options.earlyStopping ?? null;
  if (earlyStopping !== null) checkKeys(`${subject}.earlyStopping`, earlyStopping, ["patience"]);
  const samples = options.samples ?? {};
  checkKeys(`${subject}.samples`, samples, [
    "count",
    "length",
    "promptLength",
    "temperature",
    "topK",
    "topP",
  ]);
  const evaluationTokens = options.evaluationTokens ?? null;
  return {
    steps,
    batchSize: count("batchSize", options.batchSize),
    windowLength: count("windowLength", options.windowLength),
    evaluateEvery: count("evaluateEvery", options.evaluateEvery ?? Math.ceil(steps / 10)),
    evaluationTokens: evaluationTokens === null
      ? null
      : count("evaluationTokens", evaluationTokens),
    earlyStopping: earlyStopping === null
      ? null
      : { patience: count("earlyStopping.patience", earlyStopping.patience) },
    samples: {
      count: count("samples.count", samples.count ?? 1, 0),
      length: count("samples.length", samples.length ?? 160),
      promptLength: count("samples.promptLength", samples.promptLength ?? 16),
      ...decodingOptions("training.samples", {
        temperature: samples.temperature ?? 0.8,
        topK: samples.topK ?? null,
        topP: samples.topP ?? 1,
      }),
    },
  };
}
