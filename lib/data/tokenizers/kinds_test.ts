/** Fails until a kind of tokenizer is complete; docs/adding.md names the files. */
import assert from "node:assert/strict";
import { canonicalJson } from "../../core/json.ts";
import { type RandomStream, randomStream } from "../../core/random.ts";
import * as parsimony from "../../mod.ts";
import { bytePairs } from "./byte_pairs.ts";
import { bytes } from "./bytes.ts";
import { characters } from "./characters.ts";
import {
  tokenizerKinds,
  tokenizerOf,
  type TokenizerSpecification,
  validateTokenizer,
} from "./kinds.ts";
import { publishedTokenizer } from "./published_tokenizer.ts";
import { spacedWords } from "./spaced_words.ts";
import { cutBetweenTokens, joinTokens, readyTokenizer, splitTokens } from "./split.ts";
import { tokenizerFile } from "./tokenizer_file.ts";
import { buildVocabulary, learnVocabulary, restoreVocabulary } from "./vocabulary.ts";
import { words } from "./words.ts";

/** Every kind without options, and with every option that its JSON has. */
const tokenizers: readonly TokenizerSpecification[] = [
  characters(),
  characters({ minimumCount: 2 }),
  bytes(),
  bytePairs({ vocabularySize: 300 }),
  bytePairs({ vocabularySize: 290, preTokenizer: "gpt4", specialTokens: ["<|a|>"] }),
  tokenizerFile("lib/data/tokenizers/_reference/small_digits.json"),
  tokenizerFile("lib/data/tokenizers/_reference/small_digits.json", {
    unknownToken: "<｜end▁of▁text｜>",
    endToken: "<|endoftext|>",
  }),
  publishedTokenizer("r50k_base"),
  words(),
  words({ maximumVocabulary: 9, minimumCount: 2, lowercase: true, segmentation: "unicode" }),
  spacedWords(),
  spacedWords({ maximumVocabulary: 9, minimumCount: 2 }),
];

const text =
  "Call me Ishmael. Some years ago – never mind how long precisely – having little money in " +
  "my purse,\nand nothing particular to interest me on shore, I thought I would sail about a little " +
  "and see the watery part of the world.\r\n\nIt is a way I have. 鲸鱼 🐋 I have <unk> it.\n";

Deno.test("every file of a tokenizer is listed in kinds.ts, exported by its name, has an example and is under test", async () => {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(new URL("./", import.meta.url))) {
    if (!name.endsWith(".ts") || name.endsWith("_test.ts")) continue;
    const source = await Deno.readTextFile(new URL(name, import.meta.url));
    const [, kind] = /^export const (\w+)Tokenizer: /m.exec(source) ?? [];
    if (kind === undefined) continue;
    found.push(kind);
    const documentation = source.slice(0, source.indexOf(`export function ${kind}`));
    assert.match(documentation.slice(documentation.lastIndexOf("/**")), /@example[^]*assert/, kind);
  }
  assert.deepEqual(found.sort(), Object.keys(tokenizerKinds).sort());
  for (const [kind, { create, options }] of Object.entries(tokenizerKinds)) {
    assert.equal((parsimony as Readonly<Record<string, unknown>>)[kind], create, kind);
    const alike = tokenizers.filter((tokenizer) => tokenizer.kind === kind);
    const held = new Set(alike.flatMap((tokenizer) => Object.keys(tokenizer)));
    assert.deepEqual([...held].sort(), ["kind", ...Object.keys(options)].sort());
  }
});

for (const tokenizer of tokenizers) {
  const name = canonicalJson(tokenizer);
  const kind = tokenizerOf(tokenizer);

  Deno.test(`${name} is its own JSON, refuses other options, and can be made ready`, async () => {
    assert.equal(canonicalJson(validateTokenizer(JSON.parse(name))), name);
    assert.throws(() => validateTokenizer({ ...tokenizer, other: 1 }), /unknown option "other"/);
    await readyTokenizer(tokenizer);
  });

  Deno.test(`${name} learns a vocabulary with the unknown token first, then marks, and stretches of about 50 characters`, () => {
    const { unknown, stretch, unit, trainsUnknown, lost } = kind;
    const halves = [text.slice(0, 40), text.slice(40)];
    const vocabulary = learnVocabulary(tokenizer, halves, ["<|end|>"]);
    const { tokens, merges } = vocabulary;
    assert.deepEqual(tokens.slice(0, 2), [unknown, "<|end|>"]);
    const ids = vocabulary.encodeText(text);
    assert.ok(!ids.includes(1));
    const again = restoreVocabulary(tokenizer, [...tokens], 1, merges && [...merges]);
    assert.deepEqual(again.tokens, tokens);
    assert.deepEqual(again.encodeText(text), ids);
    const encoded = Array.from(ids, (id) => tokens[id]);
    assert.equal(vocabulary.decode(ids), kind.join(tokenizer, encoded));
    if (lost(tokenizer) === null && !ids.includes(0)) assert.equal(vocabulary.decode(ids), text);
    assert.deepEqual([...vocabulary.encode(["never seen"])], [0]);
    const length = stretch * text.length / ids.length;
    // Merges of a page are few: their tokens are shorter than those of a book.
    const [least, most] = "learn" in kind ? [12, 70] : [30, 70];
    assert.ok(length > least && length < most, `${length} characters`);
    assert.match(unit, /s$/);
    assert.match(trainsUnknown, /\.$/);
  });

  if ("learn" in kind) continue;

  Deno.test(`${name} splits line by line into what it joins, and counts make the vocabulary`, () => {
    const tokens = splitTokens(tokenizer, text);
    const lines = text.split(/(?<=\n)/);
    assert.deepEqual(lines.flatMap((line) => splitTokens(tokenizer, line)), tokens);
    assert.deepEqual(splitTokens(tokenizer, joinTokens(tokenizer, tokens)), tokens);
    const vocabulary = buildVocabulary(tokenizer, tokens);
    assert.deepEqual(restoreVocabulary(tokenizer, vocabulary.tokens).tokens, vocabulary.tokens);
    const known = tokens.filter((token) => vocabulary.tokens.includes(token));
    assert.ok(known.length > tokens.length / 4);
    assert.equal(vocabulary.decode(vocabulary.encode(known)), joinTokens(tokenizer, known));
    assert.deepEqual(vocabulary.encodeText(text), vocabulary.encode(tokens));
    const [first, ...others] = vocabulary.tokens;
    const marked = learnVocabulary(tokenizer, lines, ["<|end|>"]);
    assert.deepEqual(marked.tokens, [first, "<|end|>", ...others]);
  });
}

Deno.test("a text that comes in pieces is cut where no token goes over, wherever the pieces end", () => {
  const stream = randomStream(1, "pieces");
  const long = text.repeat(600);
  for (const tokenizer of [characters(), words({ segmentation: "unicode" })]) {
    const whole = splitTokens(tokenizer, long);
    for (let draw = 0; draw < 3; draw++) {
      const pieces = piecesOf(long, stream);
      const parts = Array.from(cutBetweenTokens(tokenizer, pieces));
      assert.ok(parts.length > 1 && parts.length <= Math.ceil(long.length / 65_536));
      assert.ok(parts.join("") === long);
      assert.deepEqual(parts.flatMap((part) => splitTokens(tokenizer, part)), whole);
    }
  }
  // A text of one line is one part.
  const line = "whale ".repeat(50_000);
  assert.deepEqual(Array.from(cutBetweenTokens(words(), piecesOf(line, stream))), [line]);
});

/** A text in pieces of random lengths, none cut inside a surrogate pair. */
function piecesOf(whole: string, stream: RandomStream): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < whole.length;) {
    let end = Math.min(whole.length, start + 1 + stream.integer(60_000));
    if ((whole.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++;
    pieces.push(whole.slice(start, end));
    start = end;
  }
  return pieces;
}

Deno.test("tokenizers of pairs are refused for a text, with the corpora that they are for", () => {
  for (
    const [kind, name] of [["pairs", "pairTokenizer"], ["completions", "completionTokenizer"]]
  ) {
    assert.throws(
      () => validateTokenizer({ kind }),
      new RegExp(
        `tokenizer: kind must be one of .*, found "${kind}": ${name} is for corpora of pairs \\(inlinePairs`,
      ),
    );
  }
});
