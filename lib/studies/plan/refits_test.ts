import assert from "node:assert/strict";
import type { JsonObject } from "../../core/json.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { handStudy } from "../../statistics/testing/hand_study.ts";
import { readsHeldOut, refitSpecifications } from "./refits.ts";
import { crossValidationRuns, ownRuns, refitRuns } from "./run_id.ts";

const point = { lambda: 0 };

/** A point with one run a fold and seed, of which each curve's lowest held-out loss is what it kept. */
function study(
  curves: readonly (readonly number[])[],
  change: { readonly optimizer?: JsonObject; readonly training?: JsonObject } = {},
  record: Partial<StudyRecord> = { refits: "chosenStep" },
): { study: StudyRecord; runs: RunRecord[] } {
  const hand = handStudy({
    points: [point],
    folds: curves.length,
    seeds: [1],
    runs: (_, fold) => curves[fold].map((loss, index) => [10 * index, 1, loss] as const),
  });
  const [{ optimizer, training, ...rest }] = hand.study.specifications as [
    { optimizer: JsonObject; training: JsonObject },
  ];
  const specification = {
    ...rest,
    optimizer: { ...optimizer, ...change.optimizer },
    training: { ...training, steps: 50, evaluateEvery: 10, ...change.training },
  };
  return { ...hand, study: { ...hand.study, specifications: [specification], ...record } };
}

const stops = { training: { earlyStopping: { patience: 2 } } };
const trainingOf = (specification: JsonObject) => specification.training as JsonObject;
const refitOf = ({ study, runs }: { study: StudyRecord; runs: RunRecord[] }) =>
  refitSpecifications(study, runs)[0];

Deno.test("a refit of a point that stops early trains to the median of the steps that the folds kept", () => {
  // Kept: 10, 20, 40.
  const source = study([[5, 3, 4, 4], [5, 4, 3, 4, 4], [5, 4, 4, 3.5, 3, 4]], stops);
  const refit = refitOf(source);
  assert.equal(trainingOf(refit).steps, 20);
  assert.equal(trainingOf(refit).earlyStopping, null);
  const stored = source.study.specifications[0];
  assert.deepEqual(
    { ...refit, training: { ...trainingOf(refit), steps: 50, earlyStopping: { patience: 2 } } },
    stored,
    "nothing else changes, schedules included",
  );
});

Deno.test("of an even number of runs a refit takes the lower of the two middle steps", () => {
  const four = study([[5, 3, 4, 4], [5, 4, 3, 4], [5, 4, 4, 3], [5, 3, 4, 4]], stops);
  assert.equal(trainingOf(refitOf(four)).steps, 10);
});

Deno.test("a refit trains to the first evaluation at least, where most folds kept the untrained model", () => {
  const untrained = study([[3, 4, 4], [3, 4, 4], [5, 4, 3]], stops);
  assert.equal(trainingOf(refitOf(untrained)).steps, 10);
  const short = study([[3, 4]], { training: { ...stops.training, steps: 7 } });
  assert.equal(trainingOf(refitOf(short)).steps, 7);
});

Deno.test("a refit reads completed runs only, and trains to its last step where there is none", () => {
  const source = study([[5, 3, 4, 4], [5, 4, 3, 4, 4]], stops);
  const runs = source.runs.map((run, fold): RunRecord =>
    fold === 0 ? { ...run, status: "diverged" } : run
  );
  assert.equal(trainingOf(refitOf({ ...source, runs })).steps, 20);
  assert.equal(trainingOf(refitOf({ ...source, runs: [] })).steps, 50);
  assert.equal(trainingOf(refitOf({ ...source, runs: [] })).earlyStopping, null);
});

Deno.test("a study without refits keeps those that it was defined with: to the last step", () => {
  const refit = refitOf(study([[5, 3, 4, 4]], stops, {}));
  assert.equal(trainingOf(refit).steps, 50);
  assert.equal(trainingOf(refit).earlyStopping, null);
});

Deno.test("a specification that reads no held-out loss is refit as it is", () => {
  const source = study([[5, 3, 4, 4]]);
  assert.equal(readsHeldOut(source.study.specifications[0]), false);
  assert.equal(refitOf(source), source.study.specifications[0]);
});

const triggered = {
  optimizer: { kind: "asgd", learningRate: 1, nonMonotoneInterval: 1, averageFromStep: null },
};
const optimizerOf = (specification: JsonObject) => specification.optimizer as JsonObject;

Deno.test("a refit of NT-ASGD averages from the median of the steps at which the folds began", () => {
  // With n = 1 the trigger compares with all losses but the last: it goes off at 20, 40 and 30.
  const source = study([[5, 3, 6, 1], [5, 4, 3, 2, 4.5], [5, 4, 3, 4.5]], triggered);
  assert.ok(readsHeldOut(source.study.specifications[0]));
  const refit = refitOf(source);
  assert.deepEqual(optimizerOf(refit), {
    ...optimizerOf(source.study.specifications[0]),
    nonMonotoneInterval: null,
    averageFromStep: 31,
  });
  assert.deepEqual(refit.training, source.study.specifications[0].training);
});

Deno.test("folds in which NT-ASGD never began count as the latest, and a refit may never begin", () => {
  const [never, early] = [[5, 4, 3, 2], [5, 3, 6, 1]];
  const from = (curves: number[][]) =>
    optimizerOf(refitOf(study(curves, triggered))).averageFromStep;
  assert.equal(from([never, early, early]), 21);
  assert.equal(from([never, never, early]), 51, "behind the last step");
  assert.equal(from([never, early]), 21);
});

Deno.test("a study without refits keeps the trigger of NT-ASGD", () => {
  const source = study([[5, 3, 6, 1]], triggered, {});
  assert.deepEqual(refitOf(source), source.study.specifications[0]);
});

Deno.test("the choosing loss chooses the step of a refit, and the start of averaging", () => {
  const source = study([[5, 3, 4, 4]], { ...stops, ...triggered });
  const [run] = source.runs;
  const choosing = [5, 4, 3, 9];
  const curve = run.curve.map((at, index) => ({ ...at, choosingLoss: choosing[index] }));
  const refit = refitOf({ ...source, runs: [{ ...run, curve, best: curve[2] }] });
  assert.equal(trainingOf(refit).steps, 20);
  assert.equal(optimizerOf(refit).averageFromStep, 31);
});

Deno.test("refits along a path begin with each other's weights, each trained to its own chosen step", () => {
  const [weak, strong] = [{ lambda: 0 }, { lambda: 1 }];
  const { study: hand, runs } = study([[5, 3, 4, 4], [5, 4, 3, 4]], stops);
  const record: StudyRecord = {
    ...hand,
    space: { kind: "points", points: [weak, strong] },
    folds: hand.folds.slice(0, 1),
    // Two points of one specification would be the same run.
    specifications: [weak, strong].map((point) => ({ ...hand.specifications[0], ...point })),
    strategy: { kind: "warmStartPath", axis: "lambda" },
    refits: "chosenStep",
  };
  const recorded = crossValidationRuns(record).map(({ id, point }, index): RunRecord => ({
    ...runs[index],
    id,
    point,
    fold: 0,
  }));
  const refits = refitRuns(record, [strong], recorded);
  assert.deepEqual(refits.map(({ point }) => point), [weak, strong]);
  assert.deepEqual(refits.map(({ specification }) => trainingOf(specification).steps), [10, 20]);
  assert.deepEqual(refits[1].needs, [{ role: "warmStart", ids: [refits[0].id] }]);
  // They are the study's own once they are recorded, until the folds choose otherwise.
  const [refit] = refits.map(({ id, point }): RunRecord => ({
    ...runs[0],
    id,
    point,
    fold: "final",
  }));
  assert.ok(ownRuns(record, [...recorded, refit]).some(({ id }) => id === refit.id));
  const later = recorded.map((run) => ({ ...run, best: run.curve[3] }));
  assert.ok(!ownRuns(record, [...later, refit]).some(({ id }) => id === refit.id));
});
