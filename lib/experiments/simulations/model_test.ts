import assert from "node:assert/strict";
import { randomStream } from "../../core/random.ts";
import { mean, standardDeviation } from "../../statistics/estimate.ts";
import { assertClose } from "../../statistics/testing/close.ts";
import { summarizeTrials } from "../../statistics/summarize.ts";
import { drawLosses, recordsOf } from "./model.ts";

const variances = { fold: 0.01, foldSeed: 1e-4, pointFold: 1e-3, residual: 3e-4 };

Deno.test("folds of a point have the correlation that was asked for, beside what points share", () => {
  const [folds, seeds, correlation] = [4, 2, 0.3];
  const { scoring } = drawLosses(
    { points: 6000, folds, seeds, variances, correlation },
    randomStream(1, "draws", "test"),
  );
  const means = scoring.map((row) => row.map(mean));
  const shared = Array.from({ length: folds }, (_, k) => mean(means.map((row) => row[k])));
  const own = means.map((row) => row.map((value, k) => value - shared[k]));
  const within = mean(own.map((row) => standardDeviation(row) ** 2));
  const total = mean(own.flat().map((value) => value ** 2));
  // σ²(1 − ρ) = σ²_pf + σ²_e/S; the rest of the variance is shared.
  assertClose(within, 1e-3 + 1.5e-4, 0.05);
  assertClose(1 - within / total, correlation, 0.08);
});

Deno.test("recordsOf is a complete study whose losses are those drawn, a choosing block that of the next fold", () => {
  const drawn = drawLosses(
    { points: 3, folds: 4, seeds: 2, variances, correlation: 0.25 },
    randomStream(2, "draws", "test"),
  );
  const { record, records } = recordsOf(drawn, { choosing: true, points: [0, 2] });
  const [first, second] = summarizeTrials(record, records);
  assert.ok(first.complete && second.complete);
  assertClose(second.lastStep!.estimates.validationLoss.mean, mean(drawn.scoring[2].flat()), 1e-12);
  assertClose(second.lastStep!.choosing!.mean, mean(drawn.choosing[2].flat()), 1e-12);
  assert.deepEqual(record.folds[3].choosing, record.folds[0].heldOut);
  const trained = record.folds.map(({ training }) => training.length);
  assert.deepEqual(trained, [2, 2, 2, 2]);
});
