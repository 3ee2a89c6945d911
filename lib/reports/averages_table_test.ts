import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { chosenWeights } from "../statistics/chosen_weights.ts";
import { selectPoints } from "../studies/plan/selection.ts";
import { pointTable, tableText } from "../studies/table.ts";
import { averageLosses, averagesTable } from "./averages_table.ts";
import { formatOutcome } from "./outcome.ts";
import { modelAndTraining } from "./specification_words.ts";

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
  assert.match(html, /All other losses are of the trained weights\./);
  assert.doesNotMatch(html, /selected by them/);
  assert.match(html, /EMA of 10 steps/);
});

Deno.test("report and outcome say of which average the losses are, and the methods name it", () => {
  const averages: JsonObject[] = [
    { kind: "ema", horizon: 100, start: 1, every: 1 },
    { kind: "swa", start: 200, every: 10 },
  ];
  const withTraining = (...trainings: JsonObject[]) => ({
    ...study,
    specifications: study.specifications.map((each, index) => ({
      ...each,
      training: { ...each.training as JsonObject, ...trainings[index % trainings.length] },
    })),
  });
  const weightDropout = { rate: 0.2, targets: ["kernel"], layers: [] };
  for (
    const [trainings, expected] of [
      [[{}], null],
      [[{ averages, chosenAverage: "trained" }], null],
      [
        [{ averages, weightDropout }],
        "Losses are of an average of the weights once it has begun, not of the trained weights: EMA of " +
        "100 steps.",
      ],
      [
        [{ averages, chosenAverage: 1 }, {}],
        "Losses are of an average of the weights once it has begun, in the settings that choose one, not of " +
        "the trained weights: SWA, every 10 steps, from step 200.",
      ],
    ] as const
  ) {
    const record = withTraining(...trainings as unknown as JsonObject[]);
    assert.equal(chosenWeights(record), expected);
    const outcome = formatOutcome({ record, records: averaged }).replaceAll("\n", " ");
    assert.equal(outcome.includes("Losses are of"), expected !== null);
    const printed = tableText(pointTable(record, averaged, selectPoints(record, averaged)));
    assert.equal(printed.includes(expected ?? "Losses are of"), expected !== null);
    if (expected === null) continue;
    assert.ok(outcome.includes(expected), outcome);
    const { html } = averagesTable(record, averaged, ["lambda"])!;
    assert.ok(html.includes(expected), html);
  }
  const { html } = modelAndTraining(
    withTraining({ averages, weightDropout, earlyStopping: { patience: 2 } }),
  );
  assert.match(html, /averages \(EMA of 100 steps; SWA, every 10 steps, from step 200\)/);
  assert.match(html, /weightDropout \(rate 0\.2, targets kernel, layers none\)/);
  assert.match(html, /earlyStopping \(patience 2\)/);
  assert.doesNotMatch(html, /\{&quot;|\{"/);
});
