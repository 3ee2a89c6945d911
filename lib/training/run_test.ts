import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { bitsPerToken } from "../core/perplexity.ts";
import { stepSchedule } from "../core/schedule.ts";
import { blockedFolds, makeFolds } from "../data/folds.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { readSafetensors } from "../models/safetensors.ts";
import { adam } from "../optimizers/adam.ts";
import { asgd } from "../optimizers/asgd.ts";
import { sgd } from "../optimizers/sgd.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { l1 } from "../penalties/l1.ts";
import { l2 } from "../penalties/l2.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import type { RunRecord } from "../records/run_record.ts";
import { executeRun } from "./run.ts";
import { RunCancelled, type RunHooks, type RunRequest } from "./run_request.ts";
import type { TextSpecificationOptions } from "./specification.ts";
import { readTrainedModel } from "./trained_model.ts";
import { numbersOf, requestOf } from "./testing/execute.ts";

const verse = "the sea was calm and the whale slept below; the mast leaned, the men sang low. ";
const text = verse.repeat(12);
const windowLength = 8;
const { folds } = makeFolds(blockedFolds({ count: 3 }), text.length, windowLength);

function request(
  change: Partial<TextSpecificationOptions> = {},
  training: Partial<TextSpecificationOptions["training"]> = {},
  rest: Partial<RunRequest> = {},
): RunRequest {
  const specification: TextSpecificationOptions = {
    corpus: inlineText(text),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 5, hiddenSize: 9 }),
    optimizer: adam({ learningRate: 1e-2 }),
    training: {
      steps: 20,
      batchSize: 4,
      windowLength,
      evaluateEvery: 5,
      samples: { length: 12, promptLength: 4 },
      ...training,
    },
    ...change,
  };
  return requestOf(specification, folds[0], rest);
}

Deno.test("executeRun with trainingTokens is the run on a fold that has no more, and the held-out text stays", async () => {
  const limited = await executeRun(request({}, { trainingTokens: 150 }));
  const [first] = folds[0].training;
  const span = { start: first.start, end: first.start + 150 };
  const alone = await executeRun(request({}, {}, { fold: { ...folds[0], training: [span] } }));
  assert.equal(numbersOf(limited), numbersOf(alone));
  assert.equal(limited.tokens.training, 150);
  assert.equal(limited.tokens.heldOut, (await executeRun(request())).tokens.heldOut);
  await assert.rejects(
    executeRun(request({}, { trainingTokens: 1e6 })),
    /trainingTokens must be at most \d+, the training tokens of fold 0, found 1000000/,
  );
});

Deno.test("executeRun gives the same record to the bit for the same request, another for another seed", async () => {
  const first = await executeRun(request());
  const second = await executeRun(request());
  assert.equal(numbersOf(first), numbersOf(second));
  const other = await executeRun(request({}, {}, { seed: 2 }));
  assert.notEqual(other.final?.trainingLoss, first.final?.trainingLoss);
});

Deno.test("executeRun evaluates before the first step, every evaluateEvery and after the last step", async () => {
  const { curve, status } = await executeRun(request({}, { steps: 12 }));
  assert.equal(status, "completed");
  assert.deepEqual(curve.map(({ step }) => step), [0, 5, 10, 12]);
  for (const point of curve) {
    assert.equal(point.generalizationGap, point.heldOutLoss - point.trainingLoss);
  }
});

Deno.test("executeRun begins near ln V and learns the text", async () => {
  const { curve, tokens } = await executeRun(request({}, { steps: 300, evaluateEvery: 100 }));
  assert.ok(Math.abs(curve[0].trainingLoss - Math.log(tokens.vocabulary)) < 0.1);
  assert.ok(
    curve.at(-1)!.trainingLoss < tokens.unigramEntropy - 1,
    `training loss ${curve.at(-1)!.trainingLoss}, unigram entropy ${tokens.unigramEntropy}`,
  );
});

Deno.test("executeRun follows schedules, and records the rate, strength and share of decay of each step", async () => {
  const schedule = stepSchedule({ every: 10, factor: 0.5 });
  const recorded = async (change: Partial<TextSpecificationOptions>) => {
    const { curve } = await executeRun(request(change));
    return curve.map(({ step, learningRate, learningRateTimesDecay }) => [
      step,
      learningRate,
      learningRateTimesDecay,
    ]);
  };
  const optimizer = adam({ learningRate: 0.01, schedule });
  const penalties = [decoupledWeightDecay({ strength: 0.5 })];
  assert.deepEqual(await recorded({ optimizer, penalties }), [
    [0, 0.01, 0.005],
    [5, 0.01, 0.005],
    [10, 0.01, 0.005],
    [15, 0.005, 0.0025],
    [20, 0.005, 0.0025],
  ]);
  const shares = async (penalty: ReturnType<typeof decoupledWeightDecay>) =>
    (await recorded({ optimizer, penalties: [penalty] })).map(([, , share]) => share);
  assert.deepEqual(await shares(decoupledWeightDecay({ strength: 0.5, scaledBy: "schedule" })), [
    0.5,
    0.5,
    0.5,
    0.25,
    0.25,
  ]);
  const { curve } = await executeRun(
    request({
      optimizer: sgd({ learningRate: 1e-30 }),
      penalties: [l2({ strength: 1, schedule })],
    }),
  );
  assert.ok(curve[0].penalty > 0);
  const shareOfFirst = curve.map(({ penalty }) => penalty / curve[0].penalty);
  assert.deepEqual(shareOfFirst, [1, 1, 1, 0.5, 0.5]);
});

Deno.test("executeRun measures and keeps the mean of asgd, and goes on from the last weights", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-asgd-" });
  try {
    const train = async (optimizer: TextSpecificationOptions["optimizer"], steps: number) => {
      const weightsPath = `${folder}/model.safetensors`;
      const change = { optimizer, model: gruLanguageModel({ embeddingSize: 5, hiddenSize: 9 }) };
      const record = await executeRun(
        request(change, { steps, evaluateEvery: 1 }, { weightsPath }),
      );
      const { tensors } = readSafetensors(await Deno.readFile(weightsPath));
      return { record, weights: [...tensors.get("output/kernel")!.values] };
    };
    const averaged = await train(asgd({ learningRate: 0.5, averageFromStep: 4 }), 5);
    const plain = [
      await train(sgd({ learningRate: 0.5 }), 4),
      await train(sgd({ learningRate: 0.5 }), 5),
    ];
    const [fourth, fifth] = plain.map(({ weights }) => weights);
    averaged.weights.forEach((weight, i) =>
      assert.ok(Math.abs(weight - (fourth[i] + fifth[i]) / 2) < 1e-6)
    );
    assert.notDeepEqual(averaged.weights, fifth);
    const lossesOf = ({ record }: { record: RunRecord }) =>
      record.curve.map(({ heldOutLoss }) => heldOutLoss);
    assert.deepEqual(lossesOf(averaged).slice(0, 5), lossesOf(plain[1]).slice(0, 5));
    assert.notEqual(lossesOf(averaged)[5], lossesOf(plain[1])[5]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("executeRun leaves no tensor behind, whether it ends well or throws", async () => {
  await executeRun(request());
  const before = tf.memory().numTensors;
  await executeRun(request());
  await assert.rejects(
    executeRun(request(), {
      onProgress() {
        throw new Error("stop");
      },
    }),
    /stop/,
  );
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("executeRun draws initial weights and batches from seed and fold, never from the point", async () => {
  const plain = await executeRun(request());
  const penalized = await executeRun(request({ penalties: [proximalL1({ strength: 1e-3 })] }));
  assert.equal(penalized.curve[0].trainingLoss, plain.curve[0].trainingLoss);
  assert.equal(penalized.curve[0].heldOutLoss, plain.curve[0].heldOutLoss);
  assert.notEqual(penalized.curve[1].trainingLoss, plain.curve[1].trainingLoss);
});

Deno.test("executeRun with strengths of 0 gives the bits of no penalty", async () => {
  const plain = await executeRun(request());
  const zero = await executeRun(request({
    penalties: [proximalL1({ strength: 0 }), decoupledWeightDecay({ strength: 0 })],
  }));
  assert.deepEqual(zero.curve, plain.curve);
});

Deno.test("executeRun counts exact zeros: many by proximalL1, none by the l1 sub-gradient", async () => {
  const training = { steps: 150, evaluateEvery: 150 };
  const proximal = await executeRun(
    request({ penalties: [proximalL1({ strength: 3e-3 })] }, training),
  );
  const subgradient = await executeRun(request({ penalties: [l1({ strength: 3e-3 })] }, training));
  assert.ok(proximal.final!.exactZeros > 0.3 * proximal.final!.countedWeights);
  assert.equal(subgradient.final!.exactZeros, 0);
  assert.ok(subgradient.final!.nearZeros > 0);
  assert.ok(subgradient.final!.penalty > 0);
});

Deno.test("executeRun records a run whose loss becomes NaN or infinite as diverged, with its finite curve", async () => {
  const record = await executeRun(
    request({ optimizer: sgd({ learningRate: 1e30 }) }, { steps: 10 }),
  );
  assert.equal(record.status, "diverged");
  assert.match(record.error!, /NaN or infinite/);
  assert.ok(record.curve.length >= 1);
  assert.ok(record.curve.every(({ heldOutLoss }) => Number.isFinite(heldOutLoss)));
  assert.deepEqual(record.samples, []);
});

Deno.test("executeRun stops early after its patience and keeps the best weights", async () => {
  const weightsPath = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    const run = request(
      { optimizer: adam({ learningRate: 5e-2 }) },
      { steps: 2000, evaluateEvery: 20, earlyStopping: { patience: 2 } },
      { weightsPath },
    );
    const record = await executeRun(run);
    assert.equal(record.stoppedAtStep, record.final!.step);
    assert.ok(record.stoppedAtStep! < 2000);
    assert.equal(record.best!.heldOutLoss, Math.min(...record.curve.map((p) => p.heldOutLoss)));
    assert.equal(record.best, record.curve.at(-3));
    const model = await readTrainedModel(await Deno.readFile(weightsPath));
    const heldOut = text.slice(folds[0].heldOut[0].start, folds[0].heldOut[0].end);
    assert.ok(Math.abs(model.crossEntropy(heldOut) - record.best!.heldOutLoss) < 1e-6);
    assert.equal(model.bitsPerCharacter(heldOut), bitsPerToken(model.crossEntropy(heldOut)));
    model.dispose();
  } finally {
    await Deno.remove(weightsPath);
  }
});

Deno.test("readTrainedModel gives back the weights that executeRun kept, and generates from a seed", async () => {
  const weightsPath = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await executeRun(request({}, {}, { weightsPath }));
    const bytes = await Deno.readFile(weightsPath);
    const model = await readTrainedModel(bytes);
    for (const [name, { values }] of readSafetensors(bytes).tensors) {
      assert.deepEqual(model.weights().get(name)?.values, values, name);
    }
    const options = { prompt: "the ", length: 20, temperature: 0.7 };
    const generated = model.generate({ ...options, seed: 1 });
    assert.equal(generated.length, 20);
    assert.equal(model.generate({ ...options, seed: 1 }), generated);
    assert.throws(() => model.generate(options as never), /generate: seed must be .* nothing/);
    assert.notEqual(model.generate({ ...options, seed: 2 }), generated);
    model.dispose();
  } finally {
    await Deno.remove(weightsPath);
  }
});

Deno.test("executeRun ends with RunCancelled soon after it is cancelled", async () => {
  const hooks: RunHooks = { isCancelled: () => true };
  await assert.rejects(executeRun(request({}, { steps: 100_000 }), hooks), RunCancelled);
});

Deno.test("executeRun refuses a specification with unknown options before it trains", async () => {
  const bad = { ...request().specification, regularizer: "l1" } as unknown as JsonObject;
  await assert.rejects(executeRun({ ...request(), specification: bad }), /"regularizer"/);
});
