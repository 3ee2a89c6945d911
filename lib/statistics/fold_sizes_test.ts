import assert from "node:assert/strict";
import type { StudyRecord } from "../records/study_record.ts";
import { compareWithBaseline } from "./compare.ts";
import { coincidingTrainingTexts, foldSizes, widenedForChoice } from "./fold_sizes.ts";
import { assertClose } from "./testing/close.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

/** Three blocks of 1000 tokens without gaps, each fold training on the other two. */
const folds: StudyRecord["folds"] = [
  [{ start: 1000, end: 3000 }],
  [{ start: 0, end: 1000 }, { start: 2000, end: 3000 }],
  [{ start: 0, end: 2000 }],
].map((training, index) => ({
  index,
  training,
  heldOut: [{ start: 1000 * index, end: 1000 * (index + 1) }],
}));

/** A study whose points train on the first tokens of their folds; null for all of them. */
function limited(tokens: readonly (number | null)[]) {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1e-4] } });
  const specifications = study.specifications.map((each, index) => ({
    ...each,
    training: {
      ...each.training as Record<string, number>,
      ...(tokens[index] === null ? {} : { trainingTokens: tokens[index] }),
    },
  }));
  const cut = runs.map((run) => ({
    ...run,
    tokens: { ...run.tokens, heldOut: 1000, training: tokens[0] ?? 2000 },
  }));
  return { study: { ...study, folds, specifications }, runs: cut };
}

Deno.test("S4: the correction comes from the folds as they were laid where trainingTokens cuts the training text", () => {
  const { study, runs } = limited([245, 245]);
  assert.deepEqual(foldSizes(study, runs), { test: 1000, training: 2000 });
  const { test, foldDifferences } =
    compareWithBaseline({ record: study, records: runs })!.points[0];
  const centre = foldDifferences.reduce((sum, each) => sum + each, 0) / 3;
  const squares = foldDifferences.reduce((sum, each) => sum + (each - centre) ** 2, 0);
  assertClose(test!.standardError, Math.sqrt((1 / 3 + 1 / 2) * squares / 2), 1e-12);
});

Deno.test("sizes of folds are the tokens that runs used where nothing cuts the training text", () => {
  const { study, runs } = syntheticStudy();
  assert.deepEqual(foldSizes(study, runs), { test: 13_000, training: 26_000 });
});

Deno.test("S4: folds that train on the same tokens are found, for each amount of text", () => {
  assert.deepEqual(coincidingTrainingTexts({ record: limited([null, null]).study }), []);
  // Folds 1 and 2 begin with the block 0 to 1000; fold 0 begins behind it.
  assert.deepEqual(coincidingTrainingTexts({ record: limited([1000, 245]).study }), [
    { trainingTokens: 245, folds: [1, 2] },
    { trainingTokens: 1000, folds: [1, 2] },
  ]);
  // With 1500 tokens fold 1 goes on behind its held-out block, fold 2 does not.
  assert.deepEqual(coincidingTrainingTexts({ record: limited([1500, null]).study }), []);
});

Deno.test("a choice on other folds widens the term for overlap and nothing else", () => {
  assert.deepEqual(widenedForChoice({ test: 2, training: 10 }), { test: 5, training: 10 });
});
