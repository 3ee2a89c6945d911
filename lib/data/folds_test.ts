import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { blockedFolds, makeFolds, validateFolds } from "./folds.ts";

/** 1 for training, 2 for held out, 0 for neither; throws when a token is used twice. */
function paint(fold: FoldRecord, tokenCount: number): Uint8Array {
  const uses = new Uint8Array(tokenCount);
  const mark = (spans: readonly TokenSpan[], use: number) => {
    for (const { start, end } of spans) {
      assert.ok(0 <= start && start < end && end <= tokenCount);
      for (let token = start; token < end; token++) {
        assert.equal(uses[token], 0, `token ${token} of fold ${fold.index} is used twice`);
        uses[token] = use;
      }
    }
  };
  mark(fold.training, 1);
  mark(fold.heldOut, 2);
  return uses;
}

/** Fewest unused tokens between a training token and a held-out one. */
function smallestGap(uses: Uint8Array): number {
  let smallest = Infinity;
  let last = -1;
  for (let token = 0; token < uses.length; token++) {
    if (uses[token] === 0) continue;
    if (last >= 0 && uses[last] !== uses[token]) smallest = Math.min(smallest, token - last - 1);
    last = token;
  }
  return smallest;
}

function checkFolds(
  { folds, finalFold }: ReturnType<typeof makeFolds>,
  setting: { count: number; tokenCount: number; windowLength: number; gap: number },
): void {
  const { count, tokenCount, windowLength, gap } = setting;
  assert.equal(folds.length, count);
  const finalStart = finalFold?.heldOut[0].start ?? tokenCount;
  const end = finalFold === null ? tokenCount : finalStart - gap;
  const timesHeldOut = new Uint8Array(tokenCount);
  const sizes: number[] = [];
  for (const [index, fold] of folds.entries()) {
    assert.equal(fold.index, index);
    const uses = paint(fold, tokenCount);
    assert.equal(smallestGap(uses), gap);
    assert.equal(fold.heldOut.length, 1);
    sizes.push(fold.heldOut[0].end - fold.heldOut[0].start);
    uses.forEach((use, token) => {
      if (use === 2) timesHeldOut[token]++;
      if (token >= end) assert.equal(use, 0, "no fold reads the final block or its gap");
    });
    // Everything at least a gap away from the held-out block trains.
    const [{ start, end: stop }] = fold.heldOut;
    for (let token = 0; token < end; token++) {
      const far = token < start - gap || token >= stop + gap;
      assert.equal(uses[token] === 1, far);
    }
    for (const span of [...fold.training, ...fold.heldOut]) {
      assert.ok(span.end - span.start >= windowLength + 1, "a span holds a window");
    }
    // Spans of training stay apart: nothing straddles the removed block.
    if (fold.training.length === 2) {
      assert.ok(fold.training[1].start - fold.training[0].end >= 2 * gap);
    }
  }
  timesHeldOut.forEach((times, token) => assert.equal(times, token < end ? 1 : 0));
  assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
  if (finalFold === null) return;
  assert.equal(finalFold.index, "final");
  assert.deepEqual(finalFold.training, [{ start: 0, end }]);
  assert.equal(finalFold.heldOut[0].end, tokenCount);
  assert.equal(smallestGap(paint(finalFold, tokenCount)), gap);
}

Deno.test("makeFolds gives disjoint, covering blocks with their gap, or refuses, for every fold count and corpus size", () => {
  let made = 0;
  let refused = 0;
  const stream = randomStream(1, "folds");
  for (let count = 2; count <= 12; count++) {
    for (let tokenCount = 0; tokenCount <= 400; tokenCount++) {
      const windowLength = 1 + stream.integer(8);
      const finalShare = [0, 0.1, 0.25, stream.uniform() / 2][stream.integer(4)];
      const extra = stream.integer(3);
      const gap = windowLength + 1 + extra;
      const specification = blockedFolds({ count, finalShare, gap: extra === 0 ? null : gap });
      const finalLength = Math.round(finalShare * tokenCount);
      const end = finalShare === 0 ? tokenCount : tokenCount - finalLength - gap;
      const fits = Math.floor(Math.max(0, end) / count) >= gap + windowLength + 1 &&
        (finalShare === 0 || finalLength >= windowLength + 1);
      if (fits) {
        const result = makeFolds(specification, tokenCount, windowLength);
        checkFolds(result, { count, tokenCount, windowLength, gap });
      } else {
        assert.throws(() => makeFolds(specification, tokenCount, windowLength), {
          name: "RangeError",
          message: /^blockedFolds: .* found -?\d+/,
        });
      }
      if (fits) made++;
      else refused++;
    }
  }
  assert.ok(made > 1000 && refused > 1000, `${made} made, ${refused} refused`);
});

Deno.test("makeFolds of a real size keeps the gap of one window and one token", () => {
  const setting = { count: 5, tokenCount: 50_000, windowLength: 64, gap: 65 };
  const { folds, finalFold } = makeFolds(blockedFolds({ count: 5 }), 50_000, 64);
  checkFolds({ folds, finalFold }, setting);
  assert.deepEqual(folds[0].training, [{ start: 9052, end: 44935 }]);
  assert.deepEqual(finalFold?.heldOut, [{ start: 45_000, end: 50_000 }]);
});

Deno.test("makeFolds without a final block folds the whole text", () => {
  const { folds, finalFold } = makeFolds(blockedFolds({ count: 2, finalShare: 0 }), 100, 5);
  assert.equal(finalFold, null);
  assert.equal(folds[1].heldOut[0].end, 100);
});

Deno.test("blockedFolds is plain JSON that validateFolds accepts back", () => {
  const specification = blockedFolds({ count: 4, finalShare: 0.2, gap: 100 });
  assert.deepEqual(validateFolds(JSON.parse(canonicalJson(specification))), specification);
});

Deno.test("blockedFolds refuses a count of 1, fractions, and impossible shares and gaps", () => {
  for (const count of [1, 0, -3, 2.5, NaN, "3" as unknown as number]) {
    assert.throws(() => blockedFolds({ count }), /blockedFolds: count must be/);
  }
  assert.throws(() => blockedFolds({ count: 1 }), /a finite number from 2 to .*, found 1/);
  for (const finalShare of [-0.1, 0.6, NaN]) {
    assert.throws(() => blockedFolds({ count: 3, finalShare }), /finalShare must be .* to 0.5/);
  }
  assert.throws(() => blockedFolds({ count: 3, gap: 1 }), /gap must be .* from 2 to .*, found 1/);
  const options = { count: 3, shuffle: true };
  assert.throws(() => blockedFolds(options), /unknown option "shuffle"/);
});

Deno.test("makeFolds refuses a gap shorter than a window and one token", () => {
  assert.throws(
    () => makeFolds(blockedFolds({ count: 3, gap: 64 }), 10_000, 64),
    /gap must be at least windowLength \+ 1 = 65 tokens, found 64/,
  );
});

Deno.test("makeFolds refuses fewer windows than folds, and says both numbers", () => {
  assert.throws(
    () => makeFolds(blockedFolds({ count: 5, finalShare: 0 }), 25, 5),
    /at least as many windows .* 6 tokens as folds, 5; found 4 \(25 tokens/,
  );
  assert.throws(
    () => makeFolds(blockedFolds({ count: 2 }), 3, 64),
    /as folds, 2; found 0 \(3 tokens, 0 of them before the final block/,
  );
});

Deno.test("makeFolds refuses spans shorter than a window and one token", () => {
  assert.throws(
    () => makeFolds(blockedFolds({ count: 3, finalShare: 0 }), 35, 5),
    /each of 3 blocks must have at least gap \+ windowLength \+ 1 = 12 tokens.* found 11/,
  );
  assert.throws(
    () => makeFolds(blockedFolds({ count: 2, finalShare: 0.01 }), 500, 5),
    /final block must have at least windowLength \+ 1 = 6 tokens, found 5/,
  );
});

Deno.test("makeFolds refuses a token count or a window length that is no whole number", () => {
  assert.throws(
    () => makeFolds(blockedFolds({ count: 2 }), 100.5, 5),
    /tokenCount must be a whole/,
  );
  assert.throws(() => makeFolds(blockedFolds({ count: 2 }), 100, 0), /windowLength must be/);
});

Deno.test("makeFolds with choosing blocks scores and chooses every block once, and trains on neither, for every fold count and corpus size", () => {
  let made = 0;
  let refused = 0;
  const stream = randomStream(2, "folds");
  for (let count = 3; count <= 9; count++) {
    for (let tokenCount = 0; tokenCount <= 400; tokenCount += 3) {
      const windowLength = 1 + stream.integer(6);
      const gap = windowLength + 1 + stream.integer(3);
      const finalShare = [0, 0.15][stream.integer(2)];
      const options = { count, finalShare, gap };
      let plain: ReturnType<typeof makeFolds>;
      let result: ReturnType<typeof makeFolds>;
      try {
        plain = makeFolds(blockedFolds(options), tokenCount, windowLength);
        result = makeFolds(blockedFolds({ ...options, choosing: true }), tokenCount, windowLength);
      } catch (error) {
        assert.match((error as Error).message, /^blockedFolds: .* found -?\d+/);
        refused++;
        continue;
      }
      made++;
      // Scoring blocks and the final fold are those without choosing blocks.
      assert.deepEqual(
        result.folds.map(({ heldOut }) => heldOut),
        plain.folds.map(({ heldOut }) => heldOut),
      );
      assert.deepEqual(result.finalFold, plain.finalFold);
      for (const [index, fold] of result.folds.entries()) {
        assert.deepEqual(fold.choosing, result.folds[(index + 1) % count].heldOut);
        const removed = [...fold.heldOut, ...fold.choosing!];
        const end = result.finalFold?.training[0].end ?? tokenCount;
        const uses = paint({ ...fold, heldOut: removed }, tokenCount);
        for (let token = 0; token < tokenCount; token++) {
          const far = token < end &&
            removed.every(({ start, end: stop }) => token < start - gap || token >= stop + gap);
          assert.equal(uses[token] === 1, far, `fold ${index}, token ${token}`);
        }
        for (const span of fold.training) assert.ok(span.end - span.start >= windowLength + 1);
      }
    }
  }
  assert.ok(made > 300 && refused > 100, `${made} made, ${refused} refused`);
});

Deno.test("makeFolds with choosing blocks has the spans of its formula, worked by hand", () => {
  const { folds } = makeFolds(blockedFolds({ count: 3, finalShare: 0, choosing: true }), 90, 4);
  assert.deepEqual(folds.map(({ training }) => training), [
    [{ start: 65, end: 90 }],
    [{ start: 0, end: 25 }],
    [{ start: 35, end: 55 }],
  ]);
  assert.deepEqual(folds[2].choosing, [{ start: 0, end: 30 }]);
  assert.throws(
    () => makeFolds(blockedFolds({ count: 3, finalShare: 0, choosing: true }), 42, 4),
    /each of 3 blocks must have at least 2 · gap \+ windowLength \+ 1 = 15 tokens.* found 14/,
  );
});

Deno.test("blockedFolds leaves choosing out of its JSON unless it is asked for, and then wants three folds", () => {
  assert.equal("choosing" in blockedFolds({ count: 5, choosing: false }), false);
  const specification = blockedFolds({ count: 3, choosing: true });
  assert.deepEqual(validateFolds(JSON.parse(canonicalJson(specification))), specification);
  assert.throws(
    () => blockedFolds({ count: 2, choosing: true }),
    /count with a choosing block must be .* from 3 to .*, found 2/,
  );
  assert.throws(() => validateFolds({ ...specification, choosing: false }), /choosing must be/);
});
