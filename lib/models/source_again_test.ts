import assert from "node:assert/strict";
import { pairBatch } from "../data/pair_batches.ts";
import { restorePairVocabulary } from "../data/pair_tokens.ts";
import { words } from "../data/tokenizers/words.ts";
import { useEngine } from "../engine/engine.ts";
import { lstmSequenceToSequence } from "./lstm_sequence_to_sequence.ts";
import { createSequenceToSequence } from "./create.ts";

const sides = {
  sourceVocabulary: restorePairVocabulary(words(), ["<unk>", "<padding>", "<end>", "a", "b"]),
  targetVocabulary: restorePairVocabulary(words(), ["<unk>", "<padding>", "<begin>", "<end>", "A"]),
};
const context = { vocabularySize: 5, sourceVocabularySize: 5, seed: 1, fold: "test" };
const specification = lstmSequenceToSequence({
  embeddingSize: 4,
  hiddenSize: 3,
  decoderReads: "source",
  initialization: "pytorch",
});

Deno.test("a decoder that reads the source again depends on sources alone, and reads the end token after them", async () => {
  await useEngine("wasm");
  const model = createSequenceToSequence(specification, context);
  const pair = (source: number[], target: number[]) => ({
    source: Int32Array.from(source),
    target: Int32Array.from(target),
  });
  const logitsOf = (...pairs: ReturnType<typeof pair>[]) => {
    const logits = model.logits(pairBatch(pairs, sides));
    const values = [...logits.dataSync()];
    logits.dispose();
    return values;
  };
  const [end, END] = [2, 3];
  const first = logitsOf(pair([3, 4, end], [4, 4, 4, 4, END]));
  assert.deepEqual(logitsOf(pair([3, 4, end], [0, 4, 0, 4, END])), first);
  assert.notDeepEqual(logitsOf(pair([4, 4, end], [4, 4, 4, 4, END])), first);

  // Beside a longer pair, rows and padding change nothing.
  const beside = logitsOf(pair([3, 4, end], [4, 4, 4, 4, END]), pair([3, 3, 3, 3, end], [4, END]));
  const own = beside.filter((_, at) => Math.floor(at / 5) % 2 === 0);
  assert.ok(own.every((value, at) => Math.abs(value - first[at]) < 1e-6));

  const batch = pairBatch([pair([3, 4, end], [4, 4, 4, 4, END])], sides);
  const decoder = model.decoder(batch.source);
  for (let step = 0; step < 5; step++) {
    const scores = [...decoder.next(Int32Array.of(step % 2))];
    const expected = first.slice(5 * step, 5 * step + 5);
    assert.ok(scores.every((value, at) => Math.abs(value - expected[at]) < 1e-6), `step ${step}`);
  }
  decoder.dispose();
  model.dispose();
});

Deno.test("a decoder that reads the source again has no table of targets, so no tied weights", () => {
  const model = createSequenceToSequence(specification, context);
  assert.ok(model.parameters.every(({ description: { layer } }) => layer !== "targetEmbedding"));
  model.dispose();
  assert.throws(
    () => lstmSequenceToSequence({ ...sizes, tiedWeights: true, decoderReads: "source" }),
    /tiedWeights needs a decoder that reads targets/,
  );
  assert.throws(
    () => lstmSequenceToSequence({ ...sizes, decoderReads: "both" as "source" }),
    /decoderReads must be .*"source".*found "both"/,
  );
  assert.ok(!("decoderReads" in lstmSequenceToSequence(sizes)));
});

const sizes = { embeddingSize: 3, hiddenSize: 3 };
