import { show } from "../core/check.ts";
import { complete } from "../core/left_out.ts";
import {
  checkOptions,
  oneOf,
  type Option,
  option,
  type Options,
  orNotGiven,
  orNull,
} from "../core/options.ts";
import { type CorpusSpecification, validateCorpus } from "../data/corpora.ts";
import {
  type CompletionTokenizerSpecification,
  validateCompletionTokenizer,
} from "../data/completion_tokens.ts";
import { type PairTokenizerSpecification, validatePairTokenizer } from "../data/pair_tokens.ts";
import { isPairCorpus, type PairCorpusSpecification, validatePairCorpus } from "../data/pairs.ts";
import { type TokenizerSpecification, validateTokenizer } from "../data/tokenizers/kinds.ts";
import { checkCarriesState } from "../models/carries_state.ts";
import {
  allModels,
  modelKindOf,
  type ModelSpecification,
  type SequenceToSequenceSpecification,
  validateModel,
  validateSequenceToSequence,
} from "../models/kinds.ts";
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
import { checkRDrop } from "./check_r_drop.ts";
import { checkAveraging } from "./averaging.ts";
import { type InitialWeights, initialWeightsOption } from "./initial_weights_options.ts";
import { checkCompletions, refuseOptionsOfTexts } from "./check_completions.ts";
import { checkInfilling } from "./check_infilling.ts";
import { checkDocumentWindows } from "./check_document_windows.ts";
import { checkTuning } from "./tuning_options.ts";
import {
  type PairTrainingOptions,
  type PairTrainingSpecification,
  type TrainingOptions,
  type TrainingSpecification,
  validatePairTraining,
  validateTextTraining,
} from "./training_options.ts";

/** What specifications of texts and of pairs have in common. */
export interface AnySpecification {
  /**
   * Version of this format.
   *
   * @default {1}
   */
  readonly schemaVersion: 1;
  /**
   * Penalties, each with its targets; their order does not matter.
   *
   * @default {[]}
   */
  readonly penalties: readonly PenaltySpecification[];
  /** Optimizer with its learning rate. */
  readonly optimizer: OptimizerSpecification;
  /**
   * Largest global norm of the gradient, or largest value, penalty terms included; null for none.
   *
   * @default {null}
   */
  readonly clipping: Clipping | null;
  /** Weights that the model begins with; absent where its initializers draw them. */
  readonly initialWeights?: InitialWeights;
}

/** Everything that a run on a text depends on besides its fold, seed and engine. */
export interface TextSpecification extends AnySpecification {
  /** Text, with its checksum. */
  readonly corpus: CorpusSpecification;
  /** What a token is. */
  readonly tokenizer: TokenizerSpecification;
  /** Model, with its sizes and initial weights. */
  readonly model: ModelSpecification;
  /** How long and on what batches it trains, and how it is evaluated. */
  readonly training: TrainingSpecification;
}

/** Everything that a run on pairs depends on besides its fold, seed and engine. */
export interface PairSpecification extends AnySpecification {
  /** Pairs, with their checksum. */
  readonly corpus: PairCorpusSpecification;
  /** What a token is on either side, and how long pairs may be. */
  readonly tokenizer: PairTokenizerSpecification;
  /** Model, with its sizes and initial weights. */
  readonly model: SequenceToSequenceSpecification;
  /** How long and on what batches it trains, and how it is evaluated. */
  readonly training: PairTrainingSpecification;
}

/**
 * Everything that a run on prompts with completions depends on besides its fold, seed and engine: pairs that
 * a model of texts reads as one sequence each.
 */
export interface CompletionSpecification extends AnySpecification {
  /** Prompts and completions, as sources and targets of pairs, with their checksum. */
  readonly corpus: PairCorpusSpecification;
  /** What a token is, and how long prompts and completions may be. */
  readonly tokenizer: CompletionTokenizerSpecification;
  /** Model, with its sizes and initial weights. */
  readonly model: ModelSpecification;
  /** How long and on what batches it trains, and how it is evaluated. */
  readonly training: PairTrainingSpecification;
}

/** Everything that a run on pairs depends on, whichever kind of model reads them. */
export type AnyPairSpecification = PairSpecification | CompletionSpecification;

/** Everything that a run depends on besides its fold, seed and engine. */
export type Specification = TextSpecification | AnyPairSpecification;

/** Tells specifications of pairs, prompts with completions among them, from those of texts. */
export function isPairSpecification(
  specification: Specification,
): specification is AnyPairSpecification {
  return isPairCorpus(specification.corpus);
}

/** Tells specifications of prompts with completions from all others. */
export function isCompletionSpecification(
  specification: Pick<Specification, "tokenizer">,
): specification is CompletionSpecification {
  return specification.tokenizer.kind === "completions";
}

/** What `specify` returns for a text: a specification whose defaults may be left out. */
export type TextSpecificationOptions =
  & Pick<TextSpecification, "corpus" | "tokenizer" | "model" | "optimizer">
  & Partial<Pick<TextSpecification, "schemaVersion" | "penalties" | "clipping" | "initialWeights">>
  & { readonly training: TrainingOptions };

/** What `specify` returns for pairs: a specification whose defaults may be left out. */
export type PairSpecificationOptions =
  & Pick<PairSpecification, "corpus" | "tokenizer" | "model" | "optimizer">
  & Partial<Pick<PairSpecification, "schemaVersion" | "penalties" | "clipping" | "initialWeights">>
  & { readonly training: PairTrainingOptions };

/** What `specify` returns for prompts with completions: the same. */
export type CompletionSpecificationOptions =
  & Pick<CompletionSpecification, "corpus" | "tokenizer" | "model" | "optimizer">
  & Partial<
    Pick<CompletionSpecification, "schemaVersion" | "penalties" | "clipping" | "initialWeights">
  >
  & { readonly training: PairTrainingOptions };

/** What `specify` returns: a specification whose defaults may be left out. */
export type SpecificationOptions =
  | TextSpecificationOptions
  | PairSpecificationOptions
  | CompletionSpecificationOptions;

/** What a specification holds, of texts or of pairs. */
function described<Parts extends Options, Training>(
  parts: Parts,
  training: Option<Training>,
) {
  return {
    schemaVersion: orNotGiven(oneOf([1], 1)),
    ...parts,
    penalties: orNotGiven(option((name, value): readonly PenaltySpecification[] => {
      if (Array.isArray(value)) return value.map((penalty) => validatePenalty(penalty));
      throw new TypeError(`${name} must be a list, found ${show(value)}.`);
    }, [])),
    optimizer: by(validateOptimizer),
    clipping: orNull(by((value) => validateClipping("specification", value))),
    initialWeights: initialWeightsOption,
    training,
  };
}

/** What {@link TextSpecification} holds. */
export const textSpecification = described({
  corpus: by(validateCorpus),
  tokenizer: by(validateTokenizer),
  model: by(validateModel),
}, by(validateTextTraining));

/** What {@link PairSpecification} holds. */
export const pairSpecification = described({
  corpus: by(validatePairCorpus),
  tokenizer: by(validatePairTokenizer),
  model: by(validateSequenceToSequence),
}, by(validatePairTraining));

/** What {@link CompletionSpecification} holds. */
export const completionSpecification = described({
  corpus: by(validatePairCorpus),
  tokenizer: by(validateCompletionTokenizer),
  model: by(validateModel),
}, by(validateCompletionTraining));

function validateCompletionTraining(given: unknown): PairTrainingSpecification {
  refuseOptionsOfTexts(given);
  return validatePairTraining(given);
}

function by<T>(validate: (json: unknown) => T): Option<T> {
  return option((_, value) => validate(value));
}

/**
 * Checks a specification and fills its defaults, also those that stored JSON leaves out (`stored`).
 *
 * @param json What `specify` returned, or what arrived as JSON.
 * @throws {TypeError | RangeError} On unknown, missing or contradictory options.
 */
export function validateSpecification(json: unknown): Specification {
  const specification = checked(json);
  // Refuses contradictions before anything is trained.
  penaltiesWith(specification.optimizer, specification.penalties);
  checkAveraging(specification.training, specification.optimizer);
  checkTuning(specification.training);
  checkRDrop(specification);
  checkRecomputesBlocks(specification);
  return complete(specification);
}

/** A specification of the kind that its corpus and tokenizer say. */
function checked(json: unknown): Specification {
  const { corpus, tokenizer } = Object(json) as Partial<SpecificationOptions>;
  if (!isPairCorpus(corpus)) {
    return checkedText(checkOptions("specification", json, textSpecification, "."));
  }
  if (tokenizer?.kind !== "completions") {
    return checkedPairs(checkOptions("specification", json, pairSpecification, "."));
  }
  const specification = checkOptions("specification", json, completionSpecification, ".");
  checkReadsOutputs(specification);
  checkCompletions(specification);
  return specification;
}

/** Refuses what fits by itself but not together. */
function checkedText(specification: TextSpecification): TextSpecification {
  const { model, training: { windowLength, evaluationTokens, carriedState } } = specification;
  checkWindowLength(model, windowLength);
  checkDocumentWindows(specification);
  if (carriedState) checkCarried(specification);
  // A stretch with carried state may be cut anywhere, a window may not.
  else if (evaluationTokens !== null && evaluationTokens < windowLength) {
    throw new RangeError(
      `training.evaluationTokens must be at least windowLength, ${windowLength}, or null for all, ` +
        `found ${evaluationTokens}.`,
    );
  }
  checkReadsOutputs(specification);
  checkTokensAhead(specification);
  checkInfilling(specification);
  return specification;
}

/** The same of pairs. */
function checkedPairs(specification: PairSpecification): PairSpecification {
  const { model: { kind, decoderReads }, training: { maskedInputs } } = specification;
  if (decoderReads === undefined || maskedInputs === 0) return specification;
  throw new RangeError(
    `Cannot combine training.maskedInputs and decoderReads "${decoderReads}" of ${kind}: the decoder's ` +
      `inputs would be masked, and it reads the source in their place. Leave one of them out.`,
  );
}

function checkCarried({ model, training }: TextSpecification): void {
  const { sampling, teacher, microBatchSize } = training;
  checkCarriesState(model);
  if (sampling !== "draws") {
    throw new RangeError(
      `Cannot combine training.carriedState and sampling "${sampling}": with carried state the text is read ` +
        `in its own order, each window once an epoch. Leave sampling out, or carriedState.`,
    );
  }
  if (microBatchSize !== null) {
    throw new RangeError(
      `Cannot combine training.carriedState and training.microBatchSize: the state that is carried is that ` +
        `of all windows of a batch. Leave one of them out.`,
    );
  }
  if (teacher === null) return;
  throw new RangeError(
    `Cannot combine training.carriedState and training.teacher: a teacher reads each window from a zero ` +
      `state, so it would predict from less text than the model does. Leave one of them out.`,
  );
}

/** Refuses to compute blocks again in a model that has none. */
function checkRecomputesBlocks({ model, training: { recomputeBlocks } }: Specification): void {
  if (!recomputeBlocks || modelKindOf(model).recomputesBlocks) return;
  const others = Object.entries(allModels).filter(([, kind]) => kind.recomputesBlocks);
  throw new RangeError(
    `training.recomputeBlocks must be false for ${model.kind}, which has no blocks; it can be true for ` +
      `${others.map(([name]) => name).join(", ")}.`,
  );
}

/** Refuses losses of tokens that no window has. */
function checkTokensAhead({ penalties, training: { windowLength } }: TextSpecification): void {
  for (const penalty of penalties) {
    if (penalty.kind !== "tokensAhead" || penalty.weights.length < windowLength) continue;
    throw new RangeError(
      `tokensAhead: weights must be fewer than windowLength, ${windowLength}, since the k-th token ahead of ` +
        `a position is in its own window, found ${penalty.weights.length}.`,
    );
  }
}

/** Refuses penalties on outputs of a last layer that the model does not give. */
function checkReadsOutputs(
  { model, penalties }: Pick<TextSpecification, "model" | "penalties">,
): void {
  const penalty = penalties.find(readsOutputs);
  if (model.kind !== "ownModel" || penalty === undefined) return;
  throw new RangeError(
    `Cannot combine ${model.kind} and ${penalty.kind}: a model of one's own gives logits, not the ` +
      `outputs of its last layer. Take logitsL1, labelSmoothing or confidencePenalty.`,
  );
}
