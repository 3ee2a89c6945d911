import assert from "node:assert/strict";
import { handStudy } from "./testing/hand_study.ts";
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
