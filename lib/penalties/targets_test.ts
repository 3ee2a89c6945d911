import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import { coupledWeightDecay } from "./coupled_weight_decay.ts";
import { decoupledWeightDecay } from "./decoupled_weight_decay.ts";
import { elasticNet } from "./elastic_net.ts";
import { l1 } from "./l1.ts";
import { l2 } from "./l2.ts";
import { noEffect, type ParameterDescription, type ParameterKind } from "./penalty.ts";
import { proximalElasticNet } from "./proximal_elastic_net.ts";
import { proximalL1 } from "./proximal_l1.ts";
import {
  checkCombination,
  effectsOf,
  penaltiesOf,
  type PenaltySpecification,
  penaltyValue,
  validatePenalty,
} from "./targets.ts";
import { countZeros } from "./zeros.ts";

const descriptions: ParameterDescription[] = [
  { name: "embedding/table", kind: "embedding", layer: "embedding", shape: [2, 1] },
  { name: "gru0/kernel", kind: "kernel", layer: "gru0", shape: [3] },
  { name: "gru0/recurrentKernel", kind: "recurrentKernel", layer: "gru0", shape: [1] },
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
  refused({ strength: 1 }, /kind must be one of "l1", .*found undefined/);
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
    assert.deepEqual(effects[2], effects[1], penalty.kind);
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
  assert.deepEqual(allowed, [
    "l1 l2",
    "l1 coupledWeightDecay",
    "l1 decoupledWeightDecay",
    "proximalL1 l2",
    "proximalL1 coupledWeightDecay",
    "proximalL1 decoupledWeightDecay",
    "l2 decoupledWeightDecay",
    "coupledWeightDecay decoupledWeightDecay",
    "decoupledWeightDecay elasticNet",
    "decoupledWeightDecay proximalElasticNet",
  ]);
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
  assert.deepEqual(values, [6, 6, 6.25, 0, 0, 12.25, 12.25]);
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
