import { checkNumber } from "../core/check.ts";
import { mostSteps } from "../core/limits.ts";
import { carriedTargetsOfEpoch } from "../data/carried_batches.ts";
import { windowsOfSpans } from "../data/epochs.ts";
import { spanTokens, withFirstTokens } from "../data/first_tokens.ts";
import { blankTokens, type Tokens } from "../data/tokens.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { isPairSpecification, type Specification, validateSpecification } from "./specification.ts";

/** A specification that may say its length in epochs. */
export interface LengthInEpochs {
  /** Times that the training data is read, above 0; null where the specification says its steps. */
  readonly epochs: number | null;
  /** Checked; where `epochs` is a number, its steps are not the right ones yet. */
  readonly specification: Specification;
}

/**
 * Checks what `specify` returned, whose `training` has either `steps` or `epochs`.
 *
 * @throws {TypeError | RangeError} As `validateSpecification`, and if it has both.
 */
export function validateLength(options: unknown): LengthInEpochs {
  const { training } = Object(options) as { training?: { steps?: unknown; epochs?: unknown } };
  if (training?.epochs === undefined) {
    if (training !== null && typeof training === "object" && training.steps === undefined) {
      throw new TypeError("training must have either steps or epochs, found neither.");
    }
    return { epochs: null, specification: validateSpecification(options) };
  }
  const { epochs, steps } = training;
  if (steps !== undefined) {
    throw new RangeError(
      `training must have either steps or epochs, found steps ${steps} and epochs ${epochs}.`,
    );
  }
  return {
    epochs: checkNumber("training.epochs", epochs, { above: 0, to: mostSteps }),
    specification: validateSpecification(withSteps(options, 1)),
  };
}

/**
 * The specification with the steps that `epochs` are: those that read the training part of one fold so many
 * times, rounded, one at least. It is the fold of cross-validation with the shortest epoch, so that no fold
 * is read more often; the final fold, which has more text, less often than all of them.
 *
 * With draws a step counts as with epochs, though windows are drawn with replacement.
 *
 * @param options What `specify` returned.
 * @param length What `validateLength` gave for it; its specification may have more by now.
 * @param folds Folds of cross-validation.
 * @param training Training spans of each fold in tokens, for where documents end in them; those of the fold's
 * own positions where they are left out.
 */
export function resolveEpochs(
  options: unknown,
  { epochs, specification }: LengthInEpochs,
  folds: readonly FoldRecord[],
  training: readonly (readonly Tokens[] | undefined)[] = [],
): Specification {
  if (epochs === null) return specification;
  const shortest = Math.min(
    ...folds.map((fold, index) => batchesOfEpoch(specification, fold, training[index])),
  );
  const steps = Math.max(1, Math.round(epochs * shortest));
  // Evaluations follow from the steps, where they are not given.
  return validateSpecification({ ...specification, training: withSteps(options, steps).training });
}

/** Steps that read the training part of a fold once. */
export function batchesOfEpoch(
  specification: Specification,
  fold: FoldRecord,
  training?: readonly Tokens[],
): number {
  if (isPairSpecification(specification)) {
    return Math.ceil(spanTokens(fold.training) / specification.training.batchSize);
  }
  const { windowLength, batchSize, trainingTokens, carriedState, documentWindows } =
    specification.training;
  const spans = training ?? withFirstTokens(fold, trainingTokens).training
    .map(({ start, end }) => blankTokens({ length: end - start }));
  if (carriedState) {
    const lengths = spans.map(({ length }) => length);
    return carriedTargetsOfEpoch(lengths, { windowLength, batchSize }).length;
  }
  const { count } = windowsOfSpans(spans, { windowLength, documents: documentWindows });
  return Math.ceil(count / batchSize);
}

/** The same with steps in place of epochs. */
function withSteps(options: unknown, steps: number) {
  const { training, ...rest } = options as { training: { epochs?: unknown } };
  const { epochs: _, ...others } = training;
  return { ...rest, training: { ...others, steps } };
}
