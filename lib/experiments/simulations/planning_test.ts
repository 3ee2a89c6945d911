import assert from "node:assert/strict";
import stored from "../../../docs/simulations.json" with { type: "json" };
import { checkStored } from "./document.ts";
import { planning, type PlanningRow } from "./planning.ts";

const kept = checkStored(stored).parts.planning;
const rows = kept.rows as readonly PlanningRow[];

Deno.test("with known variances 75 to 85 % of studies show what a plan for 80 % says", () => {
  assert.equal(rows.length, 27);
  for (const { folds, seeds, ratio, shown, count } of rows) {
    const share = shown / count;
    assert.ok(share >= 0.75 && share <= 0.85, `${folds} ${seeds} ${ratio}: ${share}`);
  }
});

Deno.test("planned studies come out the same again, and near 80 % already with 150 of them", () => {
  const input = { seed: kept.seed, count: 150 };
  const once = planning.simulate(input);
  assert.deepEqual(planning.simulate(input), once);
  const shown = once.reduce((sum, row) => sum + row.shown, 0) / (27 * 150);
  // Four standard errors of 4,050 studies.
  assert.ok(Math.abs(shown - 0.8) < 0.026, `${shown}`);
});
