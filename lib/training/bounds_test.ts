import assert from "node:assert/strict";
import {
  adam,
  asgd,
  bayesianSearch,
  blockedFolds,
  bootstrapInterval,
  characters,
  cosineSchedule,
  fixedSplit,
  grid,
  groupedFolds,
  gruLanguageModel,
  inlinePairs,
  inlineText,
  linearRegression,
  logRange,
  logSpace,
  lstmLanguageModel,
  lstmSequenceToSequence,
  type OptimizerSpecification,
  ownOptimizer,
  pairTokenizer,
  randomSearch,
  successiveHalving,
  transformerLanguageModel,
  words,
} from "../mod.ts";
import { wholeNumber } from "../commands/command.ts";
import { checkFold } from "../data/check_fold.ts";
import { checkStudyOptions } from "../studies/options.ts";
import { checkRunnable } from "./check_runnable.ts";
import { validateSpecification } from "./specification.ts";

const corpus = inlineText("the whale swims in the sea; ".repeat(40));
const gru = gruLanguageModel({ embeddingSize: 8, hiddenSize: 16 });
const fold = { index: 0, training: [{ start: 0, end: 900 }], heldOut: [{ start: 920, end: 1000 }] };
const training = { steps: 10, batchSize: 4, windowLength: 16 };

/** As a study and a worker check what is to be trained. */
function check(
  changes: object,
  { model = gru as object, on = fold as unknown, optimizer = adam({ learningRate: 0.01 }) }: {
    readonly model?: object;
    readonly on?: unknown;
    readonly optimizer?: OptimizerSpecification;
  } = {},
) {
  const specification = validateSpecification({
    corpus,
    tokenizer: characters(),
    model,
    optimizer,
    training: { ...training, ...changes },
  });
  checkRunnable(specification, [on as typeof fold]);
}

function checkPairs(changes: object, model: object = {}) {
  const specification = validateSpecification({
    corpus: inlinePairs([["go now", "va vite"], ["stay", "reste"], ["sit", "assis"]]),
    tokenizer: pairTokenizer({ source: words(), target: words() }),
    model: lstmSequenceToSequence({ embeddingSize: 4, hiddenSize: 4, ...model }),
    optimizer: adam({ learningRate: 0.01 }),
    training: { steps: 10, batchSize: 4, ...changes },
  });
  checkRunnable(specification, [fold]);
}

const study = (changes: object) =>
  checkStudyOptions({
    name: "bounds",
    space: grid({ lambda: [0, 1] }),
    specify: () => ({}) as never,
    folds: blockedFolds({ count: 2 }),
    seeds: [1],
    ...changes,
  });

const many = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);
const spans = (count: number) =>
  many(count).map((index) => ({ start: 2 * index, end: 2 * index + 1 }));

/** What is absurd, what it does, and what is said: the number found and what would fit. */
const absurd: readonly (readonly [what: string, act: () => unknown, said: RegExp])[] = [
  [
    "F7: a batch of 1e9",
    () => check({ batchSize: 1e9 }),
    /a batch of 1000000000 windows of 16 tokens needs at least 1.57 TiB .* at most 4 GiB: batchSize must be at most \d+, found 1000000000, or training\.microBatchSize at most \d+\./,
  ],
  [
    "a batch of 1e8",
    () => check({ batchSize: 1e8 }),
    /a batch of 100000000 windows of 16 tokens needs at least 161 GiB .* at most 4 GiB: batchSize must be at most \d+, found 100000000/,
  ],
  [
    "F7: a window of 1e12",
    () => check({ windowLength: 1e12 }),
    /a batch of 4 windows of 1000000000000 tokens needs at least 393 TiB .* windowLength must be at most 9942\d{3}, found 1000000000000/,
  ],
  [
    "a window of 1e8",
    () => check({ windowLength: 1e8 }),
    /needs at least 40.2 GiB .*windowLength must be at most \d+, found 100000000\./,
  ],
  [
    "a window of 1e8, with carried state",
    () => check({ windowLength: 1e8, batchSize: 1, carriedState: true }),
    /a batch of 1 windows of 100000000 tokens needs at least 10.1 GiB .*windowLength must be at most 39768\d{3}, found/,
  ],
  [
    "held-out windows padded to more than there is",
    () =>
      check({ windowLength: 2e7, batchSize: 1, carriedState: false }, {
        on: {
          index: 0,
          training: [{ start: 64, end: 5e7 }],
          heldOut: spans(30).map(({ start }) => ({ start, end: start + 2 })),
        },
      }),
    /an evaluation of 30 windows of 20000000 tokens side by side needs 6.71 GiB; .* windowLength must be at most \d+, found 20000000/,
  ],
  [
    "F7: 100,000 spans",
    () => check({}, { on: { ...fold, training: spans(100_000) } }),
    /training must be 1 to 50000 spans, found 100000/,
  ],
  [
    "F7: held-out text that is trained on",
    () => check({}, { on: { ...fold, training: [{ start: 0, end: 930 }] } }),
    /fold 0 must have spans that do not overlap, found \[{"start":0,"end":930},{"start":920,"end":1000}\]/,
  ],
  [
    "choosing text that is trained on",
    () => checkFold("job.fold", { ...fold, choosing: [{ start: 3, end: 9 }] }),
    /job.fold must have spans that do not overlap/,
  ],
  [
    "a span of 1e16",
    () => checkFold("fold", { ...fold, training: [{ start: 0, end: 1e16 }] }),
    /end must be a whole number, found 10000000000000000/,
  ],
  [
    "hidden units 1e7",
    () => gruLanguageModel({ embeddingSize: 8, hiddenSize: 1e7 }),
    /hiddenSize must be .* to 65536, found 10000000/,
  ],
  [
    "65,536 hidden units",
    () => check({}, { model: gruLanguageModel({ embeddingSize: 8, hiddenSize: 65_536 }) }),
    /model: at most 536870912 weights fit into an engine's memory of 4 GiB .*, found 12\d{9}, which need 96 GiB/,
  ],
  [
    "12,000 hidden units and an own optimizer of ten slots",
    () => {
      const slots = Array.from({ length: 10 }, (_, i) => `s${i}`);
      const optimizer = ownOptimizer({ module: "parts/x.ts", learningRate: 0.01, slots });
      check({}, { model: gruLanguageModel({ embeddingSize: 8, hiddenSize: 12_000 }), optimizer });
    },
    /training: an engine's memory holds at most 4 GiB, and this training needs 19.* that ownOptimizer needs/,
  ],
  [
    "layers 1e6",
    () => lstmLanguageModel({ embeddingSize: 8, hiddenSize: 8, layers: 1e6 }),
    /layers must be .* to 1024, found 1000000/,
  ],
  [
    "blocks 1e6",
    () => transformerLanguageModel({ embeddingSize: 8, heads: 2, blockSize: 8, layers: 1e6 }),
    /layers must be .* to 1024, found 1000000/,
  ],
  [
    "inputs 1e9",
    () => linearRegression({ inputs: 1e9 }),
    /inputs must be .* to 65536, found 1000000000/,
  ],
  [
    "steps 1e15",
    () => check({ steps: 1e15 }),
    /steps must be .* to 1000000000, found 1000000000000000/,
  ],
  [
    "1e9 evaluations",
    () => check({ steps: 1e9, evaluateEvery: 1 }),
    /evaluateEvery must be at least 10000, so that a run of 1000000000 steps has at most 100000 evaluations, found 1/,
  ],
  [
    "evaluations each 1e12",
    () => check({ evaluateEvery: 1e12 }),
    /evaluateEvery must be .* to 1000000000, found/,
  ],
  [
    "evaluation of 1e15 tokens",
    () => check({ evaluationTokens: 1e15 }),
    /evaluationTokens must be .* to 536870888, found/,
  ],
  [
    "training on 1e15 tokens",
    () => check({ trainingTokens: 1e15 }),
    /trainingTokens must be .* to 536870888, found/,
  ],
  [
    "a patience of 1e15",
    () => check({ earlyStopping: { patience: 1e15 } }),
    /patience must be .* to 1000000000, found/,
  ],
  [
    "samples of 1e12",
    () => check({ samples: { length: 1e12 } }),
    /samples.length must be .* to 1000000, found 1000000000000/,
  ],
  [
    "1e12 samples",
    () => check({ samples: { count: 1e12 } }),
    /samples.count must be .* to 1000000, found 1000000000000/,
  ],
  [
    "1e5 samples of 1e5",
    () => check({ samples: { count: 1e5, length: 1e5 } }),
    /count × length must be at most 1000000 tokens, found 100000 × 100000: with length 100000 count must be at most 10/,
  ],
  [
    "a prompt of 1e15",
    () => check({ samples: { promptLength: 1e15 } }),
    /promptLength must be .* to 536870888, found/,
  ],
  ["top 1e15", () => check({ samples: { topK: 1e15 } }), /topK must be .* to 536870888, found/],
  [
    "a batch of 1e8 pairs",
    () => checkPairs({ batchSize: 1e8 }),
    /a batch of 100000000 pairs of 2 tokens needs at least .* batchSize must be at most \d+, found 100000000/,
  ],
  [
    "a target of 1e12",
    () => checkPairs({ maximumLength: 1e12 }),
    /maximumLength must be .* to 100000, found/,
  ],
  [
    "1e15 written pairs",
    () => checkPairs({ decodedPairs: 1e15 }),
    /decodedPairs must be .* to 536870888, found/,
  ],
  ["1e9 folds", () => blockedFolds({ count: 1e9 }), /count must be .* to 10000, found 1000000000/],
  [
    "1e9 folds of pairs",
    () => groupedFolds({ count: 1e9 }),
    /count must be .* to 10000, found 1000000000/,
  ],
  [
    "a gap of 1e15",
    () => blockedFolds({ count: 2, gap: 1e15 }),
    /gap must be .* to 536870888, found/,
  ],
  [
    "a split of 1e15",
    () => fixedSplit({ training: { start: 0, end: 1e15 }, heldOut: { start: 1e15, end: 2e15 } }),
    /training.end must be .* to 536870888, found/,
  ],
  [
    "a grid of 1e9",
    () => grid({ a: many(1000), b: many(1000), c: many(1000) }),
    /at most 1000000 points, found 1000 × 1000 × 1000 = 1000000000/,
  ],
  ["1e9 values", () => logSpace(1, 2, 1e9), /count must be .* to 1000000, found 1000000000/],
  [
    "1e9 random points",
    () => randomSearch({ dimensions: { lambda: logRange(1e-6, 1) }, count: 1e9, seed: 1 }),
    /count must be .* to 1000000, found 1000000000/,
  ],
  [
    "1e9 candidates",
    () =>
      bayesianSearch({
        dimensions: { lambda: logRange(1e-6, 1) },
        count: 9,
        seed: 1,
        candidates: 1e9,
      }),
    /candidates must be .* to 100000, found 1000000000/,
  ],
  [
    "a rung at 1e15",
    () => successiveHalving({ rungs: [1e15] }),
    /rung must be .* to 1000000000, found/,
  ],
  [
    "points × folds × seeds",
    () =>
      study({
        space: grid({ a: many(300) }),
        folds: blockedFolds({ count: 50 }),
        seeds: many(1000),
      }),
    /at most 1000000 runs, found 300 points × 50 folds × 1000 seeds = 15000000: with as many .* at most 20 points/,
  ],
  ["1e9 processes", () => study({ workers: 1e9 }), /workers must be .* to 1024, found 1000000000/],
  [
    "a heap of 1e15",
    () => study({ heapMegabytes: 1e15 }),
    /heapMegabytes must be .* to 16777216, found/,
  ],
  [
    "1e15 seconds",
    () => study({ noProgressSeconds: 1e15 }),
    /noProgressSeconds must be .* to 2147483, found/,
  ],
  [
    "checkpoints each 1e15",
    () => study({ checkpointEvery: { steps: 1e15 } }),
    /steps must be .* to 1000000000, found/,
  ],
  [
    "an average from 1e15",
    () => asgd({ learningRate: 1, averageFromStep: 1e15 }),
    /averageFromStep must be .* to 1000000000, found/,
  ],
  [
    "a schedule of 1e15",
    () => cosineSchedule({ steps: 1e15 }),
    /steps must be .* to 1000000000, found/,
  ],
  [
    "1e12 resamples",
    () => bootstrapInterval([1, 2, 3], { seed: 1, resamples: 1e12 }),
    /resamples must be .* to 1000000, found/,
  ],
  [
    "an excerpt of 1e15",
    () => inlineText("abc", { excerpt: { length: 1e15 } }),
    /length must be .* to 3, found/,
  ],
  [
    "--sample 1e12",
    () => wholeNumber("--sample", "1000000000000", { from: 0, to: 1e6 }),
    /from 0 to 1000000, found "1000000000000"/,
  ],
];

for (const [what, act, said] of absurd) {
  Deno.test(`F7: refused at once, with what fits: ${what}`, () => {
    const start = performance.now();
    assert.throws(act, (error: Error) => {
      assert.match(error.message, said);
      assert.doesNotMatch(error.message, /Array buffer|Invalid array|Invalid typed/);
      return true;
    });
    const milliseconds = performance.now() - start;
    // A tenth of a second alone on a machine; several share it in tests.
    assert.ok(milliseconds < 1000, `It took ${milliseconds.toFixed(0)} ms.`);
  });
}

Deno.test("F7: what just fits is accepted", () => {
  // Weights take little; a position 12 bytes and 24 outputs of 4: 16 of them a window.
  const most = (() => {
    try {
      check({ batchSize: 1e8 });
    } catch (error) {
      return Number((error as Error).message.match(/at most (\d+), found/)![1]);
    }
  })()!;
  check({ batchSize: most });
  assert.throws(() => check({ batchSize: most + 1 }), RangeError);
  assert.ok(Math.abs(most * 16 * (12 + 4 * 24) / 2 ** 32 - 1) < 1e-4);
  check({ steps: 1e9 });
  check({ steps: 100_000, evaluateEvery: 1, samples: { count: 1000, length: 1000 } });
  check({}, { model: lstmLanguageModel({ embeddingSize: 8, hiddenSize: 8, layers: 1024 }) });
  const pieces = many(64).map((index) => ({ start: 20 * index, end: 20 * index + 18 }));
  check({}, { on: { index: 0, training: pieces, heldOut: [{ start: 2000, end: 3000 }] } });
  assert.equal(grid({ a: many(100), b: many(100) }).points.length, 10_000);
  study({ space: grid({ a: many(10) }), folds: blockedFolds({ count: 100 }), seeds: many(1000) });
});
