import assert from "node:assert/strict";
import type { Batch } from "./batches.ts";
import { carriedEvaluationBatches, carriedTrainingBatches } from "./carried_batches.ts";
import { tokensInMemory } from "./tokens.ts";

const range = (from: number, length: number) => Int32Array.from({ length }, (_, i) => from + i);
const span = (from: number, length: number) => tokensInMemory(range(from, length));

/** Tokens that row `row` of a batch predicts, without padding. */
function targetsOf({ targets, mask, time, batch }: Batch, row: number): number[] {
  return Array.from({ length: time }, (_, t) => t * batch + row)
    .filter((at) => mask === undefined || mask[at] === 1)
    .map((at) => targets[at]);
}

Deno.test("carriedTrainingBatches reads every span as streams in order and begins at zero after a gap and an epoch", () => {
  const spans = [span(0, 12), span(100, 2), span(200, 6)]; // 11, 1 and 5 targets
  const batches = carriedTrainingBatches(spans, { windowLength: 2, batchSize: 2 });
  const seen: number[][][] = [];
  const began: boolean[] = [];
  for (let i = 0; i < 5; i++) {
    const batch = batches.next();
    began.push(batch.carried!.before() === null);
    batch.carried!.keep([Float32Array.of(i)]);
    assert.equal(batch.mask, undefined);
    batch.inputs.forEach((token, at) => assert.equal(batch.targets[at], token + 1));
    seen.push([targetsOf(batch, 0), targetsOf(batch, 1)]);
  }
  // 5 targets a stream of the first span; the second has too few; 2 a stream of the third.
  const epoch = [
    [[1, 2], [6, 7]],
    [[3, 4], [8, 9]],
    [[5], [10]],
    [[201, 202], [203, 204]],
  ];
  assert.deepEqual(seen, [...epoch, epoch[0]]);
  assert.deepEqual(began, [true, false, false, true, true]);
});

Deno.test("carriedTrainingBatches hands on what the model kept, also when a batch is read twice, and goes on from a position", () => {
  const options = { windowLength: 2, batchSize: 1 };
  const batches = carriedTrainingBatches([span(0, 9)], options);
  batches.next().carried!.keep([Float32Array.of(1, 2)]);
  const second = batches.next();
  const before = [Float32Array.of(1, 2)];
  assert.deepEqual(second.carried!.before(), before);
  second.carried!.keep([Float32Array.of(3, 4)]);
  assert.deepEqual(second.carried!.before(), before);
  const again = carriedTrainingBatches([span(0, 9)], { ...options, from: batches.position() });
  const [one, other] = [batches.next(), again.next()];
  assert.deepEqual(other.inputs, one.inputs);
  assert.deepEqual(other.carried!.before(), [Float32Array.of(3, 4)]);
});

Deno.test("carriedTrainingBatches refuses spans that are too short for the streams", () => {
  assert.throws(
    () => carriedTrainingBatches([span(0, 4)], { windowLength: 2, batchSize: 4 }),
    /batchSize 4 streams, found 3 in the longest/,
  );
});

Deno.test("carriedEvaluationBatches holds every target once, in stretches that begin at zero", () => {
  const spans = [span(0, 12), span(100, 5)];
  const options = { windowLength: 2, batchSize: 3, stretchLength: 5 };
  const batches = [...carriedEvaluationBatches(spans, options)];
  const targets = batches.flatMap((batch) =>
    Array.from({ length: batch.batch }, (_, row) => targetsOf(batch, row)).flat()
  );
  const expected = [...range(1, 11), ...range(101, 4)];
  assert.deepEqual(targets.sort((a, b) => a - b), expected);
  assert.equal(batches.reduce((sum, { tokens }) => sum + tokens, 0), expected.length);
  // Stretches of 5, 5, 1 and 4 targets: three windows for the first three, two for the last.
  assert.deepEqual(batches.map(({ time }) => time), [2, 2, 1, 2, 2]);
  for (let pass = 0; pass < 2; pass++) {
    const before = batches.map(({ carried }, index) => {
      carried!.before();
      carried!.keep([Float32Array.of(index)]);
      // A batch may be read twice before the next one is.
      const again = carried!.before();
      carried!.keep([Float32Array.of(index)]);
      return again && again[0][0];
    });
    assert.deepEqual(before, [null, 0, 1, null, 3]);
  }
});

Deno.test("carriedEvaluationBatches with maximumTokens takes stretches spaced evenly", () => {
  const options = { windowLength: 2, batchSize: 8, stretchLength: 4 };
  const batches = [...carriedEvaluationBatches([span(0, 41)], { ...options, maximumTokens: 10 })];
  // Two of ten stretches: the third and the eighth.
  assert.deepEqual(targetsOf(batches[0], 0), [9, 10]);
  assert.deepEqual(targetsOf(batches[1], 1), [31, 32]);
  assert.equal(batches.reduce((sum, { tokens }) => sum + tokens, 0), 8);
  assert.throws(
    () => carriedEvaluationBatches([span(0, 9)], { ...options, stretchLength: 1 }),
    /stretchLength .* from 2/,
  );
  assert.throws(() => carriedEvaluationBatches([span(0, 1)], options), /at least 2 tokens/);
});
