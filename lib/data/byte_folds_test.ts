import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { randomText } from "./_testing/random_text.ts";
import { makeByteFolds, makeByteSplit } from "./byte_folds.ts";
import { checkFold } from "./check_fold.ts";
import { fixedSplit, makeFixedSplit } from "./fixed_split.ts";
import { blockedFolds, makeFolds, validateFolds } from "./folds.ts";
import { textOf, type TextSource } from "./text_source.ts";

function removedOf({ heldOut, choosing = [] }: FoldRecord) {
  return [...heldOut, ...choosing];
}

/** What must hold of a fold, whatever the text. */
function checkSpans(fold: FoldRecord, text: TextSource, gap: number, windowLength: number): void {
  checkFold("fold", fold);
  assert.equal(fold.unit, "bytes");
  const spans = [...fold.training, ...removedOf(fold)];
  for (const { start, end } of spans) {
    for (const place of [start, end]) assert.equal(text.boundary(place, "forward"), place);
    assert.ok(end - start > windowLength);
    text.read(start, end);
  }
  for (const { start, end } of fold.training) {
    for (const removed of removedOf(fold)) {
      assert.ok(removed.start - end >= gap || start - removed.end >= gap);
    }
  }
}

Deno.test("folds in bytes are at characters, apart by their gap, cover the text once, and leave out no more than characters of the gap", () => {
  const stream = randomStream(1, "byte folds");
  let made = 0;
  let refused = 0;
  for (let round = 0; round < 400; round++) {
    const text = textOf(randomText(stream, 10 + stream.integer(200)));
    const windowLength = 1 + stream.integer(5);
    const choosing = stream.integer(2) === 1;
    const count = (choosing ? 3 : 2) + stream.integer(4);
    const extra = stream.integer(3);
    const gap = extra === 0 ? null : windowLength + extra;
    const finalShare = [0, 0.2][stream.integer(2)];
    const specification = blockedFolds({ count, gap, finalShare, choosing, unit: "bytes" });
    let laid: ReturnType<typeof makeByteFolds>;
    try {
      laid = makeByteFolds(specification, text, windowLength);
    } catch (error) {
      assert.match((error as Error).message, /^blockedFolds: .* bytes.* found -?\d+/);
      refused++;
      continue;
    }
    made++;
    const least = gap ?? 4 * (windowLength + 1);
    const { folds, finalFold } = laid;
    const end = finalFold?.training[0].end ?? text.bytes;
    for (const fold of [...folds, ...(finalFold ? [finalFold] : [])]) {
      checkSpans(fold, text, least, windowLength);
    }
    const blocks = folds.map(({ heldOut }) => heldOut[0]);
    assert.equal(blocks[0].start, 0);
    assert.equal(blocks.at(-1)!.end, end);
    blocks.slice(1).forEach(({ start }, index) => assert.equal(start, blocks[index].end));
    for (const fold of folds) {
      for (const { start, end: stop } of fold.training) {
        // Ends next to a gap are at most a character, or a pair of line ends, from where they could be.
        for (const removed of removedOf(fold)) {
          if (stop <= removed.start) {
            const other = removedOf(fold).some((each) =>
              each.end > stop && each.start < removed.start
            );
            assert.ok(other || removed.start - stop <= least + 3);
          } else {
            const other = removedOf(fold).some((each) =>
              each.start < start && each.end > removed.end
            );
            assert.ok(other || start - removed.end <= least + 3);
          }
        }
      }
    }
    if (finalFold) {
      assert.equal(finalFold.heldOut[0].end, text.bytes);
      assert.ok(finalFold.heldOut[0].start - end - least <= 3);
    }
  }
  assert.ok(made > 100 && refused > 20, `${made} made, ${refused} refused`);
});

Deno.test("folds in bytes of a text of ASCII are those in tokens with the same gap", () => {
  const text = textOf("whale ".repeat(100));
  for (const choosing of [false, true]) {
    const options = { count: 4, gap: 12, choosing };
    const inBytes = makeByteFolds(blockedFolds({ ...options, unit: "bytes" }), text, 5);
    const inTokens = makeFolds(blockedFolds(options), 600, 5);
    const withUnit = (fold: FoldRecord): FoldRecord => ({ ...fold, unit: "bytes" });
    assert.deepEqual(inBytes.folds, inTokens.folds.map(withUnit));
    assert.deepEqual(inBytes.finalFold, withUnit(inTokens.finalFold!));
  }
});

Deno.test("the gap of folds in bytes is four bytes for each token of a window and one more", () => {
  const text = textOf("a".repeat(1000));
  const { folds } = makeByteFolds(
    blockedFolds({ count: 2, finalShare: 0, unit: "bytes" }),
    text,
    9,
  );
  assert.deepEqual(folds[0].training, [{ start: 540, end: 1000 }]);
});

Deno.test("the unit of folds is in their JSON where it is bytes alone", () => {
  assert.equal("unit" in blockedFolds({ count: 2, unit: "tokens" }), false);
  const specification = blockedFolds({ count: 2, unit: "bytes" });
  assert.equal(specification.unit, "bytes");
  assert.deepEqual(validateFolds(JSON.parse(canonicalJson(specification))), specification);
  assert.throws(
    () => blockedFolds({ count: 2, unit: "characters" as "bytes" }),
    /blockedFolds: unit must be one of "tokens", "bytes", found "characters"/,
  );
  assert.throws(() => makeFolds(specification, 1000, 4), /unit must be "tokens", found "bytes"/);
});

Deno.test("makeByteFolds says in bytes what does not suffice", () => {
  const specification = blockedFolds({ count: 3, finalShare: 0, unit: "bytes" });
  assert.throws(
    () => makeByteFolds(specification, textOf("a".repeat(103)), 5),
    /each of 3 blocks must have at least gap \+ windowLength \+ 1 \+ 9, as ends move to characters, = 39 bytes.* found 34/,
  );
  assert.throws(
    () => makeByteFolds({ ...specification, gap: 5 }, textOf("a".repeat(103)), 5),
    /gap must be at least windowLength \+ 1 = 6 bytes, found 5/,
  );
});

Deno.test("a fixed split in bytes stands where it was said, at characters", () => {
  const text = textOf("ab鯨\r\ncd🐋");
  const split = (at: number) =>
    fixedSplit({
      training: { start: 0, end: at },
      heldOut: { start: at, end: text.bytes },
      unit: "bytes",
    });
  for (const at of [1, 2, 5, 7, 8, 9]) {
    const { folds: [fold] } = makeByteSplit(split(at), text);
    assert.deepEqual(fold, {
      index: 0,
      training: [{ start: 0, end: at }],
      heldOut: [{ start: at, end: 13 }],
      unit: "bytes",
    });
  }
  assert.throws(() => makeByteSplit(split(3), text), /as at 2 or 5; found 3/);
  assert.throws(() => makeByteSplit(split(6), text), /as at 5 or 7; found 6/);
  assert.throws(() => makeByteSplit(split(11), text), /as at 9 or 13; found 11/);
  const inTokens = fixedSplit({ training: { start: 0, end: 1 }, heldOut: { start: 1, end: 2 } });
  assert.equal("unit" in inTokens, false);
  assert.equal("unit" in makeFixedSplit(inTokens, 2).folds[0], false);
});
