import assert from "node:assert/strict";
import { randomStream } from "../../core/random.ts";
import { foldCorrelation } from "./fold_correlation.ts";

/** Words of some letters, the same list for all texts, in an order of its own. */
function text(letters: number, length: number, seed: number): string {
  const lexicon = randomStream(0, "lexicon", "test");
  const words = Array.from(
    { length: 40 },
    () => Array.from({ length: 4 }, () => "abcdefghijkl"[lexicon.integer(letters)]).join(""),
  );
  const stream = randomStream(seed, "text", "test");
  let written = "";
  while (written.length < length) written += words[stream.integer(words.length)] + " ";
  return written.slice(0, length);
}

Deno.test("folds of texts that are alike share little, folds of texts of two kinds share much", () => {
  const alike = Array.from({ length: 12 }, (_, seed) => text(12, 600, seed));
  const kinds = alike.map((each, seed) => seed % 2 === 0 ? each : text(2, 600, seed));
  const [few, many] = [alike, kinds].map((texts) => foldCorrelation(texts, { folds: 5 }));
  assert.ok(few.largest >= few.weak && few.weak >= 0);
  assert.ok(many.largest > few.largest + 0.2, `${many.largest} ${few.largest}`);
  assert.deepEqual([many.folds, many.texts], [5, 12]);
});

Deno.test("folds that train on the same characters share more than folds that train on the rest", () => {
  const texts = Array.from({ length: 40 }, (_, seed) => text(12, 600, seed));
  const whole = foldCorrelation(texts, { folds: 10 });
  const first = foldCorrelation(texts, { folds: 10, trainingTokens: 40 });
  assert.ok(first.largest > whole.largest, `${first.largest} ${whole.largest}`);
});

Deno.test("equal texts share nothing that differs, and one text is refused", () => {
  const same = foldCorrelation([text(12, 300, 1), text(12, 300, 1)], { folds: 3 });
  assert.equal(same.largest, 0);
  assert.throws(() => foldCorrelation(["abc"], { folds: 2 }), /must be two texts, found 1/);
});
