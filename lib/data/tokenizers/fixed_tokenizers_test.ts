import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import { OutsideTrouble } from "../../core/outside_trouble.ts";
import { withFile } from "../_testing/project_file.ts";
import reference from "./_reference/fixed_tokenizers.json" with { type: "json" };
import { randomTexts, referenceTexts } from "./_testing/reference_texts.ts";
import { bytePairs } from "./byte_pairs.ts";
import { tokenizerOf, type TokenizerSpecification } from "./kinds.ts";
import { publishedTokenizer, type PublishedTokenizerName } from "./published_tokenizer.ts";
import { cutBetweenTokens, readyTokenizer } from "./split.ts";
import { textSizeOf } from "./text_size.ts";
import { tokenizerFile } from "./tokenizer_file.ts";
import { learnVocabulary, restoreVocabulary, type Vocabulary } from "./vocabulary.ts";

const smallFile = (name: string) => `lib/data/tokenizers/_reference/${name}.json`;
const texts = await referenceTexts();
const random = randomTexts();

/** The vocabulary of a tokenizer that needs no text. */
async function ready(tokenizer: TokenizerSpecification): Promise<Vocabulary> {
  await readyTokenizer(tokenizer);
  return learnVocabulary(tokenizer, []);
}

/** Ids as the tokenizer itself has them: here the unknown token stands before. */
function* ownIds(vocabulary: Vocabulary, all: readonly string[]): Generator<Int32Array> {
  for (const text of all) {
    const ids = vocabulary.encodeText(text);
    assert.equal(vocabulary.decode(ids), text);
    yield ids.map((id) => id - 1);
  }
}

function digestOfIds(lists: Iterable<Int32Array>): string {
  const hash = createHash("sha256");
  for (const ids of lists) hash.update(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
  return hash.digest("hex");
}

/**
 * The folder that `bench/make_smollm2.py` makes of a package of 93 MB; without it there are no tests of its
 * tokenizer.json.
 */
const smolLm2 = Deno.env.get("PARSIMONY_SMOLLM2") || undefined;

/** Fails where a tokenizer has other ids than those that another implementation gave. */
async function compare(
  name: string,
  tokenizer: TokenizerSpecification,
): Promise<void> {
  const expected = reference.ids[name as keyof typeof reference.ids];
  const isFile = name.startsWith("small_");
  const vocabulary = await ready(tokenizer);
  const special = "x<|endoftext|>y the whale <｜end▁of▁text｜>.";
  const [ids] = ownIds(vocabulary, [special]);
  assert.deepEqual([...ids], expected.special);
  assert.equal(sha256(random.join("\0")), reference.random);
  const known = random.filter((text) => !vocabulary.encodeText(text).includes(0));
  assert.equal(known.length, expected.randomTexts);
  assert.equal(digestOfIds(ownIds(vocabulary, known)), expected.random);
  for (const [text, content] of texts) {
    // Of the small ones one text is enough: what they are made of stands in the others too.
    if (content === null || (isFile && text !== "code")) continue;
    assert.equal(digestOfIds(ownIds(vocabulary, [content])), expected[text as "code"], text);
  }
}

for (const name of Object.keys(reference.ids)) {
  if (name.startsWith("smollm2") && smolLm2 === undefined) continue;
  const isSmolLm2 = name === "smollm2";
  const hasDigitsApart = name === "smollm2 with digits apart";
  Deno.test({
    name: `${name}: ids of texts and of 10,000 random ones are those of others`,
    async fn() {
      if (isSmolLm2) {
        const content = await Deno.readFile(join(smolLm2!, "tokenizer.json"));
        assert.equal(sha256(content), reference.smollm2);
        return await withFile(content, (path) => compare(name, tokenizerFile(path)));
      }
      if (hasDigitsApart) {
        const file = JSON.parse(await Deno.readTextFile(join(smolLm2!, "tokenizer.json")));
        const steps = [{ type: "Digits", individual_digits: true }, file.pre_tokenizer];
        file.pre_tokenizer = { type: "Sequence", pretokenizers: steps };
        return await withFile(JSON.stringify(file), (path) => compare(name, tokenizerFile(path)));
      }
      const tokenizer = name === "r50k_base"
        ? publishedTokenizer(name)
        : tokenizerFile(smallFile(name));
      await compare(name, tokenizer);
    },
  });
}

Deno.test("sizes of tokens add up to a text's, special tokens and those with spaces among them", async () => {
  const text = "né <|endoftext|> the whale 鲸 <｜end▁of▁text｜>";
  for (
    const tokenizer of [tokenizerFile(smallFile("small_digits")), publishedTokenizer("r50k_base")]
  ) {
    const vocabulary = await ready(tokenizer);
    assert.deepEqual(textSizeOf(tokenizer, vocabulary, vocabulary.encodeText(text)), {
      bytes: new TextEncoder().encode(text).length,
      characters: [...text].length,
    });
  }
});

Deno.test("a fixed vocabulary is restored with marks from its tokens, and cut texts have the same ids", async () => {
  const text = texts.get("moby-dick")!.slice(0, 300_000);
  for (
    const tokenizer of [tokenizerFile(smallFile("small_gpt4")), publishedTokenizer("r50k_base")]
  ) {
    await readyTokenizer(tokenizer);
    const marked = learnVocabulary(tokenizer, [], ["<|end|>"]);
    assert.equal(marked.merges, undefined);
    const ids = marked.encodeText(text);
    const again = restoreVocabulary(tokenizer, [...marked.tokens], 1);
    assert.deepEqual(again.encodeText(text), ids);
    const parts = Array.from(cutBetweenTokens(tokenizer, [text]));
    assert.deepEqual(parts.flatMap((part) => [...marked.encodeText(part)]), [...ids]);
  }
});

Deno.test("special tokens of a file stand for the unknown token and a text's end, and letters of them are text", async () => {
  const path = smallFile("small_digits");
  const plain = await ready(tokenizerFile(path));
  const [endToken, unknownToken] = ["<|endoftext|>", "<｜end▁of▁text｜>"];
  const tokenizer = tokenizerFile(path, { unknownToken, endToken });
  await readyTokenizer(tokenizer);
  const vocabulary = learnVocabulary(tokenizer, [], ["<|end|>"]);
  const own = tokenizerOf(tokenizer).ownIds!(tokenizer);
  // As many tokens as the file has, and in its order but for two.
  assert.equal(vocabulary.size, own.tokens.length);
  assert.deepEqual([own.tokens[own.end!], own.tokens[own.unknown!]], [endToken, unknownToken]);
  assert.deepEqual(
    vocabulary.tokens.slice(2),
    own.tokens.filter((token) => token !== endToken && token !== unknownToken),
  );
  const text = `the whale ${endToken} and ${unknownToken} 12`;
  const ids = vocabulary.encodeText(text);
  assert.equal(vocabulary.decode(ids), text);
  assert.ok(ids.every((id) => id > 1));
  assert.ok(ids.length > plain.encodeText(text).length);
  const other = "Call me Ishmael, the whale, 1851.";
  const tokens = (made: Vocabulary) => Array.from(made.encodeText(other), (id) => made.tokens[id]);
  assert.deepEqual(tokens(vocabulary), tokens(plain));
  for (
    const [options, message] of [
      [
        { endToken: "<end>" },
        /endToken must be one of its special tokens, .*"the whale".* found "<end>"/,
      ],
      [
        { unknownToken: endToken, endToken },
        /must be two tokens, found "<\|endoftext\|>" for both/,
      ],
    ] as const
  ) {
    assert.throws(() => tokenizerFile(path, options), message);
  }
});

Deno.test("a published tokenizer is refused by another name, and before it is loaded", () => {
  assert.throws(
    () => publishedTokenizer("gpt5" as PublishedTokenizerName),
    /publishedTokenizer: name must be "r50k_base", found "gpt5"/,
  );
});

type File = Record<string, any>;
const small: File = JSON.parse(await Deno.readTextFile(smallFile("small_digits")));
const changed = (change: (file: File) => void) => {
  const file = structuredClone(small);
  change(file);
  return JSON.stringify(file);
};

const refused: readonly [string, string, RegExp][] = [
  [
    "cut JSON",
    JSON.stringify(small).slice(0, 5000),
    /SyntaxError: .*text.txt" is not JSON: line 1, column \d+ /,
  ],
  ["a list", "[]", /must be an object/],
  [
    "another model",
    changed((file) => file.model.type = "WordPiece"),
    /model.type must be "?.*BPE.*, found "WordPiece"/,
  ],
  ["no model", changed((file) => delete file.model), /model must be an object, found nothing/],
  [
    "no merges",
    changed((file) => file.model.merges = []),
    /model.merges must hold at least one merge/,
  ],
  ["lost merges", changed((file) => delete file.model.merges), /model.merges must be a list/],
  [
    "a merge of nothing",
    changed((file) => file.model.merges.push(["q", "zzz"])),
    /a merge must be two tokens .* found "q zzz" as merge/,
  ],
  [
    "a hole in the ids",
    changed((file) => delete file.model.vocab["a"]),
    /model.vocab: id of .* must be from 0 to/,
  ],
  [
    "one id twice",
    changed((file) => file.model.vocab["a"] = file.model.vocab["b"]),
    /model.vocab must have one token for each id/,
  ],
  ["a normalizer", changed((file) => file.normalizer = { type: "NFC" }), /normalizer must be null/],
  [
    "a space before the text",
    changed((file) => file.pre_tokenizer = { type: "ByteLevel", add_prefix_space: true }),
    /add_prefix_space must be false, found true/,
  ],
  [
    "another pre-tokenizer",
    changed((file) => file.pre_tokenizer = { type: "Metaspace" }),
    /pre_tokenizer must be ByteLevel, or a Sequence .* found "Metaspace"/,
  ],
  [
    "an unknown expression",
    changed((file) =>
      file.pre_tokenizer.pretokenizers[0] = {
        type: "Split",
        pattern: { Regex: "\\w+" },
        behavior: "Isolated",
        invert: false,
      }
    ),
    /pattern of Split must be the expression of GPT-2 or GPT-4, found \{"Regex":/,
  ],
  [
    "bytes in the place of unknown tokens",
    changed((file) => file.model.byte_fallback = true),
    /model.byte_fallback must be one of nothing, false, found true/,
  ],
  [
    "a special token that takes spaces along",
    changed((file) => file.added_tokens[0].lstrip = true),
    /added_tokens\[0\].lstrip must be false, found true/,
  ],
];

for (const [what, content, message] of refused) {
  Deno.test(`a tokenizer file is refused with the field and what was found: ${what}`, async () => {
    await withFile(content, async (path) => {
      await assert.rejects(async () => {
        const tokenizer = tokenizerFile(path);
        await ready(tokenizer);
      }, (error) => message.test(String(error)));
    });
  });
}

Deno.test("a tokenizer file is read by its checksum alone: another one is refused, a missing one is trouble outside", async () => {
  const other = "0".repeat(64);
  const content = changed((file) => file.version = "1.1");
  await withFile(content, async (path, full) => {
    assert.throws(
      () => tokenizerFile(path, { sha256: other }),
      /cannot be used: its SHA-256 must be 0000.*, found [0-9a-f]{64}\.$/,
    );
    const found = tokenizerFile(path, { sha256: sha256(content) });
    assert.deepEqual(found, { kind: "tokenizerFile", path, sha256: sha256(content) });
    const wrong = { ...found, sha256: other };
    await assert.rejects(readyTokenizer(wrong), OutsideTrouble);
    await Deno.remove(full);
    await assert.rejects(readyTokenizer(wrong), OutsideTrouble);
    // What was read already needs no file.
    await readyTokenizer(found);
  });
  assert.throws(() => tokenizerFile("no/such.json"), /there is no file "no\/such.json"/);
  assert.throws(() => tokenizerFile(join(Deno.cwd(), "a.json")), /must stay inside/);
});

Deno.test("a byte without a token is the unknown token, which bits per byte do not count", async () => {
  const without = changed(({ model, added_tokens }) => {
    const last = Object.keys(model.vocab).length - 1;
    const [moved] = Object.keys(model.vocab).filter((token) => model.vocab[token] === last);
    assert.ok(!added_tokens.some(({ content }: File) => content === moved));
    model.vocab[moved] = model.vocab["Ą"];
    delete model.vocab["Ą"];
  });
  await withFile(without, async (path) => {
    const tokenizer = tokenizerFile(path);
    const vocabulary = await ready(tokenizer);
    const ids = vocabulary.encodeText("a\u0004b");
    assert.deepEqual(Array.from(ids, (id) => vocabulary.tokens[id]), ["a", "\uFFFD", "b"]);
    assert.equal(textSizeOf(tokenizer, vocabulary, ids), "unknown tokens");
  });
});

Deno.test("a vocabulary of another tokenizer is refused", async () => {
  const tokenizer = tokenizerFile(smallFile("small_digits"));
  const vocabulary = await ready(tokenizer);
  assert.throws(
    () => restoreVocabulary(tokenizer, vocabulary.tokens.slice(0, 400)),
    /a merge must be two tokens/,
  );
  const learned = learnVocabulary(bytePairs({ vocabularySize: 300 }), ["the whale"]);
  assert.throws(() => restoreVocabulary(tokenizer, learned.tokens), /a merge must be two tokens/);
});

Deno.test("a text is not cut between a letter and a space where a word may go over them", async () => {
  const bytesOnly = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
  const digits = { type: "Digits", individual_digits: true };
  const text = `${"whale ".repeat(15_000)}\nand a whale`;
  for (const steps of [[], [digits]]) {
    const json = changed((file) => {
      file.pre_tokenizer = { type: "Sequence", pretokenizers: [...steps, bytesOnly] };
      file.added_tokens.splice(1, 1); // "the whale", since a text with that is never cut
      file.model.vocab["eĠ"] = Object.keys(file.model.vocab).length;
      file.model.merges.unshift("e Ġ");
    });
    await withFile(json, async (path) => {
      const tokenizer = tokenizerFile(path);
      const vocabulary = await ready(tokenizer);
      const parts = Array.from(cutBetweenTokens(tokenizer, [text]));
      const ids = parts.flatMap((part) => [...vocabulary.encodeText(part)]);
      assert.deepEqual(ids, [...vocabulary.encodeText(text)]);
    });
  }
});
