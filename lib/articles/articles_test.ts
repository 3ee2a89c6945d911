import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds, makeFolds } from "../data/folds.ts";
import { groupedFolds, makePairFolds } from "../data/pair_folds.ts";
import { loadTokenPairs, pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs, type TextPair } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { words } from "../data/tokenizers/words.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { readSafetensors } from "../models/safetensors.ts";
import { useEngine } from "../engine/engine.ts";
import { fitLinearRegression } from "../training/linear_regression.ts";
import { executeRun } from "../training/run.ts";
import { type SpecificationOptions, validateSpecification } from "../training/specification.ts";
import { articleOne } from "./article_one.ts";
import { articleTwo } from "./article_two.ts";
import torch from "./_reference/article_two.json" with { type: "json" };

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

const run = (
  specification: SpecificationOptions,
  on: FoldRecord = fold,
  weightsPath: string | null = null,
) =>
  executeRun({
    id: "test",
    specification: specification as unknown as JsonObject,
    point: {},
    fold: on,
    seed: 1,
    engine: "wasm",
    weightsPath,
  });

/** The record of a run, its parameters, and the share of exact zeros in each of them. */
async function weightsOf(specification: SpecificationOptions, on: FoldRecord = fold) {
  const folder = await Deno.makeTempDir();
  try {
    const weightsPath = join(folder, "weights.safetensors");
    const record = await run(specification, on, weightsPath);
    const { tensors } = readSafetensors(await Deno.readFile(weightsPath));
    const valuesOf = (name: string) => tensors.get(name)!.values;
    const zeroShare = (name: string) =>
      valuesOf(name).filter((value) => value === 0).length / valuesOf(name).length;
    return { record, valuesOf, zeroShare };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("articleOne has the article's sizes by default, and both systems differ in the penalty alone", () => {
  const options = { corpus: inlineText(text), trainingTokens: 1_000_000 };
  const stated = validateSpecification(articleOne.asStated(options));
  const written = validateSpecification(articleOne.asWritten(options));
  assert.deepEqual({ ...stated, penalties: [] }, { ...written, penalties: [] });
  assert.deepEqual(stored(written.penalties, "penalties"), [{
    kind: "logitsL1",
    strength: 0.01,
    reduction: "sum",
  }]);
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

Deno.test("articleOne.asStated learns and gives exact zeros by its proximal map, no kernel one by its sub-gradient", async () => {
  const options = { ...small, epochs: 40, strength: 1e-3 };
  const proximal = await weightsOf(articleOne.asStated(options));
  const subGradient = await weightsOf(articleOne.asStated({ ...options, method: "subGradient" }));
  const uniform = Math.log(proximal.record.tokens.vocabulary);
  for (const { record } of [proximal, subGradient]) {
    assert.ok(record.final!.trainingLoss < 0.7 * uniform);
  }
  const { exactZeros, countedWeights } = proximal.record.final!;
  assert.ok(exactZeros > 0.1 * countedWeights, `${exactZeros}, ${countedWeights}`);
  for (const kernel of ["gru0/kernel", "gru0/recurrentKernel", "output/kernel"]) {
    assert.ok(proximal.zeroShare(kernel) > 0, kernel);
    assert.equal(subGradient.zeroShare(kernel), 0, kernel);
  }
});

Deno.test("articleOne.asStated on words erases vectors of words that a step does not read, and at 0.01 nearly all weights", async () => {
  // 300 words: ten frequent ones and a long tail.
  const list = Array.from({ length: 6000 }, (_, index) => index % 3 ? index % 10 : index % 900 / 3);
  const corpus = inlineText(list.map((word) => `w${word}`).join(" "));
  const { folds: [fold] } = makeFolds(blockedFolds({ count: 3 }), list.length, windowLength);
  const options = { ...small, corpus, tokenizer: words(), learningRate: 1e-3 };
  const after = (steps: number, strength: number, method: "proximal" | "subGradient") =>
    weightsOf({
      ...articleOne.asStated({ ...options, strength, method }),
      training: { steps, batchSize: 8, windowLength, samples: { count: 0 } },
    }, fold);
  // A step reads 128 words, of the tail about 43: 250 rows have no gradient, and ηλ/ε is 1 there.
  const weak = await after(1, 1e-4, "proximal");
  const table = weak.valuesOf("embedding/table");
  const rows = Array.from(
    { length: weak.record.tokens.vocabulary },
    (_, row) => table.subarray(row * small.embeddingSize, (row + 1) * small.embeddingSize),
  );
  const erased = rows.filter((row) => row.every((value) => value === 0)).length;
  assert.ok(erased > 200 && erased < rows.length - 20, `${erased} of ${rows.length}`);
  const strong = await after(5, 0.01, "proximal");
  assert.ok(strong.zeroShare("embedding/table") > 0.99);
  const { exactZeros, countedWeights } = strong.record.final!;
  assert.ok(exactZeros > 0.99 * countedWeights, `${exactZeros}, ${countedWeights}`);
  const subGradient = await after(5, 0.01, "subGradient");
  assert.equal(subGradient.zeroShare("embedding/table"), 0);
});

Deno.test(`articleTwo's linear regression takes the steps of PyTorch ${torch.versions.torch}'s SGD with weight_decay`, async () => {
  await useEngine("wasm");
  const { strength, learningRate, after } = torch;
  for (const epochs of [1, 3, after.length]) {
    const fit = fitLinearRegression({
      features: Float32Array.from(torch.features.flat()),
      labels: Float32Array.from(torch.labels),
      ...articleTwo.asStated.linearRegression({ inputs: 2, strength, learningRate, epochs }),
      from: {
        kernel: Float32Array.from(torch.from.kernel),
        bias: Float32Array.of(torch.from.bias),
      },
    });
    const { kernel, bias } = after[epochs - 1];
    const largest = Math.max(...[...kernel, bias].map(Math.abs));
    [...kernel, bias].forEach((expected, index) => {
      const found = [...fit.kernel, ...fit.bias!][index];
      assert.ok(Math.abs(found - expected) <= 1e-5 * largest, `${found}, ${expected}`);
    });
  }
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
  assert.throws(
    () => articleOne.asWritten({ ...small, epochs: 0 }),
    /epochs .*from 1 to .*, found 0/,
  );
});
