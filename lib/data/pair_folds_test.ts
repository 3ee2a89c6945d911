import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { blockedFolds } from "./folds.ts";
import { groupedFolds, makePairFolds, validatePairFolds } from "./pair_folds.ts";
import { loadTokenPairs, pairTokenizer } from "./pair_tokens.ts";
import { sideKey } from "./_pair_order.ts";
import { inlinePairs, type TextPair } from "./pairs.ts";
import { words } from "./tokenizers/words.ts";

const tokenizer = pairTokenizer({ source: words({ lowercase: true }), target: words() });

/** Few sources with many pairs, in no order, some of them equal only once they are in lower case. */
function randomPairs(seed: number): TextPair[] {
  const stream = randomStream(seed, "pairs");
  const sources = ["go", "Go", "run", "stay here", "Stay here", "a", "b", "c", "d", "e", "f"];
  return Array.from(
    { length: 12 + stream.integer(60) },
    (_, index): TextPair => [
      stream.uniform() < 0.5 ? sources[stream.integer(sources.length)] : `source ${index}`,
      `target ${stream.integer(9)}`,
    ],
  );
}

Deno.test("makePairFolds leaks no source from training into held-out pairs, over random lists and orders", async () => {
  let laid = 0;
  for (let seed = 0; seed < 200; seed++) {
    const order = seed % 2 === 0 ? "given" : "shuffled";
    const given = randomPairs(seed);
    const pairs = await loadTokenPairs(inlinePairs(given, { order }), tokenizer);
    assert.equal(pairs.length, given.length);
    const count = 2 + seed % 4;
    const finalShare = seed % 3 === 0 ? 0 : 0.2;
    let made: ReturnType<typeof makePairFolds>;
    try {
      made = makePairFolds(groupedFolds({ count, finalShare }), pairs);
    } catch (error) {
      // One source with most of the pairs leaves too few blocks; anything else is a mistake.
      assert.match((error as Error).message, /a source of its own/);
      continue;
    }
    laid++;
    const { folds, finalFold } = made;
    const keysIn = (spans: FoldRecord["training"]) =>
      spans.flatMap(({ start, end }) =>
        pairs.slice(start, end).map(({ source }) => sideKey(source))
      );
    const all = finalFold === null ? folds : [...folds, finalFold];
    const finalKeys = new Set(finalFold === null ? [] : keysIn(finalFold.heldOut));
    for (const { index, training, heldOut } of all) {
      const trained = new Set(keysIn(training));
      assert.ok(trained.size > 0 && keysIn(heldOut).length > 0);
      assert.deepEqual(keysIn(heldOut).filter((key) => trained.has(key)), [], `fold ${index}`);
      if (index === "final") continue;
      const read = [...keysIn(training), ...keysIn(heldOut)];
      assert.deepEqual(read.filter((key) => finalKeys.has(key)), [], "the final block is not read");
    }
    // Every pair is held out exactly once.
    const heldOut = all.flatMap((fold) => fold.heldOut);
    assert.deepEqual(heldOut.map(({ start }) => start), [
      0,
      ...heldOut.slice(0, -1).map(({ end }) => end),
    ]);
    assert.equal(heldOut.at(-1)!.end, pairs.length);
  }
  assert.ok(laid > 150, `${laid} of 200 lists were folded`);
});

Deno.test("makePairFolds cuts blocks of about the same size where every source differs", () => {
  const pairs = Array.from(
    { length: 100 },
    (_, index) => ({ source: [`${index}`], target: ["t"] }),
  );
  const { folds, finalFold } = makePairFolds(groupedFolds({ count: 3 }), pairs);
  assert.deepEqual(folds.map(({ heldOut }) => heldOut), [
    [{ start: 0, end: 30 }],
    [{ start: 30, end: 60 }],
    [{ start: 60, end: 90 }],
  ]);
  assert.deepEqual(folds[1].training, [{ start: 0, end: 30 }, { start: 60, end: 90 }]);
  assert.deepEqual(finalFold, {
    index: "final",
    training: [{ start: 0, end: 90 }],
    heldOut: [{ start: 90, end: 100 }],
  });
});

Deno.test("makePairFolds refuses too few sources, scattered ones and folds of texts", () => {
  const pairs = (...sources: string[]) =>
    sources.map((each) => ({ source: [each], target: ["t"] }));
  const folds = groupedFolds({ count: 2, finalShare: 0 });
  assert.throws(() => makePairFolds(folds, pairs("a", "a", "a")), /found 1 different sources in 3/);
  const grouped = pairs("a", "b", "c").map((pair) => ({ ...pair, group: 0 }));
  assert.throws(
    () => makePairFolds(folds, grouped),
    /found 1 set of pairs that may not be parted \(same group, dialogue or prompt\) in 3/,
  );
  assert.throws(() => makePairFolds(folds, pairs("a", "b", "a")), /must stand together/);
  assert.throws(() => validatePairFolds(blockedFolds({ count: 2 })), /must be "grouped"/);
  assert.throws(() => groupedFolds({ count: 1 }), /from 2 to .*, found 1/);
  assert.throws(() => groupedFolds({ count: 2, gap: 3 } as never), /unknown option "gap"/);
});

Deno.test("loadTokenPairs keeps the given order, puts equal sources together and leaves out long pairs", async () => {
  const corpus = inlinePairs([["b", "1"], ["a", "2"], ["B", "3"], ["long one", "4"], ["c", "5 6"]]);
  const limited = { ...tokenizer, maximumSourceLength: 1, maximumTargetLength: 1 };
  assert.deepEqual(await loadTokenPairs(corpus, limited), [
    { source: ["b"], target: ["1"] },
    { source: ["b"], target: ["3"] },
    { source: ["a"], target: ["2"] },
  ]);
  await assert.rejects(
    loadTokenPairs(inlinePairs([["a b", "c"]]), limited),
    /as short as maximumSourceLength 1 .* found none of 1/,
  );
});

Deno.test("loadTokenPairs shuffles by one fixed order, the same on every call", async () => {
  const list = Array.from({ length: 40 }, (_, index): TextPair => [`s${index}`, `t${index}`]);
  const read = async (order: "given" | "shuffled") =>
    (await loadTokenPairs(inlinePairs(list, { order }), tokenizer)).map(({ source }) => source[0]);
  const shuffled = await read("shuffled");
  assert.deepEqual(shuffled, await read("shuffled"));
  assert.notDeepEqual(shuffled, await read("given"));
  assert.deepEqual(shuffled.toSorted(), (await read("given")).toSorted());
});

Deno.test("makePairFolds with choosing blocks keeps sources together, scores and chooses every block once", async () => {
  const pairs = await loadTokenPairs(inlinePairs(randomPairs(7)), tokenizer);
  const { folds, finalFold } = makePairFolds(
    groupedFolds({ count: 4, finalShare: 0, choosing: true }),
    pairs,
  );
  assert.equal(finalFold, null);
  const keysIn = (spans: FoldRecord["training"]) =>
    new Set(
      spans.flatMap(({ start, end }) =>
        pairs.slice(start, end).map(({ source }) => sideKey(source))
      ),
    );
  for (const [index, { training, heldOut, choosing }] of folds.entries()) {
    assert.deepEqual(choosing, folds[(index + 1) % 4].heldOut);
    const [trained, scored, chosen] = [training, heldOut, choosing!].map(keysIn);
    assert.ok(trained.isDisjointFrom(scored) && trained.isDisjointFrom(chosen));
    assert.ok(scored.isDisjointFrom(chosen));
    assert.equal(
      trained.size + scored.size + chosen.size,
      new Set(pairs.map(({ source }) => sideKey(source))).size,
    );
  }
  assert.throws(() => groupedFolds({ count: 2, choosing: true }), /from 3 to .*, found 2/);
});
