/**
 * What has reference values, and where. The values are compared by the tests beside each file: within
 * 1e-5 of the largest reference value, or as the test says and explains.
 */
import assert from "node:assert/strict";
import units from "../optimizers/_reference/unit_groups.json" with { type: "json" };
import { transformerLanguageModelKind } from "../models/transformer_language_model.ts";
import { optimizerKinds } from "../optimizers/kinds.ts";
import { isActivationPenalty } from "../penalties/activations.ts";
import { penaltyKinds } from "../penalties/kinds.ts";
import activations from "./_reference/activation_penalties.json" with { type: "json" };
import dropouts from "./_reference/dropouts.json" with { type: "json" };
import losses from "./_reference/losses.json" with { type: "json" };
import regression from "./_reference/linear_regression.json" with { type: "json" };

interface Versions {
  readonly versions: Readonly<Record<string, string>>;
}

/** A reference of another room, as data. */
function read<Content>(path: string): Content {
  return JSON.parse(Deno.readTextFileSync(new URL(`../${path}.json`, import.meta.url)));
}

interface Run {
  readonly problem: string;
  readonly optimizer: { readonly kind: string };
  readonly penalties: readonly ({ readonly kind: string } & Readonly<Record<string, unknown>>)[];
  readonly clipping: object | null;
  readonly weights: readonly unknown[];
}
type Tensors = Readonly<Record<string, unknown>>;
interface Gradients {
  readonly gradients: Tensors;
}

const trajectories = read<Versions & { steps: number[]; runs: Run[] }>(
  "optimizers/_reference/trajectories",
);
const remedies = read<Versions & { steps: number[]; runs: Run[] }>(
  "optimizers/_reference/remedies",
);
const towardsStart = read<Versions & { steps: number[]; runs: Run[] }>(
  "optimizers/_reference/towards_start",
);
/** Of PyTorch's trajectories, and of those that PyTorch's steps and formulas beside them make. */
const runs = [...trajectories.runs, ...remedies.runs, ...towardsStart.runs];
const keras = read<Versions & { runs: Run[] }>("optimizers/_reference/keras_rmsprop");
const solutions = read<Versions & { leastSquares: { fits: unknown[] } }>(
  "optimizers/_reference/penalties",
);
const layers = read<Versions & { cases: (Gradients & { operation: string; tensors: Tensors })[] }>(
  "ops/_reference/layers",
);
const gru = read<Versions & { cases: (Gradients & { resetAfter: boolean })[] }>(
  "ops/_reference/gru",
);
const languageModels = read<Versions & { cases: unknown }>("models/_reference/language_models");
const pairs = read<
  Record<"none" | "dot", Gradients & { weights: Tensors }> & { torch: string }
>("models/_reference/sequence_to_sequence");

const problems = ["quadratic", "badly scaled", "logistic"];

/** In remedies.json ln cosh, whose gradient saturates alike, stands for the logistic problem. */
function isProblem({ problem }: { readonly problem: string }, name: string): boolean {
  return problem === name || (problem === "log cosh" && name === "logistic");
}

/** Settings of an optimizer that change its formula. */
const optimizerForms: Readonly<Record<string, readonly (readonly string[])[]>> = {
  sgd: [[], ["momentum"], ["momentum", "nesterov"]],
  adam: [[], ["beta1", "beta2", "epsilon"]],
  adamW: [["decay"]],
  rmsprop: [[], ["centered", "epsilon", "momentum", "smoothing"]],
  asgd: [["averageFromStep"]],
  muon: [["decay"], ["cautious"], ["scale", "adamLearningRate", "nesterov"], ["muonLayers"]],
};

Deno.test("every optimizer in each of its forms has PyTorch's 20 steps on three problems, RMSprop Keras's too", () => {
  // The user's own is compared with adam, to the bit.
  const known = Object.keys(optimizerKinds).filter((kind) => kind !== "ownOptimizer");
  assert.deepEqual(Object.keys(optimizerForms).sort(), known.sort());
  assert.equal(trajectories.steps.at(-1), 20);
  assert.equal(remedies.steps.at(-1), 50);
  assert.equal(towardsStart.steps.at(-1), 20);
  for (const problem of problems) {
    for (const [kind, forms] of Object.entries(optimizerForms)) {
      for (const form of forms) {
        assert.ok(
          runs.some(({ optimizer, ...run }) =>
            isProblem(run, problem) && run.penalties.length === 0 && optimizer.kind === kind &&
            form.every((name) => name in optimizer)
          ),
          `${kind} with ${form} on the ${problem} problem`,
        );
      }
    }
    const own = keras.runs.filter((run) => run.problem === problem);
    assert.ok(own.length > 0 && own.every(({ weights }) => weights.length === 20), problem);
  }
  const clippings = trajectories.runs.map(({ clipping }) => Object.keys(clipping ?? {}).join());
  assert.deepEqual([...new Set(clippings)].sort(), ["", "norm", "value"]);
});

Deno.test("every penalty has PyTorch's steps on three problems, or its loss and gradients", () => {
  const options: Readonly<Record<string, readonly object[]>> = {
    proximalL1: [{}, { threshold: "scalar" }],
    decoupledWeightDecay: [{}, { scaledBy: "schedule" }, { cautious: true }],
    decoupledDecayTowardsStart: [{}, { scaledBy: "schedule" }, { cautious: true }],
    proximalL1TowardsStart: [{}, { threshold: "scalar" }],
    maxNorm: (["tensor", "row", "column", "unit"] as const).map((groups) => ({ groups })),
    groupLasso: [{ groups: "tensor" }, { groups: "row" }, { groups: "column" }],
    proximalGroupLasso: [{ groups: "tensor" }, { groups: "row" }, { groups: "column" }],
  };
  for (const kind of ["groupLasso", "proximalGroupLasso"]) {
    const ofUnits = units.runs.filter(({ penalty }) => penalty.kind === kind);
    assert.deepEqual(ofUnits.map(({ optimizer }) => optimizer.kind), ["sgd", "adam"]);
    assert.ok(ofUnits.every(({ penalty }) => penalty.groups === "unit"));
  }
  // The user's own has no reference but finite differences.
  for (const kind of penaltyKinds.filter((kind) => kind !== "ownPenalty")) {
    if (isActivationPenalty({ kind })) continue;
    for (const problem of problems) {
      for (const form of options[kind] ?? [{}]) {
        assert.ok(
          runs.some((run) =>
            isProblem(run, problem) &&
            run.penalties.some((penalty) =>
              penalty.kind === kind &&
              Object.entries(form).every(([name, value]) => penalty[name] === value)
            )
          ),
          `${kind} ${JSON.stringify(form)} on the ${problem} problem`,
        );
      }
    }
  }
  const terms = new Set(activations.cases.flatMap((one) => Object.keys(one.terms)));
  // Two of logitsL1, and one each of three others.
  assert.deepEqual([...terms].sort(), ["ar", "mean", "smoothing", "sum", "tar"]);
  const compared = new Set(
    losses.runs.flatMap(({ penalties }) => penalties.map(({ kind }) => kind)),
  );
  for (const kind of penaltyKinds.filter((kind) => isActivationPenalty({ kind }))) {
    assert.ok(compared.has(kind), kind);
  }
  assert.ok(losses.runs.some((run) => "sharpnessRadius" in run));
  assert.ok(losses.runs.every((run) => run.losses.length === 50));
});

Deno.test("every cell and layer has PyTorch's forward pass and all gradients, and every model its logits", () => {
  const operations = new Set(layers.cases.map(({ operation }) => operation));
  assert.deepEqual([...operations].sort(), [
    "causalAttention",
    "gelu",
    "groupedAttention",
    "layerNorm",
    "lstm",
    "rmsNorm",
    "rotary",
    "simpleRnn",
    "swiglu",
  ]);
  for (const one of layers.cases) {
    assert.deepEqual(Object.keys(one.gradients).sort(), Object.keys(one.tensors).sort());
  }
  assert.deepEqual(new Set(gru.cases.map(({ resetAfter }) => resetAfter)), new Set([true, false]));
  for (const one of gru.cases) assert.ok(Object.keys(one.gradients).length >= 5);
  const models = JSON.stringify(languageModels.cases);
  for (const kind of ["rnn", "gru", "lstm", "transformer"]) assert.ok(models.includes(kind), kind);
  for (const one of [pairs.none, pairs.dot]) {
    assert.deepEqual(Object.keys(one.gradients), Object.keys(one.weights));
  }
});

Deno.test("every dropout of a Transformer, and weight dropout in every model, has PyTorch's 50 steps with the same masks", () => {
  const { roles } = transformerLanguageModelKind;
  const rates = Object.keys(roles).filter((name) =>
    roles[name as keyof typeof roles] === "strength"
  );
  assert.deepEqual(rates.sort(), [
    "attentionDropout",
    "inputDropout",
    "residualDropout",
    "stochasticDepth",
  ]);
  assert.equal(dropouts.steps, 50);
  for (const rate of rates) assert.ok(dropouts.runs.some(({ model }) => rate in model), rate);
  const dropped = dropouts.runs.filter(({ training }) => "weightDropout" in training);
  const kinds = dropped.map(({ model }) => model.kind);
  assert.deepEqual(kinds.sort(), [
    "gruLanguageModel",
    "lstmLanguageModel",
    "rnnLanguageModel",
    "transformerLanguageModel",
  ]);
  assert.equal(dropouts.runs.filter(({ training }) => "dropoutSchedule" in training).length, 2);
  assert.equal(dropouts.runs.filter(({ training }) => "maskedInputs" in training).length, 2);
});

Deno.test("lasso, elastic net, ridge and multi-task lasso have scikit-learn's solutions at 16 strengths, group lasso our own FISTA's at 5", () => {
  assert.equal(solutions.leastSquares.fits.length, 7);
  const { columns, strengths, tasks, groupStrengths } = regression;
  const solved = (kernels: readonly (readonly number[])[], count: number, size: number) =>
    assert.deepEqual(kernels.map(({ length }) => length), new Array(count).fill(size));
  assert.equal(strengths.length, 16);
  for (const path of ["lasso", "elasticNet", "ridge"] as const) {
    solved(regression[path], 16, columns);
  }
  assert.equal(tasks.strengths.length, 16);
  solved(tasks.kernels, 16, columns * tasks.outputs);
  // Not scikit-learn's: accelerated proximal gradient in double precision, in linear_regression.py.
  assert.equal(groupStrengths.length, 5);
  solved(regression.groupLasso, 5, columns);
});

Deno.test("every reference says by which version it was made", () => {
  for (
    const { versions } of [
      gru,
      layers,
      trajectories,
      remedies,
      towardsStart,
      units,
      solutions,
      languageModels,
      dropouts,
    ]
  ) {
    assert.match(versions.torch, /^2\.\d+/);
  }
  assert.match(pairs.torch, /^2\.\d+/);
  assert.match(activations.torch, /^2\.\d+/);
  assert.match(losses.versions.torch, /^2\.\d+/);
  assert.match(keras.versions.keras, /^3\.\d+/);
  assert.match(regression.versions.scikitLearn, /^1\.\d+/);
});
