import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { constantSchedule, stepSchedule } from "../core/schedule.ts";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds, makeFolds } from "../data/folds.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { linearRegression } from "../models/linear_regression.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { ownModel } from "../models/own_model.ts";
import { adam } from "../optimizers/adam.ts";
import { activationRegularization } from "../penalties/activation_regularization.ts";
import { confidencePenalty } from "../penalties/confidence_penalty.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { l1 } from "../penalties/l1.ts";
import { labelSmoothing } from "../penalties/label_smoothing.ts";
import { logitsL1 } from "../penalties/logits_l1.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { rDrop } from "../penalties/r_drop.ts";
import { temporalActivationRegularization } from "../penalties/temporal_activation_regularization.ts";
import { tokensAhead } from "../penalties/tokens_ahead.ts";
import { fitLinearRegression } from "./linear_regression.ts";
import { executeRun } from "./run.ts";
import { validateSpecification } from "./specification.ts";

const text = "the sea was calm and the whale slept below; the mast leaned. ".repeat(16);
const windowLength = 8;
const { folds } = makeFolds(blockedFolds({ count: 3 }), text.length, windowLength);

function specification(penalties: readonly PenaltySpecification[]) {
  return validateSpecification({
    corpus: inlineText(text),
    tokenizer: characters(),
    model: lstmLanguageModel({ embeddingSize: 5, hiddenSize: 9, outputDropout: 0.2 }),
    penalties,
    optimizer: adam({ learningRate: 1e-2 }),
    training: { steps: 40, batchSize: 4, windowLength, evaluateEvery: 20, samples: { count: 0 } },
  });
}

const run = async (...penalties: PenaltySpecification[]) =>
  await executeRun({
    id: "test",
    specification: specification(penalties) as unknown as JsonObject,
    point: {},
    fold: folds[0],
    seed: 1,
    engine: "wasm",
    weightsPath: null,
  });

const curveOf = async (...penalties: PenaltySpecification[]) =>
  JSON.stringify((await run(...penalties)).curve);

Deno.test("activation penalties at strength 0, or with a schedule that ends them, leave the bits of no penalty", async () => {
  const none = await curveOf();
  const zero = [
    logitsL1({ strength: 0 }),
    activationRegularization({ strength: 0 }),
    temporalActivationRegularization({ strength: 0 }),
    labelSmoothing({ strength: 0 }),
    confidencePenalty({ strength: 0 }),
    rDrop({ strength: 0 }),
    tokensAhead({ strength: 0 }),
  ];
  assert.equal(await curveOf(...zero), none);
  const schedule = stepSchedule({ every: 1, factor: 0 });
  const first = await run(logitsL1({ strength: 1, schedule }));
  assert.ok(first.curve[0].penalty > 0, "before the first step it is what that step will use");
  assert.deepEqual(first.curve.slice(1).map(({ penalty }) => penalty), [0, 0]);
  assert.notEqual(JSON.stringify(first.curve), none);
  assert.equal(
    await curveOf(labelSmoothing({ strength: 0.1, schedule: constantSchedule() })),
    await curveOf(labelSmoothing({ strength: 0.1 })),
  );
});

Deno.test("each activation penalty changes training and makes what it penalizes smaller at the end", async () => {
  const penalties: ((strength: number) => PenaltySpecification)[] = [
    (strength) => logitsL1({ strength }),
    (strength) => logitsL1({ strength: 100 * strength, reduction: "mean" }),
    (strength) => activationRegularization({ strength: 100 * strength }),
    (strength) => temporalActivationRegularization({ strength: 100 * strength }),
    (strength) => confidencePenalty({ strength: 100 * strength }),
  ];
  for (const penalty of penalties) {
    // Next to nothing: measures the quantity of the unpenalized run.
    const [weak, strong] = [1e-6, 1e-2];
    const unpenalized = (await run(penalty(weak))).final!.penalty / weak;
    const penalized = (await run(penalty(strong))).final!;
    // Of the confidence penalty, which is below 0, a lower value is further from it.
    const wanted = unpenalized - 0.1 * Math.abs(unpenalized);
    assert.ok(
      penalized.penalty / strong < wanted,
      `${penalty(1).kind}: ${penalized.penalty / strong}, ${unpenalized} without`,
    );
  }
});

Deno.test("the evaluation loss under label smoothing is the plain cross-entropy, and the curve shows what is added", async () => {
  const { curve: [plain] } = await run();
  const { curve: [smoothed] } = await run(labelSmoothing({ strength: 0.1 }));
  assert.equal(smoothed.trainingLoss, plain.trainingLoss);
  assert.equal(smoothed.heldOutLoss, plain.heldOutLoss);
  assert.notEqual(smoothed.penalty, 0);
});

Deno.test("activation penalties combine with penalties on weights; their terms add up in the curve", async () => {
  const both = [l1({ strength: 1e-3 }), activationRegularization({ strength: 2 })];
  const decay = decoupledWeightDecay({ strength: 0.1 });
  const [first, second] = [await run(both[0]), await run(both[1])];
  const { curve } = await run(...both, decay, labelSmoothing({ strength: 0 }));
  const expected = first.curve[0].penalty + second.curve[0].penalty;
  assert.ok(Math.abs(curve[0].penalty - expected) <= 1e-6 * expected);
});

Deno.test("the sum over logits in a curve is that of a training batch, whatever the evaluation's batches", async () => {
  const strength = 0.01;
  const [sum, mean] = [
    (await run(logitsL1({ strength }))).curve[0].penalty,
    (await run(logitsL1({ strength, reduction: "mean" }))).curve[0].penalty,
  ];
  const { tokens: { vocabulary } } = await run();
  const factor = 4 * windowLength * vocabulary;
  // The mean's term is small beside the loss, from which it is told in single precision.
  assert.ok(Math.abs(sum / (factor * mean) - 1) < 0.05, `${sum}, ${factor * mean}`);
});

Deno.test("validateSpecification refuses activation penalties that contradict each other or the model", () => {
  assert.throws(
    () => specification([logitsL1({ strength: 1 }), logitsL1({ strength: 1, reduction: "mean" })]),
    /Cannot combine logitsL1 and logitsL1/,
  );
  const own = { ...specification([activationRegularization({ strength: 1 })]) };
  assert.throws(
    () => validateSpecification({ ...own, model: ownModel({ module: "parts/model.ts" }) }),
    /Cannot combine ownModel and activationRegularization: .* gives logits/,
  );
  assert.throws(
    () =>
      fitLinearRegression({
        features: Float32Array.of(1),
        labels: Float32Array.of(1),
        model: linearRegression({ inputs: 1 }),
        optimizer: adam({ learningRate: 1 }),
        penalties: [labelSmoothing({ strength: 0.1 })],
        steps: 1,
      }),
    /Cannot fit the linear regression with labelSmoothing/,
  );
  assert.throws(
    () => logitsL1({ strength: 1, reduction: "max" as "sum" }),
    /reduction .*"sum", "mean"/,
  );
});
