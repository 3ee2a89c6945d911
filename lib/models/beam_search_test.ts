import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { padSequences } from "../data/pair_batches.ts";
import { restorePairVocabulary } from "../data/pair_tokens.ts";
import { words } from "../data/tokenizers/words.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { meanModel } from "../ensembles/mean_model.ts";
import { randomStream } from "../core/random.ts";
import { beamSearch } from "./beam_search.ts";
import { targetTokens, writeTargets } from "./conditional_generation.ts";
import { createModel, createSequenceToSequence } from "./create.ts";
import { createOwnModel } from "./create_own_model.ts";
import { generate, generateTexts, generateTokens } from "./decoding.ts";
import { checkDecoding } from "./decoding_options.ts";
import { defineModel } from "./define_model.ts";
import { gruLanguageModel } from "./gru_language_model.ts";
import { glorotUniform } from "./initializers.ts";
import type { ModelSpecification } from "./kinds.ts";
import { lstmLanguageModel } from "./lstm_language_model.ts";
import { lstmSequenceToSequence } from "./lstm_sequence_to_sequence.ts";
import type { Decoder, LanguageModel } from "./model.ts";
import type { OwnModelSpecification } from "./own_model.ts";
import { rnnLanguageModel } from "./rnn_language_model.ts";
import { withTokenRows } from "./token_rows.ts";
import { transformerLanguageModel } from "./transformer_language_model.ts";

const vocabularySize = 6;
const sizes = { embeddingSize: 4, hiddenSize: 5 };
const build = (specification: ModelSpecification, seed = 1) =>
  createModel(specification, { vocabularySize, seed, fold: "test" });

/** Sums of what three tokens' rows say. */
const definition = defineModel({
  name: "sums",
  defaults: {},
  parameters: () => ({
    "embedding/table": { kind: "embedding", shape: [6, 6], initializer: glorotUniform() },
  }),
  logits({ parameters: { "embedding/table": table }, tokens, time, batch }) {
    const vectors = tf.reshape(tf.gather(table, tf.tensor1d(tokens, "int32")), [time, -1]);
    return tf.reshape(tf.cumsum(vectors, 0), [time * batch, 6]);
  },
  contextLength: () => 3,
});

const models: { readonly [name: string]: () => LanguageModel } = {
  "gruLanguageModel": () => build(gruLanguageModel({ ...sizes, layers: 2 })),
  "lstmLanguageModel": () => build(lstmLanguageModel({ ...sizes, layers: 2 })),
  "rnnLanguageModel": () => build(rnnLanguageModel(sizes)),
  "transformerLanguageModel": () =>
    build(transformerLanguageModel({ embeddingSize: 4, layers: 1, heads: 2, blockSize: 4 })),
  "a mean of models": () =>
    meanModel(
      [build(gruLanguageModel(sizes)), build(rnnLanguageModel(sizes), 2)],
      "probabilities",
    ) as unknown as LanguageModel,
  "a model of one's own": () =>
    createOwnModel(
      { kind: "ownModel", module: "own.ts", options: {} } as unknown as OwnModelSpecification,
      { vocabularySize, seed: 1, fold: "test", own: { definition, call: (_, use) => use() } },
    ),
  "a model of which tokens share rows": () =>
    withTokenRows(build(gruLanguageModel(sizes)), [0, 0, 2, 2, 4, 5]),
};

/** Rows that go on and what they read, from one row: more, fewer, again and in another order. */
const steps: readonly (readonly [tokens: number[], from?: number[]])[] = [
  [[3]],
  [[1]],
  [[2, 4, 5], [0, 0, 0]],
  [[0, 1, 2, 3], [2, 0, 1, 1]],
  [[5, 5, 1, 2]],
  [[4, 2], [3, 0]],
  [[1, 3], [1, 1]],
];

/** Compares a decoder that is asked for rows with one a text that reads all of it from the start. */
function assertRows(
  start: () => Decoder,
  alone: (row: number) => Decoder,
  asked: typeof steps,
  rows: readonly number[],
): void {
  const decoder = start();
  let texts = rows.map((row) => ({ row, read: [] as number[] }));
  for (const [tokens, from = tokens.map((_, row) => row)] of asked) {
    texts = tokens.map((token, row) => {
      const { row: source, read } = texts[from[row]];
      return { row: source, read: [...read, token] };
    });
    const logits = decoder.next(Int32Array.from(tokens), Int32Array.from(from));
    const size = logits.length / tokens.length;
    for (const [row, { row: source, read }] of texts.entries()) {
      const own = alone(source);
      let expected = new Float32Array();
      for (const token of read) expected = own.next(Int32Array.of(token)) as typeof expected;
      own.dispose();
      const found = logits.subarray(row * size, (row + 1) * size);
      assert.equal(found.length, expected.length);
      found.forEach((value, at) =>
        assert.ok(Math.abs(value - expected[at]) < 1e-5, `${read}: ${value} and ${expected[at]}`)
      );
    }
  }
  decoder.dispose();
}

for (const engine of ["cpu", "wasm"] as EngineName[]) {
  for (const [name, create] of Object.entries(models)) {
    Deno.test(`${name} on ${engine} goes on with the rows that it is asked for`, async () => {
      await useEngine(engine);
      const model = create();
      const before = tf.memory().numTensors;
      assertRows(() => model.decoder(1), () => model.decoder(1), steps, [0]);
      assert.equal(tf.memory().numTensors, before);
      model.dispose();
    });
  }

  for (const attention of ["none", "dot"] as const) {
    for (const decoderReads of ["targets", "source"] as const) {
      Deno.test(`lstmSequenceToSequence with attention ${attention} that reads ${decoderReads} goes on with the rows that it is asked for, on ${engine}`, async () => {
        await useEngine(engine);
        const model = createSequenceToSequence(
          lstmSequenceToSequence({
            ...sizes,
            attention,
            ...(decoderReads === "source" && { decoderReads }),
          }),
          { vocabularySize, sourceVocabularySize: 6, seed: 1, fold: "test" },
        );
        const sources = [[3, 2, 4, 5], [4, 5]].map((ids) => Int32Array.from(ids));
        const before = tf.memory().numTensors;
        assertRows(
          () => model.decoder(padSequences(sources, 1)),
          (row) => model.decoder(padSequences([sources[row]], 1)),
          [
            [[2, 2]],
            [[3, 4, 5], [1, 1, 0]],
            [[1, 2, 3, 4], [2, 0, 1, 2]],
            [[5, 5], [1, 3]],
            [[0], [0]],
            [[4]],
          ],
          [0, 1],
        );
        assert.equal(tf.memory().numTensors, before);
        model.dispose();
      });
    }
  }
}

/** Every text of a length, with Σ log p of its tokens after a prompt, by reading each whole. */
function allTexts(model: LanguageModel, prompt: readonly number[], length: number) {
  const count = vocabularySize ** length;
  return Array.from({ length: count }, (_, index) => {
    const tokens = Array.from(
      { length },
      (_, place) => Math.floor(index / vocabularySize ** place) % vocabularySize,
    );
    const read = [...prompt, ...tokens];
    const logits = tf.tidy(() =>
      tf.logSoftmax(model.logits({
        inputs: Int32Array.from(read.slice(0, -1)),
        targets: Int32Array.from(read.slice(1)),
        time: read.length - 1,
        batch: 1,
        tokens: read.length - 1,
      })).dataSync()
    );
    const sum = tokens.reduce(
      (sum, token, place) => sum + logits[(prompt.length - 1 + place) * vocabularySize + token],
      0,
    );
    return { tokens, sum };
  }).sort((a, b) => b.sum - a.sum);
}

Deno.test("with a beam for every text the search finds the most probable texts of all, with their log-probabilities", async () => {
  await useEngine("wasm");
  for (const name of ["gruLanguageModel", "transformerLanguageModel"]) {
    const model = models[name]();
    const [prompt, length] = [[3, 1], 3];
    const expected = allTexts(model, prompt, length);
    const options = checkDecoding("search", { beams: vocabularySize ** 2, lengthPenalty: 0 }, {});
    const search = { ...options, length, ends: () => false };
    const found = beamSearch(model, Int32Array.from(prompt), search);
    assert.equal(found.length, vocabularySize ** 2);
    found.slice(0, 10).forEach(({ tokens, score }, rank) => {
      assert.deepEqual(tokens, expected[rank].tokens);
      assert.ok(Math.abs(score - expected[rank].sum) < 1e-5, `${score} ${expected[rank].sum}`);
    });
    model.dispose();
  }
});

/** Logits are a table's by the last token. */
function bigrams(table: readonly (readonly number[])[]) {
  const state = { disposed: 0 };
  const model = {
    decoder: () => ({
      next: (tokens: Int32Array) => Float32Array.from(Array.from(tokens).flatMap((t) => table[t])),
      dispose: () => state.disposed++,
    }),
  } as unknown as LanguageModel;
  return { model, state };
}

Deno.test("beam search finds what a greedy choice misses, frees the decoder, and draws nothing", () => {
  // Of 0 the likelier 1 leads to an even spread, 2 to a certain 3.
  const { model, state } = bigrams([
    [-9, 0.2, 0, -9],
    [0, 0, 0, 0],
    [-9, -9, -9, 9],
    [0, 0, 0, 0],
  ]);
  const stream = randomStream(1, "samples");
  const before = JSON.stringify(stream.state());
  const prompt = Int32Array.of(0);
  assert.deepEqual([...generate(model, prompt, { length: 2, beams: 2 }, stream)], [2, 3]);
  assert.equal(JSON.stringify(stream.state()), before);
  assert.equal(state.disposed, 1);
  const greedy = generate(model, prompt, { length: 2, temperature: 0 }, stream);
  assert.deepEqual([...greedy], [1, 0]);
  const best = generateTexts(model, prompt, { length: 2, beams: 3, count: 2 }, stream);
  assert.deepEqual(best.map((tokens) => [...tokens])[0], [2, 3]);
  assert.equal(best.length, 2);
});

Deno.test("an end token ends drawn texts and searched ones, and is no part of them", () => {
  const { model } = bigrams([[0, 9, 0], [0, 0, 9], [9, 0, 0]]);
  const stream = randomStream(1, "samples");
  for (const options of [{ temperature: 0 }, { beams: 2 }]) {
    const written = generate(
      model,
      Int32Array.of(0),
      { length: 9, endId: 2, ...options },
      stream,
    );
    assert.deepEqual([...written], [1]);
  }
});

Deno.test("a penalty on repetition reads the prompt and what was written", () => {
  const { model } = bigrams([[3, 2, 1], [3, 2, 1], [3, 2, 1]]);
  const write = (repetitionPenalty: number, prompt: number) => [...generate(
    model,
    Int32Array.of(prompt),
    { length: 3, temperature: 0, repetitionPenalty },
    randomStream(1, "samples"),
  )];
  assert.deepEqual(write(1, 0), [0, 0, 0]);
  assert.deepEqual(write(2, 1), [0, 0, 0]); // 3/2, 2/2 and 1: the first again
  assert.deepEqual(write(4, 0), [1, 2, 0]); // 3/4, 2, 1; then 2/4; then 1/4
});

const vocabulary = restorePairVocabulary(words(), [
  "<unk>",
  "<padding>",
  "<begin>",
  "<end>",
  "a",
  "b",
]);

Deno.test("targets of several sources are searched side by side as each alone, never with padding or begin", async () => {
  await useEngine("wasm");
  for (const attention of ["none", "dot"] as const) {
    const model = createSequenceToSequence(
      lstmSequenceToSequence({ ...sizes, attention, initialization: "pytorch" }),
      { vocabularySize, sourceVocabularySize: 6, seed: 4, fold: "test" },
    );
    const sources = [[3, 2, 4, 5], [4, 5], [5, 5, 2]].map((ids) => Int32Array.from(ids));
    const stream = randomStream(1, "samples");
    for (const lengthPenalty of [0, 1, 3]) {
      const options = { beams: 3, lengthPenalty, maximumLength: 7 };
      const write = (given: Int32Array[]) =>
        writeTargets(model, padSequences(given, 1), vocabulary, options, stream)
          .map((tokens) => [...tokens]);
      const together = write(sources);
      assert.deepEqual(together, sources.flatMap((source) => write([source])));
      assert.ok(together.flat().every((token) => token === 0 || token > 3), `${together}`);
      const rows = [
        ...targetTokens(model, padSequences(sources, 1), vocabulary, options, stream),
      ];
      assert.equal(rows.length, Math.max(...together.map(({ length }) => length)));
    }
    model.dispose();
  }
});

Deno.test("with beams the default temperature may be stated, and is as little drawn at", () => {
  for (const temperature of [undefined, null, 0, 1] as (number | undefined)[]) {
    const options = { beams: 2, temperature };
    const { temperature: checked } = checkDecoding("generate", options, {});
    assert.equal(checked, 0);
  }
});

Deno.test("options that would have no effect together are refused, with both", () => {
  const { model } = bigrams([[0]]);
  const write = (options: Parameters<typeof generateTokens>[2]) => () =>
    generateTokens(model, Int32Array.of(0), options, randomStream(1, "samples"));
  for (
    const [options, message] of [
      [
        { beams: 4, temperature: 0.8 },
        /temperature must be 0 with beams 4, for beam search draws nothing, found 0\.8/,
      ],
      [{ beams: 4, topK: 3 }, /topK must be null with beams 4/],
      [{ beams: 2, topP: 0.5 }, /topP must be 1 with beams 2/],
      [{ beams: 2, minP: 0.1 }, /minP must be 0 with beams 2/],
      [{ lengthPenalty: 2 }, /lengthPenalty must be 1 without beam search, found 2; beams from 2/],
      [{ beams: 1, earlyStopping: true }, /earlyStopping must be false without beam search/],
      [{ beams: 0 }, /beams must be .* from 1 to 1000, found 0/],
      [{ minP: 1.5 }, /minP must be .* to 1, found 1\.5/],
      [{ repetitionPenalty: 0 }, /repetitionPenalty must be .* above 0, found 0/],
      [
        { beams: 2, earlyStopping: "sometimes" as "never" },
        /earlyStopping must be one of false, true, "never", found "sometimes"/,
      ],
      [{ stopStrings: ["a", ""] }, /stopStrings must hold texts that are not empty, found ""/],
      [{ stopStrings: "a" as unknown as string[] }, /stopStrings must be a list of texts/],
      [{ stopStrings: ["a"] }, /need the vocabulary/],
    ] as const
  ) assert.throws(write({ length: 3, ...options }), message);
  assert.doesNotThrow(write({ length: 3, beams: 2, temperature: 0 }));
});
