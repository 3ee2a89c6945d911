import assert from "node:assert/strict";
import { bitsPerToken, perplexity } from "./perplexity.ts";

Deno.test("perplexity and bitsPerToken of a uniform guess among V tokens are V and log2 V", () => {
  for (const size of [2, 8, 1024]) {
    assert.ok(Math.abs(perplexity(Math.log(size)) / size - 1) < 1e-12);
    assert.ok(Math.abs(bitsPerToken(Math.log(size)) - Math.log2(size)) < 1e-12);
  }
});
