import assert from "node:assert/strict";
import type { RunRecord } from "../records/run_record.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { averageLosses, averagesTable } from "./averages_table.ts";

const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1] } });

/** The runs with an average that loses as much less as the run's fold says. */
const averaged: RunRecord[] = runs.map((run) => ({
  ...run,
  final: {
    ...run.final!,
    averages: [
      { weights: "trained", heldOutLoss: 3 },
      { weights: "EMA of 10 steps", heldOutLoss: 2 - Number(run.fold) },
    ],
  },
}));

Deno.test("averageLosses is the mean of fold means of each kind of weights", () => {
  const losses = averageLosses(study, averaged);
  const folds = study.folds.map(({ index }) => 2 - Number(index));
  const expected = folds.reduce((sum, each) => sum + each, 0) / folds.length;
  assert.deepEqual(losses.map(({ weights }) => weights), [
    "trained",
    "EMA of 10 steps",
    "trained",
    "EMA of 10 steps",
  ]);
  for (const { weights, heldOutLoss } of losses) {
    assert.ok(Math.abs(heldOutLoss - (weights === "trained" ? 3 : expected)) < 1e-12);
  }
});

Deno.test("a report has the table where runs have averages, and says what other losses are of", () => {
  assert.equal(averagesTable(study, runs, ["lambda"]), null);
  const { html } = averagesTable(study, averaged, ["lambda"])!;
  assert.match(html, /are of its chosen average once that has begun/);
  assert.match(html, /EMA of 10 steps/);
});
