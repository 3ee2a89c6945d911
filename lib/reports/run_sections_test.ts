import assert from "node:assert/strict";
import { statisticsInWords } from "./run_sections.ts";

Deno.test("statisticsInWords says every number of a sample's statistics with its meaning", () => {
  const line = statisticsInWords({
    tokens: 160,
    distinct: [0.25, 0.5, 0.75, 0.9],
    nGramLength: 8,
    repetition: 0.125,
    trainingOverlap: 0.5,
    heldOutOverlap: 0.1,
    memorizedShare: 0.4,
    longestCopiedSpan: 37,
  });
  assert.equal(
    line,
    "160 tokens: distinct-1 25.0 %, distinct-2 50.0 %, distinct-3 75.0 %, distinct-4 90.0 %; " +
      "repeated 8-grams 12.5 %; memorized share 40.0 % (of its 8-grams 50.0 % in a training excerpt " +
      "as long as the held-out text, 10.0 % in the held-out text); longest span copied from the " +
      "training text: 37 tokens.",
  );
});
