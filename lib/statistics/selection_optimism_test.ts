import assert from "node:assert/strict";
import { assertClose } from "./testing/close.ts";
import { handStudy } from "./testing/hand_study.ts";
import { selectionOptimism } from "./selection_optimism.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

/** Points 0, 1, 2, … with the held-out losses of their folds, at steps 10 and 20. */
function tabulated(losses: readonly (readonly (readonly [number, number])[])[], incomplete = -1) {
  const { study: record, runs: records } = handStudy({
    points: losses.map((_, alpha) => ({ alpha })),
    folds: losses[0].length,
    seeds: [1],
    baseline: { alpha: 0 },
    runs: losses.flatMap((folds, alpha) =>
      folds.map(([first, last], fold) => ({
        point: { alpha },
        fold,
        seed: 1,
        curve: [[10, 1, first], [20, 1, last]] as const,
        status: alpha === incomplete && fold === 0 ? "diverged" as const : "completed" as const,
      }))
    ),
  });
  return { record: { ...record, select: { ...record.select, axes: ["alpha"] } }, records };
}

const both = (last: number): [number, number] => [last, last];

Deno.test("selectionOptimism gives what the other folds select, worked by hand", () => {
  const study = tabulated([[1, 2, 3].map(both), [3, 1.5, 2].map(both)]);
  const found = selectionOptimism(study, { rule: "mean" });
  assert.deepEqual(found.selected, { alpha: 0 });
  assert.equal(found.promised.mean, 2);
  assert.deepEqual(found.folds, [
    { fold: 0, selected: { alpha: 1 }, loss: 3, baselineLoss: 1 },
    { fold: 1, selected: { alpha: 0 }, loss: 2, baselineLoss: 2 },
    { fold: 2, selected: { alpha: 0 }, loss: 3, baselineLoss: 3 },
  ]);
  assertClose(found.kept.mean, 8 / 3);
  assertClose(found.optimism, 2 / 3);
});

Deno.test("selectionOptimism in the view bestStep chooses the step on the other folds as well", () => {
  // One point: all folds choose step 10, folds 1 and 2 alone choose step 20.
  const study = tabulated([[[1, 4], [3, 2], [3, 2.5]]]);
  const found = selectionOptimism(study, { rule: "mean", view: "bestStep" });
  assertClose(found.promised.mean, 7 / 3);
  assert.deepEqual(found.folds.map(({ loss }) => loss), [4, 3, 3]);
  assert.equal(selectionOptimism(study, { rule: "mean" }).optimism, 0);
});

Deno.test("selectionOptimism leaves out points without all their runs, and refuses too few folds", () => {
  const study = tabulated([[1, 2, 3].map(both), [0, 0, 0].map(both)], 1);
  assert.equal(selectionOptimism(study, { rule: "mean" }).optimism, 0);
  assert.throws(
    () => selectionOptimism(tabulated([[1, 2].map(both)])),
    /at least 3 folds.* found 2/,
  );
  assert.throws(
    () => selectionOptimism({ record: study.record, records: [] }),
    /must have all its runs, found none/,
  );
});

Deno.test("selectionOptimism is never below 0 for the lowest mean, and above it where points are equal but for noise", () => {
  let sum = 0;
  for (let trial = 0; trial < 12; trial++) {
    const { study: record, runs: records } = syntheticStudy({
      axes: { alpha: [0, 1e-9, 2e-9, 3e-9, 4e-9, 5e-9, 6e-9, 7e-9] },
      folds: 5,
      seeds: [trial + 1],
      ownNoise: 0.1,
    });
    const { optimism } = selectionOptimism({ record, records }, { rule: "mean" });
    assert.ok(optimism >= -1e-12, `trial ${trial}: ${optimism}`);
    sum += optimism;
  }
  assert.ok(sum / 12 > 0.01, `mean ${sum / 12}`);
});
