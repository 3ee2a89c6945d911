import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds, makeFolds } from "../data/folds.ts";
import { groupedFolds, makePairFolds } from "../data/pair_folds.ts";
import { loadTokenPairs, pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { prepareText } from "../data/prepare.ts";
import { splitTokens } from "../data/tokenizers/split.ts";
import { words } from "../data/tokenizers/words.ts";
import { readTokens } from "../data/tokens.ts";
import type { ModelSpecification } from "../models/kinds.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { executeRun } from "./run.ts";
import { sampleStatistics } from "./sample_statistics.ts";
import type { PairSpecificationOptions, TextSpecificationOptions } from "./specification.ts";
import { readTrainedModel } from "./trained_model.ts";

// Sentences whose end follows from their beginning, so that a model of words can learn them.
const sentences = [
  "The old captain watched the grey sea.",
  "A young sailor sang to the moon!",
  "Nobody, not even the cook, slept that night.",
  "The whale rose slowly, and the men fell silent.",
];
const draws = randomStream(1, "sentences");
const text = Array.from({ length: 45 }, () => sentences[draws.integer(4)]).join(" ");
const tokenizer = words({ lowercase: true, maximumVocabulary: 28 });
const windowLength = 8;
const length = splitTokens(tokenizer, text).length;
const { folds } = makeFolds(blockedFolds({ count: 3 }), length, windowLength);

const sizes = { embeddingSize: 16, hiddenSize: 24 };
const models: { readonly [name: string]: [ModelSpecification, carriedState: boolean] } = {
  "gruLanguageModel": [gruLanguageModel(sizes), false],
  "gruLanguageModel with carried state": [gruLanguageModel(sizes), true],
  "lstmLanguageModel with tied weights and carried state": [
    lstmLanguageModel({ embeddingSize: 24, hiddenSize: 24, tiedWeights: true, layers: 2 }),
    true,
  ],
  "rnnLanguageModel": [rnnLanguageModel({ ...sizes, embeddingDropout: 0.1 }), false],
  "transformerLanguageModel": [
    transformerLanguageModel({ embeddingSize: 24, layers: 1, heads: 2, blockSize: windowLength }),
    false,
  ],
};

for (const [name, [model, carriedState]] of Object.entries(models)) {
  Deno.test(`${name} of words learns a text, draws samples with statistics, and comes back from its file`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const specification: TextSpecificationOptions = {
        corpus: inlineText(text),
        tokenizer,
        model,
        optimizer: adam({ learningRate: 1e-2 }),
        training: {
          steps: 250,
          batchSize: 4,
          windowLength,
          carriedState,
          tokenAccuracy: true,
          samples: { length: 20, promptLength: 5, nGramLength: 3, count: 2 },
        },
      };
      const weightsPath = join(folder, "model.safetensors");
      const record = await executeRun({
        id: "words",
        specification: specification as unknown as JsonObject,
        point: {},
        // In the middle: training text on both sides of it.
        fold: folds[1],
        seed: 1,
        engine: "wasm",
        weightsPath,
      });
      assert.equal(record.status, "completed");
      const { final, tokens, samples, tokenAccuracy } = record;
      assert.equal(tokens.vocabulary, 28);
      assert.ok(tokens.unknownShare > 0 && tokens.unknownShare < 0.2, `${tokens.unknownShare}`);
      assert.ok(final!.trainingLoss < 0.5 * tokens.unigramEntropy, `loss ${final!.trainingLoss}`);
      assert.ok(final!.heldOutLoss < 0.6 * tokens.unigramEntropy, `loss ${final!.heldOutLoss}`);
      assert.ok(tokenAccuracy!.training > 0.6 && tokenAccuracy!.heldOut > 0.6);

      const { training, heldOut, vocabulary } = await prepareText({
        corpus: inlineText(text),
        tokenizer,
        fold: folds[1],
      });
      assert.equal(training.length, 2);
      assert.equal(samples.length, 2);
      for (const { text, statistics } of samples) {
        // The text of tokens splits into the same tokens again.
        const drawn = vocabulary.encode(splitTokens(tokenizer, text));
        assert.deepEqual(
          statistics,
          sampleStatistics(drawn, { training, heldOut }, { nGramLength: 3 }),
        );
        assert.equal(statistics!.tokens, 20);
      }

      const trained = await readTrainedModel(await Deno.readFile(weightsPath));
      try {
        const heldOutText = vocabulary.decode(readTokens(heldOut[0]));
        assert.ok(trained.crossEntropy(heldOutText) < 0.7 * tokens.unigramEntropy);
        assert.ok(trained.tokenAccuracy(heldOutText) > 0.6);
        // Its tokens tell neither case nor white space.
        for (const name of ["bitsPerByte", "bitsPerCharacter"] as const) {
          assert.throws(
            () => trained[name](sentences[3]),
            new RegExp(`^RangeError: ${name} needs .* words lose case and white space: its bits`),
          );
        }
        const options = { prompt: "The old captain", length: 12, seed: 3, temperature: 0.5 };
        const pieces = [...trained.stream(options)];
        assert.equal(pieces.length, 12);
        assert.equal(pieces.join(""), trained.generate(options));
      } finally {
        trained.dispose();
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("lstmSequenceToSequence of words learns to translate by words, and comes back from its file", async () => {
  const dictionary = [["old", "alt"], ["sea", "meer"], ["the", "das"], ["sees", "sieht"], [
    "sailor",
    "matrose",
  ], ["moon", "mond"]];
  const stream = randomStream(1, "pairs");
  const pairs = Array.from({ length: 160 }, (): [string, string] => {
    const chosen = Array.from(
      { length: 2 + stream.integer(3) },
      () => dictionary[stream.integer(6)],
    );
    return [chosen.map(([word]) => word).join(" "), chosen.map(([, word]) => word).join(" ")];
  });
  const folder = await Deno.makeTempDir();
  try {
    const corpus = inlinePairs(pairs);
    const tokenizer = pairTokenizer({ source: words(), target: words() });
    const { folds } = makePairFolds(
      groupedFolds({ count: 5 }),
      await loadTokenPairs(corpus, tokenizer),
    );
    const specification: PairSpecificationOptions = {
      corpus,
      tokenizer,
      model: lstmSequenceToSequence({ embeddingSize: 16, hiddenSize: 32, attention: "dot" }),
      optimizer: adam({ learningRate: 1e-2 }),
      training: { steps: 250, batchSize: 16, decodedPairs: null },
    };
    const weightsPath = join(folder, "model.safetensors");
    const { status, pairs: scores, tokens, samples } = await executeRun({
      id: "pairs",
      specification: specification as unknown as JsonObject,
      point: {},
      fold: folds[0],
      seed: 1,
      engine: "wasm",
      weightsPath,
    });
    assert.equal(status, "completed");
    // Six words, the unknown token and three marks.
    assert.equal(tokens.vocabulary, 10);
    assert.ok(scores!.tokenAccuracy > 0.95, `${scores!.tokenAccuracy}`);
    assert.ok(scores!.written!.exactMatch > 0.8, `${scores!.written!.exactMatch}`);
    const trained = await readTrainedModel(await Deno.readFile(weightsPath));
    try {
      const [{ prompt, text, reference }] = samples;
      const options = { prompt, length: 9, seed: 1, temperature: 0 };
      assert.equal([...trained.stream(options)].join(""), text);
      assert.ok(trained.tokenAccuracy(reference!, prompt) > 0.5);
      assert.throws(
        () => trained.tokenAccuracy(reference!),
        /tokenAccuracy: source must be a text, found nothing/,
      );
    } finally {
      trained.dispose();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
