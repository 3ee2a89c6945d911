import assert from "node:assert/strict";
import { RandomStream, randomStream } from "../core/random.ts";
import { type Batch, evaluationBatches, trainingBatches } from "./batches.ts";
import { epochBatches, windowsOfSpans } from "./epochs.ts";
import { passagesOf } from "./passages.ts";
import { readTokens, type Tokens, tokensInMemory } from "./tokens.ts";

const mark = 1;

/**
 * Spans of documents of random lengths, some of them empty: token 1000 d + t + 2 is token t of document d, so
 * that a window tells where it came from. With `cut` the last span ends inside of its last document.
 */
function drawSpans(stream: RandomStream, { cut = false } = {}) {
  let documents = 0;
  const spans = Array.from({ length: 1 + stream.integer(3) }, () => {
    const ids = [mark];
    const ends: number[] = [];
    for (let count = 1 + stream.integer(5); count > 0; count--) {
      const document = ++documents;
      ids.push(...Array.from({ length: stream.integer(12) }, (_, t) => 1000 * document + t + 2));
      ids.push(mark);
      ends.push(ids.length);
    }
    return { ids, ends };
  });
  const last = spans.at(-1)!;
  if (cut && last.ids.at(-2) !== mark) {
    last.ids.pop();
    last.ends.pop();
  }
  return spans.map(({ ids, ends }) =>
    tokensInMemory(Int32Array.from(ids), Float64Array.from(ends))
  );
}

/** Counted inputs and targets of each row of a batch. */
function rowsOf({ inputs, targets, mask, time, batch }: Batch): [number[], number[]][] {
  return Array.from({ length: batch }, (_, row): [number[], number[]] => {
    const places = Array.from({ length: time }, (_, t) => t * batch + row)
      .filter((at) => mask === undefined || mask[at] === 1);
    return [places.map((at) => inputs[at]), places.map((at) => targets[at])];
  }).filter(([inputs]) => inputs.length > 0);
}

/** A window inside of a document: it begins with the mark before it or later, and ends with that after it or earlier. */
function assertInside([inputs, targets]: [number[], number[]], windowLength: number): void {
  assert.ok(inputs.length <= windowLength);
  assert.deepEqual(targets.slice(0, -1), inputs.slice(1));
  assert.ok(!inputs.slice(1).includes(mark), "no document begins inside of a window");
  assert.ok(!targets.slice(0, -1).includes(mark), "no document ends inside of a window");
  const document = new Set(
    [...inputs.slice(1), ...targets.slice(0, -1)].map((id) => Math.floor(id / 1000)),
  );
  assert.ok(document.size <= 1);
}

/** Targets of all documents, as pairs with the token before each, sorted. */
function allTargets(spans: readonly Tokens[]): string[] {
  return spans.flatMap((span) => {
    const ids = [...readTokens(span)];
    return ids.slice(1).map((id, at) => `${ids[at]} ${id}`);
  }).sort();
}

const read = (rows: [number[], number[]][]) =>
  rows.flatMap(([inputs, targets]) => inputs.map((id, at) => `${id} ${targets[at]}`)).sort();

Deno.test("passages inside documents are the documents, with a mark on both sides, and what is left of one", () => {
  const stream = randomStream(1, "spans");
  for (let draw = 0; draw < 200; draw++) {
    const spans = drawSpans(stream, { cut: draw % 2 === 1 });
    const { count, at } = passagesOf(spans, "inside");
    const texts = Array.from({ length: count }, (_, place) => {
      const { span, start, length } = at(place);
      return [...readTokens(span, start, start + length)];
    });
    for (const text of texts) {
      assert.equal(text[0], mark);
      assert.ok(text.length >= 2 && !text.slice(1, -1).includes(mark));
    }
    const joined = spans.flatMap((span) => [...readTokens(span)].slice(1));
    assert.deepEqual(texts.flatMap((text) => text.slice(1)), joined);
  }
});

Deno.test("training windows that are drawn inside documents cross no end, and come from every place alike", () => {
  const draws = randomStream(2, "spans");
  for (let draw = 0; draw < 40; draw++) {
    const spans = drawSpans(draws, { cut: draw % 2 === 1 });
    const windowLength = 1 + draws.integer(6);
    const stream = randomStream(draw, "batches");
    const options = { windowLength, batchSize: 5, documents: "inside" } as const;
    const batches = trainingBatches(spans, { ...options, stream });
    for (let step = 0; step < 20; step++) {
      const rows = rowsOf(batches.next());
      assert.equal(rows.length, 5);
      for (const row of rows) assertInside(row, windowLength);
    }
  }
  // Documents of 2 and 9 targets offer 1 and 7 places to windows of 3.
  const span = tokensInMemory(
    Int32Array.of(1, 1002, 1, 2002, 2003, 2004, 2005, 2006, 2007, 2008, 2009, 1),
    Float64Array.of(3, 12),
  );
  const stream = randomStream(5, "batches");
  const options = { windowLength: 3, batchSize: 100, documents: "inside" } as const;
  const batches = trainingBatches([span], { ...options, stream });
  const counts = new Map<string, number>();
  for (let step = 0; step < 160; step++) {
    for (const [, targets] of rowsOf(batches.next())) {
      counts.set(`${targets}`, (counts.get(`${targets}`) ?? 0) + 1);
    }
  }
  assert.equal(counts.size, 8);
  assert.ok(counts.has("1002,1") && counts.has("2008,2009,1") && counts.has("2002,2003,2004"));
  // Expected 2000 each; standard deviation √(16000 · 1/8 · 7/8) ≈ 42.
  for (const count of counts.values()) assert.ok(Math.abs(count - 2000) < 5 * 42, `${count}`);
});

Deno.test("an epoch inside documents predicts every token once, and its windows cross no end", () => {
  const draws = randomStream(3, "spans");
  for (let draw = 0; draw < 60; draw++) {
    const spans = drawSpans(draws, { cut: draw % 2 === 1 });
    const options = {
      windowLength: 1 + draws.integer(6),
      batchSize: 1 + draws.integer(4),
      documents: "inside",
    } as const;
    const stream = randomStream(draw, "batches");
    const batches = epochBatches(spans, { ...options, stream });
    const { count: windows } = windowsOfSpans(spans, options);
    for (let epoch = 0; epoch < 3; epoch++) {
      const rows: [number[], number[]][] = [];
      do rows.push(...rowsOf(batches.next())); while (batches.read() < windows);
      assert.equal(rows.length, windows);
      for (const row of rows) assertInside(row, options.windowLength);
      assert.deepEqual(read(rows), allTargets(spans));
    }
  }
});

Deno.test("an epoch across documents reads them whole, a mark between one and the next, in a new order each time", () => {
  const draws = randomStream(4, "spans");
  const orders = new Set<string>();
  for (let draw = 0; draw < 60; draw++) {
    const spans = drawSpans(draws, { cut: draw % 2 === 1 });
    // Windows of one token: what an epoch reads can be put together again.
    const options = { windowLength: 1, batchSize: 7, documents: "across" } as const;
    const { count: windows } = windowsOfSpans(spans, options);
    if (windows === 0) continue;
    const stream = randomStream(draw, "batches");
    const batches = epochBatches(spans, { ...options, stream });
    const { count, at } = passagesOf(spans, "inside");
    const documents = Array.from({ length: count }, (_, place) => {
      const { span, start, length } = at(place);
      return [...readTokens(span, start, start + length)].slice(1).filter((id) => id !== mark);
    });
    for (let epoch = 0; epoch < 3; epoch++) {
      const rows: [number[], number[]][] = [];
      do rows.push(...rowsOf(batches.next())); while (batches.read() < windows);
      // Every token of every document is predicted once, but at most the window that is left over.
      const predicted = rows.flatMap(([, targets]) => targets).filter((id) => id !== mark);
      assert.equal(new Set(predicted).size, predicted.length);
      assert.ok(documents.flat().length - predicted.length <= 1);
      for (const [[input], [target]] of rows) {
        const [from, to] = [input, target].map((id) => Math.floor(id / 1000));
        // Within a document, or from the mark before it, or to the mark after it.
        assert.ok(input === mark || target === mark || (from === to && target === input + 1));
        if (input === mark && target !== mark) assert.equal(target % 1000, 2);
        if (target === mark && input !== mark) {
          assert.ok(documents.some((document) => document.at(-1) === input));
        }
      }
    }
    const order = epochBatches(spans, {
      ...options,
      windowLength: Math.max(1, Math.floor(allTargets(spans).length / 2)),
      stream: randomStream(draw, "batches"),
    });
    for (let epoch = 0; epoch < 5; epoch++) orders.add(`${draw}: ${order.next().inputs}`);
  }
  assert.ok(orders.size > 150, `${orders.size} orders`);
});

Deno.test("epochs of documents go on from a stored state with the same batches", () => {
  for (const documents of ["across", "inside"] as const) {
    const spans = drawSpans(randomStream(6, "spans"));
    const options = { windowLength: 3, batchSize: 2, documents };
    const batches = epochBatches(spans, { ...options, stream: randomStream(1, "batches") });
    for (let step = 0; step < 9; step++) batches.next();
    const state = JSON.parse(JSON.stringify(batches.state()));
    const stream = RandomStream.from(state);
    const again = epochBatches(spans, { ...options, stream, read: batches.read() });
    for (let step = 0; step < 9; step++) assert.deepEqual(again.next(), batches.next());
  }
});

Deno.test("evaluations predict every token once, inside documents or across their ends", () => {
  const draws = randomStream(7, "spans");
  for (let draw = 0; draw < 60; draw++) {
    const spans = drawSpans(draws);
    const options = { windowLength: 1 + draws.integer(6), batchSize: 1 + draws.integer(4) };
    const inside = [...evaluationBatches(spans, { ...options, documents: "inside" })];
    const rows = inside.flatMap(rowsOf);
    for (const row of rows) assertInside(row, options.windowLength);
    assert.deepEqual(read(rows), allTargets(spans));
    const across = [...evaluationBatches(spans, options)];
    assert.deepEqual(read(across.flatMap(rowsOf)), allTargets(spans));
    const plain = spans.map((span) => tokensInMemory(readTokens(span)));
    assert.deepEqual(across, [...evaluationBatches(plain, options)]);
  }
});
