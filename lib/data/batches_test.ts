import assert from "node:assert/strict";
import { RandomStream, randomStream } from "../core/random.ts";
import { type Batch, evaluationBatches, trainingBatches } from "./batches.ts";
import { readTokens, type Tokens, tokensInMemory } from "./tokens.ts";

/** Spans of consecutive numbers, span k from 1000 k + 1: a window tells where it came from. */
function spansOf(...lengths: number[]): Tokens[] {
  return lengths.map((length, span) =>
    tokensInMemory(Int32Array.from({ length }, (_, token) => 1000 * span + token + 1))
  );
}

function row(values: ArrayLike<number>, { time, batch }: Batch, index: number): number[] {
  return Array.from({ length: time }, (_, t) => values[t * batch + index]);
}

Deno.test("trainingBatches draws whole windows in time-major order, targets one token ahead", () => {
  const spans = spansOf(9, 3, 6);
  const stream = randomStream(3, "batches");
  const batches = trainingBatches(spans, { windowLength: 4, batchSize: 5, stream });
  for (let step = 0; step < 50; step++) {
    const batch = batches.next();
    assert.deepEqual([batch.time, batch.batch, batch.tokens, batch.mask], [4, 5, 20, undefined]);
    for (let index = 0; index < 5; index++) {
      const inputs = row(batch.inputs, batch, index);
      const targets = row(batch.targets, batch, index);
      const span = readTokens(spans[Math.floor(inputs[0] / 1000)]);
      const start = span.indexOf(inputs[0]);
      assert.deepEqual(inputs, [...span.slice(start, start + 4)]);
      assert.deepEqual(targets, [...span.slice(start + 1, start + 5)]);
    }
  }
});

Deno.test("trainingBatches draws every position of every span that is long enough, equally often", () => {
  // 9 − 4 = 5 and 6 − 4 = 2 positions; a span of 4 tokens has none.
  const stream = randomStream(5, "batches");
  const batches = trainingBatches(spansOf(9, 4, 6), { windowLength: 4, batchSize: 100, stream });
  const counts = new Map<number, number>();
  for (let step = 0; step < 140; step++) {
    const batch = batches.next();
    for (let index = 0; index < 100; index++) {
      counts.set(batch.inputs[index], (counts.get(batch.inputs[index]) ?? 0) + 1);
    }
  }
  assert.deepEqual([...counts.keys()].sort((a, b) => a - b), [1, 2, 3, 4, 5, 2001, 2002]);
  // Expected 2000 each; standard deviation √(14000 · 1/7 · 6/7) ≈ 41.
  for (const count of counts.values()) assert.ok(Math.abs(count - 2000) < 5 * 42, `${count}`);
});

Deno.test("trainingBatches goes on from a stored state with the same batches", () => {
  const spans = spansOf(50, 40);
  const sizes = { windowLength: 8, batchSize: 3 };
  const batches = trainingBatches(spans, { ...sizes, stream: randomStream(1, "batches") });
  batches.next();
  const state = JSON.parse(JSON.stringify(batches.state()));
  const again = trainingBatches(spans, { ...sizes, stream: RandomStream.from(state) });
  for (let step = 0; step < 5; step++) assert.deepEqual(again.next(), batches.next());
});

Deno.test("trainingBatches gives the batches of a seed, bit for bit", () => {
  const stream = randomStream(1, "fold 0", "batches");
  const batches = trainingBatches(spansOf(50, 40), { windowLength: 2, batchSize: 4, stream });
  assert.deepEqual([...batches.next().inputs], [1005, 1005, 1032, 1026, 1006, 1006, 1033, 1027]);
});

Deno.test("trainingBatches refuses spans without a window and sizes below 1", () => {
  const stream = randomStream(1, "batches");
  const draw = (windowLength: number, batchSize: number) =>
    trainingBatches(spansOf(4, 3), { windowLength, batchSize, stream });
  assert.throws(() => draw(4, 2), /windowLength \+ 1 = 5 tokens, found 4 in the longest/);
  assert.throws(() => draw(0, 2), /trainingBatches: windowLength must be .* from 1, found 0/);
  assert.throws(() => draw(2, 0), /batchSize must be .* from 1, found 0/);
  assert.throws(
    () => trainingBatches([], { windowLength: 1, batchSize: 1, stream }),
    /found 0 in the longest/,
  );
});

/** The counted (input, target) pairs of batches, in order of rows. */
function counted(batches: Iterable<Batch>): [number, number][] {
  const pairs: [number, number][] = [];
  for (const batch of batches) {
    let tokens = 0;
    for (let index = 0; index < batch.batch; index++) {
      const mask = batch.mask === undefined ? null : row(batch.mask, batch, index);
      const inputs = row(batch.inputs, batch, index);
      const targets = row(batch.targets, batch, index);
      for (let t = 0; t < batch.time; t++) {
        if (mask === null || mask[t] === 1) pairs.push([inputs[t], targets[t]]);
        else assert.deepEqual([mask[t], inputs[t], targets[t]], [0, 0, 0]);
      }
      tokens += mask === null ? batch.time : mask.reduce((sum, value) => sum + value, 0);
    }
    assert.equal(batch.tokens, tokens);
  }
  return pairs;
}

Deno.test("evaluationBatches predicts every token but the first of each span exactly once, in order", () => {
  for (const windowLength of [1, 2, 3, 5, 8, 50]) {
    for (const batchSize of [1, 2, 3, 7]) {
      for (const lengths of [[17], [9, 2, 1, 12], [2], [1, 0, 3], [6, 6, 6]]) {
        const spans = spansOf(...lengths);
        const expected = spans.flatMap((span) =>
          [...readTokens(span)].slice(1).map((target) => [target - 1, target])
        );
        assert.deepEqual(counted(evaluationBatches(spans, { windowLength, batchSize })), expected);
      }
    }
  }
});

Deno.test("evaluationBatches pads the last batch with masked rows, and needs no mask when full", () => {
  const batches = [...evaluationBatches(spansOf(13), { windowLength: 4, batchSize: 2 })];
  assert.deepEqual(batches.map(({ batch, tokens }) => [batch, tokens]), [[2, 8], [2, 4]]);
  assert.equal(batches[0].mask, undefined);
  assert.deepEqual([...batches[1].mask!], [1, 0, 1, 0, 1, 0, 1, 0]);
  const [single] = evaluationBatches(spansOf(13), { windowLength: 4, batchSize: 100 });
  assert.equal(single.batch, 3);
});

Deno.test("evaluationBatches with maximumTokens takes whole windows spaced evenly", () => {
  const options = { windowLength: 10, batchSize: 4 };
  const starts = (maximumTokens: number) =>
    [...evaluationBatches(spansOf(1001), { ...options, maximumTokens })]
      .flatMap((batch) => Array.from({ length: batch.batch }, (_, index) => batch.inputs[index]))
      .filter((start) => start > 0);
  assert.deepEqual(starts(59), [101, 301, 501, 701, 901]);
  assert.deepEqual(starts(10), [501]);
  assert.equal(starts(1000).length, 100);
  assert.equal(starts(100_000).length, 100);
  for (let maximumTokens = 10; maximumTokens < 1000; maximumTokens += 37) {
    const chosen = starts(maximumTokens);
    assert.equal(chosen.length, Math.floor(maximumTokens / 10));
    assert.equal(new Set(chosen).size, chosen.length, "no window twice");
  }
});

Deno.test("evaluationBatches refuses spans without a target and less than one window", () => {
  const options = { windowLength: 4, batchSize: 2 };
  assert.throws(() => evaluationBatches([], options), /at least 2 tokens, found none/);
  assert.throws(() => evaluationBatches(spansOf(1, 1), options), /at least 2 tokens, found none/);
  assert.throws(
    () => evaluationBatches(spansOf(100), { ...options, maximumTokens: 3 }),
    /maximumTokens must be .* from 4, found 3/,
  );
});
