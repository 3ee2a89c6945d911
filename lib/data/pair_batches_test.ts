import assert from "node:assert/strict";
import { RandomStream, randomStream } from "../core/random.ts";
import {
  evaluationPairBatches,
  fullLengths,
  type PairBatch,
  pairBatch,
  trainingPairBatches,
} from "./pair_batches.ts";
import { pairTokenizer, restorePairVocabulary } from "./pair_tokens.ts";
import { inlinePairs, type TextPair } from "./pairs.ts";
import { type EncodedPair, preparePairs } from "./prepare_pairs.ts";
import { characters } from "./tokenizers/characters.ts";
import { spacedWords } from "./tokenizers/spaced_words.ts";
import { splitTokens } from "./tokenizers/split.ts";
import { words } from "./tokenizers/words.ts";

const texts: TextPair[] = [
  ["a", "xyz"],
  ["bcd", "x"],
  ["ab", "zz"],
  ["abcd", "y"],
  ["d", "zyxzy"],
];

async function prepared() {
  return await preparePairs({
    corpus: inlinePairs(texts),
    tokenizer: pairTokenizer({ source: characters(), target: characters() }),
    fold: { index: 0, training: [{ start: 0, end: 3 }], heldOut: [{ start: 3, end: 5 }] },
  });
}

/** Rows of a batch as text, with marks; padding must be where the mask is 0 and only there. */
function rows(batch: PairBatch, sides: Awaited<ReturnType<typeof prepared>>) {
  const { sourceVocabulary, targetVocabulary } = sides;
  const read = (
    ids: Int32Array,
    time: number,
    mask: Float32Array | undefined,
    vocabulary: { tokens: readonly string[]; paddingId: number },
  ) =>
    Array.from({ length: batch.batch }, (_, row) =>
      Array.from({ length: time }, (_, t) => {
        const at = t * batch.batch + row;
        assert.equal(ids[at] === vocabulary.paddingId, mask !== undefined && mask[at] === 0);
        return ids[at] === vocabulary.paddingId ? "" : vocabulary.tokens[ids[at]];
      }).join(""));
  const { source, inputs, targets, time, mask } = batch;
  return {
    source: read(source.tokens, source.time, source.mask, sourceVocabulary),
    inputs: read(inputs, time, mask, targetVocabulary),
    targets: read(targets, time, mask, targetVocabulary),
  };
}

Deno.test("preparePairs builds each side's vocabulary from training pairs only", async () => {
  const sides = await prepared();
  assert.deepEqual(sides.sourceVocabulary.tokens, [
    "\uFFFD",
    "<padding>",
    "<end>",
    "a",
    "b",
    "c",
    "d",
  ]);
  assert.deepEqual(
    sides.targetVocabulary.tokens,
    ["\uFFFD", "<padding>", "<begin>", "<end>", "x", "y", "z"],
  );
  assert.equal(sides.sourceVocabulary.beginId, -1);
  assert.equal(sides.unknownShare, 0);
  const fewer = await preparePairs({
    corpus: inlinePairs(texts),
    tokenizer: pairTokenizer({ source: characters(), target: characters() }),
    fold: { index: 0, training: [{ start: 0, end: 1 }], heldOut: [{ start: 1, end: 2 }] },
  });
  assert.deepEqual(fewer.heldOutTexts, [["bcd", "x"]]);
  // "bcd" is new, its end token is not.
  assert.equal(fewer.sourceUnknownShare, 3 / 4);
  // Targets x, y, z, end, once each.
  assert.ok(Math.abs(fewer.unigramEntropy - Math.log(4)) < 1e-12);
});

Deno.test("preparePairs keeps tokens of words that look like marks apart from the marks", async () => {
  const { targetVocabulary, training } = await preparePairs({
    corpus: inlinePairs([["a", "<end> x"], ["b", "y"]]),
    tokenizer: pairTokenizer({ source: words(), target: words() }),
    fold: { index: 0, training: [{ start: 0, end: 1 }], heldOut: [{ start: 1, end: 2 }] },
  });
  const { endId } = targetVocabulary;
  assert.deepEqual([...training[0].target].map((id) => id === endId), [
    false,
    false,
    false,
    false,
    true,
  ]);
  const again = restorePairVocabulary(words(), targetVocabulary.tokens);
  assert.deepEqual([again.paddingId, again.beginId, again.endId], [1, 2, 3]);
});

Deno.test("pairBatch pads both sides, in time-major order, with begin before and end behind", async () => {
  const sides = await prepared();
  const batch = pairBatch(sides.training, sides);
  assert.deepEqual(rows(batch, sides), {
    source: ["a<end>", "bcd<end>", "ab<end>"],
    inputs: ["<begin>xyz", "<begin>x", "<begin>zz"],
    targets: ["xyz<end>", "x<end>", "zz<end>"],
  });
  assert.deepEqual([batch.source.time, batch.time, batch.batch, batch.tokens], [4, 4, 3, 9]);
  const alone = pairBatch(sides.training.slice(0, 1), sides);
  assert.deepEqual([alone.mask, alone.source.mask], [undefined, undefined]);
});

Deno.test("trainingPairBatches draws every pair equally often, and goes on from a stored state", async () => {
  const sides = await prepared();
  const batchOf = (pairs: readonly EncodedPair[]) => pairBatch(pairs, sides);
  const options = { batchOf, batchSize: 100 };
  const batches = trainingPairBatches(sides.training, {
    ...options,
    stream: randomStream(1, "batches"),
  });
  const counts = new Map<string, number>();
  for (let step = 0; step < 90; step++) {
    for (const source of rows(batches.next(), sides).source) {
      counts.set(source, (counts.get(source) ?? 0) + 1);
    }
  }
  // Expected 3000 each; standard deviation √(9000 · ⅓ · ⅔) ≈ 45.
  assert.equal(counts.size, 3);
  for (const count of counts.values()) assert.ok(Math.abs(count - 3000) < 5 * 45, `${count}`);
  const state = JSON.parse(JSON.stringify(batches.state()));
  const again = trainingPairBatches(sides.training, {
    ...options,
    stream: RandomStream.from(state),
  });
  assert.deepEqual(again.next(), batches.next());
});

Deno.test("evaluationPairBatches holds every pair once, and with maximumTokens about so many", () => {
  const pairs = Array.from({ length: 50 }, (_, index): EncodedPair => ({
    source: Int32Array.of(100 + index, 2),
    target: Int32Array.from({ length: 1 + index % 7 }, () => 3),
  }));
  const side = restorePairVocabulary(words(), ["<unk>", "<padding>", "<begin>", "<end>"]);
  const sides = { sourceVocabulary: side, targetVocabulary: side };
  const read = (maximumTokens?: number) => {
    const batchOf = (rows: readonly EncodedPair[]) => pairBatch(rows, sides);
    const batches = evaluationPairBatches(pairs, { batchOf, batchSize: 8, maximumTokens });
    const sources = batches.flatMap(({ source, batch }) => [...source.tokens.subarray(0, batch)]);
    return { sources, tokens: batches.reduce((sum, { tokens }) => sum + tokens, 0) };
  };
  const total = pairs.reduce((sum, { target }) => sum + target.length, 0);
  assert.equal(read().tokens, total);
  assert.deepEqual(read().sources.toSorted((a, b) => a - b), pairs.map(({ source }) => source[0]));
  for (const maximum of [1, 40, 100, 150]) {
    const { sources, tokens } = read(maximum);
    assert.equal(new Set(sources).size, sources.length);
    assert.ok(Math.abs(tokens - maximum) <= 8, `${tokens} tokens for ${maximum}`);
  }
});

Deno.test("pairBatch with full lengths pads all batches alike, reads the end, and counts padding", async () => {
  const sides = await prepared();
  const full = fullLengths([...sides.training, ...sides.heldOut]);
  assert.deepEqual(full, { source: 5, target: 6 });
  const batch = pairBatch(sides.training.slice(0, 2), sides, full);
  assert.equal(batch.mask, undefined);
  assert.equal(batch.source.mask, undefined);
  assert.deepEqual([batch.time, batch.source.time, batch.tokens], [7, 5, 14]);
  const { tokens, beginId, endId, paddingId } = sides.targetVocabulary;
  const row = (ids: Int32Array) => Array.from({ length: 7 }, (_, t) => ids[2 * t + 1]);
  const x = tokens.indexOf("x");
  const rest = Array(5).fill(paddingId);
  assert.deepEqual(row(batch.inputs), [beginId, x, endId, ...rest.slice(1)]);
  assert.deepEqual(row(batch.targets), [x, endId, ...rest]);

  const batchOf = (pairs: readonly EncodedPair[]) => pairBatch(pairs, sides, full);
  const evaluated = evaluationPairBatches(sides.training, { batchOf, batchSize: 2 });
  assert.deepEqual(evaluated.map(({ time, batch, tokens }) => [time, batch, tokens]), [
    [7, 2, 14],
    [7, 1, 7],
  ]);
  const stream = randomStream(1, "batches");
  const drawn = trainingPairBatches(sides.training, { batchOf, batchSize: 3, stream }).next();
  assert.deepEqual([drawn.time, drawn.source.time, drawn.mask], [7, 5, undefined]);
});

Deno.test("users 6: pairs whose texts hold the names of marks are pairs like any other", async () => {
  const sides = ["<start> line 1 <end>", "<padding> <begin>", "<unk> <end> <end>", "<begin> x"];
  const corpus = inlinePairs(sides.map((text) => [text, `${text} <padding>`]));
  const { sourceVocabulary, targetVocabulary, training, heldOut } = await preparePairs({
    corpus,
    tokenizer: pairTokenizer({ source: spacedWords(), target: spacedWords() }),
    fold: { index: 0, training: [{ start: 0, end: 3 }], heldOut: [{ start: 3, end: 4 }] },
  });
  for (
    const [vocabulary, encoded] of [
      [sourceVocabulary, training.map(({ source }) => source)],
      [targetVocabulary, training.map(({ target }) => target)],
    ] as const
  ) {
    const stored = JSON.parse(JSON.stringify(vocabulary.tokens));
    const again = restorePairVocabulary(spacedWords(), stored);
    const { paddingId, beginId, endId } = vocabulary;
    assert.deepEqual([again.paddingId, again.beginId, again.endId], [paddingId, beginId, endId]);
    for (const [index, ids] of encoded.entries()) {
      // The end alone is a mark; the names in the text are not.
      const own = ids.subarray(0, -1);
      assert.equal(ids.at(-1), endId);
      assert.ok(own.every((id) => ![paddingId, beginId, endId].includes(id)));
      assert.ok(again.decode(own).startsWith(sides[index]));
      assert.deepEqual(again.encode(splitTokens(spacedWords(), again.decode(own))), own);
    }
  }
  const first = heldOut[0].source;
  assert.equal(sourceVocabulary.tokens[first[0]], "<begin>");
  assert.equal(first[1], sourceVocabulary.unknownId);
});

Deno.test("restorePairVocabulary refuses a list without its marks", () => {
  assert.throws(
    () => restorePairVocabulary(words(), ["<unk>", "a", "b"]),
    /must have <padding>, <begin>, <end> .* found \["a","b"\]/,
  );
});
