import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { sampleStatistics } from "./sample_statistics.ts";

const ids = (text: string) => Int32Array.from(text, (letter) => letter.codePointAt(0)!);

Deno.test("sampleStatistics gives values worked by hand", () => {
  // 2-grams of the sample: ab ba ab bc cd, four of them different.
  const texts = { training: [ids("xxcd"), ids("zabab")], heldOut: [ids("abc")] };
  const found = sampleStatistics(ids("ababcd"), texts, { nGramLength: 2 });
  assert.deepEqual(found, {
    tokens: 6,
    distinct: [4 / 6, 4 / 5, 1, 1],
    nGramLength: 2,
    repetition: 1 - 4 / 5,
    // The excerpt is as long as the held-out text: "zab" of the longest span. ab stands twice.
    trainingOverlap: 2 / 5,
    // ab, ab, bc
    heldOutOverlap: 3 / 5,
    memorizedShare: 2 / 5 - 3 / 5,
    // abab; bcd would go over the end of no span but is in none.
    longestCopiedSpan: 4,
  });
});

Deno.test("sampleStatistics calls a copy of the training excerpt memorized and a copy of the held-out text not", () => {
  const stream = randomStream(1, "letters");
  const text = Int32Array.from({ length: 400 }, () => stream.integer(20));
  const [training, heldOut] = [text.subarray(0, 200), text.subarray(200)];
  const texts = { training: [training], heldOut: [heldOut] };
  const copied = sampleStatistics(training.slice(20, 80), texts, { nGramLength: 6 });
  assert.equal(copied.memorizedShare, 1);
  assert.equal(copied.longestCopiedSpan, 60);
  const other = sampleStatistics(heldOut.slice(20, 80), texts, { nGramLength: 6 });
  assert.equal(other.memorizedShare, -1);
  assert.ok(other.longestCopiedSpan < 6);
  const mixed = Int32Array.of(...training.slice(0, 30), ...heldOut.slice(0, 30));
  // 25 n-grams of each, and 5 over the seam.
  assert.equal(sampleStatistics(mixed, texts, { nGramLength: 6 }).trainingOverlap, 25 / 55);
  assert.equal(sampleStatistics(mixed, texts, { nGramLength: 6 }).heldOutOverlap, 25 / 55);
});

Deno.test("sampleStatistics finds in texts exactly what a search of the joined text finds", () => {
  const stream = randomStream(2, "letters");
  const draw = (length: number) => Int32Array.from({ length }, () => stream.integer(3));
  for (let repeat = 0; repeat < 20; repeat++) {
    const [sample, heldOut] = [draw(12), draw(30)];
    const training = [draw(25), draw(18)];
    const found = sampleStatistics(sample, { training, heldOut: [heldOut] }, { nGramLength: 4 });
    const within = (from: number, length: number, spans: readonly Int32Array[]) =>
      spans.some((span) => span.join("").includes(sample.slice(from, from + length).join("")));
    const share = (spans: readonly Int32Array[]) =>
      [0, 1, 2, 3, 4, 5, 6, 7, 8].filter((from) => within(from, 4, spans)).length / 9;
    assert.equal(found.trainingOverlap, share([training[0], training[1].subarray(0, 5)]));
    assert.equal(found.heldOutOverlap, share([heldOut]));
    const lengths = Array.from({ length: 13 }, (_, length) => length).filter((length) =>
      Array.from({ length: 13 - length }, (_, from) => from)
        .some((from) => within(from, length, training))
    );
    assert.equal(found.longestCopiedSpan, Math.max(...lengths));
  }
});

Deno.test("sampleStatistics refuses n-grams that are longer than the sample", () => {
  const texts = { training: [ids("ab")], heldOut: [ids("ab")] };
  assert.throws(
    () => sampleStatistics(ids("ab"), texts, { nGramLength: 3 }),
    /nGramLength .* from 1 to 2, found 3/,
  );
});
