import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { splitTokens } from "../data/tokenizers/split.ts";
import { buildVocabulary } from "../data/tokenizers/vocabulary.ts";
import { beforeStop, endsText, tokensBeforeStop, withoutBegunStop } from "./stop_strings.ts";

Deno.test("the text ends before the stop string that ends first, of equal ends before the longest", () => {
  assert.equal(beforeStop("abcd", ["bcd", "c"]), "ab");
  assert.equal(beforeStop("abcd", ["bcd", "d"]), "a");
  assert.equal(beforeStop("abcd", ["d", "bcd"]), "a");
  assert.equal(beforeStop("aaa", ["aa"]), "");
  assert.equal(beforeStop("abcd", ["x"]), "abcd");
  assert.equal(beforeStop("abcd", []), "abcd");
});

Deno.test("read letter by letter, a text ends where it ends as a whole, and nothing of the stop string is shown", () => {
  const stream = randomStream(1, "texts");
  const drawn = (length: number) => Array.from({ length }, () => "abc"[stream.integer(3)]).join("");
  for (let trial = 0; trial < 2000; trial++) {
    const text = drawn(12);
    const stops = Array.from({ length: 1 + stream.integer(3) }, () => drawn(1 + stream.integer(4)));
    let shown = "";
    for (let length = 1; length <= text.length; length++) {
      const begun = text.slice(0, length);
      const end = beforeStop(begun, stops);
      const next = end === begun ? withoutBegunStop(begun, stops) : end;
      assert.ok(next.startsWith(shown), `${text}, ${stops}: ${shown}, then ${next}`);
      shown = next;
      if (end !== begun) break;
    }
    const whole = beforeStop(text, stops);
    // What is held back at the end is a begun stop string, and comes last.
    assert.ok(whole === shown || (whole === text && whole.startsWith(shown)), `${text}, ${stops}`);
  }
});

Deno.test("stop strings go over the ends of tokens, and inside of characters nothing ends", () => {
  const tokenizer = bytes();
  const tokens = splitTokens(tokenizer, "ab 鲸. c");
  const vocabulary = buildVocabulary(tokenizer, tokens);
  const ids = vocabulary.encode(tokens);
  const ends = endsText(["鲸."], vocabulary);
  const endedAt = Array.from(ids.keys()).find((at) => ends([...ids.subarray(0, at + 1)]));
  assert.equal(endedAt, 6); // a, b, space, three bytes, full stop
  const kept = tokensBeforeStop(ids.subarray(0, 7), ["鲸."], vocabulary);
  assert.equal(vocabulary.decode(kept), "ab ");
  assert.equal(tokensBeforeStop(ids, [], vocabulary), ids);
});
