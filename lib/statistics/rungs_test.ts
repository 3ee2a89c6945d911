import assert from "node:assert/strict";
import type { RunStatus } from "../records/run_record.ts";
import { curvesOfPoints, pointsPassing, rankAtRung, rungVerdicts } from "./rungs.ts";
import { groupRuns } from "./summarize.ts";
import { type HandRun, handStudy } from "./testing/hand_study.ts";

const points = [{ lambda: 0 }, { lambda: 1 }, { lambda: 2 }, { lambda: 3 }];

/** Held-out losses at steps 10, 20 and 40, by point, fold and seed; worked by hand. */
const losses: Record<number, number[][][]> = {
  // Fold means 2.0 and 3.0, seeds averaged first; then 2.5 and 3.5.
  0: [[[1.5, 2.5], [2.5, 2.5], [4, 4]], [[2, 4], [3, 4], [3, 5]]],
  1: [[[2.5, 2.5], [2, 2], [1, 1]], [[2.5, 2.5], [2, 2], [1, 1]]],
  2: [[[3, 3], [2, 2], [1.5, 1.5]], [[3, 3], [2, 2], [1.5, 1.5]]],
  3: [[[9, 9], [8, 8], [7, 7]], [[9, 9], [8, 8], [7, 7]]],
};

function study(statuses: Record<number, RunStatus> = {}) {
  const runs = points.flatMap((point) =>
    losses[point.lambda].flatMap((fold, index) =>
      [1, 2].map((seed): HandRun => ({
        point,
        fold: index,
        seed,
        curve: [10, 20, 40].map((step, at) => [step, 1, fold[at][seed - 1]] as const),
        status: statuses[point.lambda] ?? "completed",
      }))
    )
  );
  return handStudy({ points, folds: 2, seeds: [1, 2], runs });
}

Deno.test("rankAtRung compares fold means, keeps the study's order on a tie, and puts what did not end well last", () => {
  const { study: record, runs } = study({ 1: "diverged" });
  const ranked = (step: number) =>
    rankAtRung(groupRuns(record, runs), step).map(({ point, loss }) => [point.lambda, loss]);
  assert.deepEqual(ranked(10), [[0, 2.5], [2, 3], [3, 9], [1, Infinity]]);
  const whole = study();
  const all = (step: number) =>
    rankAtRung(groupRuns(whole.study, whole.runs), step).map(({ point }) => point.lambda);
  assert.deepEqual(all(10), [0, 1, 2, 3], "points 0 and 1 tie at 2.5");
  assert.deepEqual(all(20), [1, 2, 0, 3], "points 1 and 2 tie at 2");
  // Between two evaluations the one before counts: a run that stopped early has none after.
  assert.deepEqual(all(39), all(20));
  assert.deepEqual(all(400), [1, 2, 0, 3]);
});

Deno.test("curvesOfPoints has the fold means of complete points, and rungVerdicts says which rung loses the winner", () => {
  const { study: record, runs } = study({ 3: "pruned" });
  const curves = curvesOfPoints({ record, records: runs });
  assert.deepEqual(curves.map(({ losses }) => losses), [
    [2.5, 3, 4],
    [2.5, 2, 1],
    [3, 2, 1.5],
  ]);
  const verdicts = rungVerdicts(curves, { rungs: [10, 20], reductionFactor: 2 });
  // One of three passes: the earlier of the two that tie at step 10, not the winner.
  assert.deepEqual(verdicts, [
    { step: 10, passing: 1, winnerRank: 2, discarded: true, regret: 3 },
    { step: 20, passing: 1, winnerRank: 1, discarded: false, regret: 0 },
  ]);
  assert.throws(
    () => rungVerdicts(curves, { rungs: [15], reductionFactor: 2 }),
    /a rung must be a step at which point .* was evaluated, one of 10, 20, 40; found 15/,
  );
  assert.throws(() => rungVerdicts(curves, { rungs: [10], reductionFactor: 1 }), /above 1/);
});

Deno.test("pointsPassing rounds down and leaves at least one", () => {
  assert.deepEqual([0, 1, 2, 3].map((rung) => pointsPassing(27, 3, rung)), [9, 3, 1, 1]);
  assert.deepEqual([0, 1].map((rung) => pointsPassing(10, 2.5, rung)), [4, 1]);
});

Deno.test("rankAtRung takes what runs that stop early would have kept, and the loss that chooses", () => {
  const [stops, ends] = [{ lambda: 0 }, { lambda: 1 }];
  const { study, runs } = handStudy({
    points: [stops, ends],
    folds: 1,
    seeds: [1],
    runs: [
      { point: stops, fold: 0, seed: 1, curve: [[0, 4, 9, 4], [5, 3, 9, 2.0], [10, 2, 9, 2.9]] },
      { point: ends, fold: 0, seed: 1, curve: [[0, 4, 1, 4], [5, 3, 1, 3], [10, 2, 1, 2.5]] },
    ],
    stopsEarly: ({ lambda }) => lambda === 0,
  });
  const groups = groupRuns(study, runs);
  assert.deepEqual(rankAtRung(groups, Infinity).map(({ loss }) => loss), [2.0, 2.5]);
  assert.deepEqual(rankAtRung(groups, 0).map(({ loss }) => loss), [4, 4]);
});
