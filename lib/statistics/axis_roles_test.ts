import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import type { Json, JsonObject } from "../core/json.ts";
import { projectFolder } from "../core/project.ts";
import { readStudyRecord } from "../records/read_study.ts";
import type { AxisRole } from "../records/study_record.ts";
import {
  axesOfStudy,
  compareRemedies,
  isWithoutRemedy,
  pointWithoutRemedy,
  remediesOf,
  sameButRemedies,
  withoutRemedies,
} from "./axis_roles.ts";
import { ruleOfStudy } from "./select.ts";

const model = { kind: "gruLanguageModel", embeddingSize: 16, hiddenSize: 32, outputDropout: 0 };
const base = {
  corpus: { kind: "catalogue", name: "moby-dick", excerpt: { start: 400, length: 1200 } },
  tokenizer: { kind: "characters" },
  model,
  optimizer: { kind: "adam", learningRate: 0.003 },
  penalties: [] as JsonObject[],
  clipping: null,
  training: { steps: 100, batchSize: 8, windowLength: 24, evaluateEvery: 50, earlyStopping: null },
};

function space(points: readonly JsonObject[], specify: (point: JsonObject) => object) {
  return {
    space: { kind: "points", points },
    specifications: points.map((point) =>
      JSON.parse(JSON.stringify({ ...base, ...specify(point) })) as JsonObject
    ),
  };
}

const roles = (...given: Parameters<typeof space>) =>
  Object.fromEntries(axesOfStudy(space(...given)).map(({ name, role }) => [name, role]));
const grid = (axis: string, values: JsonObject[string][]) =>
  values.map((value) => ({ [axis]: value }));
const l1 = (strength: Json) => ({ kind: "proximalL1", strength, targets: ["kernel"] });
const decay = (strength: Json) => ({
  kind: "decoupledWeightDecay",
  strength,
  targets: ["kernel"],
});

Deno.test("The role of an axis follows from where its value goes in the specification (case report 2)", () => {
  const cases: [AxisRole, JsonObject[string][], (value: Json) => object][] = [
    ["strength", [0, 1], (value) => ({ penalties: [l1(value)] })],
    ["strength", [0, 1], (value) => ({ penalties: [{ kind: "labelSmoothing", strength: value }] })],
    ["strength", [0, 1], (value) => ({
      penalties: [{ kind: "ownPenalty", name: "mine", options: {}, strength: value }],
    })],
    ["strength", [0, 1], (value) => ({
      penalties: [{ kind: "elasticNet", l1Strength: value, l2Strength: 2 }],
    })],
    ["strength", [0, 0.1], (decay) => ({ optimizer: { kind: "adamW", learningRate: 1, decay } })],
    ["strength", [0, 0.5], (value) => ({ model: { ...model, recurrentDropout: value } })],
    [
      "strength",
      [0, 0.5],
      (value) => ({ model: { kind: "ownModel", options: { dropout: value } } }),
    ],
    ["strength", [0, 0.5], (rate) => ({
      training: {
        ...base.training,
        // As JSON has it: none where the rate is 0.
        ...(rate === 0 ? {} : { weightDropout: { rate, targets: ["kernel"] } }),
      },
    })],
    ["strength", [0, 0.5], (rate) => ({
      training: {
        ...base.training,
        ...(rate === 0 ? {} : { fillInTheMiddle: { rate, suffixFirst: 0.5, heldOutPieces: 9 } }),
      },
    })],
    ["strength", [0, 0.1], (value) => ({ training: { ...base.training, maskedInputs: value } })],
    ["strength", [0, 0.1], (value) => ({ training: { ...base.training, sharpnessRadius: value } })],
    ["training", [0.001, 0.01], (value) => ({ optimizer: { kind: "adam", learningRate: value } })],
    ["training", [50, 99], (value) => ({
      optimizer: { ...base.optimizer, schedule: { kind: "cosine", steps: value } },
      training: { ...base.training, steps: value, evaluateEvery: value },
    })],
    ["training", [4, 16], (value) => ({ training: { ...base.training, batchSize: value } })],
    ["training", [2, 5], (value) => ({
      training: { ...base.training, earlyStopping: { patience: value } },
    })],
    ["training", [null, 1], (value) => ({ clipping: value === null ? null : { norm: value } })],
    ["size", [16, 64], (value) => ({ model: { ...model, hiddenSize: value } })],
    ["size", [1, 2], (value) => ({ model: { ...model, layers: value } })],
    ["size", [16, 64], (value) => ({ model: { kind: "ownModel", options: { width: value } } })],
    ["data", [500, 900], (value) => ({ training: { ...base.training, trainingTokens: value } })],
    [
      "data",
      [500, 900],
      (value) => ({ corpus: { ...base.corpus, excerpt: { start: 0, length: value } } }),
    ],
    ["training", [0.8, 0.9], (value) => ({
      optimizer: { kind: "ownOptimizer", learningRate: 1, options: { beta1: value } },
    })],
    ["choice", ["parts/a.ts", "parts/b.ts"], (module) => ({
      optimizer: { kind: "ownOptimizer", learningRate: 1, module, code: { sha256: module } },
    })],
    ["choice", ["adam", "sgd"], (kind) => ({ optimizer: { kind, learningRate: 1 } })],
    ["own", [0.5, 2], (value) => ({ model: { ...model, forgetBias: value } })],
    ["own", [0, 1], (suffixFirst) => ({
      training: { ...base.training, fillInTheMiddle: { rate: 1, suffixFirst, heldOutPieces: 0 } },
    })],
  ];
  for (const [role, values, specify] of cases) {
    const found = roles(grid("x", values), ({ x }) => specify(x));
    assert.deepEqual(found, { x: role }, JSON.stringify(specify(values[1])));
  }
});

Deno.test("The role of an axis whose value is worked on is that of what differs with it alone", () => {
  const grown = (points: JsonObject[]) =>
    roles(points, ({ hidden, rate }) => ({
      model: { ...model, hiddenSize: 2 * (hidden as number) },
      optimizer: { kind: "adam", learningRate: 10 ** (rate as number) },
    }));
  assert.deepEqual(
    grown([{ hidden: 8, rate: -3 }, { hidden: 16, rate: -3 }, { hidden: 8, rate: -2 }]),
    { hidden: "size", rate: "training" },
  );
  // Of points that no two differ in one axis only, what grows along with it.
  assert.deepEqual(
    grown([5, 3, 9, 6, 7].map((hidden, index) => ({ hidden, rate: -[2, 5, 3, 4, 1][index] }))),
    { hidden: "size", rate: "training" },
  );
});

Deno.test("Axes of joined spaces, of penalties that come and go, and several axes to one place have roles (case report 1)", () => {
  const joined = roles(
    [{ rate: 0.003 }, { rate: 0.01 }, { rate: 0.003, lambda: 1e-4 }, { rate: 0.003, alpha: 0.3 }],
    ({ rate, lambda, alpha }) => ({
      optimizer: { kind: "adam", learningRate: rate },
      penalties: [
        ...(lambda === undefined ? [] : [l1(lambda)]),
        ...(alpha === undefined ? [] : [decay(alpha)]),
      ],
    }),
  );
  assert.deepEqual(joined, { rate: "training", lambda: "strength", alpha: "strength" });
  const both = [0, 1, 2].flatMap((lambda) => [0, 3].map((alpha) => ({ lambda, alpha })));
  assert.deepEqual(
    roles(both, ({ lambda, alpha }) => ({
      penalties: [...(lambda ? [l1(lambda)] : []), ...(alpha ? [decay(alpha)] : [])],
    })),
    { lambda: "strength", alpha: "strength" },
  );
  assert.deepEqual(
    roles(
      [1, 2].flatMap((lambda) => [5, 7].map((factor) => ({ lambda, factor }))),
      ({ lambda, factor }) => ({ penalties: [l1((lambda as number) * (factor as number))] }),
    ),
    { lambda: "strength", factor: "strength" },
  );
  const conditional: JsonObject[] = [{ kind: "none" }, { kind: "l1", strength: 2 }, {
    kind: "l1",
    strength: 3,
  }];
  const axes = axesOfStudy(space(conditional, ({ kind, strength }) => ({
    penalties: kind === "none" ? [] : [l1(strength)],
  })));
  assert.deepEqual(axes.map(({ role, partial }) => [role, partial]), [
    ["choice", false],
    ["strength", true],
  ]);
});

Deno.test("An axis that never varies has the role of the option with its name, and none where that is a guess", () => {
  assert.deepEqual(
    roles(
      [{ hiddenSize: 32, alpha: 0 }],
      ({ alpha }) => ({ penalties: [l1(alpha), decay(alpha)] }),
    ),
    { hiddenSize: "size", alpha: "own" },
  );
});

Deno.test("What a study says of an axis comes before what is read off it", () => {
  const made = space(grid("width", [1, 2]), ({ width }) => ({ model: { ...model, scale: width } }));
  assert.equal(axesOfStudy(made)[0].role, "own");
  const [axis] = axesOfStudy({ ...made, roles: { width: "size" } });
  assert.deepEqual([axis.role, axis.simpler], ["size", "smaller"]);
});

Deno.test("Remedies are penalties, decays and dropouts, and early stopping is none", () => {
  const [has] = space([{}], () => ({
    model: { ...model, outputDropout: 0.3 },
    optimizer: { kind: "adamW", learningRate: 1, decay: 0.1 },
    penalties: [l1(0), decay(0.5)],
    training: {
      ...base.training,
      earlyStopping: { patience: 3 },
      weightDropout: { rate: 0.2, targets: ["kernel"] },
      fillInTheMiddle: { rate: 0.5, suffixFirst: 0.5, heldOutPieces: 0 },
    },
  })).specifications;
  assert.deepEqual(remediesOf(has).map(({ name, strength }) => `${name} ${strength}`).sort(), [
    "decay 0.1",
    "decoupled weight decay 0.5",
    "fill in the middle 0.5",
    "output dropout 0.3",
    "proximal L1 0",
    "weight dropout 0.2",
  ]);
  const [stopped] = space([{}], () => ({
    training: { ...base.training, earlyStopping: { patience: 3 } },
  })).specifications;
  assert.equal(isWithoutRemedy(stopped), true);
});

Deno.test("Remedies are compared by their kind wherever they stand", () => {
  const of = (...penalties: JsonObject[]) => space([{}], () => ({ penalties })).specifications[0];
  assert.equal(compareRemedies(of(l1(1), decay(2)), of(decay(2))), "stronger");
  assert.equal(compareRemedies(of(decay(2)), of(l1(1), decay(2))), "weaker");
  assert.equal(compareRemedies(of(l1(1)), of(decay(2))), "other");
  assert.equal(compareRemedies(of(l1(0)), of()), "same");
  assert.equal(sameButRemedies(of(l1(1)), of()), true);
});

Deno.test("The point without remedy is found by specifications, and is none where a learning rate makes several", () => {
  const rates = [0.003, 0.01].flatMap((rate) => [0, 1].map((alpha) => ({ rate, alpha })));
  const specify = ({ rate, alpha }: JsonObject) => ({
    optimizer: { kind: "adam", learningRate: rate ?? 0.01 },
    penalties: [decay(alpha ?? 0)],
  });
  assert.equal(pointWithoutRemedy(space(rates, specify)), null);
  assert.deepEqual(pointWithoutRemedy(space(rates.slice(1), specify)), { rate: 0.01, alpha: 0 });
});

Deno.test("The rules of the kept studies are what they were: no axis of theirs lost or turned", () => {
  const project = projectFolder(fileURLToPath(new URL(".", import.meta.url)));
  for (
    const [name, axes] of [
      // Of arms no point is selected by what is simpler.
      ["findings/closing-the-gap", []],
      ["findings/other-pages", []],
      ["findings/under-fitting", ["lambda", "alpha"]],
      ["findings/rules-of-thumb", ["lambda", "alpha"]],
      ["findings/coupled-or-decoupled", []],
      ["findings/l1-zeros", ["lambda"]],
      ["findings/article-one-code", ["lambda"]],
      ["published/pytorch-curve", ["lambda"]],
    ] as const
  ) {
    const study = readStudyRecord(join(project, "results", name, "study.json"))!;
    assert.deepEqual(ruleOfStudy(study), study.select, name);
    assert.deepEqual(study.select.axes, axes, name);
  }
});

Deno.test("two own optimizers of other modules or options differ in more than remedies", () => {
  const optimizer = { kind: "ownOptimizer", module: "parts/a.ts", options: { momentum: 0.9 } };
  const plain = withoutRemedies({ ...base, optimizer });
  for (const change of [{ module: "parts/b.ts" }, { options: { momentum: 0.5 } }]) {
    assert.notEqual(withoutRemedies({ ...base, optimizer: { ...optimizer, ...change } }), plain);
  }
  assert.equal(withoutRemedies({ ...base, optimizer, penalties: [l1(1)] }), plain);
});
