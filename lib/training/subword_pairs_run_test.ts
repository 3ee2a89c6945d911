import assert from "node:assert/strict";
import { completionTokenizer } from "../data/completion_tokens.ts";
import { groupedFolds, makePairFolds } from "../data/pair_folds.ts";
import { loadTextPairs, pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { publishedTokenizer } from "../data/tokenizers/published_tokenizer.ts";
import { meanOfModels } from "../ensembles/mean_of_models.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { executeRun } from "./run.ts";
import type { RunHooks, RunRequest } from "./run_request.ts";
import type { SpecificationOptions } from "./specification.ts";
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
    training: { ...common.training, steps: 1, evaluationPairs: 4, samples: { count: 1 } },
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
