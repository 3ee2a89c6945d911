import { show } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { evaluationBatches, trainingBatches } from "../data/batches.ts";
import { checkFold } from "../data/check_fold.ts";
import { carriedTrainingBatches } from "../data/carried_batches.ts";
import { withFirstTokens } from "../data/first_tokens.ts";
import { tokenizerOf } from "../data/tokenizers/kinds.ts";
import { blankTokens, type Tokens } from "../data/tokens.ts";
import { type DescribedModel, describeParameters } from "../models/describe_parameters.ts";
import { penaltiesWith, rulesOf } from "../optimizers/optimizer.ts";
import { effectsOf } from "../penalties/targets.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { checkEvaluationMemory, checkMemory } from "./check_memory.ts";
import { droppedParameters } from "./dropout_options.ts";
import { checkFoldUnit } from "./fold_unit.ts";
import {
  isPairSpecification,
  type Specification,
  type TextSpecification,
} from "./specification.ts";
import { evaluationBatchSize } from "./task.ts";
import { trainedDescriptions, trainedRateFactors } from "./tuning.ts";

/**
 * Refuses what a specification and the spans of its folds alone show to be impossible: initializers
 * that do not fit their parameters, penalties that act on none, spans that hold no window, no stream or
 * no target, that overlap, or that are too many, and what no memory holds.
 *
 * It goes the way of a run as far as that is cheap: the model is described, not built, and batches are
 * begun on spans of the right lengths, not on the text. Models of the user's own are tried by
 * `tryOwnParts`.
 *
 * @param specification As `validateSpecification` gives it.
 * @param folds The folds, the final one among them.
 * @param inTokens What {@link foldInTokens} made of folds in bytes; whether their spans hold what they must
 * is not looked at without.
 * @throws {TypeError | RangeError} As the run would, naming the fold where it is one's.
 */
export function checkRunnable(
  specification: Specification,
  folds: readonly FoldRecord[],
  inTokens: readonly FoldRecord[] = folds,
): void {
  const { model, optimizer, penalties } = specification;
  const parameters = model.kind === "ownModel" ? [] : parametersOf(model);
  checkMemory(specification, parameters);
  if (model.kind !== "ownModel") {
    const trained = trainedDescriptions(specification.training, parameters);
    trainedRateFactors(specification.training, parameters);
    effectsOf(penaltiesWith(optimizer, penalties), trained);
    droppedParameters(specification.training.weightDropout, parameters);
    rulesOf(optimizer, trained);
  }
  for (const fold of folds) {
    checkFold(`fold ${fold.index}`, fold);
    checkFoldUnit(specification.training, fold);
  }
  for (const fold of inTokens) {
    if (isPairSpecification(specification) || fold.unit !== undefined) continue;
    try {
      checkSpans(specification.training, fold);
    } catch (error) {
      const { name, message } = error as Error;
      // Which function makes batches is no matter of who says what a run is.
      const said = message.replace(/^\w+Batches: /, "");
      throw new (name === "TypeError" ? TypeError : RangeError)(`fold ${fold.index}: ${said}`);
    }
  }
}

/**
 * Whether a model can begin with the weights of another: the same tokens, a vocabulary of the same text, and
 * parameters of the same names and shapes.
 *
 * @throws {RangeError} Naming the first parameter that differs, the tokenizers, or how much text trains.
 */
export function checkSameParameters(from: Specification, to: Specification): void {
  if (canonicalJson(from.tokenizer) !== canonicalJson(to.tokenizer)) {
    throw new RangeError(
      `tokenizer must be the same in both, since a row of the embedding is a token's, found ` +
        `${from.tokenizer.kind} in the weaker one and ${to.tokenizer.kind}, or other options.`,
    );
  }
  for (const option of ["trainingTokens", "trainingBytes"] as const) {
    if (isPairSpecification(from) || isPairSpecification(to) || hasFixedTokens(to)) break;
    const [weaker, own] = [from, to].map(({ training }) => training[option] ?? "all");
    if (weaker === own) continue;
    throw new RangeError(
      `training.${option} must be the same in both, since another text makes another vocabulary, whose rows ` +
        `of the embedding are other tokens', found ${weaker} in the weaker one and ${own}.`,
    );
  }
  if (fillsIn(from) !== fillsIn(to)) {
    throw new RangeError(
      `training.fillInTheMiddle must be there in both or in neither, since its marks have rows of the ` +
        `embedding, found it ${
          fillsIn(from) ? "in the weaker one alone" : "not in the weaker one"
        }.`,
    );
  }
  const [weaker, own] = [from, to].map(({ training }) => training.adapters ?? null);
  if (canonicalJson(weaker) !== canonicalJson(own)) {
    throw new RangeError(
      `training.adapters must be the same in both, whose matrices are weights too, found ` +
        `${show(weaker)} in the weaker one and ${show(own)}.`,
    );
  }
  if (from.model.kind === "ownModel" || to.model.kind === "ownModel") return;
  const shapes = new Map(parametersOf(from.model).map(({ name, shape }) => [name, shape]));
  for (const { name, shape } of parametersOf(to.model)) {
    const given = shapes.get(name);
    if (given?.join() === shape.join()) continue;
    throw new RangeError(
      `${name} must have shape [${shape.join(", ")}] in both models, found ` +
        `${given === undefined ? "none" : `[${given.join(", ")}]`} in the weaker one.`,
    );
  }
}

/** With any vocabulary: its size decides about nothing that is refused. */
function parametersOf(model: DescribedModel) {
  return describeParameters(model, { vocabularySize: 7 });
}

/** Whether a model has marks of infilling. */
function fillsIn(specification: Specification): boolean {
  return !isPairSpecification(specification) && specification.training.fillInTheMiddle !== null;
}

/** Whether a vocabulary is the same whatever text trains. */
function hasFixedTokens({ tokenizer }: TextSpecification): boolean {
  const kind = tokenizerOf(tokenizer);
  return "learn" in kind ? kind.learnsTokens !== true : kind.fixedVocabulary === true;
}

type TextTraining = Exclude<Specification["training"], { readonly decodedPairs: unknown }>;

function checkSpans(training: TextTraining, fold: FoldRecord): void {
  const { windowLength, batchSize, trainingTokens, evaluationTokens } = training;
  const documents = training.documentWindows;
  const sizes = { windowLength, batchSize };
  const trained = withFirstTokens(fold, trainingTokens).training;
  const spans = blank(trained);
  if (training.carriedState) carriedTrainingBatches(spans, sizes);
  else trainingBatches(spans, { ...sizes, documents, stream: randomStream(0, "check") });
  for (const evaluated of [trained, fold.heldOut, ...(fold.choosing ? [fold.choosing] : [])]) {
    evaluationBatches(blank(evaluated), { windowLength: 1, batchSize: 1 });
    if (training.carriedState) continue;
    const windows = evaluated.reduce(
      (sum, { start, end }) => sum + Math.ceil((end - start - 1) / windowLength),
      0,
    );
    const most = Math.floor((evaluationTokens ?? Infinity) / windowLength);
    const sideBySide = Math.min(windows, most, evaluationBatchSize(batchSize));
    checkEvaluationMemory(sideBySide, windowLength);
  }
}

/** Spans of some lengths whose text does not matter. */
function blank(spans: readonly TokenSpan[]): Tokens[] {
  return spans.map(({ start, end }) => blankTokens({ length: end - start }));
}
