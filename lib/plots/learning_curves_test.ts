import assert from "node:assert/strict";
import { syntheticRecords as records } from "../statistics/testing/synthetic_study.ts";
import { learningCurves, plotLearningCurves } from "./learning_curves.ts";

Deno.test("learning curves against what the training took, in powers of a thousand", () => {
  const source = records({ axes: { lambda: [0, 1e-4] }, folds: 2, seeds: [1] });
  const of = (flops: number | null) => ({
    ...source,
    records: source.records.map((run) => ({
      ...run,
      cost: { flops: flops && flops * (1 + Number(run.fold)), tokens: 500, weights: 1, bytes: 4 },
    })),
  });
  const options = { points: [{ lambda: 0 }], against: "flops" } as const;
  const { steps, taken } = learningCurves(of(4e9), options).curves[0];
  const last = steps.at(-1)!;
  // The folds take 4e9 and 8e9.
  assert.deepEqual(taken, steps.map((step) => 6e9 * step / last));
  const { panels: [{ x, layers }] } = plotLearningCurves(of(4e9), options).chart;
  assert.equal(x.title, "floating-point operations of the training (10⁹)");
  assert.deepEqual(x.range, [0, 6]);
  const line = layers.find(({ kind }) => kind === "line") as unknown as {
    x: number[];
    hover: string[];
  };
  assert.equal(line.x.at(-1), 6);
  assert.match(line.hover.at(-1)!, new RegExp(`step ${last}, 6.00e9 flops: `));
  const tokens = plotLearningCurves(of(4e9), { ...options, against: "tokens" }).chart.panels[0].x;
  assert.deepEqual([tokens.title, tokens.range], ["tokens learned from", [0, 500]]);
  assert.throws(() => plotLearningCurves(source, options), /has no cost, as older records/);
  assert.throws(() => plotLearningCurves(of(null), options), /found "flops"; .* has none, because/);
  assert.throws(
    () => plotLearningCurves(source, { against: "seconds" as "flops" }),
    /against must be one of "steps", "tokens", "flops", found "seconds"/,
  );
});
