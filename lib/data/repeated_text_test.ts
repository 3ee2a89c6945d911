import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { blockedFolds, makeFolds } from "./folds.ts";
import { repeatedShares, repeatedTargetShares } from "./repeated_text.ts";

/** The same by comparing every stretch with every other one. */
function byHand(numbers: Int32Array, fold: FoldRecord, length: number): number {
  const stretches = (spans: readonly TokenSpan[]) =>
    spans.flatMap(({ start, end }) =>
      Array.from(
        { length: Math.max(0, end - start - length + 1) },
        (_, at) => numbers.subarray(start + at, start + at + length).join(),
      )
    );
  const training = stretches(fold.training);
  const heldOut = stretches([...fold.heldOut, ...fold.choosing ?? []]);
  return heldOut.length === 0
    ? 0
    : heldOut.filter((each) => training.includes(each)).length / heldOut.length;
}

Deno.test("repeatedShares counts as comparing every stretch with every other one does", () => {
  for (let seed = 0; seed < 60; seed++) {
    const stream = randomStream(seed, "repeated");
    const tokens = 80 + stream.integer(80);
    // Few different tokens, so that stretches repeat by chance, in one span too.
    const kinds = 1 + stream.integer(4);
    const numbers = Int32Array.from({ length: tokens }, () => stream.integer(kinds));
    const { folds, finalFold } = makeFolds(
      blockedFolds({ count: 2 + stream.integer(3) }),
      tokens,
      4,
    );
    const [{ start, end }] = folds[0].heldOut;
    const middle = Math.floor((start + end) / 2);
    const halved = {
      ...folds[0],
      heldOut: [{ start, end: middle }],
      choosing: [{ start: middle, end }],
    };
    const all = [...folds, finalFold!, halved];
    for (const length of [1, 3, 7, 40]) {
      assert.deepEqual(
        repeatedShares(numbers, all, length),
        all.map((fold) => byHand(numbers, fold, length)),
      );
    }
  }
});

Deno.test("repeatedShares finds a doubled text, and nothing in a text that repeats nothing", () => {
  const once = Int32Array.from(randomStream(1, "text").permutation(60_000));
  const twice = Int32Array.of(...once.subarray(0, 30_000), ...once.subarray(0, 30_000));
  const { folds } = makeFolds(blockedFolds({ count: 4, finalShare: 0 }), 60_000, 16);
  assert.deepEqual(repeatedShares(once, folds, 50), [0, 0, 0, 0]);
  // Only stretches that go over the end of the first copy are not found.
  for (const share of repeatedShares(twice, folds, 50)) assert.ok(share > 0.98, `${share}`);
  const constant = new Int32Array(60_000);
  assert.deepEqual(repeatedShares(constant, folds, 50), [1, 1, 1, 1]);
});

Deno.test("repeatedTargetShares counts held-out targets that training pairs have under other sources", () => {
  const pairs = ["x", "x", "y", "z", "y", "w"].map((target, at) => ({
    source: [`source ${at}`],
    target: target === "w" ? ["a", "b"] : [target],
  }));
  const fold = { index: 0, training: [{ start: 0, end: 3 }], heldOut: [{ start: 3, end: 6 }] };
  assert.deepEqual(repeatedTargetShares(pairs, [fold]), [1 / 3]);
  const joined = { source: ["s"], target: ["a b"] };
  // Tokens are compared, not joined texts.
  assert.deepEqual(repeatedTargetShares([joined, ...pairs.slice(1)], [fold]), [1 / 3]);
});
