import type { JsonObject } from "../core/json.ts";
import { tokenizerNamed } from "../data/tokenizers/kinds.ts";
import type { FoldRecord, StudyRecord } from "../records/study_record.ts";
import { initialWeightsOf, mayHaveRead } from "./describe_initial_weights.ts";
import { mean } from "./estimate.ts";
import { counted, formatShare } from "./format.ts";
import type { StudyRecords } from "./study_records.ts";
import { positionWords, sidesInWords } from "./corpus_words.ts";

/**
 * Share of repeated held-out text above which a study is told of it. What stands in the training text
 * too costs a model that learned it by heart nearly nothing: at 2 nats a character 1 % of it lowers a
 * loss by up to 0.02 nats, which is as much as many of the differences that studies are about. None of
 * Moby-Dick's stretches of 50 characters stands in another fifth of it; of the King James Bible, with
 * its formulas and doublets, 0.1 to 2.2 % do.
 */
export const largestRepeatedShare = 0.01;

/** Windows (of pairs: pairs) that a fold must hold out for a mean that does not hang on a few of them. */
export const fewestHeldOut = 10;

/**
 * Says what in a study's text and folds could decide its numbers: held-out text that stands in the
 * training text of its fold, folds that hold out very little, and a pretrained model, which may have read it.
 *
 * @param study The study's record.
 * @returns Sentences with the numbers and what to do; none where there is nothing to say. Of older
 * studies, whose records do not say what is repeated, only the folds are looked at.
 *
 * @example
 * ```ts
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import { textWarnings } from "./text_warnings.ts";
 * import assert from "node:assert/strict";
 * const { study } = syntheticStudy();
 * assert.deepEqual(textWarnings({ record: study }), []);
 * const repeated = { length: 50, shares: study.folds.map(() => 0.4), final: null };
 * assert.match(textWarnings({ record: { ...study, repeated } })[0], /^40\.0 % of the held-out text stands/);
 * ```
 */
export function textWarnings({ record: study }: Pick<StudyRecords, "record">): string[] {
  return [
    copiesWarning(study),
    choosingWarning(study),
    smallFoldsWarning(study),
    pretrainedWarning(study),
  ].filter((each) => each !== null);
}

function pretrainedWarning(study: StudyRecord): string | null {
  return initialWeightsOf(study).some(({ pretrained }) => pretrained) ? mayHaveRead : null;
}

/** What is repeated word for word and what nearly, in one warning. */
function copiesWarning(study: StudyRecord): string | null {
  const [repeated, near] = [repeatedWarning(study), nearDuplicatesWarning(study)];
  if (near === null) return repeated && `${repeated.found} ${repeated.advice}`;
  if (repeated === null) {
    return `${near}: what is learned of them by heart counts as a prediction. Give documentFolds ` +
      `dropNearDuplicates: true.`;
  }
  return `${repeated.found} ${near}: give documentFolds dropNearDuplicates: true, and take what is still ` +
    `repeated then out of the text.`;
}

function repeatedWarning(
  { repeated, folds, specifications, corpus }: StudyRecord,
): { readonly found: string; readonly advice: string } | null {
  if (repeated === undefined) return null;
  const { length, shares, final } = repeated;
  const largest = Math.max(...shares, final ?? 0);
  if (largest <= largestRepeatedShare) return null;
  const worst = largest === final
    ? "the final block"
    : `fold ${folds[shares.indexOf(largest)]?.index}`;
  const share = `${formatShare(mean(shares))}`;
  const most = `(at most ${formatShare(largest)}, in ${worst}`;
  if (length === null) {
    const { source, target } = sidesInWords({ specifications });
    return {
      found:
        `${share} of the held-out ${target}s stand in the training pairs too, under other ${source}s ` +
        `${most}): what is learned of them by heart counts as a prediction.`,
      advice: `Leave out repeated ${target}s where that is not what the study asks.`,
    };
  }
  const tokenizer = specifications[0]?.tokenizer as JsonObject | undefined;
  const unit = corpus.bytes === undefined ? tokenizerNamed(tokenizer?.kind).unit : "bytes";
  return {
    found: `${share} of the held-out text stands word for word in the training text of its fold ` +
      `${most}; stretches of ${length} ${unit}): what is learned of it by heart counts as a ` +
      `prediction, and favours the least regularized model.`,
    advice: "Take repeated passages out of the text.",
  };
}

function nearDuplicatesWarning({ documents, folds }: StudyRecord): string | null {
  if (documents === undefined) return null;
  const all = [
    ...documents.folds.map((each, index) => ({ ...each, where: `fold ${folds[index]?.index}` })),
    ...(documents.final === null ? [] : [{ ...documents.final, where: "the final block" }]),
  ].filter(({ dropped, nearDuplicates, heldOut }) =>
    dropped === undefined && nearDuplicates > largestRepeatedShare * heldOut
  );
  if (all.length === 0) return null;
  const worst = all.reduce((most, each) =>
    each.nearDuplicates / each.heldOut > most.nearDuplicates / most.heldOut ? each : most
  );
  return `Of the ${
    counted(worst.heldOut, "document")
  } that ${worst.where} holds out, ${worst.nearDuplicates} ` +
    `are nearly the same as one that trains`;
}

function choosingWarning({ documents, folds }: StudyRecord): string | null {
  const all = (documents?.folds ?? []).flatMap(({ choosing, dropped }, index) =>
    choosing === undefined || dropped !== undefined ||
      choosing.nearDuplicates <= largestRepeatedShare * choosing.documents
      ? []
      : [{ ...choosing, where: `fold ${folds[index]?.index}` }]
  );
  if (all.length === 0) return null;
  const share = (each: typeof all[number]) => each.nearDuplicates / each.documents;
  const worst = all.reduce((most, each) => share(each) > share(most) ? each : most);
  return `Of the ${counted(worst.documents, "document")} by which ${worst.where} chooses, ` +
    `${worst.nearDuplicates} are nearly the same as one that scores: a step and a point that are chosen by ` +
    `them are chosen for the score. Give documentFolds dropNearDuplicates: true.`;
}

function smallFoldsWarning(study: StudyRecord): string | null {
  const windows = study.specifications.map(({ training }) =>
    (training as JsonObject | undefined)?.windowLength
  ).filter((length) => typeof length === "number");
  const pairs = study.corpus.pairs !== undefined;
  if (!pairs && windows.length === 0) return null;
  const window = pairs ? 1 : Math.max(...windows);
  const least = fewestHeldOut * window;
  const all = study.finalFold === null ? study.folds : [...study.folds, study.finalFold];
  const small = all.filter((fold) => heldOutOf(fold) < least);
  if (small.length === 0) return null;
  const sizes = small.map(heldOutOf);
  const unit = positionWords(study);
  const found = Math.min(...sizes) === Math.max(...sizes)
    ? sizes[0]
    : `${Math.min(...sizes)} to ${Math.max(...sizes)}`;
  const few = pairs
    ? `fewer than ${least} pairs`
    : `fewer than ${fewestHeldOut} windows of ${window} tokens`;
  return `${counted(small.length, "fold")} of ${all.length} hold${
    small.length === 1 ? "s" : ""
  } out ${found} ${unit}, ${few}: a mean over so little text hangs on a few passages. Use a longer ` +
    `text or fewer folds.`;
}

/** Positions that a fold scores. */
function heldOutOf({ heldOut }: FoldRecord): number {
  return heldOut.reduce((sum, { start, end }) => sum + end - start, 0);
}
