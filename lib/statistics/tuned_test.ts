import assert from "node:assert/strict";
import { type HandRun, handStudy } from "./testing/hand_study.ts";
import { selectionOptimism } from "./selection_optimism.ts";
import { compareTuned, tuned } from "./tuned.ts";

const points = [{ lambda: 0 }, { lambda: 1 }, { lambda: 2 }];
const [none, ...penalized] = points;

/** losses[point][fold] at steps 5 and 10, the same for both seeds but for ±0.05. */
type Losses = readonly (readonly (readonly [number, number])[])[];

const losses: Losses = [
  [[2.0, 2.4], [2.1, 2.5], [2.2, 2.3]],
  [[2.3, 2.1], [2.4, 2.6], [2.2, 2.0]],
  [[2.5, 2.2], [2.4, 2.1], [2.6, 2.4]],
];

function source(values: Losses, options: { readonly without?: number } = {}) {
  const runs = values.flatMap((folds, point) =>
    folds.flatMap(([early, late], fold) =>
      [-0.05, 0.05].map((noise, seed) => ({
        point: points[point],
        fold,
        seed: seed + 1,
        curve: [[5, 1, early + noise], [10, 1, late + noise]] as const,
      }))
    )
  ).filter((_, index) => index !== options.without);
  const hand = handStudy({ points, folds: 3, seeds: [1, 2], baseline: none, runs });
  return { record: hand.study, records: hand.runs };
}

Deno.test("tuned chooses by the other folds and scores on the one that chose nothing, worked by hand", () => {
  // At the last step, means of the other folds: fold 0: λ = 1 (2.6 + 2.0) / 2 = 2.3, λ = 2 (2.1 + 2.4) / 2
  // = 2.25; fold 1: 2.05 and 2.3; fold 2: 2.35 and 2.15.
  const last = tuned(source(losses), { points: penalized, view: "lastStep" });
  assert.deepEqual(last.choices, [
    { fold: 0, point: { lambda: 2 }, step: 10 },
    { fold: 1, point: { lambda: 1 }, step: 10 },
    { fold: 2, point: { lambda: 2 }, step: 10 },
  ]);
  assert.deepEqual(
    last.readings.map(({ fold, seed, value }) => [fold, seed, Number(value.toFixed(3))]),
    [[0, 1, 2.15], [0, 2, 2.25], [1, 1, 2.55], [1, 2, 2.65], [2, 1, 2.35], [2, 2, 2.45]],
  );
  // Without penalty every two folds prefer step 5.
  const stopped = tuned(source(losses), { points: [none], view: "bestStep" });
  assert.deepEqual(stopped.choices.map(({ step }) => step), [5, 5, 5]);
});

Deno.test("tuned does not look at the fold that it scores: changing its losses changes no choice of it", () => {
  const before = tuned(source(losses), { points, view: "bestStep" }).choices;
  let others = 0;
  for (const fold of [0, 1, 2]) {
    for (const point of [0, 1, 2]) {
      const changed = losses.map((folds, p) =>
        folds.map((values, f) => p === point && f === fold ? [0.1, 0.2] as const : values)
      );
      const after = tuned(source(changed), { points, view: "bestStep" }).choices;
      assert.deepEqual(after[fold], before[fold]);
      if (JSON.stringify(after) !== JSON.stringify(before)) others++;
    }
  }
  // The others do look at it: a loss so low changes their choice wherever it was another.
  assert.ok(others >= 6, String(others));
});

Deno.test("compareTuned pairs two ways of training by fold and seed, and compares nothing where a run is missing", () => {
  const [tuning, from] = [
    { points: penalized, view: "lastStep" as const },
    { points: [none], view: "bestStep" as const },
  ];
  const { foldDifferences, test } = compareTuned(source(losses), tuning, from);
  assert.deepEqual(foldDifferences.map((each) => Number(each.toFixed(12))), [0.2, 0.5, 0.2]);
  assert.equal(test!.state, "tested");
  const missing = compareTuned(source(losses, { without: 0 }), tuning, from);
  assert.deepEqual([missing.test, missing.pairs.length], [null, 0]);
  assert.throws(
    () => tuned(source(losses), { points: [{ lambda: 3 }], view: "lastStep" }),
    /has no point {"lambda":3}/,
  );
});

/** Three folds with choosing blocks; losses[point][fold] are [choosing, held out] at steps 5 and 10. */
function withChoosing(values: readonly (readonly (readonly [number, number])[][])[]) {
  const runs = values.flatMap((folds, point) =>
    folds.map((curve, fold): HandRun => ({
      point: points[point],
      fold,
      seed: 1,
      curve: curve.map(([, heldOut], at) => [5 * (at + 1), 1, heldOut] as const),
    }))
  );
  const { study, runs: records } = handStudy({ points, folds: 3, seeds: [1], runs });
  const choosing = [{ start: 1, end: 2 }];
  return {
    record: { ...study, folds: study.folds.map((fold) => ({ ...fold, choosing })) },
    records: records.map((run, index) => {
      const losses = values.flat()[index];
      const curve = run.curve.map((at, place) => ({ ...at, choosingLoss: losses[place][0] }));
      return { ...run, curve, final: curve.at(-1)! };
    }),
  };
}

/** Fold 0 chooses point 0 at step 5, fold 1 point 1 at step 10, fold 2 point 1 at step 5. */
const choosingLosses: readonly (readonly (readonly [number, number])[][])[] = [
  [[[1, 7], [2, 1]], [[3, 1], [3, 1]], [[4, 1], [4, 1]]],
  [[[2, 1], [2, 1]], [[3, 1], [2, 8]], [[3, 9], [4, 1]]],
  [[[5, 1], [5, 1]], [[5, 1], [5, 1]], [[5, 1], [5, 1]]],
];

Deno.test("tuned chooses by the choosing block of each fold alone where there is one, worked by hand", () => {
  const found = tuned(withChoosing(choosingLosses), { points, view: "bestStep" });
  assert.equal(found.chosenBy, "choosingBlock");
  assert.deepEqual(found.choices.map(({ point, step }) => [point.lambda, step]), [
    [0, 5],
    [1, 10],
    [1, 5],
  ]);
  // The scores are the worst of each fold: the held-out losses had no part in the choice.
  assert.deepEqual(found.readings.map(({ value }) => value), [7, 8, 9]);
  const atEnd = tuned(withChoosing(choosingLosses), { points, view: "lastStep" });
  assert.deepEqual(atEnd.choices.map(({ step }) => step), [10, 10, 10]);
});

Deno.test("selectionOptimism of a study with choosing blocks lets a fold's own block choose", () => {
  const found = selectionOptimism(withChoosing(choosingLosses), { rule: "mean", view: "bestStep" });
  assert.deepEqual(found.folds.map(({ loss }) => loss), [7, 8, 9]);
});

Deno.test("tuned counts a diverged point as tried: its loss is infinite, and it is never chosen", () => {
  const study = source(losses);
  const diverge = (point: number, ...folds: number[]) => ({
    ...study,
    records: study.records.map((run) =>
      run.point.lambda === point && folds.includes(run.fold as number) && run.seed === 1
        ? { ...run, status: "diverged" as const }
        : run
    ),
  });
  // λ = 2 has no mean over other folds of which fold 1 is one; fold 1 itself still chooses λ = 1.
  const one = tuned(diverge(2, 1), { points: penalized, view: "lastStep" });
  assert.equal(one.state, "tuned");
  assert.deepEqual(one.choices.map(({ point }) => point.lambda), [1, 1, 1]);
  // What the others choose for fold 0 is λ = 2, which diverged there.
  const scored = tuned(diverge(2, 0), { points: penalized, view: "lastStep" });
  assert.deepEqual([scored.state, scored.readings.length], ["divergedWhereScored", 0]);
  const every = tuned(diverge(0, 0, 1), { points: [none], view: "lastStep" });
  assert.deepEqual([every.state, every.choices.length], ["allDiverged", 0]);
});

Deno.test("tuned takes what each run kept where runs stop early, in both views", () => {
  const study = source(losses);
  const early = { training: { earlyStopping: { patience: 1 } } };
  const stopping = {
    record: { ...study.record, specifications: points.map(() => early) },
    records: study.records.map((run) => ({ ...run, best: run.curve[0] })),
  };
  for (const view of ["lastStep", "bestStep"] as const) {
    const found = tuned(stopping, { points: [none], view });
    assert.deepEqual(found.choices.map(({ step }) => step), [5, 5, 5]);
    assert.deepEqual(
      found.readings.map(({ value }) => Number(value.toFixed(2))),
      [1.95, 2.05, 2.05, 2.15, 2.15, 2.25],
    );
  }
});
