import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { describeAbstract } from "./abstract.ts";
import { describeFinal } from "./describe_final.ts";
import { finalResults } from "./final_block.ts";
import { findings } from "./findings.ts";
import { summarizeTrials } from "./summarize.ts";
import { handStudy } from "./testing/hand_study.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

const baseline = { lambda: 0, alpha: 0 };
const chosen = { lambda: 1e-4, alpha: 0.3 };

/** The refits of one point, or of both, that do not complete. */
function withRefits(ended: (point: JsonObject, seed: number) => "completed" | "diverged") {
  return syntheticStudy({
    finalPoints: [baseline, chosen],
    status: (point, fold, seed) => fold === "final" ? ended(point, seed) : "completed",
  });
}

Deno.test("a point whose refits diverged has no score, and says how many of them did", () => {
  const { study, runs } = withRefits(({ lambda }, seed) =>
    lambda !== 0 && seed > 1 ? "diverged" : "completed"
  );
  const [first, second] = finalResults(study, runs, summarizeTrials(study, runs));
  assert.equal(first.isBaseline, true);
  assert.deepEqual([first.completed, first.expected], [3, 3]);
  assert.notEqual(first.lastStep, null);
  assert.deepEqual([second.completed, second.expected, second.counts.diverged], [1, 3, 2]);
  assert.equal(second.lastStep, null);
  assert.equal(second.chosenStep, null);
});

Deno.test("one surviving refit is not compared with three: the words count those that diverged", () => {
  const { study: made, runs } = withRefits(({ lambda }, seed) =>
    lambda !== 0 && seed > 1 ? "diverged" : "completed"
  );
  // Selected is the point that was refit.
  const study: StudyRecord = {
    ...made,
    select: { ...made.select, kind: "mean" },
    space: { ...made.space, points: [baseline, chosen] },
    specifications: made.specifications.slice(0, 2),
  };
  const shown = findings(study, runs);
  assert.deepEqual(shown.selections.lastStep.mean.selected!.point, chosen);
  const words = describeFinal(shown)!;
  assert.match(words, /λ = 1e-4, α = 0\.3: 2 of 3 refits diverged/);
  assert.doesNotMatch(words, /nats (below|above)/);
  assert.doesNotMatch(words, /means over 3 seeds/);
  assert.doesNotMatch(describeAbstract(shown).join(" "), /On a final block/);
});

Deno.test("where all refits diverged the words say so, not that they are still to come", () => {
  const { study, runs } = withRefits(() => "diverged");
  const words = describeFinal(findings(study, runs))!;
  assert.match(words, /has no score: λ = 0, α = 0: 3 of 3 refits diverged; /);
  assert.doesNotMatch(words, /has not been scored yet/);
});

Deno.test("a missing refit withholds the score as well", () => {
  const { study, runs } = withRefits(() => "completed");
  const last = runs.findLast(({ fold }) => fold === "final")!;
  const fewer = runs.filter((run) => run !== last);
  const [, second] = finalResults(study, fewer, summarizeTrials(study, fewer));
  assert.equal(second.counts.missing, 1);
  assert.equal(second.lastStep, null);
});

const point = { lambda: 0 };

/** Two folds that keep steps 10 and 20, and a refit with the given evaluations. */
function stoppingEarly(refit: readonly (readonly [number, number, number])[]) {
  return handStudy({
    points: [point],
    folds: 2,
    seeds: [1],
    baseline: point,
    runs: [
      { point, fold: 0, seed: 1, curve: [[0, 4, 4], [10, 2, 3], [20, 1, 5]] },
      { point, fold: 1, seed: 1, curve: [[0, 4, 4], [10, 2, 3], [20, 1, 2], [30, 1, 3]] },
      { point, fold: "final", seed: 1, curve: refit },
    ],
    stopsEarly: () => true,
  });
}

Deno.test("a refit that ends at the step that the folds chose has one score, and the words say its step", () => {
  const { study, runs } = stoppingEarly([[0, 4, 4], [10, 2, 2.5]]);
  const source: StudyRecord = { ...study, refits: "chosenStep" };
  const [result] = finalResults(source, runs, summarizeTrials(source, runs));
  assert.equal(result.trainedTo, "chosenStep");
  assert.equal(result.lastStep!.step, 10);
  assert.deepEqual(result.chosenStep, result.lastStep);
  const words = describeFinal(findings(source, runs))!;
  assert.match(words, /2\.500 at step 10, chosen on the folds/);
  assert.doesNotMatch(words, /at the last step/);
});

Deno.test("a refit of an older study, trained to its last step, is scored at the chosen step too", () => {
  const { study, runs } = stoppingEarly([[0, 4, 4], [10, 2, 2.5], [20, 1, 2.2], [50, 1, 4.5]]);
  const [result] = finalResults(study, runs, summarizeTrials(study, runs));
  assert.equal(result.trainedTo, "lastStep");
  assert.deepEqual([result.lastStep!.step, result.lastStep!.loss], [50, 4.5]);
  assert.deepEqual([result.chosenStep!.step, result.chosenStep!.loss], [10, 2.5]);
});
