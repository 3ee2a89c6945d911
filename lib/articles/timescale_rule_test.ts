import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { constantSchedule, cosineSchedule, warmUpSchedule } from "../core/schedule.ts";
import { adam } from "../optimizers/adam.ts";
import { adamW } from "../optimizers/adam_w.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { timescaleInEpochs } from "../statistics/timescale.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { timescaleRule } from "./timescale_rule.ts";

const rule = { learningRate: 0.01, trainingTokens: 4000, batchSize: 10, windowLength: 20 };
const training = { steps: 400, batchSize: 10, windowLength: 20, trainingTokens: 4000 };

function timescaleOf(
  optimizer: object,
  penalties: readonly object[] = [],
  trained: JsonObject = training,
): number | null {
  return timescaleInEpochs({ optimizer, penalties, training: trained } as unknown as JsonObject);
}

Deno.test("α is 1 over the rate, the timescale and the steps of an epoch, by hand", () => {
  // 4000/200 = 20 steps an epoch.
  assert.deepEqual(timescaleRule(rule), { alpha: 5 });
  assert.deepEqual(timescaleRule({ ...rule, timescale: 4 }), { alpha: 1.25 });
  assert.deepEqual(timescaleRule({ ...rule, trainingTokens: 8000 }), { alpha: 2.5 });
});

Deno.test("with a schedule the mean rate of the run counts", () => {
  // A line from 1/4 to 1 over four steps, then two of 1: (0.25 + 0.5 + 0.75 + 1 + 1 + 1)/6 = 0.75.
  const schedule = warmUpSchedule({ steps: 4 });
  assertClose(timescaleRule({ ...rule, steps: 6, schedule }).alpha, 5 / 0.75, 1e-11);
  const falling = cosineSchedule({ steps: 400 });
  // Half a cosine to 0 has the mean 1/2 + 1/(2 T).
  const { alpha } = timescaleRule({ ...rule, steps: 400, schedule: falling });
  assertClose(alpha, 5 / (0.5 + 1 / 800), 1e-11);
});

Deno.test("the timescale of what the rule gives is the one that was asked for", () => {
  for (const schedule of [constantSchedule(), cosineSchedule({ steps: 400, finalShare: 0.1 })]) {
    for (const timescale of [0.5, 1, 20]) {
      const { alpha } = timescaleRule({ ...rule, timescale, steps: 400, schedule });
      const byPenalty = timescaleOf(adam({ learningRate: 0.01, schedule }), [
        decoupledWeightDecay({ strength: alpha }),
      ]);
      const byOptimizer = timescaleOf(adamW({ learningRate: 0.01, schedule, decay: alpha }));
      assertClose(byPenalty, timescale, 1e-10);
      assertClose(byOptimizer, timescale, 1e-10);
    }
  }
});

Deno.test("a decay by the schedule alone has no rate, one with a schedule of its own has both", () => {
  const half = cosineSchedule({ steps: 400 });
  const rate = adam({ learningRate: 0.01, schedule: half });
  const mean = 0.5 + 1 / 800;
  assertClose(
    timescaleOf(rate, [decoupledWeightDecay({ strength: 0.002, scaledBy: "schedule" })]),
    1 / (0.002 * mean) / 20,
    1e-10,
  );
  // The mean of the squares of half a cosine's factors at 400 steps is 3/8 + 1/800.
  const twice = { ...decoupledWeightDecay({ strength: 1 }), schedule: half };
  assertClose(timescaleOf(rate, [twice]), 1 / (0.01 * (3 / 8 + 1 / 800)) / 20, 1e-10);
});

Deno.test("the strongest of several decays counts, and none is endless", () => {
  const both = [0.1, 0.5].map((strength) => decoupledWeightDecay({ strength }));
  assertClose(timescaleOf(adam({ learningRate: 0.01 }), both), 10, 1e-12);
  assert.equal(timescaleOf(adam({ learningRate: 0.01 })), Infinity);
  assert.equal(timescaleOf(adam({ learningRate: 0.01 }), [{ kind: "l2", strength: 1 }]), Infinity);
});

Deno.test("where nothing says how much text there is, a timescale is not known or is given the tokens", () => {
  const { trainingTokens: _, ...all } = training;
  const decay = adamW({ learningRate: 0.01, decay: 0.5 });
  assert.equal(timescaleOf(decay, [], all), null);
  const specification = { optimizer: decay, penalties: [], training: all } as unknown as JsonObject;
  assert.equal(timescaleInEpochs(specification, { trainingTokens: 4000 }), 10);
  assert.equal(timescaleInEpochs({ training: { batchSize: 1 } }), null);
  assert.throws(
    () => timescaleInEpochs(specification, { trainingTokens: 0 }),
    /trainingTokens must be .*above 0, found 0/,
  );
});

Deno.test("timescaleRule refuses a schedule without steps, and one that leaves no rate", () => {
  const schedule = cosineSchedule({ steps: 10 });
  assert.throws(() => timescaleRule({ ...rule, schedule }), /steps must be given with a schedule/);
  assert.throws(
    () => timescaleRule({ ...rule, steps: 2, schedule: { kind: "step", every: 1, factor: -1 } }),
    RangeError,
  );
  assert.throws(() => timescaleRule({ ...rule, timescale: 0 }), /timescale must be .*above 0/);
  assert.throws(() => timescaleRule({ ...rule, tokens: 1 } as never), /unknown option "tokens"/);
});
