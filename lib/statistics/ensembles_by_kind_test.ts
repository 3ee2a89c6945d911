import assert from "node:assert/strict";
import { currentEnsembles } from "./current_ensembles.ts";
import { ensembleInWords, ensemblesByKind } from "./ensembles_by_kind.ts";
import { ensembleResult } from "./ensemble_result.ts";
import { mean } from "./estimate.ts";
import { summarizeTrials } from "./summarize.ts";
import { assertClose } from "./testing/close.ts";
import { withEnsembles } from "./testing/synthetic_ensembles.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

const { study: record, runs } = syntheticStudy({
  axes: { lambda: [0, 1e-4] },
  finalPoints: [{ lambda: 0 }],
});
/** A run of the second point takes as much as two of the first, to 5 %. */
const records = runs.map((run) => ({
  ...run,
  cost: { flops: run.point.lambda === 0 ? 100 : 210, tokens: 10, weights: 6, bytes: 24 },
}));
const study = withEnsembles({ record, records }, [
  { mean: "probabilities" },
  { point: { lambda: 0 }, seeds: [1, 2], mean: "logits" },
  { point: { lambda: 0 }, seeds: [3], mean: "probabilities", snapshots: true },
]);

Deno.test("ensemblesByKind gives means over the folds beside the runs' own losses, sizes and costs", () => {
  const kinds = ensemblesByKind(study);
  assert.deepEqual(kinds.map(({ point, seeds, mean }) => [point.lambda, seeds, mean]), [
    [0, [1, 2, 3], "probabilities"],
    [1e-4, [1, 2, 3], "probabilities"],
    [0, [1, 2], "logits"],
    [0, [3], "probabilities"],
  ]);
  const [all, , two, snapshots] = kinds;
  const lossesOf = (seeds: readonly number[]) =>
    mean(
      record.folds.map(({ index }) =>
        mean(
          records.filter((run) =>
            run.point.lambda === 0 && run.fold === index && seeds.includes(run.seed)
          ).map(({ final }) => final!.heldOutLoss),
        )
      ),
    );
  assertClose(all.memberLoss, lossesOf([1, 2, 3]), 1e-12);
  assertClose(all.validationLoss, lossesOf([1, 2, 3]) - 0.02, 1e-12);
  assertClose(two.validationLoss, lossesOf([1, 2]) - 0.01, 1e-12);
  assert.equal(two.perplexity, Math.exp(two.validationLoss));
  assert.equal(all.folds, record.folds.length);
  assert.deepEqual(all.cost, { steps: 3 * 1000, tokens: 30, flops: 300 });
  assert.deepEqual([snapshots.size.members, snapshots.cost.flops], [4, 100]);
  const final = records.filter(({ fold }) => fold === "final").map(({ final }) =>
    final!.heldOutLoss
  );
  assertClose(all.finalLoss!, mean(final) - 0.02, 1e-12);
  assert.equal(kinds[1].finalLoss, null);
  assert.deepEqual(kinds.map(ensembleInWords), [
    "3 runs, mean of probabilities",
    "3 runs, mean of probabilities",
    "2 runs, mean of logits",
    "4 snapshots of 1 run, mean of probabilities",
  ]);
});

Deno.test("an ensemble stands beside the single model of another point that took as much, if there is one", () => {
  const [all, , two, snapshots] = ensemblesByKind(study);
  const [, second] = summarizeTrials(record, records);
  // Two runs took 200 operations, one of the second point 210.
  assert.deepEqual(two.single, {
    point: { lambda: 1e-4 },
    validationLoss: second.lastStep!.estimates.validationLoss.mean,
    flops: 210,
  });
  // None took 300; one took 100, but it is of the same point.
  assert.deepEqual([all.single, snapshots.single], [null, null]);
  const older = { ...study, records: runs };
  assert.deepEqual(ensemblesByKind(older)[2].cost, { steps: 2000, tokens: null, flops: null });
  assert.equal(ensemblesByKind(older)[2].single, null);
});

Deno.test("currentEnsembles are those that the study asks for now, in its order", () => {
  assert.deepEqual(currentEnsembles(study), study.ensembles);
  assert.deepEqual(
    currentEnsembles({ ...study, ensembles: study.ensembles!.toReversed() }),
    study.ensembles,
  );
  const fewer = { ...study.record, seeds: [1, 2] };
  const left = currentEnsembles({ ...study, record: fewer });
  assert.ok(left.length > 0 && left.every(({ ensemble }) => ensemble!.seeds.length < 3));
  assert.deepEqual(currentEnsembles({ ...study, record }), []);
  const [first] = study.ensembles!;
  const without = records.filter(({ id }) => id !== first.ensemble!.members[0]);
  assert.ok(!currentEnsembles({ ...study, records: without }).includes(first));
  assert.throws(
    () => ensembleResult({ record, records: without }, first),
    /is no run of the study that completed/,
  );
  assert.throws(() => ensembleResult(study, records[0]), /is of a run, not of an ensemble/);
});

Deno.test("an ensemble that failed is left out", () => {
  const failed = study.ensembles!.map((each) => ({
    ...each,
    status: "failed" as const,
    final: null,
  }));
  assert.deepEqual(ensemblesByKind({ ...study, ensembles: failed }), []);
});
