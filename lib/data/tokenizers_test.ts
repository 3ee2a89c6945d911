import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import {
  buildVocabulary,
  characters,
  restoreVocabulary,
  spacedWords,
  splitTokens,
  type TokenizerSpecification,
  validateTokenizer,
  words,
} from "./tokenizers.ts";

const pieces = [
  "whale",
  "Ahab's",
  "don’t",
  "'",
  "’",
  "it",
  "3",
  "14",
  ".",
  ",",
  "-",
  "--",
  "—",
  "(",
  ")",
  "[",
  "{",
  "}",
  '"',
  "\n",
  "\r\n",
  "\r",
  "\u2028",
  " ",
  "  ",
  "\t",
  "🐋",
  "👩‍💻",
  "é",
  "e\u0301",
  "\u0301",
  "中文",
  "שלום",
  "\u202e",
  "<unk>",
  "<",
  "unk",
  ">",
  "%",
  "!",
  "…",
  "\uFFFD",
  "<script>",
  "\u001b[31m",
];

function randomText(seed: number, length: number): string {
  const stream = randomStream(seed, "text");
  return Array.from({ length }, () => pieces[stream.integer(pieces.length)]).join("");
}

const tokenizers: TokenizerSpecification[] = [
  characters(),
  words(),
  words({ lowercase: true }),
  words({ maximumVocabulary: 12 }),
];

for (const tokenizer of tokenizers) {
  const name = canonicalJson(tokenizer);

  Deno.test(`${name}: splitting what was decoded gives the same tokens, over random texts`, () => {
    for (let seed = 0; seed < 200; seed++) {
      const tokens = splitTokens(tokenizer, randomText(seed, 40));
      const vocabulary = buildVocabulary(tokenizer, tokens);
      const ids = vocabulary.encode(tokens);
      const known = Array.from(ids, (id) => vocabulary.tokens[id]);
      assert.deepEqual(splitTokens(tokenizer, vocabulary.decode(ids)), known);
      if (tokenizer.kind === "characters" || tokenizer.maximumVocabulary === null) {
        assert.deepEqual(known, tokens);
      } else assert.ok(vocabulary.size <= tokenizer.maximumVocabulary);
    }
  });

  Deno.test(`${name}: the vocabulary depends on the counts and not on the order of tokens`, () => {
    for (let seed = 0; seed < 20; seed++) {
      const tokens = splitTokens(tokenizer, randomText(seed, 60));
      const order = randomStream(seed, "order").permutation(tokens.length);
      const shuffled = Array.from(order, (index) => tokens[index]);
      assert.deepEqual(
        buildVocabulary(tokenizer, shuffled).tokens,
        buildVocabulary(tokenizer, tokens).tokens,
      );
    }
  });
}

Deno.test("characters decodes to the very text, 4-byte characters and line breaks included", () => {
  const text = "a🐋\r\n👩‍💻e\u0301\u202e";
  const vocabulary = buildVocabulary(characters(), splitTokens(characters(), text));
  assert.equal(vocabulary.decode(vocabulary.encode(splitTokens(characters(), text))), text);
});

Deno.test("characters are ordered by code point, where UTF-16 code units would order otherwise", () => {
  // U+FF5E is below U+1F40B, but its code unit is above the whale's first surrogate.
  const { tokens } = buildVocabulary(characters(), ["🐋", "～", "b", "a", "b"]);
  assert.deepEqual(tokens, ["\uFFFD", "a", "b", "～", "🐋"]);
});

Deno.test("words are ordered by falling frequency, then by code unit, and cut at the maximum", () => {
  const tokens = ["b", "c", "a", "c", "b", "d", "c"];
  assert.deepEqual(buildVocabulary(words(), tokens).tokens, ["<unk>", "c", "b", "a", "d"]);
  const cut = buildVocabulary(words({ maximumVocabulary: 3 }), tokens);
  assert.deepEqual(cut.tokens, ["<unk>", "c", "b"]);
  assert.deepEqual([...cut.encode(["a", "b", "c", "z"])], [0, 2, 1, 0]);
});

Deno.test("words splits words, apostrophes, numbers, marks and line breaks as documented", () => {
  const split = (text: string) => splitTokens(words(), text);
  assert.deepEqual(split("Ahab's 'tis rock'n'roll"), ["Ahab's", "'", "tis", "rock'n'roll"]);
  assert.deepEqual(split("well-known, 3.14%"), ["well", "-", "known", ",", "3", ".", "14", "%"]);
  assert.deepEqual(split("one\r\n\ntwo\u2028x"), ["one", "\n", "\n", "two", "\n", "x"]);
  assert.deepEqual(split("naïve cafe\u0301 中文 שלום"), ["naïve", "cafe\u0301", "中文", "שלום"]);
  assert.deepEqual(split("<unk> <b>"), ["<unk>", "<", "b", ">"]);
  assert.deepEqual(split(" \t"), []);
});

Deno.test("words with lowercase folds case in every script before splitting", () => {
  assert.deepEqual(splitTokens(words({ lowercase: true }), "ÉMILE Ωμ"), ["émile", "ωμ"]);
});

Deno.test("a vocabulary decodes words with spaces as print has them", () => {
  const text = '"Call me (Ishmael), please - now!"\nA well-known name.';
  const tokens = splitTokens(words(), text);
  const vocabulary = buildVocabulary(words(), tokens);
  assert.equal(
    vocabulary.decode(vocabulary.encode(tokens)),
    '" Call me (Ishmael), please-now! "\nA well-known name.',
  );
});

Deno.test("buildVocabulary gives the unknown token's id to its own text in the corpus", () => {
  for (const [tokenizer, unknown] of [[characters(), "\uFFFD"], [words(), "<unk>"]] as const) {
    const vocabulary = buildVocabulary(tokenizer, ["a", unknown, "b"]);
    assert.deepEqual(vocabulary.tokens, [unknown, "a", "b"]);
    assert.deepEqual([...vocabulary.encode([unknown])], [vocabulary.unknownId]);
  }
});

Deno.test("buildVocabulary takes tokens that are names of object properties as any other", () => {
  const vocabulary = buildVocabulary(words(), ["constructor", "__proto__"]);
  assert.deepEqual([...vocabulary.encode(["__proto__", "toString", "constructor"])], [1, 0, 2]);
});

Deno.test("buildVocabulary refuses an empty list of tokens", () => {
  assert.throws(() => buildVocabulary(characters(), []), /must not be empty/);
});

Deno.test("a vocabulary refuses to decode an id that it does not have", () => {
  const vocabulary = buildVocabulary(characters(), ["a"]);
  for (const id of [-1, 2, 0.5, NaN]) {
    assert.throws(() => vocabulary.decode([id]), /whole numbers from 0 to 1, found/);
  }
});

Deno.test("restoreVocabulary gives the vocabulary back from its tokens, and refuses others", () => {
  const vocabulary = buildVocabulary(words(), ["b", "a", "b"]);
  const again = restoreVocabulary(words(), JSON.parse(JSON.stringify(vocabulary.tokens)));
  assert.deepEqual([...again.encode(["a", "b", "c"])], [...vocabulary.encode(["a", "b", "c"])]);
  assert.throws(() => restoreVocabulary(words(), ["a"]), /first token must be "<unk>", found "a"/);
  assert.throws(() => restoreVocabulary(words(), ["<unk>", "a", "a"]), /found "a" twice/);
});

Deno.test("characters, words and validateTokenizer refuse unknown and impossible options", () => {
  assert.throws(() => characters({ lowercase: true }), /characters: unknown option "lowercase"/);
  assert.throws(
    () => words({ maximumVocabulary: 1 }),
    /maximumVocabulary must be .* from 2, found 1/,
  );
  assert.throws(() => words({ maximumVocabulary: 2.5 }), /whole number/);
  assert.throws(() => words({ lowercase: 1 as unknown as boolean }), /true or false, found 1/);
  assert.throws(() => validateTokenizer({ kind: "bytes" }), /one of "characters", "words"/);
  assert.throws(() => validateTokenizer(null), /one of "characters", "words"/);
  assert.throws(() => validateTokenizer({ kind: "words" }), /lowercase must be true or false/);
  const spaced = { kind: "spacedWords", maximumVocabulary: null, lowercase: true };
  assert.throws(() => validateTokenizer(spaced), /spacedWords: unknown option "lowercase"/);
  assert.throws(() => spacedWords({ maximumVocabulary: 1 }), /from 2, found 1/);
});

Deno.test("spacedWords splits at white space alone, and what it decodes splits into the same tokens", () => {
  const text = " no it was n't black monday \n but <unk> & co. 's N\r\n\n a\tb";
  const tokens = splitTokens(spacedWords(), text);
  assert.equal(tokens.join("|"), "no|it|was|n't|black|monday|\n|but|<unk>|&|co.|'s|N|\n|\n|a|b");
  const vocabulary = buildVocabulary(spacedWords(), tokens);
  assert.equal(vocabulary.tokens[0], "<unk>");
  assert.equal(vocabulary.tokens[1], "\n");
  const decoded = vocabulary.decode(vocabulary.encode(tokens));
  assert.deepEqual(splitTokens(spacedWords(), decoded), tokens);
  const small = buildVocabulary(spacedWords({ maximumVocabulary: 3 }), tokens);
  assert.deepEqual(small.tokens, ["<unk>", "\n", "&"]);
});
