import assert from "node:assert/strict";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { progressOf } from "./_session.ts";

const { study, runs } = syntheticStudy({
  axes: { lambda: [0, 1e-5, 1e-4] },
  folds: 2,
  seeds: [1],
});

/** The best point of the runs at some points and folds. */
function bestOf(...finished: readonly (readonly [lambda: number, fold: number])[]) {
  const recorded = finished.map(([lambda, fold]) =>
    runs.find((run) => run.point.lambda === lambda && run.fold === fold)!
  );
  const planned = recorded.map(({ id, point, seed, fold }) => ({
    ...{ id, point, seed },
    specification: study.specifications[0],
    fold: study.folds[fold as number],
  }));
  const { best } = progressOf(study, planned, recorded);
  if (best === null) return null;
  const losses = recorded.filter((run) => run.point.lambda === best.point.lambda)
    .map((run) => run.final!.heldOutLoss);
  assert.equal(best.validationLoss, losses.reduce((sum, each) => sum + each, 0) / losses.length);
  return best.point.lambda;
}

const lossOf = (lambda: number, fold: number) =>
  runs.find((run) => run.point.lambda === lambda && run.fold === fold)!.final!.heldOutLoss;

Deno.test("the best point so far is one of those on the same folds", () => {
  assert.equal(bestOf(), null);
  assert.equal(bestOf([0, 0]), 0);
  assert.equal(bestOf([0, 0], [1e-5, 1]), null, "folds differ in difficulty");
  const lower = (fold: number) => lossOf(1e-5, fold) < lossOf(1e-4, fold) ? 1e-5 : 1e-4;
  for (const fold of [0, 1]) {
    const other = 1 - fold;
    assert.equal(bestOf([0, other], [1e-5, fold], [1e-4, fold]), lower(fold));
  }
  // A point with more runs is the only one that has so many.
  assert.equal(bestOf([1e-4, 0], [1e-4, 1], [0, 0], [1e-5, 0]), 1e-4);
});
