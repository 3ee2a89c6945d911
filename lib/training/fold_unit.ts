import { show } from "../core/check.ts";
import type { FoldRecord } from "../records/study_record.ts";
import type { PairTrainingSpecification, TrainingSpecification } from "./training_options.ts";

/** Options of a training that count text, by what a position of its folds is. */
const counting = {
  tokens: { trainingTokens: "trainingBytes", evaluationTokens: "evaluationBytes" },
  bytes: { trainingBytes: "trainingTokens", evaluationBytes: "evaluationTokens" },
  pairs: { evaluationPairs: "evaluationTokens" },
} as const;

/**
 * Refuses a training that counts text by something other than the positions of its fold: with folds in
 * bytes every tokenizer has to learn from, and be measured on, the same text.
 *
 * @throws {RangeError} Naming the option and the one to use.
 */
export function checkFoldUnit(
  training: TrainingSpecification | PairTrainingSpecification,
  fold: Pick<FoldRecord, "unit">,
): void {
  const unit = fold.unit ?? "tokens";
  if (unit === "tokens" && "fillInTheMiddle" in training && training.fillInTheMiddle !== null) {
    throw new RangeError(
      `training.fillInTheMiddle needs folds in bytes or of documents, where a text ends with a mark, as ` +
        `what is filled in does; found folds in tokens. Use blockedFolds({ …, unit: "bytes" }).`,
    );
  }
  for (const [use, wrong] of Object.entries(counting[unit])) {
    const found = (training as TrainingSpecification)[wrong as "trainingTokens"] ?? null;
    if (found === null) continue;
    throw new RangeError(
      `training.${wrong} must be left out where folds are in ${unit}, found ${show(found)}: say ` +
        `training.${use}${
          unit === "bytes"
            ? ", so that every tokenizer reads the same text."
            : unit === "pairs"
            ? ", so that every tokenizer reads the same pairs."
            : ", or fold in bytes."
        }`,
    );
  }
}
