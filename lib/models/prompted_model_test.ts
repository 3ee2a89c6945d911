import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { completionBatch } from "../data/completion_batches.ts";
import { padSources } from "../data/pair_batches.ts";
import { restorePairVocabulary } from "../data/pair_tokens.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { useEngine } from "../engine/engine.ts";
import { mostLikely, writeTargets } from "./conditional_generation.ts";
import { createModel } from "./create.ts";
import { gruLanguageModel } from "./gru_language_model.ts";
import { lstmLanguageModel } from "./lstm_language_model.ts";
import { promptedModel } from "./prompted_model.ts";
import { rnnLanguageModel } from "./rnn_language_model.ts";
import { transformerLanguageModel } from "./transformer_language_model.ts";

const vocabulary = restorePairVocabulary(characters(), [
  ...["\uFFFD", "<padding>", "<begin>", "<end>"],
  ..."abcdefg",
]);
const sizes = { embeddingSize: 8, hiddenSize: 12 };
const models = [
  gruLanguageModel(sizes),
  lstmLanguageModel({ ...sizes, layers: 2 }),
  rnnLanguageModel(sizes),
  transformerLanguageModel({ embeddingSize: 8, layers: 2, heads: 2, blockSize: 16 }),
];
const stream = randomStream(1, "prompts");
/** Of five lengths, some of them twice, the mark alone among them. */
const prompts = [3, 0, 5, 3, 1, 0, 7].map((length) =>
  Int32Array.of(...Array.from({ length }, () => 4 + stream.integer(7)), vocabulary.beginId)
);
const maximumLength = 6;

for (const specification of models) {
  Deno.test(`${specification.kind}: completions written side by side are those that its scores give one by one, and no tensor is left`, async () => {
    await useEngine("wasm");
    const context = { vocabularySize: vocabulary.size, seed: 5, fold: "test" };
    const model = promptedModel(createModel(specification, context));
    // Scores that are far from each other, so that rounding decides nothing.
    for (const { variable } of model.parameters) {
      tf.tidy(() => variable.assign(tf.mul(variable, 3)));
    }
    const before = tf.memory().numTensors;
    const source = padSources(prompts, vocabulary, null);
    const greedy = { temperature: 0, maximumLength };
    const written = writeTargets(model, source, vocabulary, greedy, randomStream(1, "unused"));
    for (const [index, prompt] of prompts.entries()) {
      const expected: number[] = [];
      while (expected.length < maximumLength) {
        const target = Int32Array.of(...expected, vocabulary.endId);
        const batch = completionBatch([{ source: prompt, target }], vocabulary);
        const logits = model.logits(batch as never);
        const last = logits.dataSync().slice(-vocabulary.size) as Float32Array;
        logits.dispose();
        last[vocabulary.paddingId] = last[vocabulary.beginId] = -Infinity;
        const token = mostLikely(last);
        if (token === vocabulary.endId) break;
        expected.push(token);
      }
      assert.deepEqual([...written[index]], expected, `prompt ${index}`);
    }
    assert.ok(new Set(written.map(String)).size > 2, "completions differ by their prompts");
    // Beams side by side are those of each prompt alone.
    const beams = { ...greedy, beams: 2 };
    const together = writeTargets(model, source, vocabulary, beams, randomStream(1, "unused"));
    for (const [index, prompt] of prompts.entries()) {
      const alone = padSources([prompt], vocabulary, null);
      const [found] = writeTargets(model, alone, vocabulary, beams, randomStream(1, "unused"));
      assert.deepEqual(together[index], found, `beams of prompt ${index}`);
    }
    assert.equal(tf.memory().numTensors, before);
    model.dispose();
  });
}

Deno.test("a decoder that reads a prompt without scores scores what follows with the same bits, past its longest window too", async () => {
  await useEngine("wasm");
  const context = { vocabularySize: vocabulary.size, seed: 5, fold: "test" };
  const model = createModel(models[3], context);
  const [reading, scoring] = [model.decoder(2), model.decoder(2)];
  for (let length = 0; length < 20; length++) {
    const tokens = Int32Array.of(4 + length % 7, 4 + length % 3);
    if (length % 6 < 5) reading.read!(tokens);
    else assert.deepEqual(reading.next(tokens), scoring.next(tokens));
    if (length % 6 < 5) scoring.next(tokens);
  }
  reading.dispose();
  scoring.dispose();
  model.dispose();
});
