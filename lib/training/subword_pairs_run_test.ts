import assert from "node:assert/strict";
import { relative } from "node:path";
import { projectFolder } from "../core/project.ts";
import { completionTokenizer } from "../data/completion_tokens.ts";
import { groupedFolds, makePairFolds } from "../data/pair_folds.ts";
import { loadTextPairs, pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs, type TextPair } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { words } from "../data/tokenizers/words.ts";
import { tokenizerFile } from "../data/tokenizers/tokenizer_file.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { pairsInTokens } from "./fold_in_tokens.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { publishedTokenizer } from "../data/tokenizers/published_tokenizer.ts";
import { meanOfModels } from "../ensembles/mean_of_models.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { executeRun } from "./run.ts";
import type { RunHooks, RunRequest } from "./run_request.ts";
import {
  type AnyPairSpecification,
  type SpecificationOptions,
  validateSpecification,
} from "./specification.ts";
import { readTrainedModel } from "./trained_model.ts";
import { numbersOf, requestOf } from "./testing/execute.ts";
import { withFile } from "./testing/read_back.ts";
import { reversals } from "./testing/reversals.ts";

const corpus = inlinePairs(
  reversals(120).map(([source, target]) => [`say ${source} backwards`, `it is ${target}`]),
);
const subwords = bytePairs({ vocabularySize: 290 });
const completions = completionTokenizer({ tokenizer: subwords });
const laid = await loadTextPairs(corpus, completions);
const { folds: [fold] } = makePairFolds(groupedFolds({ count: 4, unit: "pairs" }), laid);

const common = {
  corpus,
  optimizer: adam({ learningRate: 1e-2 }),
  training: {
    ...{ steps: 60, batchSize: 8, evaluateEvery: 20, decodedPairs: 6 },
    samples: { count: 3, beams: 2 },
  },
};
const specifications: { readonly [kind: string]: SpecificationOptions } = {
  completions: {
    ...common,
    tokenizer: completions,
    model: transformerLanguageModel({ embeddingSize: 8, layers: 1, heads: 2, blockSize: 40 }),
  },
  pairs: {
    ...common,
    tokenizer: pairTokenizer({ source: subwords, target: bytePairs({ vocabularySize: 280 }) }),
    model: lstmSequenceToSequence({ embeddingSize: 6, hiddenSize: 8 }),
    training: { ...common.training, steps: 12, evaluateEvery: 4 },
  },
};
const request = (kind: string, rest: Partial<RunRequest> = {}) =>
  requestOf(specifications[kind], fold, rest);

for (const kind of Object.keys(specifications)) {
  Deno.test(`${kind} of subwords: a run that was killed goes on to the same bits, and its file writes and measures what it did`, () =>
    withFile(async (path) => {
      const weightsPath = `${path}.safetensors`;
      const record = await executeRun(request(kind, { weightsPath }));
      assert.equal(record.status, "completed", record.error ?? "");
      const checkpoint = { path, seconds: null, steps: 1 };
      const hooks: RunHooks = {
        onProgress(step) {
          if (step === 7) throw new Error("killed");
        },
      };
      await assert.rejects(executeRun(request(kind, { checkpoint, weightsPath }), hooks), /killed/);
      const resumed = await executeRun(request(kind, { checkpoint, weightsPath }));
      assert.equal(numbersOf(resumed), numbersOf(record));

      using model = await readTrainedModel(await Deno.readFile(weightsPath));
      assert.ok(model.vocabulary.merges!.length > 10);
      assert.ok(model.sourceVocabulary!.merges!.length > 10);
      const maximum = Math.max(
        ...laid.slice(fold.training[0].start, fold.training[0].end)
          .map(({ target }) => model.vocabulary.encodeText(target).length + 1),
      );
      for (const { prompt, text } of record.samples) {
        const options = { prompt, length: maximum, beams: 2, seed: 1 };
        assert.equal(model.generate(options), text);
      }
      assert.ok(record.samples.every(({ text }) => text.length > 0));
      const heldOut = laid.slice(fold.heldOut[0].start, fold.heldOut[0].end);
      let [nats, tokens, bytes] = [0, 0, 0];
      for (const { source, target } of heldOut) {
        const count = model.vocabulary.encodeText(target).length + 1;
        nats += model.crossEntropy(target, source) * count;
        tokens += count;
        bytes += target.length;
      }
      const { heldOutLoss, bitsPerByte } = record.final!;
      assert.ok(Math.abs(nats / tokens - heldOutLoss) < 1e-5 * heldOutLoss);
      assert.ok(Math.abs(nats / bytes / Math.LN2 - bitsPerByte!) < 1e-5 * bitsPerByte!);
      assert.deepEqual(record.tokens.text!.heldOut, { tokens, bytes, characters: bytes });
      using again = await readTrainedModel(model.file());
      const mean = meanOfModels([model, again]);
      const [{ source, target }] = heldOut;
      const [one, two] = [model, mean].map((each) => each.crossEntropy(target, source));
      assert.ok(Math.abs(one - two) < 1e-6 * one);
    }));
}

Deno.test("a run refuses pairs that are too long by their tokens, and folds over tokens", async () => {
  const short = {
    ...specifications.completions,
    model: transformerLanguageModel({ embeddingSize: 8, layers: 1, heads: 2, blockSize: 9 }),
  } as SpecificationOptions;
  const record = executeRun(requestOf(short, fold));
  await assert.rejects(record, /at most the blockSize .*, 9 tokens, found \d+ \+ 1 \+ \d+/);
  const { unit: _, ...overTokens } = fold;
  await assert.rejects(
    executeRun(requestOf(specifications.completions, overTokens)),
    /bytePairs needs folds that are laid before there are tokens/,
  );
});

Deno.test("prompts of GPT-2's own tokenizer, as fine-tuning reads them, are scored on their completions alone", async () => {
  const tokenizer = completionTokenizer({ tokenizer: publishedTokenizer("r50k_base") });
  const specification = {
    ...specifications.completions,
    tokenizer,
    training: {
      ...common.training,
      steps: 1,
      evaluationPairs: 2,
      decodedPairs: 1,
      samples: { count: 1 },
    },
  } as SpecificationOptions;
  const record = await executeRun(requestOf(specification, fold));
  assert.equal(record.status, "completed", record.error ?? "");
  assert.equal(record.tokens.vocabulary, 50_261);
  // The untrained model is near a uniform choice of them.
  assert.ok(Math.abs(record.curve[0].heldOutLoss - Math.log(50_261)) < 0.2);
  const { heldOut } = record.tokens.text!;
  const bits = record.curve[0].heldOutLoss * heldOut.tokens / heldOut.bytes / Math.LN2;
  assert.ok(Math.abs(bits - record.curve[0].bitsPerByte!) < 1e-9 * bits);
});

Deno.test("a byte that a tokenizer's file lacks hides the text of targets, and is named in a prompt", async () => {
  const file = JSON.parse(
    await Deno.readTextFile("lib/data/tokenizers/_reference/small_digits.json"),
  );
  // How GPT-2 writes the byte of U+0004; the last token takes its id.
  const { vocab } = file.model;
  const [[moved]] = Object.entries<number>(vocab).sort(([, a], [, b]) => b - a);
  vocab[moved] = vocab["Ą"];
  delete vocab["Ą"];
  await withProjectFile(JSON.stringify(file), (path) =>
    withFile(async (weights) => {
      const pairs = reversals(40).map(([source, target], at): TextPair => [
        source,
        at % 5 === 0 ? `${target}\u0004` : target,
      ]);
      const tokenizer = completionTokenizer({ tokenizer: tokenizerFile(path) });
      const corpus = inlinePairs(pairs);
      const laid = await loadTextPairs(corpus, tokenizer);
      const { folds: [fold] } = makePairFolds(groupedFolds({ count: 2, unit: "pairs" }), laid);
      const specification = {
        ...specifications.completions,
        corpus,
        tokenizer,
        training: { ...common.training, steps: 2, evaluateEvery: 1 },
      } as SpecificationOptions;
      const record = await executeRun(requestOf(specification, fold, { weightsPath: weights }));
      assert.equal(record.status, "completed", record.error ?? "");
      assert.equal(record.tokens.textLost, "unknown tokens");
      assert.equal(record.final!.bitsPerByte, undefined);
      assert.ok(record.tokens.unknownShare > 0 && record.tokens.text !== undefined);
      const gru = {
        ...specification,
        model: gruLanguageModel({ embeddingSize: 2, hiddenSize: 3 }),
      };
      for (const each of [specification, gru]) {
        const lost = await pairsInTokens(validateSpecification(each) as AnyPairSpecification, fold);
        assert.equal(lost, "unknown tokens");
      }
      using model = await readTrainedModel(await Deno.readFile(weights));
      const options = { prompt: "ab\u0004", length: 3, seed: 1 };
      assert.throws(
        () => model.generate(options),
        /must hold only tokens that the model knows, found "\\u0004"/,
      );
      assert.equal(typeof model.generate({ ...options, unknownPrompt: "asUnknown" }), "string");
    }));
});

Deno.test("unknown characters of targets are written out, unknown words hide the text, and a study knows before it trains", async () => {
  const pairs = reversals(60).map(([source, target], at): TextPair => [source, `${target} ${at}`]);
  const corpus = inlinePairs(pairs);
  const sides = { characters: characters(), words: words({ segmentation: "unicode" }) };
  for (const [name, side] of Object.entries(sides)) {
    const tokenizer = completionTokenizer({ tokenizer: side });
    const laid = await loadTextPairs(corpus, tokenizer);
    const fold: FoldRecord = {
      index: 0,
      training: [{ start: 0, end: 5 }],
      heldOut: [{ start: 5, end: laid.length }],
      unit: "pairs",
    };
    const specification = {
      ...specifications.completions,
      ...{ corpus, tokenizer, training: { ...common.training, steps: 1 } },
    } as SpecificationOptions;
    const { tokens, curve } = await executeRun(requestOf(specification, fold));
    const known = laid.slice(0, 5).flatMap(({ source, target }) => [...source, ...target]);
    const unknown = laid.slice(5).flatMap(({ target }) => [...target])
      .filter((character) => !known.includes(character)).length;
    assert.ok(unknown > 0);
    const lost = await pairsInTokens(
      validateSpecification(specification) as AnyPairSpecification,
      fold,
    );
    if (name === "words") {
      assert.deepEqual([lost, tokens.textLost], ["unknown tokens", "unknown tokens"]);
      continue;
    }
    assert.deepEqual([lost, tokens.textLost], [null, undefined]);
    const spelling = unknown * Math.log(1_112_064 - new Set(known).size);
    assert.ok(Math.abs(tokens.text!.heldOut.spelling! - spelling) < 1e-9 * spelling);
    const { heldOut } = tokens.text!;
    const bits = (curve[0].heldOutLoss * heldOut.tokens + spelling) / heldOut.bytes / Math.LN2;
    assert.ok(Math.abs(curve[0].bitsPerByte! - bits) < 1e-9 * bits);
  }
});

/** Runs with a project-relative path of a file that exists meanwhile. */
async function withProjectFile(
  content: string,
  use: (path: string) => Promise<void>,
): Promise<void> {
  // results/ is ignored by git.
  const folder = await Deno.makeTempDir({ dir: "results", prefix: ".test-" });
  try {
    await Deno.writeTextFile(`${folder}/tokenizer.json`, content);
    await use(relative(projectFolder(), `${folder}/tokenizer.json`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
