import assert from "node:assert/strict";
import { assertClose } from "../statistics/testing/close.ts";
import { type SyntheticOptions, syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { summarizeTrials } from "../statistics/summarize.ts";
import { curvesFrame, DataFrame, frameHtml, runsFrame, toCSV, trialsFrame } from "./mod.ts";

function records(options: SyntheticOptions = {}) {
  const { study, runs } = syntheticStudy(options);
  return { record: study, records: runs };
}

const small = { axes: { lambda: [0, 1e-4], alpha: [0, 1] }, folds: 2, seeds: [1, 2] };

Deno.test("runsFrame has a row a run with its point, and groups by an axis", () => {
  const source = records(small);
  const frame = runsFrame(source, { status: "completed" });
  assert.deepEqual(frame.shape, [16, 16]);
  assert.deepEqual(frame.columns.slice(0, 5), ["lambda", "alpha", "fold", "seed", "status"]);
  const grouped = frame.groupby(["lambda"]).col(["validationLoss"]).mean();
  const expected = source.records.filter((run) => run.point.lambda === 0)
    .map((run) => run.final!.heldOutLoss);
  const [[lambda, mean]] = grouped.values as number[][];
  assert.equal(lambda, 0);
  assertClose(mean, expected.reduce((sum, value) => sum + value, 0) / expected.length);
});

Deno.test("runsFrame keeps failed runs unless a status is asked for", () => {
  const source = records({
    ...small,
    status: (_p, _f, seed) => seed === 2 ? "failed" : "completed",
  });
  assert.equal(runsFrame(source).shape[0], 16);
  assert.equal(runsFrame(source, { status: "failed" }).shape[0], 8);
  assert.match(frameHtml(runsFrame(source, { status: "failed" })), /<td>failed<\/td><td>–<\/td>/);
  assert.throws(() => runsFrame(source, { status: "diverged" }), /no such runs yet/);
  assert.throws(() => runsFrame(source, { status: "lost" as "failed" }), /found "lost"/);
  assert.throws(() => runsFrame(source, { state: "failed" } as never), /unknown option "state"/);
});

Deno.test("trialsFrame holds the summaries' means and standard errors", () => {
  const source = records(small);
  const frame = trialsFrame(source, { view: "bestStep" });
  const summaries = summarizeTrials(source.record, source.records);
  const column = (name: string) => frame.column(name).values as number[];
  for (const [index, summary] of summaries.entries()) {
    const { estimates, step } = summary.bestStep!;
    assertClose(column("validationLoss")[index], estimates.validationLoss.mean);
    assertClose(column("validationLossError")[index], estimates.validationLoss.standardError!);
    assert.equal(column("step")[index], step);
  }
});

Deno.test("curvesFrame has a row for each evaluation", () => {
  const source = records(small);
  const frame = curvesFrame(source);
  assert.equal(frame.shape[0], 16 * 11);
  assert.deepEqual((frame.column("step").values as number[]).slice(0, 3), [0, 100, 200]);
});

Deno.test("frames show as capped, escaped tables in a cell, also after a query, and write CSV", () => {
  const display = Symbol.for("Jupyter.display");
  const frame = curvesFrame(records(small));
  type Shown = { [display: symbol]: () => { "text/html": string; "text/plain": string } };
  const shown = (frame as unknown as Shown)[display]();
  assert.match(shown["text/html"], /… 136 rows …/);
  assert.match(shown["text/html"], /176 rows × 15 columns/);
  assert.match(shown["text/plain"], /… 136 rows more/);
  const some = frame.query(frame.column("step").eq(0));
  assert.match((some as unknown as Shown)[display]()["text/html"], /16 rows/);
  const bad = new DataFrame([["<script>", 1]], { columns: ["<b>", "n"] });
  assert.ok(!/<script>|<b>/.test(frameHtml(bad)));
  const csv = toCSV(frame, { download: false }) as unknown as string;
  assert.equal(csv.trim().split("\n").length, 177);
});

Deno.test("frames name an axis that shares its name with a column apart from it", () => {
  const frame = runsFrame(records({ axes: { seed: [0, 1] } }));
  assert.deepEqual(frame.columns.slice(0, 3), ["point.seed", "fold", "seed"]);
});
