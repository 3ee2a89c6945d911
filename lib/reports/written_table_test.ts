import assert from "node:assert/strict";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { writtenMeans, writtenTable } from "./written_table.ts";

Deno.test("the table of what was written has means of fold means, and stands only where scores were asked for", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1] }, folds: 2, seeds: [1, 2] });
  const pairs = { training: 9, heldOut: 5, sourceVocabulary: 7, sourceUnknownShare: 0 };
  const scored = (bleu?: number) => ({
    ...pairs,
    tokenAccuracy: 0.5,
    written: { pairs: 5, exactMatch: 0.25, editDistance: 0.5, chrf: 40, ...bleu && { bleu } },
  });
  // Of fold 0 means 10 and 20, of fold 1 one that failed and 30: (15 + 30)/2.
  const scores: Record<string, number> = { "0 1": 10, "0 2": 20, "1 2": 30 };
  const withScores = runs.map((run) => {
    const score = scores[`${run.fold} ${run.seed}`];
    return score === undefined ? run : { ...run, pairs: scored(score) };
  });
  const [first] = writtenMeans(study, withScores);
  assert.equal(first.bleu, 22.5);
  assert.equal(first.rougeL, undefined);
  const { html } = writtenTable(study, withScores, ["lambda"])!;
  assert.match(html, />BLEU</);
  assert.doesNotMatch(html, />ROUGE-L</);
  assert.match(html, /22\.5/);
  const plain = runs.map((run) => ({ ...run, pairs: scored() }));
  assert.equal(writtenTable(study, plain, ["lambda"]), null);
  assert.equal(writtenTable(study, runs, ["lambda"]), null);
});
