import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { readTokens, stretchesOf, tokensInMemory } from "./tokens.ts";
import { layParts } from "./parts.ts";
import { passagesOf } from "./passages.ts";
import { consecutiveWindows } from "./windows.ts";

Deno.test("tokens are read from any place, and none beyond their ends", () => {
  const tokens = tokensInMemory(Int32Array.of(5, 6, 7, 8));
  assert.deepEqual([...readTokens(tokens, 1, 3)], [6, 7]);
  assert.deepEqual([...readTokens(tokens, 2, 9)], [7, 8]);
  assert.deepEqual([...readTokens(tokens, 4)], []);
  assert.throws(() => tokens.read(2, new Int32Array(3)), /span of 4 tokens has none from 2 to 5/);
  assert.throws(() => tokens.read(-1, new Int32Array(1)), RangeError);
});

Deno.test("stretches of a span are the span, and each begins with the end of the one before", () => {
  for (const length of [0, 1, 65_535, 65_536, 65_540, 200_001]) {
    const ids = Int32Array.from({ length }, (_, index) => index);
    for (const overlap of [0, 1, 7]) {
      let end = 0;
      for (const stretch of stretchesOf(tokensInMemory(ids), overlap)) {
        assert.equal(stretch[0], Math.max(0, end - overlap));
        assert.ok(stretch.every((id, at) => id === stretch[0] + at));
        assert.ok(stretch.length <= 65_536 + overlap);
        end = stretch.at(-1)! + 1;
      }
      assert.equal(end, length);
    }
  }
});

Deno.test("a place is found in the part that holds it, parts without places never", () => {
  const stream = randomStream(1, "parts");
  for (let draw = 0; draw < 100; draw++) {
    const counts = Array.from({ length: 1 + stream.integer(9) }, () => stream.integer(4));
    const { total, find } = layParts(counts);
    const places = counts.flatMap((count, part) =>
      Array.from({ length: count }, (_, place) => ({ part, place }))
    );
    assert.equal(total, places.length);
    assert.deepEqual(places.map((_, at) => find(at)), places);
  }
});

Deno.test("consecutive windows are those that one finds by going through the spans", () => {
  const stream = randomStream(2, "windows");
  for (let draw = 0; draw < 100; draw++) {
    const time = 1 + stream.integer(8);
    const spans = Array.from(
      { length: 1 + stream.integer(5) },
      () => tokensInMemory(new Int32Array(stream.integer(30))),
    );
    const expected = [];
    for (const span of spans) {
      for (let start = 0; start < span.length - 1; start += time) {
        expected.push({ span, start, length: Math.min(time, span.length - 1 - start) });
      }
    }
    const windows = consecutiveWindows(passagesOf(spans, "across"), time);
    assert.deepEqual(Array.from({ length: windows.count }, (_, at) => windows.at(at)), expected);
    assert.equal(windows.targets, expected.reduce((sum, { length }) => sum + length, 0));
  }
});
