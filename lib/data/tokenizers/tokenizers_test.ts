import assert from "node:assert/strict";
import { canonicalJson } from "../../core/json.ts";
import { randomStream } from "../../core/random.ts";
import { bytes } from "./bytes.ts";
import { characters } from "./characters.ts";
import { tokenizerOf, type TokenizerSpecification, validateTokenizer } from "./kinds.ts";
import { spacedWords } from "./spaced_words.ts";
import { joinTokens, splitTokens } from "./split.ts";
import { buildVocabulary, restoreVocabulary } from "./vocabulary.ts";
import { words } from "./words.ts";

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
  bytes(),
  words(),
  words({ segmentation: "unicode" }),
  spacedWords(),
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
      const most = "maximumVocabulary" in tokenizer ? tokenizer.maximumVocabulary : null;
      if (most === null) assert.deepEqual(known, tokens);
      else assert.ok(vocabulary.size <= most);
    }
  });

  Deno.test(`${name}: joined tokens are the text just where nothing is said to be lost`, () => {
    const texts = Array.from({ length: 50 }, (_, seed) => randomText(seed, 40));
    const same = texts.map((text) => joinTokens(tokenizer, splitTokens(tokenizer, text)) === text);
    const { lost } = tokenizerOf(tokenizer);
    if (lost(tokenizer) === null) assert.ok(same.every((each) => each));
    else assert.ok(same.some((each) => !each));
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
  assert.throws(
    () => characters({ lowercase: true } as object),
    /characters: unknown option "lowercase"/,
  );
  assert.throws(
    () => words({ maximumVocabulary: 1 }),
    /maximumVocabulary must be .* from 2 to .*, found 1/,
  );
  assert.throws(() => words({ maximumVocabulary: 2.5 }), /whole number/);
  assert.throws(() => words({ lowercase: 1 as unknown as boolean }), /true or false, found 1/);
  assert.throws(() => validateTokenizer({ kind: "bits" }), /one of "characters", "words"/);
  assert.throws(() => validateTokenizer(null), /one of "characters", "words"/);
  assert.throws(
    () => validateTokenizer({ kind: "words", maximumVocabulary: null }),
    /lowercase must be true or false/,
  );
  const spaced = { kind: "spacedWords", maximumVocabulary: null, lowercase: true };
  assert.throws(() => validateTokenizer(spaced), /spacedWords: unknown option "lowercase"/);
  assert.throws(() => spacedWords({ maximumVocabulary: 1 }), /from 2 to .*, found 1/);
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

Deno.test("minimumCount leaves rare training tokens to the unknown token, in every tokenizer", () => {
  const tokens = ["b", "a", "b", "c", "c", "c"];
  for (const tokenizer of [characters({ minimumCount: 2 }), words({ minimumCount: 2 })]) {
    const vocabulary = buildVocabulary(tokenizer, tokens);
    assert.deepEqual(vocabulary.tokens.slice(1).sort(), ["b", "c"]);
    assert.equal(vocabulary.encode(tokens).filter((id) => id === vocabulary.unknownId).length, 1);
  }
  const both = spacedWords({ minimumCount: 2, maximumVocabulary: 2 });
  assert.deepEqual(buildVocabulary(both, tokens).tokens, ["<unk>", "c"]);
  assert.throws(
    () => buildVocabulary(words({ minimumCount: 4 }), tokens),
    /at least one token must stand minimumCount = 4 times in the training part, found none of 3/,
  );
});

Deno.test("minimumCount and segmentation are in a specification only where they change something", () => {
  assert.deepEqual(characters({ minimumCount: 1 }), { kind: "characters" });
  assert.deepEqual(words({ segmentation: "plain", minimumCount: 1 }), words());
  assert.deepEqual(Object.keys(words()), ["kind", "maximumVocabulary", "lowercase"]);
  assert.deepEqual(characters({ minimumCount: 3 }), { kind: "characters", minimumCount: 3 });
  for (const minimumCount of [0, 1.5, NaN]) {
    assert.throws(() => words({ minimumCount }), /words: minimumCount must be a/);
  }
  assert.throws(
    () => validateTokenizer({ kind: "characters", minimumCount: 1 }),
    /from 2 to .*, found 1/,
  );
  assert.throws(
    () => words({ segmentation: "icu" as "plain" }),
    /segmentation must be one of "plain", "unicode", found "icu"/,
  );
  assert.throws(() => validateTokenizer({ ...words(), icu: "78" }), /icu must be absent/);
});

const unicodeWords = words({ segmentation: "unicode" });

Deno.test("users 8: Unicode's words keep joiners, conjuncts, soft hyphens, emoji families and numbers whole", () => {
  const split = (text: string) => splitTokens(unicodeWords, text);
  for (const word of ["می\u200cخواهم", "क्षत्रिय", "co\u00adop", "👩‍👩‍👧", "3.14", "__init__", "don’t"]) {
    assert.deepEqual(split(`x ${word}`), ["x", ` ${word}`]);
  }
  assert.deepEqual(split("one\r\n\ntwo\u2028x \n  y"), [
    ...["one", "\r\n", "\n", "two", "\u2028", "x", " ", "\n", " ", " y"],
  ]);
  // A clause of the plain rule is several words of ICU's dictionary.
  assert.equal(splitTokens(words(), "我喜欢机器学习。").length, 2);
  assert.ok(split("我喜欢机器学习。").length >= 4);
  assert.ok(split("私は学生です").length >= 3);
  assert.ok(split("ภาษาไทยเขียนติดกัน").length >= 3);
});

Deno.test("users 8: Unicode's words joined are the text, over random texts of many scripts", () => {
  // Ranges of code points; the surrogates' stands for halves of pairs.
  const ranges = [
    ...[[0x20, 0x7f], [0x9, 0xd], [0xa0, 0x17f], [0x300, 0x36f], [0x370, 0x3ff], [0x400, 0x4ff]],
    ...[[0x590, 0x5ff], [0x600, 0x6ff], [0x900, 0x97f], [0xe00, 0xe7f], [0xe80, 0xeff]],
    ...[[0x1000, 0x109f], [0x1780, 0x17ff], [0x2000, 0x206f], [0x3000, 0x30ff], [0x4e00, 0x9fff]],
    ...[[0xac00, 0xd7a3], [0xd800, 0xdfff], [0xfe00, 0xfeff], [0x1f1e6, 0x1f1ff]],
    ...[[0x1f300, 0x1f6ff], [0, 0x10ffff]],
  ];
  for (let seed = 0; seed < 400; seed++) {
    const stream = randomStream(seed, "scripts");
    let text = "";
    while (text.length < 60) {
      const [from, to] = ranges[stream.integer(ranges.length)];
      const run = 1 + stream.integer(6);
      for (let index = 0; index < run; index++) {
        text += String.fromCodePoint(from + stream.integer(to - from + 1));
      }
      if (stream.integer(2) === 0) text += pieces[stream.integer(pieces.length)];
      if (stream.integer(2) === 0) text += " ".repeat(stream.integer(3));
    }
    assert.equal(joinTokens(unicodeWords, splitTokens(unicodeWords, text)), text);
  }
  assert.deepEqual(splitTokens(unicodeWords, ""), []);
});

Deno.test("users 8: Unicode's words write an unknown one apart, and `<unk>` in a text is text", () => {
  const split = splitTokens(unicodeWords, "a <unk> sea");
  assert.ok(!split.includes("<unk>"));
  const vocabulary = buildVocabulary(unicodeWords, splitTokens(unicodeWords, "the old sea"));
  const ids = vocabulary.encode(splitTokens(unicodeWords, "the red sea"));
  assert.equal(vocabulary.decode(ids), "the <unk> sea");
});
