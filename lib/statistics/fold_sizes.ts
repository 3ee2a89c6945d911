import type { RunRecord } from "../records/run_record.ts";
import type { FoldRecord, StudyRecord, TokenSpan } from "../records/study_record.ts";
import { mean } from "./estimate.ts";
import type { FoldSizes } from "./mean_interval.ts";
import type { StudyRecords } from "./study_records.ts";

/**
 * Held-out and training tokens of a study's folds, in the mean: what the corrected t-test takes for
 * the dependence of folds.
 *
 * They are the tokens that the runs used, or the bytes or pairs of folds that were laid before there are tokens. Where `training.trainingTokens` trains on the first tokens
 * of a fold only, they are those of the folds as they were laid: n_test/n_train stands for the
 * variance that folds of K blocks share because their training texts overlap (Nadeau and Bengio
 * 2003), and the share that overlaps follows from the folds, not from how much of it is read.
 *
 * Folds that train on the *same* first tokens share more than that: whatever these tokens happen to
 * favour is in every difference and cannot be seen in their spread. With models of counts on stretches
 * of one book the variance of the mean of 10 folds was then 0.5 to 0.7 of that between folds, where
 * this ratio gives 0.21 (docs/simulations.md). A test then speaks of models of that training text; see
 * {@link coincidingTrainingTexts}.
 *
 * @param study The study's record.
 * @param runs Runs of its folds, at least one.
 */
export function foldSizes(study: StudyRecord, runs: readonly RunRecord[]): FoldSizes {
  const beforeTokens = study.folds.some(({ unit }) => unit !== undefined);
  return beforeTokens || study.specifications.some((each) => firstOf(each) !== null)
    ? {
      test: mean(study.folds.map(({ heldOut }) => positions(heldOut))),
      training: mean(study.folds.map(({ training }) => positions(training))),
    }
    : {
      test: mean(runs.map(({ tokens }) => tokens.heldOut)),
      training: mean(runs.map(({ tokens }) => tokens.training)),
    };
}

/** By how much {@link widenedForChoice} raises the term for the dependence of folds. */
const choiceWidening = 2.5;

/**
 * Sizes for a test of values that the *other* folds chose: 2.5 times the term n_test/n_train.
 *
 * What chooses for fold k is every fold but k, so two folds' choices share all but two of what they
 * read, a fold that scored low makes its point the choice of the others, and all choose what the
 * common training text favours: the values depend on each other more than those of fixed points.
 * Without widening 5 to 11 % of differences without effect were called beyond noise with 10 folds,
 * and with it at most 5 %, for 1 to 27 points and 2 to 10 folds (docs/simulations.md); the factor is the
 * smallest of 1.5, 2, 2.5 and 3 that does so.
 */
export function widenedForChoice({ test, training }: FoldSizes): FoldSizes {
  return { test: choiceWidening * test, training };
}

/** Folds that train on the same tokens. */
export interface CoincidingTraining {
  /** First tokens, or bytes, of a fold's training text that are trained on. */
  readonly trainingTokens: number;
  /** Indices of two or more folds with the same first tokens. */
  readonly folds: readonly number[];
}

/**
 * Folds whose training texts are the same tokens, because `training.trainingTokens` ends before the
 * text that they hold out. Differences over such folds share all but the held-out text: their interval
 * is of the mean over held-out stretches for models of that training text, and says nothing about
 * another one.
 *
 * @param study The study's record.
 * @returns One entry for each amount of training text and group of folds; empty where all differ.
 *
 * @example
 * ```ts
 * import { coincidingTrainingTexts } from "./fold_sizes.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(coincidingTrainingTexts({ record: syntheticStudy().study }), []);
 * ```
 */
export function coincidingTrainingTexts(
  { record: study }: Pick<StudyRecords, "record">,
): CoincidingTraining[] {
  const counts = new Set(
    study.specifications.map(firstOf).filter((each) => each !== null),
  );
  return [...counts].sort((a, b) => a - b).flatMap((trainingTokens) => {
    const groups = Map.groupBy(study.folds, (fold) => firstPositions(fold, trainingTokens));
    return [...groups.values()].filter((folds) => folds.length > 1)
      .map((folds) => ({ trainingTokens, folds: folds.map(({ index }) => index as number) }));
  });
}

/** How many positions a specification trains on, its folds' first ones; null for all. */
function firstOf(specification: StudyRecord["specifications"][number]): number | null {
  const { trainingTokens, trainingBytes } = (specification.training ?? {}) as {
    trainingTokens?: number;
    trainingBytes?: number;
  };
  return trainingTokens ?? trainingBytes ?? null;
}

/** The spans that training on the first tokens reads, as text; as `data/first_tokens.ts` cuts them. */
function firstPositions({ training }: FoldRecord, count: number): string {
  let left = count;
  return training.flatMap(({ start, end }) => {
    const taken = Math.min(left, end - start);
    left -= taken;
    return taken > 0 ? [`${start}-${start + taken}`] : [];
  }).join(" ");
}

function positions(spans: readonly TokenSpan[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0);
}
