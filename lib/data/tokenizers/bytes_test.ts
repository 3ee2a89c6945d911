import assert from "node:assert/strict";
import { Buffer, isUtf8 } from "node:buffer";
import { randomStream } from "../../core/random.ts";
import { inlinePairs } from "../pairs.ts";
import { loadTokenPairs, pairTokenizer, restorePairVocabulary } from "../pair_tokens.ts";
import { preparePairs } from "../prepare_pairs.ts";
import { bytesOfTokens, byteTokens } from "./_byte_tokens.ts";
import { bytes } from "./bytes.ts";
import { splitTokens } from "./split.ts";
import { buildVocabulary } from "./vocabulary.ts";

const vocabulary = buildVocabulary(bytes(), ["a"]);
const stream = randomStream(1, "bytes");

/** Code points of every length in UTF-8, those at the ends of each among them. */
function randomText(): string {
  const limits = [0x80, 0x800, 0x10000, 0x110000];
  return Array.from({ length: stream.integer(30) }, () => {
    const limit = limits[stream.integer(4)];
    const drawn = stream.integer(8) === 0 ? limit - 1 : stream.integer(limit);
    return String.fromCodePoint(drawn >= 0xd800 && drawn < 0xe000 ? drawn - 0x800 : drawn);
  }).join("");
}

Deno.test("10,000 random Unicode texts become their UTF-8 bytes, ids from 1, and come back", () => {
  for (let draw = 0; draw < 10_000; draw++) {
    const text = randomText();
    const ids = vocabulary.encode(splitTokens(bytes(), text));
    assert.deepEqual([...ids], Array.from(Buffer.from(text, "utf8"), (byte) => byte + 1));
    assert.equal(vocabulary.decode(ids), text);
    assert.equal(vocabulary.decodeBegun(ids), text);
  }
});

Deno.test("10,000 random strings of bytes come back from their ids, and decode as text with � for what is no UTF-8", () => {
  let valid = 0;
  for (let draw = 0; draw < 10_000; draw++) {
    // Half of them begin with text, so that many are UTF-8 up to a character cut in the middle.
    const begun = stream.integer(2) === 0 ? Buffer.from(randomText(), "utf8") : Buffer.alloc(0);
    const rest = Uint8Array.from({ length: stream.integer(4) }, () => stream.integer(256));
    const given = Uint8Array.from([
      ...begun.subarray(0, stream.integer(begun.length + 1)),
      ...rest,
    ]);
    const ids = Int32Array.from(given, (byte) => byte + 1);
    const tokens = Array.from(ids, (id) => vocabulary.tokens[id]);
    assert.deepEqual(bytesOfTokens(tokens), given);
    assert.deepEqual(vocabulary.encode(tokens), ids);
    const decoded = vocabulary.decode(ids);
    assert.equal(decoded, Buffer.from(given).toString("utf8"));
    if (isUtf8(given)) {
      valid++;
      assert.deepEqual(Uint8Array.from(Buffer.from(decoded, "utf8")), given);
    } else assert.ok(decoded.includes("\uFFFD"));
    // What is written while bytes come is never taken back.
    let written = "";
    for (let end = 0; end <= ids.length; end++) {
      const next = vocabulary.decodeBegun(ids.subarray(0, end));
      assert.ok(next.startsWith(written));
      written = next;
    }
    assert.ok(decoded.startsWith(written) && decoded.length - written.length <= 1);
  }
  assert.ok(valid > 1000 && valid < 9000, `${valid}`);
});

Deno.test("bytes are written as GPT-2 writes them, each otherwise", () => {
  assert.equal(new Set(byteTokens).size, 256);
  // By hand from bytes_to_unicode: NUL, line feed, space, DEL, the two ends of what is not printed.
  const known = [[0, "Ā"], [10, "Ċ"], [32, "Ġ"], [33, "!"], [126, "~"], [127, "ġ"], [160, "ł"]];
  for (const [byte, token] of known) assert.equal(byteTokens[byte as number], token);
  assert.deepEqual([byteTokens[161], byteTokens[173], byteTokens[255]], ["¡", "Ń", "ÿ"]);
});

Deno.test("the vocabulary of bytes has 257 tokens whatever the text, and id 0 for none of them", () => {
  assert.equal(vocabulary.size, 257);
  assert.deepEqual(buildVocabulary(bytes(), splitTokens(bytes(), "鲸")).tokens, vocabulary.tokens);
  assert.ok(!vocabulary.encode(splitTokens(bytes(), "\uFFFD 鲸\0")).includes(0));
  assert.equal(vocabulary.decode([98, 0, 99]), "a\uFFFDb");
});

Deno.test("bytes follow Unicode's example of bytes that are no UTF-8", () => {
  // Table 3-8 of the Unicode Standard 16: 61 F1 80 80 E1 80 C2 62 80 63 80 BF 64.
  const given = [0x61, 0xf1, 0x80, 0x80, 0xe1, 0x80, 0xc2, 0x62, 0x80, 0x63, 0x80, 0xbf, 0x64];
  assert.equal(vocabulary.decode(given.map((byte) => byte + 1)), "a���b�c��d");
  assert.equal(vocabulary.decode([0xef, 0xbb, 0xbf].map((byte) => byte + 1)), "\uFEFF");
});

Deno.test("bytes refuse half a surrogate pair, and say where", () => {
  assert.throws(
    () => splitTokens(bytes(), "whale 🐋 \ud83d!"),
    /^RangeError: bytes: a text must not hold half of a surrogate pair .* U\+D83D as code unit 9, .* "whale 🐋 "\.$/,
  );
  assert.throws(() => splitTokens(bytes(), "\udc0b"), /U\+DC0B as code unit 0/);
});

Deno.test("characters at the border of what is encoded at once stay whole", () => {
  for (const before of [65_534, 65_535, 65_536]) {
    const text = "a".repeat(before) + "🐋é";
    const tokens = splitTokens(bytes(), text);
    assert.equal(tokens.length, before + 6);
    assert.equal(vocabulary.decode(vocabulary.encode(tokens)), text);
  }
});

Deno.test("pairs of bytes have their marks before the bytes, and lengths in bytes", async () => {
  const corpus = inlinePairs([["go", "鲸鱼"], ["run", "é"]]);
  const tokenizer = pairTokenizer({ source: bytes(), target: bytes() });
  const { targetVocabulary, training, heldOut, unknownShare } = await preparePairs({
    corpus,
    tokenizer,
    fold: { index: 0, training: [{ start: 0, end: 1 }], heldOut: [{ start: 1, end: 2 }] },
  });
  assert.equal(unknownShare, 0);
  assert.equal(targetVocabulary.size, 260);
  assert.deepEqual(targetVocabulary.tokens.slice(0, 5), [
    ...["\uFFFD", "<padding>", "<begin>", "<end>"],
    "Ā",
  ]);
  for (const { target } of [...training, ...heldOut]) {
    const again = restorePairVocabulary(bytes(), [...targetVocabulary.tokens]);
    assert.ok(["鲸鱼", "é"].includes(again.decode(target.subarray(0, -1))));
  }
  const short = await loadTokenPairs(corpus, { ...tokenizer, maximumTargetLength: 5 });
  assert.deepEqual(short.map(({ target }) => target.join("")), ["Ã©"]);
});
