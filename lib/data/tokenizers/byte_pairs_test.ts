import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { randomStream } from "../../core/random.ts";
import { sha256 } from "../../core/hash.ts";
import { foldTokens } from "../fold_tokens.ts";
import { textOf } from "../text_source.ts";
import reference from "./_reference/byte_pairs.json" with { type: "json" };
import { bytesOfTokens, byteTokens } from "./_byte_tokens.ts";
import { chinesePath, randomTexts, referenceTexts } from "./_testing/reference_texts.ts";
import { bytePairs } from "./byte_pairs.ts";
import { cutBetweenTokens, splitTokens } from "./split.ts";
import { textSizeOf } from "./text_size.ts";
import { learnVocabulary, restoreVocabulary, type Vocabulary } from "./vocabulary.ts";

const texts = await referenceTexts();
const random = randomTexts();

/** SHA-256 of ids without the unknown token that stands before PyPI's, as little-endian integers. */
function digestOfIds(lists: Iterable<Int32Array>): string {
  const hash = createHash("sha256");
  for (const ids of lists) hash.update(new Uint8Array(ids.map((id) => id - 1).buffer));
  return hash.digest("hex");
}

function* encoded(vocabulary: Vocabulary, all: readonly string[]): Generator<Int32Array> {
  for (const text of all) {
    const ids = vocabulary.encodeText(text);
    assert.equal(vocabulary.decode(ids), text);
    yield ids;
  }
}

for (const name of Object.keys(reference.texts) as (keyof typeof reference.texts)[]) {
  const text = texts.get(name)!;
  const trained = reference.trained.filter((each) => each.text === name);
  const missing = text === null;
  Deno.test({
    name: `1 MB of ${name}: merges and ids are PyPI tokenizers' in ${trained.length} vocabularies${
      name === "moby-dick" ? ", and the ids of 10,000 random texts" : ""
    }${missing ? ` (skipped: no ${chinesePath})` : ""}`,
    ignore: missing && Deno.env.get("PARSIMONY_REQUIRE_ALL") !== "1",
    fn() {
      assert.equal(sha256(text), reference.texts[name], "another text than the script's");
      assert.equal(sha256(random.join("\0")), reference.random);
      for (const expected of trained) {
        const { preTokenizer, size } = expected;
        const vocabulary = learnVocabulary(
          bytePairs({
            vocabularySize: size + 1,
            preTokenizer: preTokenizer as "gpt2" | "gpt4",
            specialTokens: ["<|a|>"],
          }),
          [text],
        );
        assert.equal(vocabulary.size, expected.tokens + 1);
        assert.equal(sha256(vocabulary.merges!.join("\n")), expected.merges);
        assert.equal(sha256(vocabulary.tokens.slice(1).join("\n")), expected.vocabulary);
        const [ids] = encoded(vocabulary, [text]);
        assert.equal(ids.length, expected.length);
        assert.equal(digestOfIds([ids]), expected.ids);
        if (name !== "moby-dick") continue;
        assert.equal(digestOfIds(encoded(vocabulary, random)), expected.randomIds);
      }
    },
  });
}

const stream = randomStream(1, "byte pairs");
const prose = texts.get("moby-dick")!.slice(0, 60_000);
const small = bytePairs({ vocabularySize: 700, specialTokens: ["<|user|>", "<|us"] });
const vocabulary = learnVocabulary(small, [prose]);

Deno.test("a merge is of the most frequent pair, of equally frequent ones of the smaller ids, counted anew each time", () => {
  for (let draw = 0; draw < 300; draw++) {
    const letters = "abcd".slice(0, 2 + stream.integer(3));
    const word = () =>
      Array.from({ length: 1 + stream.integer(12) }, () => letters[stream.integer(letters.length)])
        .join("");
    const text = Array.from({ length: 1 + stream.integer(20) }, word).join(" ");
    const minimumFrequency = 1 + stream.integer(3);
    const tokenizer = bytePairs({ vocabularySize: 400, minimumFrequency });
    const { merges, tokens } = learnVocabulary(tokenizer, [text]);
    const naive = naiveMerges(text, minimumFrequency, tokens.slice(1, 257));
    assert.deepEqual(merges, naive.slice(0, 400 - 257));
  }
});

/** The definition: all pairs of all words counted before every merge. */
function naiveMerges(text: string, least: number, alphabet: readonly string[]): string[] {
  const words = (text.match(/ ?[a-d]+/g) ?? []).map((word) => [...word.replace(" ", "Ġ")]);
  const order = [...alphabet];
  const merges: string[] = [];
  for (;;) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let at = 0; at + 1 < word.length; at++) {
        const pair = `${word[at]} ${word[at + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const place = (pair: string) => pair.split(" ").map((token) => order.indexOf(token));
    const [best] = [...counts].sort(([a, m], [b, n]) => {
      const [[a0, a1], [b0, b1]] = [place(a), place(b)];
      return n - m || a0 - b0 || a1 - b1;
    });
    if (best === undefined || best[1] < least) return merges;
    merges.push(best[0]);
    const [left, right] = best[0].split(" ");
    order.push(left + right);
    for (const word of words) {
      for (let at = 0; at + 1 < word.length; at++) {
        if (word[at] === left && word[at + 1] === right) word.splice(at, 2, left + right);
      }
    }
  }
}

Deno.test("10,000 random strings of bytes come back from their ids, whatever the tokens", () => {
  for (let draw = 0; draw < 10_000; draw++) {
    const ids = Int32Array.from(
      { length: stream.integer(20) },
      () => 3 + stream.integer(vocabulary.size - 3),
    );
    const bytes = bytesOfTokens(Array.from(ids, (id) => vocabulary.tokens[id]));
    assert.equal(vocabulary.decode(ids), Buffer.from(bytes).toString("utf8"));
    // Byte by byte by their own tokens, any bytes at all.
    const given = Uint8Array.from({ length: stream.integer(12) }, () => stream.integer(256));
    const single = vocabulary.encode(Array.from(given, (byte) => byteTokens[byte]));
    assert.ok(!single.includes(0));
    assert.deepEqual(bytesOfTokens(Array.from(single, (id) => vocabulary.tokens[id])), given);
    // What is written while tokens come is never taken back.
    let written = "";
    for (let end = 0; end <= ids.length; end++) {
      const next = vocabulary.decodeBegun(ids.subarray(0, end));
      assert.ok(next.startsWith(written));
      written = next;
    }
  }
});

Deno.test("the sizes of tokens add up to the bytes and characters of any text", () => {
  for (const text of random.slice(0, 1000)) {
    const ids = vocabulary.encodeText(`${text}.<|user|>`);
    const whole = `${text}.<|user|>`;
    assert.deepEqual(textSizeOf(small, vocabulary, ids), {
      bytes: Buffer.byteLength(whole),
      characters: [...whole].length,
    });
  }
});

Deno.test("special tokens are one token wherever they stand, the longest of several, and are not learned from", () => {
  const ids = vocabulary.encodeText("x<|user|><|user|>y<|us|>");
  const tokens = Array.from(ids, (id) => vocabulary.tokens[id]);
  assert.deepEqual(tokens, ["x", "<|user|>", "<|user|>", "y", "<|us", "|", ">"]);
  assert.equal(vocabulary.decode(ids), "x<|user|><|user|>y<|us|>");
  const tokenizer = bytePairs({ vocabularySize: 300, specialTokens: ["<|user|>"] });
  const marked = learnVocabulary(tokenizer, [prose.replaceAll("\n", "<|user|>\n")]);
  assert.ok(marked.merges!.every((merge) => !merge.includes("us er") && !merge.includes("|")));
});

Deno.test("a long word of one letter is learned from and encoded", () => {
  const text = "a".repeat(100_000);
  const learned = learnVocabulary(bytePairs({ vocabularySize: 273 }), [text]);
  assert.deepEqual(learned.merges!.slice(0, 3), ["a a", "aa aa", "aaaa aaaa"]);
  const ids = learned.encodeText(text);
  assert.equal(learned.decode(ids), text);
  assert.ok(ids.length < 10);
});

Deno.test("a text in pieces, cut where no token goes over, has the ids of the whole", () => {
  for (const preTokenizer of ["gpt2", "gpt4"] as const) {
    const tokenizer = bytePairs({ vocabularySize: 500, preTokenizer });
    const learned = learnVocabulary(tokenizer, [prose]);
    const text = texts.get("code")!.slice(0, 400_000) + "\n \n" + texts.get("moby-dick");
    const pieces: string[] = [];
    for (let start = 0; start < text.length;) {
      const end = start + 1 + stream.integer(50_000);
      pieces.push(text.slice(start, end));
      start = end;
    }
    const parts = Array.from(cutBetweenTokens(tokenizer, pieces));
    assert.ok(parts.length > 10 && parts.join("") === text);
    const whole = learned.encodeText(text);
    assert.deepEqual(parts.flatMap((part) => [...learned.encodeText(part)]), [...whole]);
    assert.deepEqual(
      learnVocabulary(tokenizer, parts).merges,
      learnVocabulary(tokenizer, [text]).merges,
    );
  }
});

Deno.test("marks stand after the unknown token, and a text that is written like one is text", () => {
  const marked = learnVocabulary(bytePairs({ vocabularySize: 300 }), ["<|end|> <|end|>"], [
    "<|end|>",
  ]);
  assert.deepEqual(marked.tokens.slice(0, 3), ["\uFFFD", "<|end|>", "!"]);
  const ids = marked.encodeText("<|end|>");
  assert.ok(!ids.includes(1));
  assert.equal(marked.decode(ids), "<|end|>");
});

Deno.test("a vocabulary is restored from its tokens and merges, and from nothing less", () => {
  const marked = learnVocabulary(small, [prose], ["<|end|>"]);
  const again = restoreVocabulary(small, [...marked.tokens], 1, [...marked.merges!]);
  assert.deepEqual(again.encodeText(prose), marked.encodeText(prose));
  assert.throws(() => restoreVocabulary(small, marked.tokens, 1), /merges must be a list of texts/);
  assert.throws(
    () => restoreVocabulary(small, marked.tokens.slice(0, 600), 1, marked.merges),
    /a merge must be two tokens with a space between them that together are a token, found/,
  );
  assert.throws(
    () => restoreVocabulary(small, ["\uFFFD", "a", "b"], 0, []),
    /must have a token for each byte, found none for "Ā"/,
  );
});

Deno.test("byte pairs refuse options that cannot be, half a surrogate pair, and to split without a vocabulary", () => {
  assert.throws(
    () => bytePairs({ vocabularySize: 257 }),
    /vocabularySize must be at least 258, for the unknown token, 256 bytes and one merge; found 257/,
  );
  assert.throws(
    () => bytePairs({ vocabularySize: 259, specialTokens: ["<|a|>", "<|b|>"] }),
    /vocabularySize must be at least 260, for the unknown token, 256 bytes, 2 special tokens/,
  );
  for (const token of ["a b", "é!", "x", ""]) {
    assert.throws(
      () => bytePairs({ vocabularySize: 300, specialTokens: [token] }),
      /printable ASCII/,
    );
  }
  assert.throws(
    () => bytePairs({ vocabularySize: 300, specialTokens: ["<|a|>", "<|a|>"] }),
    /must differ/,
  );
  assert.throws(
    () => bytePairs({ vocabularySize: 300, preTokenizer: "bert" as "gpt2" }),
    /preTokenizer must be one of "gpt2", "gpt4", found "bert"/,
  );
  assert.throws(() => vocabulary.encodeText("whale \ud83d"), /half of a surrogate pair/);
  assert.throws(() => learnVocabulary(small, ["whale \ud83d"]), /half of a surrogate pair/);
  assert.throws(() => learnVocabulary(small, []), /must hold a text, found none/);
  assert.throws(
    () => splitTokens(small, "whale"),
    /bytePairs needs folds that are laid before there are tokens: .*unit: "bytes".*unit: "pairs"/,
  );
});

Deno.test("no change of held-out text changes a merge: vocabularies are those of the training spans alone", async () => {
  const fold = (heldOut: number) => ({
    index: 0,
    unit: "bytes" as const,
    training: [{ start: 0, end: 5000 }, { start: 9000, end: 12_000 }],
    heldOut: [{ start: 6000, end: heldOut }],
  });
  const whole = prose.replaceAll(/\P{ASCII}/gu, "?");
  const tokenizer = bytePairs({ vocabularySize: 400 });
  const expected = learnVocabulary(tokenizer, [whole.slice(0, 5000), whole.slice(9000, 12_000)], [
    "<|end|>",
  ]);
  for (let draw = 0; draw < 10; draw++) {
    const other = Array.from({ length: 4000 }, () => "the whale".charAt(stream.integer(9))).join(
      "",
    );
    const changed = whole.slice(0, 5000) + other + whole.slice(9000);
    const { vocabulary: found } = await foldTokens(textOf(changed), {
      tokenizer,
      fold: fold(6001 + stream.integer(2000)),
    });
    assert.deepEqual(found.merges, expected.merges);
    assert.deepEqual(found.tokens, expected.tokens);
  }
});
