import assert from "node:assert/strict";
import { costsByPoint, takenBy } from "./costs_by_point.ts";
import { sumOfCosts } from "./sum_of_costs.ts";
import { wholeCost } from "./whole_cost.ts";
import { syntheticRecords } from "./testing/synthetic_study.ts";

const { record, records } = syntheticRecords({ axes: { lambda: [0, 1] }, folds: 2, seeds: [1] });

/** Fold 0 takes a thousand operations, fold 1 two thousand; λ = 1 tells none. */
const withCosts = records.map((run) => ({
  ...run,
  durationSeconds: 3 + Number(run.fold),
  cost: {
    flops: run.point.lambda === 1 ? null : 1000 * (1 + Number(run.fold)),
    tokens: 10,
    weights: 4,
    bytes: 16,
  },
}));

Deno.test("costs of a point are means over its completed runs, null where one is", () => {
  const steps = records[0].final!.step;
  const common = {
    ...{ runs: 2, steps, tokens: 10, weights: 4, bytes: 16, seconds: 3.5 },
    readBytes: null,
  };
  assert.deepEqual(costsByPoint({ record, records: withCosts }), [
    { point: { lambda: 0 }, flops: 1500, wholeFlops: 1500, ...common },
    { point: { lambda: 1 }, flops: null, wholeFlops: null, ...common },
  ]);
  const failed = withCosts.map((run) =>
    run.fold === 1 ? { ...run, status: "failed" as const } : run
  );
  const [{ flops, runs }] = costsByPoint({ record, records: failed });
  assert.deepEqual([flops, runs], [1000, 1]);
});

Deno.test("bytes that were read are the tokens at the bytes a token of the training text", () => {
  const part = { tokens: 20, bytes: 50, characters: 40 };
  const told = withCosts.map((run) => ({
    ...run,
    tokens: { ...run.tokens, text: { training: part, heldOut: { ...part, bytes: 30 } } },
  }));
  assert.deepEqual(
    costsByPoint({ record, records: told }).map(({ readBytes }) => readBytes),
    [25, 25],
  );
  const [{ readBytes }] = costsByPoint({ record, records: [withCosts[0], ...told.slice(1)] });
  assert.equal(readBytes, null);
});

Deno.test("points of older records have no cost", () => {
  assert.deepEqual(costsByPoint({ record, records }), []);
  const [first, ...rest] = withCosts;
  const { cost: _, ...older } = first;
  assert.deepEqual(
    costsByPoint({ record, records: [older, ...rest] }).map(({ point }) => point),
    [{ lambda: 1 }],
  );
});

Deno.test("what a run had taken by a step is in proportion to its steps", () => {
  const [run] = withCosts;
  const { step } = run.final!;
  assert.equal(takenBy(run, "flops", step), 1000);
  assert.equal(takenBy(run, "flops", step / 2), 500);
  assert.equal(takenBy(run, "tokens", 0), 0);
  assert.equal(takenBy(run, "steps", 7), 7);
  assert.equal(takenBy(records[0], "tokens", step), null);
  assert.equal(takenBy(records[0], "steps", step), step);
  const untrained = { ...run, final: { ...run.final!, step: 0 } };
  assert.equal(takenBy(untrained, "flops", 0), 0);
});

Deno.test("the sum of no costs is nothing, of an unknown one unknown", () => {
  assert.deepEqual(sumOfCosts([]), { flops: 0, tokens: 0, weights: 0, bytes: 0 });
  assert.equal(sumOfCosts(withCosts.map(({ cost }) => cost))!.flops, null);
  assert.equal(sumOfCosts(withCosts.map(({ cost }) => cost))!.tokens, 40);
  assert.equal(sumOfCosts([withCosts[0].cost, undefined]), null);
});

Deno.test("what it took to have a model is its training and those that it was made from, each once", () => {
  const cost = { flops: 100, tokens: 10, weights: 4, bytes: 16 };
  const [a, b, c, d] = records.map((run) => ({ ...run, cost }));
  const first = { ...a, teachers: [b.id] };
  const second = { ...c, teachers: [b.id, a.id], warmStartedFrom: d.id };
  const study = { record, records: [first, b, second, d] };
  assert.deepEqual(wholeCost(study, b), cost);
  assert.deepEqual(wholeCost(study, first), { ...cost, flops: 200, tokens: 20 });
  assert.deepEqual(wholeCost(study, second), { ...cost, flops: 400, tokens: 40 });
  // An ensemble itself is not trained; it is as large as its members.
  const ensemble = { mean: "probabilities", members: [first.id, d.id], seeds: [1, 2] } as const;
  const { cost: _, ...measured } = { ...a, id: "0".repeat(64), ensemble };
  assert.deepEqual(wholeCost(study, measured), { flops: 300, tokens: 30, weights: 8, bytes: 32 });
  assert.equal(wholeCost({ record, records: [first] }, first), null, "its teacher is not there");
  const unknown = { ...b, cost: { ...cost, flops: null } };
  assert.equal(wholeCost({ record, records: [first, unknown] }, first)!.flops, null);
});
