import assert from "node:assert/strict";
import { documentedFiles } from "../core/testing/documented.ts";
import { cosineSchedule } from "../core/schedule.ts";
import { useEngine } from "../engine/engine.ts";
import { coupledWeightDecay } from "../penalties/coupled_weight_decay.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { elasticNet } from "../penalties/elastic_net.ts";
import { groupLasso } from "../penalties/group_lasso.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { maxNorm } from "../penalties/max_norm.ts";
import { proximalElasticNet } from "../penalties/proximal_elastic_net.ts";
import { proximalGroupLasso } from "../penalties/proximal_group_lasso.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { effectsByStep } from "../penalties/targets.ts";
import { optimizers, partOf } from "./_test_optimizers.ts";
import { descriptions, doSteps, makeParameters } from "./_test_steps.ts";
import { adam } from "./adam.ts";
import type { Clipping } from "./clipping.ts";
import { createOptimizer } from "./create.ts";
import { defineOptimizer, type OwnOptimizerDefinition } from "./define_optimizer.ts";
import type { OptimizerSpecification } from "./optimizer.ts";
import { ownOptimizer, type OwnOptimizerSpecification } from "./own_optimizer.ts";
import ownAdam from "./testing/own_adam.ts";

const specification = optimizers.find((each): each is OwnOptimizerSpecification =>
  each.kind === "ownOptimizer" && each.module === "parts/adam.ts"
)!;

const withoutMap: PenaltySpecification[][] = [
  [],
  [
    elasticNet({ l1Strength: 1e-2, l2Strength: 1e-1 }),
    coupledWeightDecay({
      strength: 1e-2,
      targets: ["bias"],
    }),
  ],
  [decoupledWeightDecay({ strength: 0.3, schedule: cosineSchedule({ steps: 20 }) })],
  [decoupledWeightDecay({ strength: 0.3, cautious: true })],
  [proximalL1({ strength: 1, threshold: "scalar" })],
  [groupLasso({ strength: 1e-2, groups: "row" }), maxNorm({ strength: 0.7, groups: "unit" })],
];

/** Weights after 20 steps, of all parameters one after the other. */
function trained(
  specification: OptimizerSpecification,
  penalties: readonly PenaltySpecification[],
  clipping: Clipping | null,
): { readonly weights: number[]; readonly norms: number[]; readonly state: number[] } {
  const parameters = makeParameters();
  const effects = effectsByStep(penalties, descriptions);
  const own = partOf(specification);
  const optimizer = createOptimizer(specification, parameters, effects, clipping, own);
  const norms = doSteps(optimizer, 1e-2, 1, 20);
  const { values } = optimizer.state();
  const weights = parameters.flatMap(({ variable }) => [...variable.dataSync()]);
  optimizer.dispose();
  parameters.forEach(({ variable }) => variable.dispose());
  return { weights, norms, state: Object.values(values).flatMap((slot) => [...slot]) };
}

const native = await useEngine("native");

for (const engine of ["cpu", "wasm", "native"] as const) {
  const missing = engine === "native" && native.name !== "native";
  const ignore = missing;

  Deno.test({
    name:
      `Adam as an optimizer of one's own has the bits of adam, under every clipping and penalty but those of a threshold for each weight, on ${engine}`,
    ignore,
    async fn() {
      await useEngine(engine);
      for (const clipping of [null, { norm: 2 }, { value: 0.5 }]) {
        for (const penalties of withoutMap) {
          const own = trained(specification, penalties, clipping);
          const built = trained(adam({ learningRate: 1e-2 }), penalties, clipping);
          assert.deepEqual(own, built, JSON.stringify([clipping, penalties]));
        }
      }
    },
  });

  Deno.test({
    name: `Adam as an optimizer of one's own with a size has adam's proximal maps, on ${engine}`,
    ignore,
    async fn() {
      await useEngine(engine);
      for (
        const penalties of [
          [proximalElasticNet({ l1Strength: 1, l2Strength: 0.1 })],
          [proximalGroupLasso({ strength: 3, groups: "column" })],
        ]
      ) {
        const own = trained(specification, penalties, null).weights;
        const built = trained(adam({ learningRate: 1e-2 }), penalties, null).weights;
        assert.ok(built.filter((weight) => weight === 0).length > 0);
        own.forEach((weight, i) => assert.ok(Math.abs(weight - built[i]) <= 1e-6));
      }
    },
  });
}

Deno.test("the page on own parts has the tested Adam, in fifteen lines at most", () => {
  const code = documentedFiles("docs/own-parts.md")["parts/adam.ts"];
  const tested = Deno.readTextFileSync(new URL("./testing/own_adam.ts", import.meta.url));
  const behindImport = (text: string) => text.slice(text.indexOf("const {"));
  assert.equal(behindImport(code), behindImport(tested));
  const lines = code.slice(code.indexOf("export default")).trimEnd().split("\n");
  assert.ok(lines.length <= 15, `${lines.length} lines`);
});

/** One step of an optimizer of one's own, of which the errors are looked at. */
async function step(update: (...args: any[]) => unknown, slots = ["b"], learningRate = 0.1) {
  await useEngine("cpu");
  const definition = defineOptimizer({ name: "n", formula: "f", slots, update } as never);
  const call = <Result>(_: string, call: () => Result) => call();
  const parameters = makeParameters();
  try {
    const effects = effectsByStep([], descriptions);
    const own = ownOptimizer({ module: "parts/x.ts", learningRate });
    const optimizer = createOptimizer(own, parameters, effects, null, { definition, call });
    doSteps(optimizer, learningRate, 1, 2);
    return optimizer.state();
  } finally {
    parameters.forEach(({ variable }) => variable.dispose());
  }
}

Deno.test("an update of one's own sees its slots, the rate, the step, its options and the parameter", async () => {
  const seen: unknown[] = [];
  const { steps, values } = await step((g, { slots: { b }, weights, ...context }) => {
    seen.push([g.length, b.length, weights.length, context]);
    b.fill(context.step);
  });
  assert.equal(steps, 2);
  assert.deepEqual([...values["hidden/bias/b"]], Array(17).fill(2));
  assert.equal(seen.length, 2 * descriptions.length);
  const { values: printed } = await step((_, { slots }) => {
    assert.equal(JSON.stringify(Object.keys(slots)), '["b"]');
    assert.ok(Deno.inspect(slots).includes("b") && String(slots) === "[object Object]");
    slots.b.fill(JSON.stringify(slots).length > 2 ? 3 : 0);
  });
  assert.deepEqual([...printed["hidden/bias/b"]], Array(17).fill(3));
  const [first] = descriptions;
  const context = { learningRate: 0.1, step: 1, options: {}, parameter: first };
  assert.deepEqual(seen[0], [42, 42, 42, context]);
});

Deno.test("an update that is NaN, changes the weights or the length, or returns something is refused", async () => {
  const refused: [(...args: any[]) => unknown, RegExp][] = [
    [
      (g) => void g.fill(NaN),
      /update must be finite .* NaN or infinity in hidden\/kernel at step 1/,
    ],
    [
      (g) => g.map((x: number) => x),
      /update must change what it is given in place .* found a Float32Array of 42\.$/,
    ],
    [(g) => [...g], /return nothing, found a list of 42\.$/],
    [async () => {}, /in place and return nothing, found a promise: it must not be async\.$/],
    [(_, { weights }) => void weights.fill(1), /must leave the weights as they are/],
    [(g) => void g.buffer.transfer(), /as long as they are, 42, found one of 0/],
    [(_, { slots: { b } }) => void b.buffer.transfer(), /as long as they are, 42, found one of 0/],
    [
      (_, { slots: { c } }) => c.fill(0),
      /slots has no "c": .* definition's slots, which are \["b"\]/,
    ],
    [(_, { slots }) => void (slots.c = 1), /slots has no "c"/],
  ];
  for (const [update, message] of refused) await assert.rejects(step(update), message);
});

Deno.test("defineOptimizer refuses what is no definition", () => {
  const good = { name: "n", formula: "f", slots: [], update() {} };
  const wrong: [object, RegExp][] = [
    [{ ...good, slots: undefined }, /slots must be a list of names .* found nothing/],
    [{ ...good, slots: "b" }, /slots must be a list of names .* found "b"/],
    [{ ...good, slots: [""] }, /letters, digits and _, found ""/],
    [{ ...good, slots: ["a/b"] }, /letters, digits and _, found "a\/b"/],
    [{ ...good, slots: ["__proto__"] }, /letters, digits and _, found "__proto__"/],
    [{ ...good, slots: ["b", "b"] }, /each once; found \["b","b"\]/],
    [{ ...good, update: 3 }, /update must be a function, found 3/],
    [{ ...good, size: 3 }, /size must be a function or nothing, found 3/],
    [{ ...good, formula: "" }, /formula must be a non-empty text/],
    [{ ...good, step() {} }, /unknown option "step"/],
  ];
  for (const [definition, message] of wrong) {
    assert.throws(() => defineOptimizer(definition as never), message);
  }
  const typed: OwnOptimizerDefinition<
    { beta1: number; beta2: number; epsilon: number },
    "m" | "v"
  > = ownAdam;
  assert.equal(typed.name, "my Adam");
});

Deno.test("ownOptimizer without its module, and a size that is no size, make no step", async () => {
  await useEngine("cpu");
  const parameters = makeParameters();
  const effects = effectsByStep([proximalL1({ strength: 1 })], descriptions);
  const own = ownOptimizer({ module: "parts/x.ts", learningRate: 0.1 });
  const optimizer = createOptimizer(own, parameters, effects, null);
  assert.throws(() => doSteps(optimizer, 0.1, 1, 1), /The module parts\/x\.ts was not loaded/);
  const definition = defineOptimizer({
    name: "n",
    formula: "f",
    slots: [],
    update: () => {},
    size: (sizes) => void sizes.fill(0),
  });
  const call = <Result>(_: string, call: () => Result) => call();
  const sized = createOptimizer(own, parameters, effects, null, { definition, call });
  assert.throws(
    () => doSteps(sized, 0.1, 1, 1),
    /size must write finite numbers above 0, found 0 in hidden\/kernel at step 1/,
  );
  parameters.forEach(({ variable }) => variable.dispose());
});
