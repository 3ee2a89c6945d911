import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { checkAgainstTwin, checkByDifferences, type ContractCase } from "./_testing/contract.ts";
import { rowDropout, rowDropoutTwin } from "./dropout.ts";

const cases = [[1, 1], [7, 3], [33, 17]].map((shape): ContractCase => ({
  name: `rowDropout of [${shape}]`,
  tensors: { inputs: { shape } },
  fused: ({ inputs }) =>
    rowDropout({ inputs: inputs as tf.Tensor2D, rate: 0.4, stream: randomStream(1, "mask") }),
  twin: ({ inputs }) =>
    rowDropoutTwin({ inputs: inputs as tf.Tensor2D, rate: 0.4, stream: randomStream(1, "mask") }),
}));

for (const given of cases) {
  Deno.test(`${given.name} on wasm is its twin on cpu, value and gradient, and agrees with differences`, async () => {
    await checkAgainstTwin("wasm", given);
    await checkByDifferences("wasm", given);
  });
}

Deno.test("rowDropout drops a share of the rows, whole, and scales the others so that the mean stays", async () => {
  await useEngine("wasm");
  const rows = tf.tidy(() =>
    rowDropout({ inputs: tf.ones([5000, 2]), rate: 0.3, stream: randomStream(1, "mask") })
      .arraySync()
  );
  const kept = rows.filter(([first]) => first !== 0);
  for (const row of kept) assert.deepEqual(row, Array(2).fill(Math.fround(1 / 0.7)));
  for (const [first, second] of rows) assert.equal(first, second);
  // Four standard errors of a share of 5,000 rows are 0.026.
  assert.ok(Math.abs(kept.length / 5000 - 0.7) < 0.026, `${kept.length}`);
  assert.throws(
    () => rowDropout({ inputs: tf.ones([2, 2]), rate: 1, stream: randomStream(1, "mask") }),
    /rowDropout: rate .*below 1/,
  );
});
