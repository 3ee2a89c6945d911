/** Fails until a kind of optimizer is complete; `docs/adding.md` names the files. */
import assert from "node:assert/strict";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import * as library from "../mod.ts";
import { math } from "../reports/math.ts";
import { plainMatrices } from "./_matrices.ts";
import { optimizers, partOf } from "./_test_optimizers.ts";
import { descriptions } from "./_test_steps.ts";
import { kindOf, optimizerKinds, optimizerRole } from "./kinds.ts";
import { rulesOf, validateOptimizer } from "./optimizer.ts";

Deno.test("every kind of optimizer is exported and among the optimizers of the tests", () => {
  const constructors: Readonly<Record<string, unknown>> = library;
  const tested = new Set<string>(optimizers.map(({ kind }) => kind));
  for (const [kind, { create }] of Object.entries(optimizerKinds)) {
    assert.equal(constructors[kind], create, `lib/mod.ts exports ${kind}`);
    assert.ok(tested.has(kind), `_test_optimizers.ts has ${kind}`);
  }
});

for (const specification of optimizers) {
  const { kind } = specification;
  const name = canonicalJson(specification);

  Deno.test(`${name} has its formulas, roles, slots and JSON`, () => {
    const { options, formula, tex, roles = {}, decay } = kindOf(specification);
    const json = JSON.parse(name) as JsonObject;
    assert.deepEqual(validateOptimizer(json), specification);
    for (const each of [json, { kind }]) {
      assert.ok(formula(each).length > 0);
      const inTex = tex(each);
      if (inTex === null) assert.equal(kind, "ownOptimizer");
      else assert.match(math(inTex).html, /<math/);
    }
    for (const [option, role] of Object.entries(roles)) {
      assert.ok(option in options, `${kind} has no option ${option}`);
      assert.equal(optimizerRole(`optimizer.${option}`), role);
    }
    for (const { slots } of rulesOf(specification, descriptions, partOf(specification))) {
      assert.equal(new Set(slots).size, slots.length);
    }
    if (decay === undefined) return;
    assert.ok(Object.hasOwn(optimizerKinds, decay.without) || decay.without === "decay 0");
  });

  Deno.test(`${name} moves the weights by its size of step per unit of a steady gradient`, () => {
    const steps = 10_000;
    // A vector: the step of a matrix, which Muon's rule for them takes, does not grow with the gradient.
    const [, , rule] = rulesOf(specification, descriptions, partOf(specification));
    const values = rule.slots.map(() => new Float32Array(2));
    const gradient = Float32Array.of(0.25, -2);
    const weights = new Float32Array(2);
    const sizes = new Float64Array(2);
    const effects = {
      l1: 0,
      l2: 0,
      clipping: 1,
      coupledDecay: 0,
      decoupledDecay: 0,
      cautious: false,
      decayStart: null,
      proximalStart: null,
      proximalL1: 0,
      proximalL2: 0,
      perWeight: false,
      updates: null,
    };
    for (let number = 1; number <= steps; number++) {
      const { update, writeSizes } = rule.step(specification.learningRate, number);
      weights.fill(0);
      update(weights, gradient, values, effects, plainMatrices);
      writeSizes(sizes, values);
    }
    // About a steady gradient's mean there is no variance: only ε and rounding are left to divide by.
    if (kind === "rmsprop" && specification.centered) return;
    weights.forEach((weight, i) => {
      const expected = -sizes[i] * gradient[i];
      assert.ok(Math.abs(weight - expected) <= 1e-3 * Math.abs(expected), `${weight} ${expected}`);
    });
  });
}

Deno.test("optimizerRole says nothing of options that are of the training, nor of names that objects have", () => {
  for (const option of ["learningRate", "schedule.steps", "constructor", "kind"]) {
    assert.equal(optimizerRole(`optimizer.${option}`), undefined);
  }
  assert.equal(optimizerRole("model.decay"), undefined);
  assert.equal(optimizerRole("optimizer.targets[0]"), "choice");
});
