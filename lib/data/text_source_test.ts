import assert from "node:assert/strict";
import { type RandomStream, randomStream } from "../core/random.ts";
import { inlineText } from "./corpora.ts";
import { randomText } from "./_testing/random_text.ts";
import { openText, textOf } from "./text_source.ts";

/** Every place at which a text may be cut, worked from its characters. */
function places(text: string): number[] {
  const encoder = new TextEncoder();
  const found = [0];
  let at = 0;
  let before = "";
  for (const character of text) {
    if (at > 0 && !(before === "\r" && character === "\n")) found.push(at);
    at += encoder.encode(character).length;
    before = character;
  }
  return [...new Set([...found, at])];
}

function pick<T>(stream: RandomStream, list: readonly T[]): T {
  return list[stream.integer(list.length)];
}

Deno.test("a text of bytes may be cut at characters alone, and its parts are the text", () => {
  const stream = randomStream(1, "texts");
  for (let round = 0; round < 300; round++) {
    const text = randomText(stream, 1 + stream.integer(60));
    const source = textOf(text);
    const allowed = places(text);
    assert.equal(source.bytes, new TextEncoder().encode(text).length);
    for (let position = 0; position <= source.bytes; position++) {
      const after = allowed.find((place) => place >= position);
      const before = allowed.findLast((place) => place <= position);
      assert.equal(source.boundary(position, "forward"), after, JSON.stringify([text, position]));
      assert.equal(source.boundary(position, "backward"), before, JSON.stringify([text, position]));
    }
    const [first, second] = [pick(stream, allowed), pick(stream, allowed)].sort((a, b) => a - b);
    assert.equal(
      source.read(0, first) + source.read(first, second) + source.read(second, source.bytes),
      text,
    );
  }
});

Deno.test("a byte order mark inside of a text is text", () => {
  const source = textOf("a\uFEFFb");
  assert.equal(source.read(1, 5), "\uFEFFb");
});

Deno.test("a text of bytes refuses parts inside of characters, outside of it, and half of a pair", () => {
  const source = textOf("a鯨");
  assert.throws(() => source.read(0, 2), /must begin and end at a character, found byte 2 inside/);
  assert.throws(() => source.read(3, 4), /found byte 3 inside/);
  for (const [start, end] of [[0, 5], [-1, 1], [1, 0], [0.5, 1], [NaN, 1]]) {
    assert.throws(() => source.read(start, end), {
      name: "RangeError",
      message: /up to its 4 bytes; found /,
    });
  }
  assert.throws(() => textOf("a\uD83Db"), /half of a surrogate pair/);
});

Deno.test("openText opens the excerpt of a corpus", async () => {
  const source = await openText(inlineText("né 鯨\n", { excerpt: { start: 1, length: 3 } }));
  assert.equal(source.read(0, source.bytes), "é 鯨");
  assert.equal(source.documentEnds, null);
});
