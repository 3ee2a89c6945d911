import { checkBoolean, checkInteger, checkKeys, checkOneOf, show } from "../core/check.ts";
import { longestText, mostSteps } from "../core/limits.ts";
import { type CorpusSpecification, validateCorpus } from "../data/corpora.ts";
import { type PairTokenizerSpecification, validatePairTokenizer } from "../data/pair_tokens.ts";
import { isPairCorpus, type PairCorpusSpecification, validatePairCorpus } from "../data/pairs.ts";
import { type TokenizerSpecification, validateTokenizer } from "../data/tokenizers/kinds.ts";
import { checkCarriesState } from "../models/carries_state.ts";
import { type ModelSpecification, validateModel } from "../models/create.ts";
import {
  type SequenceToSequenceSpecification,
  validateSequenceToSequence,
} from "../models/create_sequence_to_sequence.ts";
import { decodingOptions, longestTarget } from "../models/decoding.ts";
import { checkWindowLength } from "../models/window_length.ts";
import { type Clipping, validateClipping } from "../optimizers/clipping.ts";
import {
  type OptimizerSpecification,
  penaltiesWith,
  validateOptimizer,
} from "../optimizers/optimizer.ts";
import { readsOutputs } from "../penalties/activations.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { validatePenalty } from "../penalties/targets.ts";

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
  /**
   * Length of the n-grams, in tokens, by which the record says how much of each text is learned by
   * heart (see `sampleStatistics`). Absent for no such statistics.
   */
  readonly nGramLength?: number;
}

/** Targets to write for held-out sources with the trained model, for the record. */
export interface PairSampleSpecification {
  /** How many sources, spaced evenly over the held-out ones, from 0. */
  readonly count: number;
  /** Logits are divided by it; 0 is greedy. */
  readonly temperature: number;
  /** Most likely tokens that are kept; null keeps all. */
  readonly topK: number | null;
  /** Probability that the kept tokens must reach. */
  readonly topP: number;
}

/** How any run trains, evaluates and stops. */
interface CommonTrainingSpecification {
  /** Optimizer steps, from 1. */
  readonly steps: number;
  /** Windows, or pairs, a step. */
  readonly batchSize: number;
  /** Steps between evaluations; the untrained model and the last step are always evaluated. */
  readonly evaluateEvery: number;
  /**
   * At most this many tokens of training text (of pairs: of targets), and as many of held-out text,
   * in evenly spaced windows or pairs, enter an evaluation; null takes all.
   */
  readonly evaluationTokens: number | null;
  /**
   * Early stopping on the held-out loss (on choosing spans where the fold has some); null trains to the last
   * step.
   */
  readonly earlyStopping: EarlyStopping | null;
}

/** How a run on a text trains, evaluates and stops. */
export interface TrainingSpecification extends CommonTrainingSpecification {
  /** Tokens a window; the state begins at zero in each, unless it is carried. */
  readonly windowLength: number;
  /**
   * Whether a recurrent model's state is carried from window to window: the text is read in its order,
   * as batchSize streams side by side, and evaluated in stretches as long as a stream of the held-out
   * text. Absent for false: then windows are drawn at random.
   */
  readonly carriedState?: boolean;
  /**
   * How many tokens of the fold's training text train and make the vocabulary: its first ones. The
   * held-out text stays the same, so that runs of several sizes compare. Absent for all.
   */
  readonly trainingTokens?: number;
  /**
   * Whether the record says which share of the evaluated tokens has the highest score, once the run
   * has ended. Absent for false.
   */
  readonly tokenAccuracy?: boolean;
  /** Texts to draw at the end. */
  readonly samples: SampleSpecification;
}

/** How a run on pairs trains, evaluates and stops. */
export interface PairTrainingSpecification extends CommonTrainingSpecification {
  /**
   * Held-out pairs, evenly spaced, for which targets are written greedily at the end and compared with
   * the true ones; null takes all, 0 none.
   */
  readonly decodedPairs: number | null;
  /** Tokens after which a written target is cut; null for the length of the longest in training. */
  readonly maximumLength: number | null;
  /**
   * `counted`: all pairs are padded to the longest ones, and padding is read, predicted and counted in
   * the mean like any token, as in Keras's example lstm_seq2seq. Absent: padding is masked.
   */
  readonly padding?: "counted";
  /** Targets to show at the end. */
  readonly samples: PairSampleSpecification;
}

/** What specifications of texts and of pairs have in common. */
interface CommonSpecification {
  /** Version of this format. */
  readonly schemaVersion: 1;
  /** Penalties, each with its targets; their order does not matter. */
  readonly penalties: readonly PenaltySpecification[];
  /** Optimizer with its learning rate. */
  readonly optimizer: OptimizerSpecification;
  /** Largest global norm of the gradient, or largest value, penalty terms included; null for none. */
  readonly clipping: Clipping | null;
}

/** Everything that a run on a text depends on beside its fold, seed and engine. */
export interface TextSpecification extends CommonSpecification {
  /** Text, with its checksum. */
  readonly corpus: CorpusSpecification;
  /** What a token is. */
  readonly tokenizer: TokenizerSpecification;
  /** Model, with its sizes and initial weights. */
  readonly model: ModelSpecification;
  /** How long and on what batches it trains, and how it is evaluated. */
  readonly training: TrainingSpecification;
}

/** Everything that a run on pairs depends on beside its fold, seed and engine. */
export interface PairSpecification extends CommonSpecification {
  /** Pairs, with their checksum. */
  readonly corpus: PairCorpusSpecification;
  /** What a token is on either side, and how long pairs may be. */
  readonly tokenizer: PairTokenizerSpecification;
  /** Model, with its sizes and initial weights. */
  readonly model: SequenceToSequenceSpecification;
  /** How long and on what batches it trains, and how it is evaluated. */
  readonly training: PairTrainingSpecification;
}

/** Everything that a run depends on beside its fold, seed and engine. */
export type Specification = TextSpecification | PairSpecification;

/** Tells specifications of pairs from those of texts. */
export function isPairSpecification(
  specification: Specification,
): specification is PairSpecification {
  return isPairCorpus(specification.corpus);
}

/** What `specify` returns for a text: a specification whose defaults may be left out. */
export type TextSpecificationOptions =
  & Pick<TextSpecification, "corpus" | "tokenizer" | "model" | "optimizer">
  & Partial<Pick<TextSpecification, "schemaVersion" | "penalties" | "clipping">>
  & {
    readonly training:
      & Pick<TrainingSpecification, "steps" | "batchSize" | "windowLength">
      & Partial<Omit<TrainingSpecification, "samples">>
      & { readonly samples?: Partial<SampleSpecification> };
  };

/** What `specify` returns for pairs: a specification whose defaults may be left out. */
export type PairSpecificationOptions =
  & Pick<PairSpecification, "corpus" | "tokenizer" | "model" | "optimizer">
  & Partial<Pick<PairSpecification, "schemaVersion" | "penalties" | "clipping">>
  & {
    readonly training:
      & Pick<PairTrainingSpecification, "steps" | "batchSize">
      & Partial<Omit<PairTrainingSpecification, "samples">>
      & { readonly samples?: Partial<PairSampleSpecification> };
  };

/** What `specify` returns: a specification whose defaults may be left out. */
export type SpecificationOptions = TextSpecificationOptions | PairSpecificationOptions;

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
  const common = {
    schemaVersion: 1,
    penalties: valid,
    optimizer,
    clipping: clipping === null ? null : validateClipping(subject, clipping),
  } as const;
  return isPairCorpus(options.corpus)
    ? {
      ...common,
      corpus: validatePairCorpus(options.corpus),
      tokenizer: validatePairTokenizer(options.tokenizer),
      model: validateSequenceToSequence(options.model),
      training: validatePairTraining(options.training as PairSpecificationOptions["training"]),
    }
    : checkedText({
      ...common,
      corpus: validateCorpus(options.corpus),
      tokenizer: validateTokenizer(options.tokenizer),
      model: validateModel(options.model),
      training: validateTextTraining(options.training as TextSpecificationOptions["training"]),
    });
}

/** Refuses what fits by itself but not together. */
function checkedText(specification: TextSpecification): TextSpecification {
  const { model, training: { windowLength, evaluationTokens, carriedState } } = specification;
  checkWindowLength(model, windowLength);
  if (carriedState) checkCarriesState(model);
  // A stretch with carried state may be cut anywhere, a window may not.
  else if (evaluationTokens !== null && evaluationTokens < windowLength) {
    throw new RangeError(
      `training.evaluationTokens must be at least windowLength, ${windowLength}, or null for all, ` +
        `found ${evaluationTokens}.`,
    );
  }
  checkReadsOutputs(specification);
  return specification;
}

/** Refuses penalties on outputs of a last layer that the model does not give. */
function checkReadsOutputs({ model, penalties }: TextSpecification): void {
  const penalty = penalties.find(readsOutputs);
  if (model.kind !== "ownModel" || penalty === undefined) return;
  throw new RangeError(
    `Cannot combine ${model.kind} and ${penalty.kind}: a model of one's own gives logits, not the ` +
      `outputs of its last layer. Take logitsL1 or labelSmoothing.`,
  );
}

const commonTrainingKeys = [
  "steps",
  "batchSize",
  "evaluateEvery",
  "evaluationTokens",
  "earlyStopping",
  "samples",
] as const;

/** Evaluations of a run at most: each is a point of its record's curve. */
const mostEvaluations = 100_000;

/** Tokens that the texts of a record may have together. */
const mostSampleTokens = 1e6;

function count(name: string, value: unknown, from = 1, to = longestText): number {
  return checkInteger(`training.${name}`, value, { from, to });
}

function checkEvaluateEvery(value: unknown, steps: number): number {
  const evaluateEvery = count("evaluateEvery", value, 1, mostSteps);
  if (steps / evaluateEvery <= mostEvaluations) return evaluateEvery;
  throw new RangeError(
    `training.evaluateEvery must be at least ${
      Math.ceil(steps / mostEvaluations)
    }, so that a run of ` +
      `${steps} steps has at most ${mostEvaluations} evaluations, found ${evaluateEvery}.`,
  );
}

function checkSampleTokens(samples: number, length: number): number {
  if (samples * length <= mostSampleTokens) return samples;
  throw new RangeError(
    `training.samples: count × length must be at most ${mostSampleTokens} tokens, found ${samples} × ` +
      `${length}: with length ${length} count must be at most ${
        Math.floor(mostSampleTokens / length)
      }.`,
  );
}

/** An option that came later: only in the JSON where it is true. */
function flag(name: string, value: unknown): { readonly [name: string]: true } {
  return checkBoolean(`training.${name}`, value ?? false) ? { [name]: true } : {};
}

function validateCommonTraining(
  options: SpecificationOptions["training"],
): CommonTrainingSpecification {
  const steps = count("steps", options.steps, 1, mostSteps);
  const earlyStopping = options.earlyStopping ?? null;
  if (earlyStopping !== null) checkKeys("training.earlyStopping", earlyStopping, ["patience"]);
  const evaluationTokens = options.evaluationTokens ?? null;
  return {
    steps,
    batchSize: checkInteger("training.batchSize", options.batchSize, { from: 1 }),
    evaluateEvery: checkEvaluateEvery(options.evaluateEvery ?? Math.ceil(steps / 10), steps),
    evaluationTokens: evaluationTokens === null
      ? null
      : count("evaluationTokens", evaluationTokens),
    earlyStopping: earlyStopping === null
      ? null
      : { patience: count("earlyStopping.patience", earlyStopping.patience, 1, mostSteps) },
  };
}

function validateTextTraining(
  options: TextSpecificationOptions["training"],
): TrainingSpecification {
  checkKeys("training", options, [
    ...commonTrainingKeys,
    "windowLength",
    "carriedState",
    "trainingTokens",
    "tokenAccuracy",
  ]);
  const samples = options.samples ?? {};
  checkKeys("training.samples", samples, [
    "count",
    "length",
    "promptLength",
    "temperature",
    "topK",
    "topP",
    "nGramLength",
  ]);
  const sampleLength = count("samples.length", samples.length ?? 160, 1, mostSampleTokens);
  const windowLength = checkInteger("training.windowLength", options.windowLength, { from: 1 });
  const { trainingTokens } = options;
  return {
    ...validateCommonTraining(options),
    windowLength,
    ...flag("carriedState", options.carriedState),
    ...(trainingTokens === undefined
      ? {}
      : { trainingTokens: count("trainingTokens", trainingTokens, windowLength + 1) }),
    ...flag("tokenAccuracy", options.tokenAccuracy),
    samples: {
      count: checkSampleTokens(
        count("samples.count", samples.count ?? 1, 0, mostSampleTokens),
        sampleLength,
      ),
      length: sampleLength,
      promptLength: count("samples.promptLength", samples.promptLength ?? 16),
      ...decodingOptions("training.samples", {
        temperature: samples.temperature ?? 0.8,
        topK: samples.topK ?? null,
        topP: samples.topP ?? 1,
      }),
      ...(samples.nGramLength === undefined ? {} : {
        nGramLength: checkInteger("training.samples.nGramLength", samples.nGramLength, {
          from: 1,
          to: sampleLength,
        }),
      }),
    },
  };
}

function validatePairTraining(
  options: PairSpecificationOptions["training"],
): PairTrainingSpecification {
  checkKeys("training", options, [
    ...commonTrainingKeys,
    "decodedPairs",
    "maximumLength",
    "padding",
  ]);
  const samples = options.samples ?? {};
  checkKeys("training.samples", samples, ["count", "temperature", "topK", "topP"]);
  const { decodedPairs = 200, maximumLength = null, padding } = options;
  return {
    ...(padding === undefined
      ? {}
      : { padding: checkOneOf("training.padding", padding, ["counted"] as const) }),
    ...validateCommonTraining(options),
    decodedPairs: decodedPairs === null ? null : count("decodedPairs", decodedPairs, 0),
    maximumLength: maximumLength === null
      ? null
      : count("maximumLength", maximumLength, 1, longestTarget),
    samples: {
      count: count("samples.count", samples.count ?? 3, 0, mostSampleTokens),
      ...decodingOptions("training.samples", {
        temperature: samples.temperature ?? 0,
        topK: samples.topK ?? null,
        topP: samples.topP ?? 1,
      }),
    },
  };
}
