import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { rmsprop } from "../optimizers/rmsprop.ts";
import { sgd } from "../optimizers/sgd.ts";
import { coupledWeightDecay } from "../penalties/coupled_weight_decay.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { groupLasso } from "../penalties/group_lasso.ts";
import { logitsL1 } from "../penalties/logits_l1.ts";
import { proximalElasticNet } from "../penalties/proximal_elastic_net.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { penaltyFormula, penaltyTex } from "../penalties/words.ts";
import { differingPaths } from "../statistics/specification_paths.ts";
import { penalties } from "../training/testing/penalties.ts";
import { optimizerFormula } from "./formulas.ts";
import { math } from "./math.ts";
import { methodTex, optimizerTex } from "./tex.ts";

const json = (specification: object) => specification as JsonObject;
const penalty = (specification: object) => penaltyTex(json(specification))!;
const optimizer = (specification: object) => optimizerTex(json(specification))!;

Deno.test("every penalty and optimizer with a formula in words has one that Temml can write", () => {
  for (const [specification] of penalties) {
    assert.match(math(penalty(specification)).html, /<math/);
    assert.notEqual(penaltyFormula(json(specification)), "see its definition");
  }
  for (const kind of ["sgd", "adam", "adamW", "rmsprop", "asgd"]) {
    assert.match(math(optimizer({ kind })).html, /<math/);
    assert.notEqual(optimizerFormula({ kind }), "see its definition");
  }
  assert.equal(penaltyTex({ kind: "mine" }), null);
  assert.equal(optimizerFormula({ kind: "mine" }), "see its definition");
  assert.throws(() => math("\\frac{"));
});

Deno.test("coupled decay is said to come after clipping, loss terms before it", () => {
  const decay = penaltyFormula(json(coupledWeightDecay({ strength: 1e-5 })));
  assert.match(decay, /g ← g \+ α w, after clipping and before the optimizer's momentum/);
  assert.match(penaltyFormula({ kind: "l2" }), /before clipping/);
});

Deno.test("RMSprop's ε stands inside the root in Keras's form and outside in PyTorch's", () => {
  const pytorch = { learningRate: 1e-3, momentum: 0.5 };
  const keras = { ...pytorch, form: "keras" } as const;
  assert.ok(optimizer(rmsprop(pytorch)).includes(String.raw`\frac{g}{\sqrt{v} + \varepsilon}`));
  assert.ok(optimizer(rmsprop(keras)).includes(String.raw`\frac{g}{\sqrt{v + \varepsilon}}`));
  assert.match(optimizer(rmsprop(pytorch)), /w - \\eta\\, b$/);
  assert.match(optimizer(rmsprop(keras)), /\\mu b \+ \\eta\\, .*w - b$/);
  assert.ok(optimizer(rmsprop({ ...keras, centered: true })).includes("v - m^2 + "));
  assert.ok(!optimizer(rmsprop({ learningRate: 1e-3 })).includes("b"));
  assert.match(optimizerFormula(json(rmsprop(keras))), /√\(v \+ ε\), ε inside/);
  assert.match(optimizerFormula(json(rmsprop(pytorch))), /\(√v \+ ε\), ε outside/);
  for (const options of [pytorch, keras]) math(optimizer(rmsprop({ ...options, centered: true })));
});

Deno.test("SGD is shown plain, with momentum, or with Nesterov's", () => {
  const learningRate = 0.1;
  const shown = [
    sgd({ learningRate }),
    sgd({ learningRate, momentum: 0.9 }),
    sgd({ learningRate, momentum: 0.9, nesterov: true }),
  ];
  const ends = [/w - \\eta\\, g$/, /w - \\eta\\, b$/, /w - \\eta\\, \(g \+ \\mu b\)$/];
  shown.forEach((specification, index) => assert.match(optimizer(specification), ends[index]));
  assert.deepEqual(shown.map((specification) => optimizerFormula(json(specification))), [
    "w ← w − η g",
    "b ← μ b + g, w ← w − η b",
    "b ← μ b + g, w ← w − η (g + μ b), Nesterov's momentum",
  ]);
});

Deno.test("decay by the schedule alone, means of logits, scalar thresholds and weighted groups are shown as such", () => {
  const strength = 0.1;
  assert.ok(penalty(decoupledWeightDecay({ strength })).includes("\\eta \\alpha w"));
  const scheduled = penalty(decoupledWeightDecay({ strength, scaledBy: "schedule" }));
  assert.ok(scheduled.includes("\\frac{\\eta}{\\eta_0} \\alpha w"));
  assert.ok(penalty(logitsL1({ strength })).includes("\\sum_{b,t,v} |l"));
  const mean = penalty(logitsL1({ strength, reduction: "mean" }));
  assert.ok(mean.includes("mean}_{b,t,v} |l") && !mean.includes("\\sum"));
  assert.ok(penalty(proximalL1({ strength })).includes("- s \\lambda"));
  assert.ok(penalty(proximalL1({ strength, threshold: "scalar" })).includes("- \\eta \\lambda"));
  const net = proximalElasticNet({ l1Strength: 0.1, l2Strength: 0.1, threshold: "scalar" });
  assert.match(penalty(net), /- \\eta \\lambda.*1 \+ \\eta \\alpha/);
  const lasso = groupLasso({ strength, groups: "row", weighting: "none" });
  assert.ok(!penalty(lasso).includes("n_k"));
  assert.ok(penalty({ ...lasso, weighting: "squareRootOfSize" }).includes("\\sqrt{n_k}"));
  for (const tex of [scheduled, mean, penalty(net), penalty(lasso)]) math(tex);
});

Deno.test("penaltyFormula and differingPaths say what a study varies", () => {
  assert.match(penaltyFormula({ kind: "proximalL1", threshold: "perWeight" }), /max.*each weight/);
  assert.match(penaltyFormula({ kind: "proximalL1", threshold: "scalar" }), /s is η for every/);
  assert.equal(penaltyFormula({ kind: "mine" }), "see its definition");
  const paths = differingPaths([
    { model: { size: 1 }, penalties: [{ strength: 0 }] },
    { model: { size: 1 }, penalties: [{ strength: 1 }] },
  ]);
  assert.deepEqual([...paths], [["penalties[0].strength", [0, 1]]]);
});

Deno.test("in the methods n counts tokens, p is the model's distribution and τ the temperature, in every formula", () => {
  const formulas = Object.values(methodTex);
  for (const formula of formulas) assert.match(math(formula).html, /<math/);
  const plain = formulas.map((each) => each.replace(/\\[a-zA-Z]+|\{[a-z-]+\}/g, " ")).join(" ; ");
  assert.doesNotMatch(plain, /T/);
  // Of x given what came before it, or at the temperature.
  assert.doesNotMatch(plain.replaceAll(/p\(x_t|p\^\{\( \)\}/g, ""), /p/);
});
