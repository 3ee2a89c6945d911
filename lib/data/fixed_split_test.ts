import assert from "node:assert/strict";
import { fixedSplit, makeFixedSplit, validateFixedSplit } from "./fixed_split.ts";

const training = { start: 0, end: 80 };
const heldOut = { start: 80, end: 90 };

Deno.test("makeFixedSplit gives the published parts as one fold, and the test part as final fold", () => {
  const { folds, finalFold } = makeFixedSplit(fixedSplit({ training, heldOut }), 90);
  assert.deepEqual(folds, [{ index: 0, training: [training], heldOut: [heldOut] }]);
  assert.equal(finalFold, null);
  const test = { start: 90, end: 100 };
  const tested = makeFixedSplit(fixedSplit({ training, heldOut, test }), 100);
  assert.deepEqual(tested.finalFold, { index: "final", training: [training], heldOut: [test] });
});

Deno.test("fixedSplit refuses spans that overlap, are empty, or leave the corpus", () => {
  const cases: [unknown, RegExp][] = [
    [{ training, heldOut: { start: 79, end: 90 } }, /must not overlap/],
    [{ training: { start: 0, end: 0 }, heldOut }, /training.end must be .* from 1 to .*, found 0/],
    [{ training, heldOut, test: { start: 85, end: 95 } }, /must not overlap/],
    [{ training, heldOut, gap: 3 }, /unknown option "gap"/],
    [{ training }, /heldOut: options must be an object, found nothing/],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => fixedSplit(options as Parameters<typeof fixedSplit>[0]), message);
  }
  assert.throws(
    () => makeFixedSplit(fixedSplit({ training, heldOut }), 89),
    /at or before 89, .* found 90/,
  );
  assert.throws(() => validateFixedSplit({ kind: "blocked", training, heldOut, test: null }));
});
