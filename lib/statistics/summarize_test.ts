import assert from "node:assert/strict";
import { assertClose } from "./testing/close.ts";
import { handStudy } from "./testing/hand_study.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";
import { keptEvaluation, summarizeTrials } from "./summarize.ts";

const point = { lambda: 0 };

Deno.test("summarizeTrials averages seeds within a fold before it takes the standard error", () => {
  const heldOut = [[2, 4], [5, 5], [4, 10]]; // fold means 3, 5, 7
  const { study, runs } = handStudy({
    points: [point],
    folds: 3,
    seeds: [1, 2],
    runs: heldOut.flatMap((seeds, fold) =>
      seeds.map((loss, index) => ({
        point,
        fold,
        seed: index + 1,
        curve: [[0, 9, 9], [10, 1, loss]] as [number, number, number][],
        exactZeros: 25,
      }))
    ),
  });
  const [summary] = summarizeTrials(study, runs.toReversed());
  const { estimates, step, learned } = summary.lastStep!;
  assert.deepEqual(estimates.validationLoss.foldMeans, [3, 5, 7]);
  assert.equal(estimates.validationLoss.mean, 5);
  assertClose(estimates.validationLoss.standardError, 2 / Math.sqrt(3));
  assertClose(estimates.generalizationGap.mean, 4);
  assert.equal(estimates.exactZeroShare.mean, 0.25);
  assert.equal(estimates.trainingLoss.standardError, 0);
  assert.equal(step, 10);
  assert.equal(learned, true);
  assert.equal(summary.complete, true);
  assert.equal(summary.counts.completed, 6);
});

Deno.test("summarizeTrials chooses one step per point on the fold mean, not one per run", () => {
  const { study, runs } = handStudy({
    points: [point],
    folds: 2,
    seeds: [1],
    runs: [
      { point, fold: 0, seed: 1, curve: [[0, 4, 4], [5, 2, 1.0], [10, 1, 1.9], [15, 1, 3]] },
      { point, fold: 1, seed: 1, curve: [[0, 4, 4], [5, 2, 3.2], [10, 1, 2.0], [15, 1, 3]] },
    ],
  });
  const best = summarizeTrials(study, runs)[0].bestStep!;
  assert.equal(best.step, 10); // mean 1.95, against 2.1 at step 5
  assertClose(best.estimates.validationLoss.mean, 1.95);
});

Deno.test("summarizeTrials chooses the best step among those at which all runs were evaluated", () => {
  const { study, runs } = handStudy({
    points: [point],
    folds: 2,
    seeds: [1],
    runs: [
      { point, fold: 0, seed: 1, curve: [[0, 4, 4], [5, 2, 3]] },
      { point, fold: 1, seed: 1, curve: [[0, 4, 4], [5, 2, 3], [10, 1, 0.5]] },
    ],
  });
  const [summary] = summarizeTrials(study, runs);
  assert.equal(summary.bestStep!.step, 5);
  assert.equal(summary.lastStep!.step, null);
  assertClose(summary.lastStep!.estimates.validationLoss.mean, 1.75);
});

Deno.test("summarizeTrials counts what is diverged, failed, pruned and missing", () => {
  const ends = ["completed", "diverged", "failed", "missing", "pruned", "completed"] as const;
  const { study, runs } = syntheticStudy({
    axes: { lambda: [0] },
    folds: 3,
    seeds: [1, 2],
    status: (_point, fold, seed) => ends[(fold as number) * 2 + seed - 1],
  });
  const [summary] = summarizeTrials(study, runs);
  assert.deepEqual(summary.counts, { completed: 2, diverged: 1, failed: 1, pruned: 1, missing: 1 });
  assert.equal(summary.complete, false);
  // Folds 0 and 2 have one completed run each.
  assert.equal(summary.lastStep!.estimates.validationLoss.foldMeans.length, 2);
});

Deno.test("summarizeTrials gives no views for a point without a completed run", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0] }, status: () => "diverged" });
  const [summary] = summarizeTrials(study, runs);
  assert.equal(summary.lastStep, null);
  assert.equal(summary.bestStep, null);
  assert.equal(summary.unigramEntropy, null);
});

Deno.test("summarizeTrials marks a point as not learned that stays near the unigram entropy", () => {
  const at = (loss: number) => ({ point, fold: 0, seed: 1, curve: [[10, loss, 2.9]] as const });
  const learned = (loss: number) => {
    const { study, runs } = handStudy({ points: [point], folds: 1, seeds: [1], runs: [at(loss)] });
    return summarizeTrials(study, runs)[0].lastStep!.learned;
  };
  assert.equal(learned(2.87 - 0.49), false);
  assert.equal(learned(2.87 - 0.51), true);
});

Deno.test("summarizeTrials never looks at the final fold or at another version's records", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0] }, finalPoints: [point] });
  const expected = summarizeTrials(study, runs.filter((run) => run.fold !== "final"));
  const stale = runs.map((run) => ({ ...run, id: run.id.replace(/./, "f"), numericsVersion: 0 }));
  const otherEngine = runs.map((run) => ({ ...run, id: run.id.replace(/./, "e"), engine: "cpu" }));
  const strange = runs.map((run) => ({ ...run, id: run.id.replace(/./, "d"), point: { beta: 1 } }));
  assert.deepEqual(
    summarizeTrials(study, [...stale, ...runs, ...otherEngine, ...strange]),
    expected,
  );
});

Deno.test("summarizeTrials refuses two records for the same point, fold and seed", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0] } });
  const copy = { ...runs[0], id: "0".repeat(64) };
  assert.throws(() => summarizeTrials(study, [...runs, copy]), /two records with different ids/);
});

/** Two folds whose runs kept steps 10 and 5 and went on. */
const keptRuns = (point: { lambda: number }) => [
  { point, fold: 0, seed: 1, curve: [[0, 4, 4], [5, 3, 3.5], [10, 2, 3.0], [15, 1, 3.4]] as const },
  { point, fold: 1, seed: 1, curve: [[0, 4, 4], [5, 3, 2.0], [10, 2, 2.8]] as const },
];

Deno.test("summarizeTrials looks at what runs that stop early kept, in both views alike", () => {
  const { study, runs } = handStudy({
    points: [point],
    folds: 2,
    seeds: [1],
    runs: keptRuns(point),
    stopsEarly: () => true,
  });
  const { lastStep, bestStep } = summarizeTrials(study, runs)[0];
  assert.deepEqual(lastStep!.estimates.validationLoss.foldMeans, [3.0, 2.0]);
  assert.deepEqual(lastStep!.estimates.trainingLoss.foldMeans, [2, 3]);
  assert.equal(lastStep!.step, null);
  assert.deepEqual(bestStep, lastStep);
  assert.deepEqual(runs.map((run) => keptEvaluation({ record: study }, run)!.step), [10, 5]);
});

Deno.test("where runs that stop early kept the same step, that step is said", () => {
  const curve = [[0, 4, 4], [5, 3, 2], [10, 2, 2.8]] as const;
  const { study, runs } = handStudy({
    points: [point],
    folds: 2,
    seeds: [1],
    runs: () => curve,
    stopsEarly: () => true,
  });
  assert.equal(summarizeTrials(study, runs)[0].bestStep!.step, 5);
});

Deno.test("a point that trains to the end beside one that stops early has its own steps", () => {
  const [stops, ends] = [{ lambda: 0 }, { lambda: 1 }];
  const toTheEnd = [2.5, 3.0].map((loss, fold) => ({
    point: ends,
    fold,
    seed: 1,
    curve: [[0, 4, 4], [10, 2, 3.5], [20, 2, loss], [30, 1, 3.2]] as const,
  }));
  const { study, runs } = handStudy({
    points: [stops, ends],
    folds: 2,
    seeds: [1],
    runs: [...keptRuns(stops), ...toTheEnd],
    stopsEarly: ({ lambda }) => lambda === 0,
  });
  const [first, second] = summarizeTrials(study, runs);
  assertClose(first.lastStep!.estimates.validationLoss.mean, 2.5);
  assert.equal(second.bestStep!.step, 20);
  assertClose(second.bestStep!.estimates.validationLoss.mean, 2.75);
  assert.equal(second.lastStep!.step, 30);
  assertClose(second.lastStep!.estimates.validationLoss.mean, 3.2);
  const refit = { ...runs[0], fold: "final" as const };
  assert.equal(keptEvaluation({ record: study }, refit)!.step, 15);
});

Deno.test("the best step is the one that the choosing loss chooses, and is scored on the held-out loss", () => {
  const { study, runs } = handStudy({
    points: [point],
    folds: 2,
    seeds: [1],
    // Held-out text alone would choose step 20.
    runs: [
      { point, fold: 0, seed: 1, curve: [[0, 4, 4, 4], [10, 2, 3.0, 2.0], [20, 1, 2.0, 3.1]] },
      { point, fold: 1, seed: 1, curve: [[0, 4, 4, 4], [10, 2, 3.2, 2.2], [20, 1, 2.0, 2.1]] },
    ],
  });
  const { bestStep, lastStep } = summarizeTrials(study, runs)[0];
  assert.equal(bestStep!.step, 10);
  assertClose(bestStep!.estimates.validationLoss.mean, 3.1);
  assertClose(bestStep!.choosing!.mean, 2.1);
  assertClose(lastStep!.choosing!.mean, 2.6);
});
