import assert from "node:assert/strict";
import type { CurvePoint } from "../records/run_record.ts";
import { syntheticRecords as records } from "../statistics/testing/synthetic_study.ts";
import { curvesFrame, runsFrame, trialsFrame } from "./mod.ts";

Deno.test("frames have no share of unchanged weights of runs that count none", () => {
  const source = records({ axes: { lambda: [0, 1e-4] }, folds: 2, seeds: [1, 2] });
  const counted = (at: CurvePoint) => ({ ...at, unchangedWeights: 1, comparedWeights: 4 });
  const changed = {
    ...source,
    records: source.records.map((run) =>
      run.point.lambda === 0
        ? run
        : { ...run, curve: run.curve.map(counted), final: counted(run.final!) }
    ),
  };
  for (const frameOf of [runsFrame, trialsFrame, curvesFrame]) {
    assert.ok(!frameOf(source).columns.includes("unchangedShare"));
    const frame = frameOf(changed);
    const shares = frame.column("unchangedShare").values as number[];
    for (const [row, lambda] of (frame.column("lambda").values as number[]).entries()) {
      assert.equal(shares[row], lambda === 0 ? NaN : 0.25);
    }
  }
});
