import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { muon } from "../optimizers/muon.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { costAt, tokensOfSteps, trainingCost } from "./cost.ts";
import { executeRun } from "./run.ts";
import { RunCancelled, type RunRequest } from "./run_request.ts";
import { validateSpecification } from "./specification.ts";

const text = "the sea was calm and the whale slept below; the mast leaned. ".repeat(5);
/** 14 windows of 8, and 6 with 3 left over. */
const fold: FoldRecord = {
  index: 0,
  training: [{ start: 0, end: 113 }, { start: 150, end: 202 }],
  heldOut: [{ start: 210, end: 290 }],
};

function specificationOf(training: object, change: object = {}) {
  return {
    corpus: inlineText(text),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 3, hiddenSize: 4 }),
    optimizer: adam({ learningRate: 1e-2 }),
    training: {
      steps: 13,
      batchSize: 6,
      windowLength: 8,
      evaluateEvery: 5,
      samples: { count: 0 },
      ...training,
    },
    ...change,
  };
}

function requestOf(specification: object, rest: Partial<RunRequest> = {}): RunRequest {
  return {
    id: "test",
    specification: specification as JsonObject,
    point: {},
    fold,
    seed: 1,
    engine: "wasm",
    weightsPath: null,
    ...rest,
  };
}

const run = (training: object, change: object = {}, rest: Partial<RunRequest> = {}) =>
  executeRun(requestOf(specificationOf(training, change), rest));

/** What specification and fold give; the same as the training counted. */
function derived(record: RunRecord, training: object, change: object = {}) {
  const specification = validateSpecification(specificationOf(training, change));
  return costAt(specification, fold, record, record.final!.step);
}

// (3 · 4 + 4 · 4) weights a gate and 4 · V of the output layer, each 2 operations; back twice as many.
const flopsAToken = (vocabulary: number) => 6 * (3 * 28 + 4 * vocabulary);

Deno.test("the cost of a run is what its training counted, and what specification and fold give", async () => {
  const ways: readonly (readonly [training: object, tokens: number])[] = [
    [{}, 13 * 6 * 8],
    // 20 windows: 3 batches of 6 and one of 2. Three epochs and a batch.
    [{ sampling: "epochs" }, (3 * 20 + 6) * 8],
    [{ sampling: "epochs", batchSize: 50 }, 13 * 20 * 8],
    // Of 60 tokens 7 windows: a batch of 6 and one of 1.
    [{ sampling: "epochs", trainingTokens: 60 }, (6 * 7 + 6) * 8],
    // Streams of 18 and of 8 targets, in windows of 8, 8, 2 and of 8.
    [{ carriedState: true }, 6 * (3 * 26 + 8)],
    [{ steps: 1 }, 6 * 8],
  ];
  for (const [training, tokens] of ways) {
    const record = await run(training);
    const { vocabulary } = record.tokens;
    // The embedding, a cell with two biases a gate, the output layer.
    const weights = 3 * vocabulary + 3 * (28 + 8) + 5 * vocabulary;
    assert.deepEqual(record.cost, {
      flops: flopsAToken(vocabulary) * tokens,
      tokens,
      weights,
      bytes: 4 * weights,
    }, JSON.stringify(training));
    assert.deepEqual(derived(record, training), record.cost);
  }
});

Deno.test("a run that stops early, pauses or diverges counts the steps up to its last evaluation", async () => {
  const early = { steps: 400, evaluateEvery: 1, earlyStopping: { patience: 1 } };
  const restless = { optimizer: adam({ learningRate: 1 }) };
  const stopped = await run(early, restless);
  assert.ok(stopped.stoppedAtStep! < 400);
  assert.equal(stopped.cost!.tokens, stopped.stoppedAtStep! * 48);
  const paused = await run({}, {}, { stopAt: 5 });
  assert.deepEqual([paused.status, paused.cost!.tokens], ["pruned", 5 * 48]);
  const diverged = await run({ evaluateEvery: 2 }, { optimizer: adam({ learningRate: 1e38 }) });
  assert.equal(diverged.status, "diverged");
  assert.equal(diverged.cost!.tokens, diverged.final!.step * 48);
  for (const [record, ...made] of [[stopped, early, restless], [paused, {}], [diverged, {}]]) {
    assert.deepEqual(
      derived(record as RunRecord, made[0] ?? {}, made[1]),
      (record as RunRecord).cost,
    );
  }
});

Deno.test("a run that goes on from a checkpoint has the cost of the whole training", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-cost-" });
  try {
    const training = { sampling: "epochs" };
    const checkpoint = { path: `${folder}/run.checkpoint`, seconds: null, steps: 1 };
    const request = requestOf(specificationOf(training), { checkpoint });
    let asked = 0;
    await assert.rejects(
      executeRun(request, {
        onProgress(step) {
          asked = step;
          if (step === 9) throw new RunCancelled("enough");
        },
      }),
      RunCancelled,
    );
    assert.equal(asked, 9);
    assert.deepEqual((await executeRun(request)).cost, (await run(training)).cost);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("FLOPs hold Muon's products: five times 4 s² l + 2 s³ for each matrix of each step", async () => {
  const change = { optimizer: muon({ learningRate: 1e-2, decay: 0 }) };
  const record = await run({}, change);
  const { flops, tokens } = record.cost!;
  // Three gates of [3, 4] and three of [4, 4]; the output layer is AdamW's.
  const wide = 5 * (4 * 9 * 4 + 2 * 27);
  const square = 5 * (4 * 16 * 4 + 2 * 64);
  assert.equal(flops, flopsAToken(record.tokens.vocabulary) * tokens + 13 * 3 * (wide + square));
  assert.deepEqual(derived(record, {}, change), record.cost);

  const model = transformerLanguageModel({ embeddingSize: 4, heads: 2, layers: 1, blockSize: 8 });
  const [withMuon, without] = [
    await run({}, { ...change, model }),
    await run({}, { model }),
  ].map(({ cost }) => cost!.flops!);
  // Queries, keys, values and the layer behind them are [4, 4], the others [4, 16] and [16, 4].
  const long = 5 * (4 * 16 * 16 + 2 * 64);
  assert.equal(withMuon - without, 13 * (4 * square + 2 * long));
});

Deno.test("there are no FLOPs where shapes do not tell them, and tokens of pairs only the training knows", () => {
  const specification = validateSpecification(specificationOf({}));
  const own = { ...specification, model: { ...specification.model, kind: "ownModel" } };
  const parameters = [{ name: "a", kind: "kernel", layer: "a", shape: [2, 3] }] as const;
  const done = { steps: 2, tokens: 10 };
  assert.deepEqual(trainingCost(own as typeof specification, parameters, done), {
    ...{ flops: null, tokens: 10, weights: 6, bytes: 24 },
  });
  const pairs = { ...specification, corpus: { ...specification.corpus, kind: "inlinePairs" } };
  assert.equal(tokensOfSteps(pairs as unknown as typeof specification, fold, 3), null);
});
