import assert from "node:assert/strict";
import { RandomStream, randomStream } from "../core/random.ts";
import type { Batch } from "./batches.ts";
import { epochBatches, epochPairBatches, meanBatch, windowsOfEpoch } from "./epochs.ts";
import { pairBatch } from "./pair_batches.ts";
import { pairTokenizer } from "./pair_tokens.ts";
import { inlinePairs, type TextPair } from "./pairs.ts";
import { type EncodedPair, preparePairs } from "./prepare_pairs.ts";
import { words } from "./tokenizers/words.ts";
import { readTokens, type Tokens, tokensInMemory } from "./tokens.ts";
import reference from "./_reference/epochs.json" with { type: "json" };

/** Spans of consecutive numbers, span k from 10000 k + 1: a window tells where it came from. */
function spansOf(...lengths: number[]): Tokens[] {
  return lengths.map((length, span) =>
    tokensInMemory(Int32Array.from({ length }, (_, token) => 10_000 * span + token + 1))
  );
}

/** The rows of a batch: inputs and the last target. */
function windowsOf({ inputs, targets, time, batch, tokens, mask }: Batch): number[][] {
  assert.equal(mask, undefined);
  assert.equal(tokens, time * batch);
  return Array.from({ length: batch }, (_, row) => {
    const read = (values: Int32Array) =>
      Array.from({ length: time }, (_, t) => values[t * batch + row]);
    const last = targets[(time - 1) * batch + row];
    assert.deepEqual(read(targets), [...read(inputs).slice(1), last]);
    return [...read(inputs), last];
  });
}

const stream = (seed = 1) => randomStream(seed, "batches");

/** Batches of one epoch after another. */
function epochsOf(batches: { next(): Batch; read(): number }, windows: number, count: number) {
  return Array.from({ length: count }, () => {
    const epoch: Batch[] = [];
    do epoch.push(batches.next()); while (batches.read() < windows);
    return epoch;
  });
}

Deno.test("an epoch has each window once: no target twice, all of a span's but what is left over", () => {
  const draws = randomStream(7, "shapes");
  for (let draw = 0; draw < 60; draw++) {
    const windowLength = 1 + draws.integer(9);
    const batchSize = 1 + draws.integer(12);
    const lengths = Array.from({ length: 1 + draws.integer(4) }, () => 1 + draws.integer(60));
    lengths[0] += windowLength;
    const spans = spansOf(...lengths);
    const windows = windowsOfEpoch(lengths, windowLength);
    const batches = epochBatches(spans, { windowLength, batchSize, stream: stream(draw) });
    for (const epoch of epochsOf(batches, windows, 3)) {
      assert.equal(epoch.length, Math.ceil(windows / batchSize));
      const read = epoch.flatMap(windowsOf);
      assert.equal(read.length, windows);
      for (const window of read) {
        // Of one span, one behind the other.
        const span = readTokens(spans[Math.floor(window[0] / 10_000)]);
        const start = span.indexOf(window[0]);
        assert.deepEqual(window, [...span.subarray(start, start + windowLength + 1)]);
      }
      for (const [index, span] of spans.entries()) {
        const targets = read.filter(([first]) => Math.floor(first / 10_000) === index)
          .flatMap((window) => window.slice(1)).sort((a, b) => a - b);
        assert.equal(new Set(targets).size, targets.length);
        const leftOver = span.length - 1 - targets.length;
        assert.ok(leftOver >= 0 && leftOver < windowLength, `${leftOver} of ${windowLength}`);
        // Without a gap.
        if (targets.length > 0) assert.equal(targets.at(-1)! - targets[0], targets.length - 1);
      }
    }
  }
});

Deno.test("two epochs have other orders, and other windows where a span does not divide", () => {
  const windowLength = 4;
  const orders = (length: number) => {
    const batches = epochBatches(spansOf(length), { windowLength, batchSize: 3, stream: stream() });
    return epochsOf(batches, windowsOfEpoch([length], windowLength), 40)
      .map((epoch) => epoch.flatMap(windowsOf).map(([first]) => first));
  };
  const exact = orders(41);
  assert.notDeepEqual(exact[0], exact[1]);
  for (const epoch of exact) {
    assert.deepEqual(epoch.toSorted((a, b) => a - b), [1, 5, 9, 13, 17, 21, 25, 29, 33, 37]);
  }
  const shifted = orders(44);
  const begins = new Set(shifted.map((epoch) => Math.min(...epoch)));
  assert.deepEqual([...begins].sort(), [1, 2, 3, 4]);
});

Deno.test("batches of an epoch are as large as those of PyTorch's DataLoader, each item once", () => {
  for (const { items, batchSize, sizes, eachOnce, orders } of reference.cases) {
    assert.ok(eachOnce);
    // Of one token each, without anything left over.
    const options = { windowLength: 1, batchSize, stream: stream() };
    const epochs = epochsOf(epochBatches(spansOf(items + 1), options), items, sizes.length);
    assert.deepEqual(epochs.map((epoch) => epoch.map(({ batch }) => batch)), sizes);
    const read = epochs.map((epoch) => epoch.flatMap(windowsOf).map(([first]) => first));
    for (const each of read) {
      assert.deepEqual(
        each.toSorted((a, b) => a - b),
        Array.from({ length: items }, (_, at) => at + 1),
      );
    }
    if (items > 3) assert.deepEqual([new Set(read.map(String)).size, orders], [3, 3]);
    assert.equal(meanBatch(items, batchSize), items / sizes[0].length);
  }
});

Deno.test("epochs go on from every position with the same batches", () => {
  const spans = spansOf(50, 23);
  const sizes = { windowLength: 4, batchSize: 5 };
  const batches = epochBatches(spans, { ...sizes, stream: stream() });
  const all = Array.from({ length: 20 }, () => {
    const position = JSON.parse(JSON.stringify([batches.state(), batches.read()]));
    return { position, batch: batches.next() };
  });
  for (const [step, { position: [state, read] }] of all.slice(0, 12).entries()) {
    const again = epochBatches(spans, { ...sizes, stream: RandomStream.from(state), read });
    for (const { batch } of all.slice(step)) assert.deepEqual(again.next(), batch);
  }
});

Deno.test("epochs give the batches of a seed, bit for bit", () => {
  const batches = epochBatches(spansOf(9, 6), { windowLength: 2, batchSize: 4, stream: stream() });
  const read = [1, 2, 3, 4].map(() => windowsOf(batches.next()).map(([first]) => first));
  assert.deepEqual(read, [[3, 7, 1, 5], [10003, 10001], [3, 7, 1, 10004], [5, 10002]]);
});

Deno.test("epochs refuse spans without a window, sizes below 1, and a position outside of the epoch", () => {
  const draw = (windowLength: number, batchSize: number, read = 0) =>
    epochBatches(spansOf(4, 3), { windowLength, batchSize, stream: stream(), read });
  assert.throws(() => draw(4, 2), /epochBatches: .*windowLength \+ 1 = 5 tokens, found 4/);
  assert.throws(() => draw(0, 2), /windowLength must be .* from 1, found 0/);
  assert.throws(() => draw(2, 0), /batchSize must be .* from 1, found 0/);
  assert.throws(() => draw(1, 2, 6), /read must be .* 0 to 5, found 6/);
});

Deno.test("an epoch of pairs has each pair once, and goes on from a position", async () => {
  const count = 11;
  const texts = Array.from({ length: count }, (_, at): TextPair => [`go w${at}`, `va w${at}`]);
  const sides = await preparePairs({
    corpus: inlinePairs([...texts, ["a", "b"]]),
    tokenizer: pairTokenizer({ source: words(), target: words() }),
    fold: {
      index: 0,
      training: [{ start: 0, end: count }],
      heldOut: [{ start: count, end: count + 1 }],
    },
  });
  for (const batchSize of [1, 4, 11, 20]) {
    const options = {
      batchOf: (pairs: readonly EncodedPair[]) => pairBatch(pairs, sides),
      batchSize,
    };
    const batches = epochPairBatches(sides.training, { ...options, stream: stream() });
    const orders = epochsOf(batches, count, 3).map((epoch) =>
      epoch.flatMap(({ targets, batch }) => [...targets.subarray(batch, 2 * batch)])
    );
    for (const order of orders) assert.equal(new Set(order).size, count);
    assert.equal(new Set(orders.map(String)).size, 3);
    batches.next();
    const again = epochPairBatches(sides.training, {
      ...options,
      stream: RandomStream.from(batches.state()),
      read: batches.read(),
    });
    assert.deepEqual(again.next(), batches.next());
  }
});
