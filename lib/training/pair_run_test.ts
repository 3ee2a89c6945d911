import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { groupedFolds, makePairFolds } from "../data/pair_folds.ts";
import { loadTokenPairs, pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { useEngine } from "../engine/engine.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { adam } from "../optimizers/adam.ts";
import { sgd } from "../optimizers/sgd.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { executeRun } from "./run.ts";
import type { RunHooks, RunRequest } from "./run_request.ts";
import { type PairSpecificationOptions, validateSpecification } from "./specification.ts";
import { readTrainedModel } from "./trained_model.ts";
import { numbersOf, requestOf } from "./testing/execute.ts";
import { withFile } from "./testing/read_back.ts";
import { reversals } from "./testing/reversals.ts";

const corpus = inlinePairs(reversals(300));
const tokenizer = pairTokenizer({ source: characters(), target: characters() });
const { folds: [fold] } = makePairFolds(
  groupedFolds({ count: 5 }),
  await loadTokenPairs(corpus, tokenizer),
);

function request(
  change: Partial<PairSpecificationOptions> = {},
  training: Partial<PairSpecificationOptions["training"]> = {},
  rest: Partial<RunRequest> = {},
): RunRequest {
  const specification: PairSpecificationOptions = {
    corpus,
    tokenizer,
    model: lstmSequenceToSequence({ embeddingSize: 6, hiddenSize: 12 }),
    optimizer: adam({ learningRate: 1e-2 }),
    training: { steps: 12, batchSize: 8, evaluateEvery: 4, decodedPairs: 10, ...training },
    ...change,
  };
  return requestOf(specification, fold, rest);
}

Deno.test("executeRun learns to write words backwards, words that it never read too", async () => {
  const record = await executeRun(
    request(
      { model: lstmSequenceToSequence({ embeddingSize: 16, hiddenSize: 64 }) },
      { steps: 700, batchSize: 32, evaluateEvery: 350, decodedPairs: null },
    ),
  );
  assert.equal(record.status, "completed");
  // Five letters, the unknown token and three marks.
  assert.equal(record.tokens.vocabulary, 9);
  assert.ok(Math.abs(record.curve[0].heldOutLoss - Math.log(9)) < 0.1);
  const { heldOut, training, written, tokenAccuracy } = record.pairs!;
  assert.deepEqual([training, heldOut], [216, 54]);
  assert.equal(written!.pairs, 54);
  assert.ok(written!.exactMatch > 0.8, `${written!.exactMatch} of held-out words are right`);
  assert.ok(written!.editDistance < 0.1 && written!.chrf > 80, JSON.stringify(written));
  assert.ok(tokenAccuracy > 0.9, `${tokenAccuracy}`);
  assert.equal(record.samples.length, 3);
  for (const { prompt, reference } of record.samples) {
    assert.equal(reference, [...prompt].reverse().join(""));
  }
});

Deno.test("executeRun on pairs gives the same record to the bit for the same request, another for another seed", async () => {
  const first = await executeRun(request());
  assert.equal(numbersOf(await executeRun(request())), numbersOf(first));
  const other = await executeRun(request({}, {}, { seed: 2 }));
  assert.notEqual(other.final!.trainingLoss, first.final!.trainingLoss);
  assert.deepEqual(first.curve.map(({ step }) => step), [0, 4, 8, 12]);
});

Deno.test("executeRun on pairs draws weights and batches from seed and fold, never from the point", async () => {
  const plain = await executeRun(request());
  const penalties = [proximalL1({ strength: 1e-2 }), decoupledWeightDecay({ strength: 0.1 })];
  const penalized = await executeRun(request({ penalties }));
  assert.deepEqual(
    [penalized.curve[0].trainingLoss, penalized.curve[0].heldOutLoss],
    [plain.curve[0].trainingLoss, plain.curve[0].heldOutLoss],
  );
  assert.ok(penalized.final!.exactZeros > plain.final!.exactZeros);
  const of = (name: string) => penalized.parameters.find((each) => each.name === name)!.penalties;
  assert.deepEqual(of("encoder0/recurrentKernel"), ["proximalL1", "decoupledWeightDecay"]);
  assert.deepEqual(of("sourceEmbedding/table"), []);
});

Deno.test("executeRun on pairs leaves no tensor behind, and gives no scores of a run that diverged", async () => {
  await useEngine("wasm");
  await executeRun(request());
  const before = tf.memory().numTensors;
  const record = await executeRun(request({ optimizer: sgd({ learningRate: 1e30 }) }));
  assert.equal(record.status, "diverged");
  assert.equal(record.pairs, undefined);
  assert.deepEqual(record.samples, []);
  await executeRun(request({}, { decodedPairs: 0, samples: { count: 0 } }));
  assert.equal(tf.memory().numTensors, before);
});

const ways: readonly Partial<PairSpecificationOptions["training"]>[] = [
  {},
  // Five batches an epoch.
  { sampling: "epochs", batchSize: 50 },
];
for (const training of ways) {
  const name = training.sampling ?? "draws";
  Deno.test(`executeRun on pairs goes on from a checkpoint to the same bits: ${name}`, () =>
    withFile(async (path) => {
      const undisturbed = await executeRun(request({}, training));
      const resumable = request({}, training, { checkpoint: { path, seconds: null, steps: 1 } });
      const hooks: RunHooks = {
        onProgress(step) {
          if (step === 7) throw new Error("killed");
        },
      };
      await assert.rejects(executeRun(resumable, hooks), /killed/);
      const seen: number[] = [];
      const resumed = await executeRun(resumable, { onProgress: (step) => void seen.push(step) });
      assert.equal(seen[0], 7);
      assert.equal(numbersOf(resumed), numbersOf(undisturbed));
    }));
}

Deno.test("an epoch of pairs costs the tokens of all their targets once, padding left out", async () => {
  const epoch = { sampling: "epochs", batchSize: 50, steps: 5, evaluateEvery: 5 } as const;
  const { cost, tokens } = await executeRun(request({}, epoch));
  assert.equal(cost!.tokens, tokens.training);
  assert.equal(cost!.flops, null);
  const twice = await executeRun(request({}, { ...epoch, steps: 10 }));
  assert.equal(twice.cost!.tokens, 2 * tokens.training);
});

Deno.test("executeRun on pairs trains with padding that counts, and its losses are of all positions", async () => {
  const masked = await executeRun(request());
  const counted = await executeRun(request({}, { padding: "counted" }));
  assert.equal(counted.status, "completed", counted.error ?? "");
  // Predicting padding behind the end is easy to learn.
  assert.ok(counted.final!.heldOutLoss < masked.final!.heldOutLoss - 0.1);
  assert.ok(counted.pairs!.tokenAccuracy > 0 && counted.pairs!.tokenAccuracy <= 1);
  assert.deepEqual(counted.tokens, { ...masked.tokens, textLost: "padding that counts" });
  const { training } = validateSpecification(request().specification);
  assert.ok(!Object.hasOwn(training, "padding"), "what is new is absent by default");
  assert.throws(
    () => validateSpecification(request({}, { padding: "ignored" as "counted" }).specification),
    /training.padding must be "counted", found "ignored"/,
  );
});

Deno.test("readTrainedModel gives a model of pairs back, which writes what the run wrote", () =>
  withFile(async (weightsPath) => {
    const sampled = { temperature: 0, count: 4 };
    const record = await executeRun(request({}, { samples: sampled }, { weightsPath }));
    const model = await readTrainedModel(await Deno.readFile(weightsPath));
    for (const { prompt, text } of record.samples) {
      assert.equal(model.generate({ prompt, length: 5, temperature: 0, seed: 1 }), text);
    }
    assert.equal(model.sourceVocabulary!.size, 8);
    const pairs = await loadTokenPairs(corpus, tokenizer);
    const heldOut = pairs.slice(fold.heldOut[0].start, fold.heldOut[0].end);
    let sum = 0;
    let tokens = 0;
    const [{ source, target }] = heldOut;
    const [written, read] = [target.join(""), source.join("")];
    const bits = model.crossEntropy(written, read) / Math.LN2 * (target.length + 1) / target.length;
    assert.ok(Math.abs(model.bitsPerCharacter(written, read) - bits) <= 1e-9 * bits);
    for (const { source, target } of heldOut) {
      sum += model.crossEntropy(target.join(""), source.join("")) * (target.length + 1);
      tokens += target.length + 1;
    }
    assert.ok(Math.abs(sum / tokens - record.final!.heldOutLoss) < 1e-5);
    assert.throws(
      () => model.crossEntropy("ab"),
      /crossEntropy: source must be a text, found nothing/,
    );
    model.dispose();
  }));

Deno.test("validateSpecification keeps texts and pairs apart and refuses what does not fit", () => {
  const { specification } = request();
  const valid = validateSpecification(specification);
  assert.deepEqual(validateSpecification(JSON.parse(JSON.stringify(valid))), valid);
  assert.ok(!("windowLength" in valid.training));
  const training = specification.training as JsonObject;
  const cases: [JsonObject, RegExp][] = [
    [{ training: { ...training, windowLength: 8 } }, /unknown option "windowLength"/],
    [{ training: { ...training, decodedPairs: -1 } }, /decodedPairs must be .* from 0/],
    [{ training: { ...training, samples: { length: 9 } } }, /unknown option "length"/],
    [
      { tokenizer: { kind: "characters" } },
      /pairTokenizer: kind must be "pairs", found "characters".* takes pairTokenizer\(\{ source, .* or completionTokenizer/,
    ],
    [{ model: { kind: "gruLanguageModel" } }, /for pairs, must be "lstmSequenceToSequence"/],
  ];
  for (const [change, expected] of cases) {
    assert.throws(() => validateSpecification({ ...specification, ...change }), expected);
  }
});
