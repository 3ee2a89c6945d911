import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds, makeFolds } from "../data/folds.ts";
import { groupedFolds, makePairFolds } from "../data/pair_folds.ts";
import { loadTokenPairs, pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs, type TextPair } from "../data/pairs.ts";
import { characters } from "../data/tokenizers.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { useEngine } from "../engine/engine.ts";
import { fitLinearRegression } from "../training/linear_regression.ts";
import { executeRun } from "../training/run.ts";
import { type SpecificationOptions, validateSpecification } from "../training/specification.ts";
import { articleOne } from "./article_one.ts";
import { articleTwo } from "./article_two.ts";

const text = "the sea was calm and the whale slept below; the mast leaned. ".repeat(20);
const windowLength = 16;
const { folds: [fold] } = makeFolds(blockedFolds({ count: 3 }), text.length, windowLength);

const small = {
  corpus: inlineText(text),
  tokenizer: characters(),
  trainingTokens: 800,
  embeddingSize: 8,
  hiddenSize: 16,
  batchSize: 8,
  windowLength,
  learningRate: 1e-2,
  training: { samples: { count: 0 } },
};

const run = (specification: SpecificationOptions, on: FoldRecord = fold) =>
  executeRun({
    id: "test",
    specification: specification as unknown as JsonObject,
    point: {},
    fold: on,
    seed: 1,
    engine: "wasm",
    weightsPath: null,
  });

Deno.test("articleOne has the article's sizes by default, and both systems differ in the penalty alone", () => {
  const options = { corpus: inlineText(text), trainingTokens: 1_000_000 };
  const stated = validateSpecification(articleOne.asStated(options));
  const written = validateSpecification(articleOne.asWritten(options));
  assert.deepEqual({ ...stated, penalties: [] }, { ...written, penalties: [] });
  assert.deepEqual(written.penalties, [{ kind: "logitsL1", strength: 0.01, reduction: "sum" }]);
  assert.equal(stated.penalties[0].kind, "proximalL1");
  assert.deepEqual("targets" in stated.penalties[0] && stated.penalties[0].targets, [
    "kernel",
    "recurrentKernel",
    "embedding",
    "bias",
    "normalization",
  ]);
  const { model, tokenizer, optimizer, training } = JSON.parse(JSON.stringify(stated));
  assert.equal(tokenizer.maximumVocabulary, 10_000);
  assert.deepEqual([model.embeddingSize, model.hiddenSize], [256, 512]);
  assert.equal(model.resetAfter, true);
  assert.deepEqual(model.recurrentInitializer, { kind: "glorotUniform" });
  assert.deepEqual(model.embeddingInitializer, { kind: "uniform", range: 0.05 });
  assert.deepEqual([optimizer.kind, optimizer.learningRate, optimizer.epsilon], [
    "adam",
    1e-3,
    1e-7,
  ]);
  assert.deepEqual([training.batchSize, training.steps], [64, 10 * 156]);
});

Deno.test("articleOne.asWritten drives the cross-entropy to ln V by its sum; the mean of the same does not", async () => {
  const epochs = 20;
  const sum = await run(articleOne.asWritten({ ...small, epochs }));
  const mean = await run(articleOne.asWritten({ ...small, epochs, reduction: "mean" }));
  const none = await run(articleOne.asWritten({ ...small, epochs, strength: 0 }));
  const uniform = Math.log(sum.tokens.vocabulary);
  assert.ok(Math.abs(sum.final!.trainingLoss - uniform) < 0.01 * uniform);
  assert.ok(mean.final!.trainingLoss < 0.6 * uniform, `${mean.final!.trainingLoss}, ${uniform}`);
  assert.ok(none.final!.trainingLoss < 0.6 * uniform);
  assert.equal(sum.final!.exactZeros, 0);
});

Deno.test("articleOne.asStated learns and gives exact zeros by its proximal map, none by its sub-gradient", async () => {
  const options = { ...small, epochs: 40, strength: 1e-3 };
  const proximal = await run(articleOne.asStated(options));
  const subGradient = await run(articleOne.asStated({ ...options, method: "subGradient" }));
  const uniform = Math.log(proximal.tokens.vocabulary);
  for (const { final } of [proximal, subGradient]) assert.ok(final!.trainingLoss < 0.7 * uniform);
  const share = proximal.final!.exactZeros / proximal.final!.countedWeights;
  assert.ok(share > 0.1, `${share}`);
  assert.ok(subGradient.final!.exactZeros < 0.01 * subGradient.final!.countedWeights);
});

Deno.test("articleTwo's linear regression is that of PyTorch's SGD with weight_decay", async () => {
  await useEngine("wasm");
  const features = Float32Array.of(1, 2, 0, 1, -1, 1);
  const labels = Float32Array.of(1, 0, 2);
  const strength = 0.5, learningRate = 0.1;
  const fit = fitLinearRegression({
    features,
    labels,
    ...articleTwo.asStated.linearRegression({ inputs: 2, strength, learningRate, epochs: 3 }),
    from: { kernel: Float32Array.of(0.3, -0.2), bias: Float32Array.of(0.1) },
  });
  // By hand: w ← w − η (2/n Σ (ŷ − y) x + λ w).
  let [first, second, bias] = [0.3, -0.2, 0.1];
  for (let step = 0; step < 3; step++) {
    let [dFirst, dSecond, dBias] = [strength * first, strength * second, strength * bias];
    for (let row = 0; row < 3; row++) {
      const [x, z] = [features[2 * row], features[2 * row + 1]];
      const residual = 2 / 3 * (first * x + second * z + bias - labels[row]);
      dFirst += residual * x;
      dSecond += residual * z;
      dBias += residual;
    }
    first -= learningRate * dFirst;
    second -= learningRate * dSecond;
    bias -= learningRate * dBias;
  }
  [first, second, bias].forEach((value, index) => {
    const found = [...fit.kernel, ...fit.bias!][index];
    assert.ok(Math.abs(found - value) < 1e-6, `${found}, ${value}`);
  });
  assert.equal(articleTwo.asWritten.linearRegression().steps, 100);
});

Deno.test("articleTwo's encoder-decoder learns as stated; as written its norms take the weights down", async () => {
  const pairs = Array.from({ length: 64 }, (_, index): TextPair => {
    const source = [index & 1, index >> 1 & 1, index >> 2 & 1, index >> 3 & 1, index >> 4 & 1]
      .map((bit) => "ab"[bit]).join("") + "ab"[index >> 5 & 1];
    return [source, source.toUpperCase()];
  });
  const corpus = inlinePairs(pairs);
  const tokenizer = pairTokenizer({ source: characters(), target: characters() });
  const { folds: [fold] } = makePairFolds(
    groupedFolds({ count: 4 }),
    await loadTokenPairs(corpus, tokenizer),
  );
  const options = {
    corpus,
    tokenizer,
    embeddingSize: 4,
    hiddenSize: 16,
    learningRate: 1e-2,
    training: { steps: 150, batchSize: 16, decodedPairs: 0, samples: { count: 0 } },
  };
  const stated = await run(articleTwo.asStated.sequenceToSequence(options), fold);
  const written = await run(articleTwo.asWritten.sequenceToSequence(options), fold);
  const repaired = await run(
    articleTwo.asWritten.sequenceToSequence({ ...options, normStrength: 0 }),
    fold,
  );
  const [start, end] = [stated.curve[0], stated.final!];
  assert.ok(end.trainingLoss < 0.6 * start.trainingLoss, `${end.trainingLoss}`);
  // The source again is enough here: its letters are the target's.
  assert.ok(repaired.final!.trainingLoss < 0.6 * start.trainingLoss);
  assert.ok(written.final!.trainingLoss > 2 * end.trainingLoss, `${written.final!.trainingLoss}`);
  assert.ok(written.final!.weightNorm < 0.1 * end.weightNorm, `${written.final!.weightNorm}`);
  assert.ok(
    written.parameters.every(({ penalties }) =>
      penalties.join() === "unsquaredNorms,coupledWeightDecay"
    ),
  );
});

Deno.test("the lists of differences and repairs name each thing once and leave no field empty", () => {
  for (const list of [articleOne.differences, articleTwo.differences, articleTwo.repairs]) {
    assert.equal(new Set(list.map(({ name }) => name)).size, list.length);
    assert.ok(list.every((item) => Object.values(item).every((value) => value.length > 0)));
  }
  const names = articleTwo.repairs.map(({ name }) => name);
  for (const name of ["input width", "hidden width", "missing hidden argument", "tuple outputs"]) {
    assert.ok(names.includes(name));
  }
});

Deno.test("docs/articles.md has every difference and every repair in the library's words", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/articles.md", import.meta.url));
  const cells = new Set(
    page.split("\n").filter((line) => line.startsWith("|"))
      .flatMap((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"))),
  );
  for (const list of [articleOne.differences, articleTwo.differences, articleTwo.repairs]) {
    for (const value of list.flatMap((item) => Object.values(item))) {
      assert.ok(cells.has(value), `not in docs/articles.md: ${value}`);
    }
  }
});

Deno.test("the articles' functions refuse unknown options and values outside their ranges", () => {
  const typo = { ...small, lambda: 1 } as never;
  assert.throws(() => articleOne.asStated(typo), /articleOne.asStated: unknown option "lambda"/);
  assert.throws(() => articleOne.asWritten({ ...small, strength: -1 }), /from 0, found -1/);
  assert.throws(() => articleOne.asWritten({ ...small, epochs: 0 }), /epochs .*from 1, found 0/);
});
