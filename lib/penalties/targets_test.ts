import assert from "node:assert/strict";
import { complete } from "../core/left_out.ts";
import { canonicalJson } from "../core/json.ts";
import { stepSchedule } from "../core/schedule.ts";
import { coupledWeightDecay } from "./coupled_weight_decay.ts";
import { decoupledWeightDecay } from "./decoupled_weight_decay.ts";
import { elasticNet } from "./elastic_net.ts";
import { groupLasso } from "./group_lasso.ts";
import { kerasL2 } from "./keras_l2.ts";
import { l1 } from "./l1.ts";
import { l2 } from "./l2.ts";
import { noEffect, type ParameterDescription, type ParameterKind } from "./penalty.ts";
import { proximalElasticNet } from "./proximal_elastic_net.ts";
import { proximalGroupLasso } from "./proximal_group_lasso.ts";
import { proximalL1 } from "./proximal_l1.ts";
import type { PenaltySpecification } from "./kinds.ts";
import {
  anyStrength,
  checkCombination,
  effectsByStep,
  effectsOf,
  penaltiesOf,
  penaltyValue,
  validatePenalty,
} from "./targets.ts";
import { unsquaredNorms } from "./unsquared_norms.ts";
import { countZeros } from "./zeros.ts";

const descriptions: ParameterDescription[] = [
  { name: "embedding/table", kind: "embedding", layer: "embedding", shape: [2, 1] },
  { name: "gru0/kernel", kind: "kernel", layer: "gru0", shape: [3, 1] },
  { name: "gru0/recurrentKernel", kind: "recurrentKernel", layer: "gru0", shape: [1, 1] },
  { name: "gru0/bias", kind: "bias", layer: "gru0", shape: [2] },
];
const weights = [
  Float32Array.of(1, 2),
  Float32Array.of(3, -4, 0),
  Float32Array.of(-5),
  Float32Array.of(6, 5e-4),
];

/** One of each kind, with strengths 0.5 (l1) and 0.25 (l2). */
function oneOfEach(targets?: readonly ParameterKind[]): PenaltySpecification[] {
  const elastic = { l1Strength: 0.5, l2Strength: 0.25, targets };
  return [
    l1({ strength: 0.5, targets }),
    proximalL1({ strength: 0.5, targets }),
    l2({ strength: 0.25, targets }),
    coupledWeightDecay({ strength: 0.25, targets }),
    decoupledWeightDecay({ strength: 0.25, targets }),
    elasticNet(elastic),
    proximalElasticNet(elastic),
    kerasL2({ strength: 0.125, targets }),
    unsquaredNorms({ strength: 0.5, targets }),
    groupLasso({ strength: 0.5, groups: "row", weighting: "none", targets }),
    proximalGroupLasso({ strength: 0.5, groups: "unit", targets }),
    decoupledWeightDecay({ strength: 0.25, scaledBy: "schedule", targets }),
  ];
}

Deno.test("validatePenalty gives every constructor's JSON back unchanged", () => {
  for (const penalty of [...oneOfEach(), ...oneOfEach(["bias", "embedding"])]) {
    const again = validatePenalty(JSON.parse(canonicalJson(penalty)));
    assert.equal(canonicalJson(again), canonicalJson(penalty));
  }
});

Deno.test("validatePenalty refuses unknown kinds, unknown options and bad values, for every kind", () => {
  const refused = (json: unknown, message: RegExp) =>
    assert.throws(() => validatePenalty(json), message, JSON.stringify(json));
  refused(null, /found null/);
  refused([], /must be an object/);
  refused({ strength: 1 }, /kind must be one of "l1", .*found nothing/);
  refused({ kind: "weightDecay", strength: 1 }, /"decoupledWeightDecay".*found "weightDecay"/);
  refused({ kind: "toString", strength: 1 }, /found "toString"/);
  for (const penalty of oneOfEach()) {
    refused({ ...penalty, lambda: 1 }, /unknown option "lambda"/);
    refused({ ...penalty, targets: [] }, /targets must be a non-empty list/);
    refused({ ...penalty, targets: "kernel" }, /targets must be a non-empty list/);
    refused({ ...penalty, targets: ["weights"] }, /targets must be one of .*found "weights"/);
    refused({ ...penalty, targets: ["bias", "bias"] }, /each kind once/);
    const strengths = Object.keys(penalty).filter((name) => /strength/i.test(name));
    assert.ok(strengths.length >= 1);
    for (const name of strengths) {
      for (const bad of [-1e-9, NaN, Infinity, "1", null, undefined]) {
        refused({ ...penalty, [name]: bad }, new RegExp(`${name} must be a finite number from 0`));
      }
    }
  }
  refused({ kind: "proximalL1", strength: 1, threshold: "vector" }, /"perWeight", "scalar"/);
});

Deno.test("targets are written in one order, so that the same penalty has the same JSON", () => {
  const one = l1({ strength: 1, targets: ["bias", "kernel"] });
  assert.deepEqual(one, l1({ strength: 1, targets: ["kernel", "bias"] }));
  assert.deepEqual(one.targets, ["kernel", "bias"]);
});

Deno.test("effectsOf acts on kernels and recurrent kernels unless targets say otherwise", () => {
  for (const penalty of oneOfEach()) {
    const effects = effectsOf([penalty], descriptions);
    assert.deepEqual(effects[0], noEffect, penalty.kind);
    assert.notDeepEqual(effects[1], noEffect, penalty.kind);
    assert.deepEqual(
      { ...effects[2], groups: null },
      { ...effects[1], groups: null },
      penalty.kind,
    );
    assert.deepEqual(effects[3], noEffect, penalty.kind);
  }
  for (const penalty of oneOfEach(["bias"])) {
    const effects = effectsOf([penalty], descriptions);
    const acting = effects.map((effect) => JSON.stringify(effect) !== JSON.stringify(noEffect));
    assert.deepEqual(acting, [false, false, false, true], penalty.kind);
  }
});

Deno.test("effectsOf puts each strength where its formula has it", () => {
  const effectOf = (penalty: PenaltySpecification) => effectsOf([penalty], descriptions)[1];
  assert.deepEqual(oneOfEach().map(effectOf), [
    { ...noEffect, l1: 0.5 },
    { ...noEffect, proximalL1: 0.5 },
    { ...noEffect, l2: 0.25 },
    { ...noEffect, coupledDecay: 0.25 },
    { ...noEffect, decoupledDecay: 0.25 },
    { ...noEffect, l1: 0.5, l2: 0.25 },
    { ...noEffect, proximalL1: 0.5, proximalL2: 0.25 },
    { ...noEffect, l2: 0.25 },
    {
      ...noEffect,
      groupLasso: 0.5,
      groups: { by: "tensor", weighting: "none", rows: 3, columns: 1, gates: 1 },
    },
    {
      ...noEffect,
      groupLasso: 0.5,
      groups: { by: "row", weighting: "none", rows: 3, columns: 1, gates: 1 },
    },
    {
      ...noEffect,
      proximalGroupLasso: 0.5,
      groups: { by: "unit", weighting: "squareRootOfSize", rows: 3, columns: 1, gates: 1 },
    },
    { ...noEffect, scheduledDecay: 0.25 },
  ]);
  const scalar = proximalL1({ strength: 1, threshold: "scalar" });
  assert.equal(effectOf(scalar).proximalThreshold, "scalar");
});

Deno.test("effectsOf refuses a penalty that acts on no parameter", () => {
  assert.throws(
    () => effectsOf([l1({ strength: 1, targets: ["normalization"] })], descriptions),
    /l1 acts on no parameter: its targets are normalization, the model has embedding, kernel/,
  );
});

Deno.test("checkCombination refuses exactly the contradictory pairs, also with a strength of 0", () => {
  const allowed: string[] = [];
  const all = oneOfEach();
  all.forEach((first, index) => {
    for (const second of all.slice(index)) {
      const weak = { ...second, strength: 0 } as PenaltySpecification;
      const pair = `${first.kind} ${second.kind}`;
      try {
        checkCombination([first, second]);
        allowed.push(pair);
        checkCombination([weak, first]);
      } catch (error) {
        assert.match(String(error), /Cannot combine \w+ and \w+ on kernel parameters/);
        assert.throws(() => checkCombination([first, weak]), RangeError, pair);
        assert.throws(() => effectsOf([first, second], descriptions), RangeError, pair);
      }
    }
  });
  const pulls = {
    absolute: ["l1", "proximalL1"],
    square: ["l2", "coupledWeightDecay", "kerasL2"],
    decay: ["decoupledWeightDecay"],
    norm: ["unsquaredNorms", "groupLasso", "proximalGroupLasso"],
    both: ["elasticNet", "proximalElasticNet"],
  };
  const pullOf = (kind: string) =>
    Object.entries(pulls).find(([, kinds]) => kinds.includes(kind))![0];
  const expected = all.flatMap((first, index) =>
    all.slice(index).filter((second) => {
      const [a, b] = [pullOf(first.kind), pullOf(second.kind)];
      const touch = (x: string, y: string) => x === "both" && ["absolute", "square"].includes(y);
      return a !== b && !touch(a, b) && !touch(b, a);
    }).map((second) => `${first.kind} ${second.kind}`)
  );
  assert.ok(expected.includes("proximalL1 proximalGroupLasso"), "the sparse group lasso");
  assert.deepEqual(allowed, expected);
});

Deno.test("layers choose among the parameters of a kind, and different layers never contradict", () => {
  const kernels: ParameterDescription[] = ["gru0", "gru1", "output"].map((layer) => ({
    name: `${layer}/kernel`,
    kind: "kernel",
    layer,
    shape: [2],
  }));
  const first = l1({ strength: 1, layers: ["gru1", "gru0"] });
  const second = proximalL1({ strength: 2, layers: ["output"] });
  assert.deepEqual(first.layers, ["gru0", "gru1"], "in one order");
  assert.deepEqual(validatePenalty(JSON.parse(canonicalJson(first))), first);
  const effects = effectsOf([first, second], kernels);
  assert.deepEqual(effects.map(({ l1, proximalL1 }) => [l1, proximalL1]), [[1, 0], [1, 0], [0, 2]]);
  assert.deepEqual(penaltiesOf([first, second], kernels).map(({ penalties }) => penalties), [
    ["l1"],
    ["l1"],
    ["proximalL1"],
  ]);
  const ones = kernels.map(() => Float32Array.of(1, 0));
  assert.equal(penaltyValue([first, second], kernels, ones), 4);
  assert.equal(countZeros([second], kernels, ones).countedWeights, 2);
  assert.throws(() => checkCombination([first, proximalL1({ strength: 1 })]), /both act by/);
  assert.throws(
    () => effectsOf([l1({ strength: 1, layers: ["gru2"] })], kernels),
    /l1 acts on no parameter of layer "gru2".*gru0, gru1, output/,
  );
  for (
    const [layers, message] of [
      [[], /layers must be a non-empty list/],
      ["gru0", /layers must be a non-empty list/],
      [["a", "a"], /each layer once/],
      [[""], /non-empty text/],
    ] as const
  ) {
    assert.throws(() => l1({ strength: 1, layers: layers as never }), message);
  }
});

Deno.test("schedules multiply strengths in effects and values, step by step", () => {
  const schedule = stepSchedule({ every: 2, factor: 0.5 });
  const penalties = [
    elasticNet({ l1Strength: 4, l2Strength: 8, schedule, targets: ["kernel"] }),
    decoupledWeightDecay({ strength: 1 }),
  ];
  const effects = effectsByStep(penalties, descriptions);
  const seen = [1, 2, 3, 5].map((step) => {
    const { l1, l2, decoupledDecay } = effects(step)[1];
    return [l1, l2, decoupledDecay, penaltyValue(penalties, descriptions, weights, step)];
  });
  // Σ|w| = 7 and Σw² = 25 in the kernel.
  assert.deepEqual(seen, [[4, 8, 1, 128], [4, 8, 1, 128], [2, 4, 1, 64], [1, 2, 1, 32]]);
  assert.throws(
    () => l1({ strength: 1, schedule: { kind: "linear" } as never }),
    /l1: schedule: kind must be one of "constant", "step", "cosine", "cyclic", "piecewiseLinear", "warmUp", found "linear"/,
  );
  // Made once where nothing changes, also where a constant schedule is written out.
  const constant = effectsByStep(complete([l2({ strength: 1 })], "penalties"), descriptions);
  assert.equal(constant(1), constant(2));
});

Deno.test("anyStrength sees every kind of penalty, and none at strength 0", () => {
  for (const penalty of oneOfEach()) {
    assert.equal(anyStrength([penalty]), true, penalty.kind);
    const zeros = Object.fromEntries(
      Object.keys(penalty).filter((name) => /strength/i.test(name)).map((name) => [name, 0]),
    );
    assert.equal(anyStrength([{ ...penalty, ...zeros } as PenaltySpecification]), false);
  }
  assert.equal(anyStrength([]), false);
});

Deno.test("checkCombination allows on different targets what it refuses on the same", () => {
  const all = oneOfEach(["kernel"]);
  for (const first of all) {
    for (const second of oneOfEach(["embedding", "bias"])) {
      checkCombination([first, second]);
      assert.equal(effectsOf([first, second], descriptions).length, 4);
    }
  }
});

Deno.test("penaltyValue sums the terms by hand-worked values, and decays are no terms", () => {
  const valueOf = (...penalties: PenaltySpecification[]) =>
    penaltyValue(penalties, descriptions, weights);
  // Targeted: 3, −4, 0, −5, so Σ|w| = 12 and Σw² = 50.
  const values = oneOfEach().map((penalty) => valueOf(penalty));
  // ‖(3, −4, 0)‖ = 5 and ‖−5‖ = 5; by unit, weighted by √3 and 1; by row 3 + 4 + 0 + 5.
  assert.deepEqual(values.slice(0, 10), [6, 6, 6.25, 0, 0, 12.25, 12.25, 6.25, 5, 6]);
  assert.ok(Math.abs(values[10] - 0.5 * (5 * Math.sqrt(3) + 5)) < 1e-12);
  assert.deepEqual(values.slice(11), [0]);
  assert.equal(valueOf(), 0);
  assert.equal(valueOf(l1({ strength: 0.5 }), l2({ strength: 0.25 })), 12.25);
  assert.equal(valueOf(l2({ strength: 2, targets: ["embedding"] })), 5);
  assert.ok(Number.isNaN(penaltyValue([l1({ strength: 1 })], descriptions.slice(1, 2), [
    Float32Array.of(1, NaN, 0),
  ])));
});

Deno.test("penaltiesOf names the penalties of each parameter, also those of strength 0", () => {
  const penalties = [
    proximalL1({ strength: 0 }),
    decoupledWeightDecay({ strength: 1, targets: ["kernel", "embedding"] }),
  ];
  assert.deepEqual(
    penaltiesOf(penalties, descriptions).map(({ name, penalties }) => [name, ...penalties]),
    [
      ["embedding/table", "decoupledWeightDecay"],
      ["gru0/kernel", "proximalL1", "decoupledWeightDecay"],
      ["gru0/recurrentKernel", "proximalL1"],
      ["gru0/bias"],
    ],
  );
});

Deno.test("countZeros looks at the targeted parameters, at kernels when there is no penalty", () => {
  const count = (...penalties: PenaltySpecification[]) =>
    countZeros(penalties, descriptions, weights);
  assert.deepEqual(count(), { exactZeros: 1, nearZeros: 1, countedWeights: 4 });
  assert.deepEqual(count(l1({ strength: 0 })), count());
  assert.deepEqual(count(l1({ strength: 1, targets: ["bias"] })), {
    exactZeros: 0,
    nearZeros: 1,
    countedWeights: 2,
  });
  assert.deepEqual(
    count(l1({ strength: 1 }), decoupledWeightDecay({ strength: 1, targets: ["embedding"] })),
    { exactZeros: 1, nearZeros: 1, countedWeights: 6 },
  );
});
