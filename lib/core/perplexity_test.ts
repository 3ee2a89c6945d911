import assert from "node:assert/strict";
import { bitsPerCharacter, bitsPerToken, perplexity } from "./perplexity.ts";

Deno.test("perplexity and bitsPerToken of a uniform guess among V tokens are V and log2 V", () => {
  for (const size of [2, 8, 1024]) {
    assert.ok(Math.abs(perplexity(Math.log(size)) / size - 1) < 1e-12);
    assert.ok(Math.abs(bitsPerToken(Math.log(size)) - Math.log2(size)) < 1e-12);
  }
});

Deno.test("bitsPerCharacter is bitsPerToken where characters are tokens, and refuses empty texts", () => {
  const nats = 1.7;
  assert.equal(bitsPerCharacter(nats, { tokens: 40, characters: 40 }), bitsPerToken(nats));
  assert.throws(() => bitsPerCharacter(nats, { tokens: 0, characters: 1 }), /from 1, found 0/);
  assert.throws(() => bitsPerCharacter(nats, { tokens: 1, characters: 0.5 }), /found 0.5/);
});
