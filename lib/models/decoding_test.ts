import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { chooseToken, generate, generateTokens } from "./decoding.ts";
import type { LanguageModel } from "./model.ts";

const logits = Float32Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.15), Math.log(0.05));

function frequencies(options: Parameters<typeof chooseToken>[1], draws = 20000): number[] {
  const stream = randomStream(7, "samples");
  const counts = [0, 0, 0, 0];
  for (let draw = 0; draw < draws; draw++) counts[chooseToken(logits, options, stream)]++;
  return counts.map((count) => count / draws);
}

function near(found: number[], expected: number[]) {
  expected.forEach((value, index) =>
    // 20,000 draws: four standard errors of a share are at most 0.0142.
    assert.ok(Math.abs(found[index] - value) < 0.0142, `${found} against ${expected}`)
  );
  expected.forEach((value, index) => value === 0 && assert.equal(found[index], 0));
}

Deno.test("chooseToken at temperature 1 follows the softmax of the logits", () => {
  near(frequencies({}), [0.5, 0.3, 0.15, 0.05]);
});

Deno.test("chooseToken divides logits by the temperature", () => {
  const powers = [0.5, 0.3, 0.15, 0.05].map((p) => p ** 2);
  const sum = powers.reduce((a, b) => a + b);
  near(frequencies({ temperature: 0.5 }), powers.map((p) => p / sum));
});

Deno.test("chooseToken keeps the k most likely tokens, or the fewest that reach top-p", () => {
  near(frequencies({ topK: 2 }), [0.625, 0.375, 0, 0]);
  near(frequencies({ topP: 0.7 }), [0.625, 0.375, 0, 0]);
  near(frequencies({ topP: 0.4 }), [1, 0, 0, 0]);
});

Deno.test("chooseToken is greedy at temperature 0 and takes the lower id of equal logits", () => {
  const stream = randomStream(1, "samples");
  assert.equal(chooseToken(Float32Array.of(1, 2, 2), { temperature: 0 }, stream), 1);
});

Deno.test("chooseToken stays finite for logits of ±1e4", () => {
  const stream = randomStream(1, "samples");
  assert.equal(chooseToken(Float32Array.of(-1e4, 1e4, 0), {}, stream), 1);
});

Deno.test("chooseToken refuses options out of range", () => {
  const stream = randomStream(1, "samples");
  assert.throws(() => chooseToken(logits, { temperature: -1 }, stream), /temperature/);
  assert.throws(() => chooseToken(logits, { topK: 0 }, stream), /topK/);
  assert.throws(() => chooseToken(logits, { topP: 0 }, stream), /topP/);
  assert.throws(() => chooseToken(logits, { temperature: NaN }, stream), /temperature/);
});

/** Scores the token after the one it read highest; counts what is read and freed. */
function counting() {
  const read: number[] = [];
  const state = { read, disposed: 0 };
  const model = {
    decoder: () => ({
      next(tokens: Int32Array) {
        read.push(tokens[0]);
        return Float32Array.from({ length: 5 }, (_, id) => id === (tokens[0] + 1) % 5 ? 9 : 0);
      },
      dispose: () => state.disposed++,
    }),
  } as unknown as LanguageModel;
  return { model, state };
}

Deno.test("generate reads the prompt, then its own tokens, and frees the decoder", () => {
  const { model, state } = counting();
  const stream = randomStream(1, "samples");
  const tokens = generate(model, Int32Array.of(3, 1), { length: 3, temperature: 0 }, stream);
  assert.deepEqual([...tokens], [2, 3, 4]);
  assert.deepEqual(state, { read: [3, 1, 2, 3], disposed: 1 });
  assert.throws(() => generate(model, new Int32Array(), { length: 3 }, stream), /prompt/);
});

Deno.test("generateTokens gives each token before it reads it, and frees the decoder when the taker stops", () => {
  const { model, state } = counting();
  const stream = randomStream(1, "samples");
  const options = { length: 9, temperature: 0 };
  for (const token of generateTokens(model, Int32Array.of(3), options, stream)) {
    assert.equal(state.read.at(-1), (token + 4) % 5);
    if (state.read.length === 2) break;
  }
  assert.deepEqual(state, { read: [3, 4], disposed: 1 });
  assert.throws(() => generateTokens(model, new Int32Array(), { length: 3 }, stream), /prompt/);
  assert.throws(() => generateTokens(model, Int32Array.of(1), { length: 0 }, stream), /length/);
});
