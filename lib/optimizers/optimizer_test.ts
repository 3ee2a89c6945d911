import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { l1 } from "../penalties/l1.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { adam } from "./adam.ts";
import { adamW } from "./adam_w.ts";
import { learningRateOf, penaltiesWith, validateOptimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

const optimizers = [
  sgd({ learningRate: 0.1 }),
  sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  adam({ learningRate: 1e-3 }),
  adam({ learningRate: 1e-3, beta1: 0, beta2: 0, epsilon: 1 }),
  adamW({ learningRate: 1e-3, decay: 0, targets: ["bias"] }),
];

Deno.test("validateOptimizer gives every constructor's JSON back unchanged", () => {
  for (const optimizer of optimizers) {
    const again = validateOptimizer(JSON.parse(canonicalJson(optimizer)));
    assert.equal(canonicalJson(again), canonicalJson(optimizer));
    assert.equal(learningRateOf(again), optimizer.learningRate);
  }
});

Deno.test("validateOptimizer refuses unknown kinds, unknown options and values outside their range", () => {
  const refused = (json: unknown, message: RegExp) =>
    assert.throws(() => validateOptimizer(json), message, JSON.stringify(json));
  refused(null, /found null/);
  refused({ kind: "rmsprop" }, /"sgd", "adam", "adamW", found "rmsprop"/);
  for (const optimizer of optimizers) {
    refused({ ...optimizer, weightDecay: 0.1 }, /unknown option "weightDecay"/);
    for (const bad of [0, -1, NaN, Infinity, "0.1", undefined]) {
      refused({ ...optimizer, learningRate: bad }, /learningRate must be a finite number above 0/);
    }
  }
  for (const bad of [-0.1, 1, NaN]) {
    refused({ ...optimizers[0], momentum: bad }, /momentum must be .* from 0 below 1/);
    refused({ ...optimizers[2], beta1: bad }, /beta1 must be/);
    refused({ ...optimizers[2], beta2: bad }, /beta2 must be/);
    if (bad !== 1) refused({ ...optimizers[4], decay: bad }, /decay must be .* from 0/);
  }
  refused({ ...optimizers[2], epsilon: 0 }, /epsilon must be a finite number from 1e-30/);
  refused({ kind: "adamW", learningRate: 1e-3 }, /decay must be .*found undefined/);
  refused({ ...optimizers[4], targets: ["all"] }, /targets must be one of/);
});

Deno.test("penaltiesWith refuses a second decay on AdamW's targets, and penalties that contradict", () => {
  const optimizer = adamW({ learningRate: 1e-3, decay: 0.1, targets: ["kernel"] });
  const zero = decoupledWeightDecay({ strength: 0 });
  assert.throws(() => penaltiesWith(optimizer, [zero]), /adamW decays kernel parameters itself/);
  const elsewhere = decoupledWeightDecay({ strength: 0.2, targets: ["embedding"] });
  assert.deepEqual(penaltiesWith(optimizer, [elsewhere]), [
    elsewhere,
    decoupledWeightDecay({ strength: 0.1, targets: ["kernel"] }),
  ]);
  assert.throws(
    () => penaltiesWith(optimizers[0], [l1({ strength: 1 }), proximalL1({ strength: 1 })]),
    /Cannot combine l1 and proximalL1 on kernel parameters: both act by \|w\|/,
  );
  assert.deepEqual(penaltiesWith(optimizers[2], [zero]), [zero]);
});
