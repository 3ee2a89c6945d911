import assert from "node:assert/strict";
import { countCodePoints, sliceCodePoints } from "./text.ts";

const sample = "aé🐋\u0301中🏴b\n";

Deno.test("sliceCodePoints equals a slice of the list of code points for every start and length", () => {
  const points = Array.from(sample);
  assert.equal(countCodePoints(sample), points.length);
  for (let start = 0; start <= points.length; start++) {
    for (let length = 0; length <= points.length + 1; length++) {
      const expected = points.slice(start, start + length).join("");
      assert.equal(sliceCodePoints(sample, start, length), expected);
    }
  }
});

Deno.test("countCodePoints of an empty text is 0", () => {
  assert.equal(countCodePoints(""), 0);
});
