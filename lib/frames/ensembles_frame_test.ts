import assert from "node:assert/strict";
import { ensembleResult } from "../statistics/ensemble_result.ts";
import { withEnsembles } from "../statistics/testing/synthetic_ensembles.ts";
import { syntheticRecords } from "../statistics/testing/synthetic_study.ts";
import { ensemblesFrame } from "./mod.ts";

Deno.test("ensemblesFrame has a row for each ensemble with its losses, size and cost", () => {
  const plain = syntheticRecords({ axes: { lambda: [0, 1e-4] } });
  const study = withEnsembles(plain, [{ mean: "probabilities" }, { seeds: [2], mean: "logits" }]);
  const frame = ensemblesFrame(study);
  assert.equal(frame.shape[0], study.ensembles!.length);
  const row = Object.fromEntries(
    frame.columns.map((column, at) => [String(column), (frame.values as unknown[][])[0][at]]),
  );
  const result = ensembleResult(study, study.ensembles![0]);
  const { validationLoss, perplexity, memberLoss, bestMemberLoss } = result;
  assert.deepEqual(
    { ...row, trainingLoss: 0, seconds: 0 },
    {
      lambda: 0,
      fold: "0",
      seeds: "1, 2, 3",
      mean: "probabilities",
      snapshots: false,
      status: "completed",
      ...{ validationLoss, perplexity, memberLoss, bestMemberLoss },
      trainingLoss: 0,
      ...result.size,
      steps: 3000,
      tokens: NaN,
      flops: NaN,
      seconds: 0,
      id: study.ensembles![0].id,
    },
  );
  assert.throws(() => ensemblesFrame(plain), /Cannot make a frame of no rows/);
});
