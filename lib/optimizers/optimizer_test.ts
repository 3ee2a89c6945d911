import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import {
  constantSchedule,
  cosineSchedule,
  stepSchedule,
  warmUpSchedule,
} from "../core/schedule.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { l1 } from "../penalties/l1.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { effectsOf } from "../penalties/targets.ts";
import { adam } from "./adam.ts";
import { adamW } from "./adam_w.ts";
import { asgd } from "./asgd.ts";
import { decayShare, learningRateOf, penaltiesWith, validateOptimizer } from "./optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

const optimizers = [
  sgd({ learningRate: 0.1 }),
  sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  adam({ learningRate: 1e-3 }),
  adam({ learningRate: 1e-3, beta1: 0, beta2: 0, epsilon: 1 }),
  adamW({ learningRate: 1e-3, decay: 0, targets: ["bias"] }),
  rmsprop({ learningRate: 1e-3 }),
  rmsprop({ learningRate: 1e-3, form: "keras", momentum: 0.9, centered: true }),
  asgd({ learningRate: 1 }),
  asgd({ learningRate: 1, averageFromStep: 10 }),
  sgd({ learningRate: 0.1, schedule: stepSchedule({ every: 10, factor: 0.5 }) }),
  adamW({ learningRate: 0.1, decay: 0.1, schedule: cosineSchedule({ steps: 100 }) }),
  rmsprop({ learningRate: 0.1, schedule: warmUpSchedule({ steps: 100 }) }),
  asgd({
    learningRate: 0.1,
    schedule: warmUpSchedule({ steps: 10, then: cosineSchedule({ steps: 9 }) }),
  }),
];

Deno.test("validateOptimizer gives every constructor's JSON back unchanged", () => {
  for (const optimizer of optimizers) {
    const again = validateOptimizer(JSON.parse(canonicalJson(optimizer)));
    assert.equal(canonicalJson(again), canonicalJson(optimizer));
    if (again.schedule === undefined) {
      assert.equal(learningRateOf(again, 1), optimizer.learningRate);
      assert.equal(learningRateOf(again, 12345), optimizer.learningRate);
    }
  }
});

Deno.test("optimizers and penalties without new options have the JSON, and so the run ids, of before", () => {
  assert.equal(
    canonicalJson([
      sgd({ learningRate: 0.1, schedule: constantSchedule() }),
      adam({ learningRate: 1e-3 }),
      adamW({ learningRate: 1e-3, decay: 0.1 }),
      l1({ strength: 1, schedule: constantSchedule() }),
      decoupledWeightDecay({ strength: 1, scaledBy: "learningRate" }),
    ]),
    '[{"kind":"sgd","learningRate":0.1,"momentum":0,"nesterov":false},' +
      '{"beta1":0.9,"beta2":0.999,"epsilon":1e-8,"kind":"adam","learningRate":0.001},' +
      '{"beta1":0.9,"beta2":0.999,"decay":0.1,"epsilon":1e-8,"kind":"adamW","learningRate":0.001,' +
      '"targets":["kernel","recurrentKernel"]},' +
      '{"kind":"l1","strength":1,"targets":["kernel","recurrentKernel"]},' +
      '{"kind":"decoupledWeightDecay","strength":1,"targets":["kernel","recurrentKernel"]}]',
  );
});

Deno.test("learningRateOf and decayShare follow the schedule: η α, or the schedule's factor alone times α", () => {
  const optimizer = sgd({ learningRate: 0.2, schedule: stepSchedule({ every: 1, factor: 0.5 }) });
  assert.deepEqual([1, 2, 3].map((step) => learningRateOf(optimizer, step)), [0.2, 0.1, 0.05]);
  const description = { name: "a/kernel", kind: "kernel", layer: "a", shape: [1] } as const;
  const shares = (penalty: ReturnType<typeof decoupledWeightDecay>) =>
    [1, 3].map((step) => {
      const [effect] = effectsOf([penalty], [description], step);
      return decayShare(optimizer, effect, learningRateOf(optimizer, step));
    });
  assert.deepEqual(shares(decoupledWeightDecay({ strength: 0.5 })), [0.1, 0.025]);
  assert.deepEqual(shares(decoupledWeightDecay({ strength: 0.5, scaledBy: "schedule" })), [
    0.5,
    0.125,
  ]);
  const schedule = stepSchedule({ every: 1, factor: 0.5 });
  assert.deepEqual(shares(decoupledWeightDecay({ strength: 0.5, schedule })), [0.1, 0.00625]);
});

Deno.test("asgd refuses two beginnings of the average", () => {
  assert.throws(
    () => asgd({ learningRate: 1, averageFromStep: 3, nonMonotoneInterval: 5 }),
    /both say when averaging begins, found 3 and 5/,
  );
  assert.throws(() => asgd({ learningRate: 1, averageFromStep: 0 }), /averageFromStep must be/);
});

Deno.test("validateOptimizer refuses unknown kinds, unknown options and values outside their range", () => {
  const refused = (json: unknown, message: RegExp) =>
    assert.throws(() => validateOptimizer(json), message, JSON.stringify(json));
  refused(null, /found null/);
  refused(
    { kind: "adagrad" },
    /"sgd", "adam", "adamW", "rmsprop", "asgd", "muon", "ownOptimizer", found "adagrad"/,
  );
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
  refused({ kind: "adamW", learningRate: 1e-3 }, /decay must be .*found nothing/);
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
