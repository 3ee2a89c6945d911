/** Generation with the keys and values of what was read kept. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { generate } from "./decoding.ts";
import { llamaLanguageModel } from "./llama_language_model.ts";
import type { LanguageModel } from "./model.ts";
import { testOnEachEngine } from "./testing/engines.ts";
import { batchOf, build, vocabularySize } from "./testing/small_models.ts";

const specification = llamaLanguageModel({
  ...{ embeddingSize: 16, layers: 3, heads: 4, keyValueHeads: 2, blockSize: 150 },
  ...{ queryKeyNorm: true, kernelInitializer: { kind: "normal", standardDeviation: 0.3 } },
});

function assertClose(found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(found.length, expected.length, what);
  for (let i = 0; i < found.length; i++) {
    assert.ok(
      Math.abs(found[i] - expected[i]) <= 2e-5,
      `${what}, ${i}: ${found[i]}, not ${expected[i]}`,
    );
  }
}

/** Scores after the last token of texts of one length, read at once. */
function scoresAfter(model: LanguageModel, texts: readonly (readonly number[])[]): Float32Array {
  const [time, batch] = [texts[0].length, texts.length];
  const inputs = Int32Array.from(
    { length: time * batch },
    (_, row) => texts[row % batch][Math.floor(row / batch)],
  );
  return tf.tidy(() => {
    const all = model.logits({ inputs, targets: inputs, time, batch, tokens: time * batch });
    return all.dataSync().slice((time - 1) * batch * vocabularySize) as Float32Array;
  });
}

testOnEachEngine(
  "a decoder that keeps keys and values scores as reading the whole text anew, in whatever portions it reads",
  (engine) => {
    const model = build(specification);
    const { inputs, targets, time, batch, tokens } = batchOf(140, 3);
    const expected = tf.tidy(() =>
      model.logits({ inputs, targets, time, batch, tokens }).dataSync() as Float32Array
    );
    // Only 1 of so many steps is scored, the others are read; the room grows at 64 and 128 steps.
    for (const portion of engine === "cpu" ? [35] : [1, 3, 67]) {
      const decoder = model.decoder(batch);
      for (let t = 0; t < time; t++) {
        const step = inputs.slice(t * batch, (t + 1) * batch);
        if (t % portion < portion - 1) {
          decoder.read!(step);
          continue;
        }
        const row = t * batch * vocabularySize;
        assertClose(
          decoder.next(step),
          expected.subarray(row, row + batch * vocabularySize),
          `step ${t} in portions of ${portion}`,
        );
      }
      decoder.dispose();
    }
    model.dispose();
  },
);

testOnEachEngine(
  "a decoder that keeps keys and values goes on with any rows, more or fewer than before",
  () => {
    const model = build(specification);
    const decoder = model.decoder(2);
    let texts: number[][] = [[1], [2]];
    assertClose(decoder.next(Int32Array.of(1, 2)), scoresAfter(model, texts), "two texts");
    const stream = randomStream(1, "rows");
    // As a beam search asks: all kept, exchanged, repeated, left out, read without scores between.
    for (
      const [at, from] of [[0, 1], [1, 0], [0, 0, 1, 1, 1], [4, 2, 0], [2, 2, 2], [1]].entries()
    ) {
      const last = from.map(() => stream.integer(vocabularySize));
      texts = from.map((row, text) => [...texts[row], last[text]]);
      const scores = decoder.next(Int32Array.from(last), Int32Array.from(from));
      assertClose(scores, scoresAfter(model, texts), `after rows ${from}`);
      if (at % 2 === 0) continue;
      const read = texts.map(() => stream.integer(vocabularySize));
      decoder.read!(Int32Array.from(read));
      texts = texts.map((text, row) => [...text, read[row]]);
    }
    decoder.dispose();
    model.dispose();
  },
);

Deno.test("beyond blockSize a decoder scores by the last blockSize tokens, as if nothing had been before", async () => {
  await useEngine("wasm");
  const model = build({ ...specification, blockSize: 5 });
  const text = [...batchOf(20, 1).inputs];
  const decoder = model.decoder(1);
  text.forEach((token, at) => {
    const scores = decoder.next(Int32Array.of(token));
    const window = text.slice(Math.max(0, at - 4), at + 1);
    assertClose(scores, scoresAfter(model, [window]), `token ${at}`);
  });
  decoder.dispose();
  model.dispose();
});

Deno.test("generation by kept keys and values is the same each time, greedy that of reading anew, and leaves no tensor behind", async () => {
  await useEngine("wasm");
  const model = build(specification);
  const before = tf.memory().numTensors;
  const prompt = Int32Array.of(1, 2, 3);
  const draw = () => [...generate(model, prompt, { length: 90 }, randomStream(1, "samples"))];
  assert.deepEqual(draw(), draw());
  const greedy = { length: 60, temperature: 0 };
  const found = [...generate(model, prompt, greedy, randomStream(1, "samples"))];
  const text = [...prompt];
  for (const token of found) {
    const scores = scoresAfter(model, [text]);
    assert.equal(token, scores.indexOf(Math.max(...scores)), `token ${text.length}`);
    text.push(token);
  }
  const beams = () => [
    ...generate(
      model,
      prompt,
      { length: 20, beams: 4, temperature: 0 },
      randomStream(1, "samples"),
    ),
  ];
  assert.deepEqual(beams(), beams());
  assert.equal(tf.memory().numTensors, before);
  model.dispose();
});
