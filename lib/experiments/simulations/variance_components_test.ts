import assert from "node:assert/strict";
import { randomStream } from "../../core/random.ts";
import { assertClose } from "../../statistics/testing/close.ts";
import { syntheticStudy } from "../../statistics/testing/synthetic_study.ts";
import { drawLosses } from "./model.ts";
import { componentsOf, varianceComponents } from "./variance_components.ts";

Deno.test("componentsOf solves the mean squares of a table worked by hand", () => {
  // y = fold (0, 10) + seed in fold (∓1, ∓1) + point × fold (±2) + residual (±0.5): 2 × 2 × 2.
  const losses = [0, 1].map((p) =>
    [0, 1].map((k) =>
      [0, 1].map((s) => {
        const sign = (value: number) => value === 0 ? -1 : 1;
        return 10 * k + sign(s) + 2 * sign(p) * sign(k) + 0.5 * sign(p) * sign(s);
      })
    )
  );
  // MS(residual) = 8 · 0.25 / 2 = 1; MS(point × fold) = 2 · 4 · 4 / 1 = 32;
  // MS(seed in fold) = 2 · 4 · 1 / 2 = 4; MS(fold) = 4 · (25 + 25) / 1 = 200.
  const found = componentsOf(losses);
  assertClose(found.residual, 1);
  assertClose(found.pointFold, (32 - 1) / 2);
  assertClose(found.foldSeed, (4 - 1) / 2);
  assertClose(found.fold, (200 - 32 - 4 + 1) / 4);
});

Deno.test("componentsOf finds the variances that losses were drawn with", () => {
  const variances = { fold: 0.04, foldSeed: 0.01, pointFold: 0.0225, residual: 0.0064 };
  const { scoring } = drawLosses(
    { points: 40, folds: 60, seeds: 12, variances, correlation: 0 },
    randomStream(3, "draws", "test"),
  );
  const found = componentsOf(scoring);
  // Five standard errors: about √(2/59) of the variance of folds, √(2/660) of seeds in folds.
  assertClose(found.fold, variances.fold, 0.9);
  assertClose(found.foldSeed, variances.foldSeed, 0.28);
  assertClose(found.pointFold, variances.pointFold, 0.15);
  assertClose(found.residual, variances.residual, 0.05);
});

Deno.test("varianceComponents refuses a study in which a run is missing", () => {
  const { study: record, runs: records } = syntheticStudy();
  assert.ok(varianceComponents({ record, records }).fold > 0);
  assert.throws(
    () => varianceComponents({ record, records: records.slice(1) }),
    /must have all runs .* with runs missing/,
  );
});
