import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { countTokensOf, numberTokens } from "./numbered_tokens.ts";
import { bytes } from "./tokenizers/bytes.ts";
import { characters } from "./tokenizers/characters.ts";
import type { TokenizerSpecification } from "./tokenizers/kinds.ts";
import { spacedWords } from "./tokenizers/spaced_words.ts";
import { splitTokens } from "./tokenizers/split.ts";
import { words } from "./tokenizers/words.ts";

const pieces = [
  "whale",
  "ΣΑΣ",
  " ",
  "  ",
  "\r\n",
  "\n",
  "\r",
  "\u2028",
  "🐋",
  "<unk>",
  "\t",
  "。",
  "中",
];

const tokenizers: TokenizerSpecification[] = [
  characters(),
  bytes(),
  words(),
  words({ lowercase: true }),
  words({ segmentation: "unicode" }),
  words({ segmentation: "unicode", lowercase: true }),
  spacedWords(),
];

for (const tokenizer of tokenizers) {
  Deno.test(`${canonicalJson(tokenizer)}: numbers of a long text name the tokens that splitting gives`, () => {
    const stream = randomStream(1, "numbers");
    // Longer than what is split at once, with line ends of every kind at its borders.
    const text = Array.from({ length: 120_000 }, () => pieces[stream.integer(pieces.length)]).join(
      "",
    );
    const expected = splitTokens(tokenizer, text);
    const { types, numbers } = numberTokens(tokenizer, text);
    assert.ok(text.length > 200_000);
    assert.equal(numbers.length, expected.length);
    assert.equal(countTokensOf(tokenizer, text), expected.length);
    assert.equal(new Set(types).size, types.length);
    const wrong = expected.findIndex((token, at) => types[numbers[at]] !== token);
    assert.equal(wrong, -1);
    const noLine = "one two ".repeat(20_000);
    assert.equal(
      numberTokens(tokenizer, noLine).numbers.length,
      splitTokens(tokenizer, noLine).length,
    );
  });
}

Deno.test("numberTokens of an empty text has no tokens", () => {
  assert.equal(numberTokens(words(), "").numbers.length, 0);
  assert.equal(countTokensOf(characters(), ""), 0);
});
