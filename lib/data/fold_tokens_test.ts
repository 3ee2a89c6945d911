import assert from "node:assert/strict";
import process from "node:process";
import { randomStream } from "../core/random.ts";
import { endId, endMark, foldTokens } from "./fold_tokens.ts";
import { textOf, type TextSource } from "./text_source.ts";
import { bytes } from "./tokenizers/bytes.ts";
import { characters } from "./tokenizers/characters.ts";
import { words } from "./tokenizers/words.ts";
import { learnVocabulary } from "./tokenizers/vocabulary.ts";
import { readTokens } from "./tokens.ts";

const tokenizers = [bytes(), characters(), characters({ minimumCount: 3 }), words()];
const utf8 = (text: string) => new TextEncoder().encode(text).length;

/** Documents laid end to end. */
function documentsOf(texts: readonly string[]): TextSource {
  let end = 0;
  const documentEnds = Float64Array.from(texts, (text) => end += utf8(text));
  return { ...textOf(texts.join("")), documentEnds };
}

function drawTexts(count: number): string[] {
  const stream = randomStream(1, "texts");
  const letters = [..."abcdefgh éß鯨🐋\n."];
  return Array.from(
    { length: count },
    () =>
      Array.from({ length: 1 + stream.integer(60) }, () => letters[stream.integer(letters.length)])
        .join(""),
  );
}

Deno.test("each document's tokens are those of its own text, with marks around it, by the training part's vocabulary", async () => {
  const texts = drawTexts(30);
  const text = documentsOf(texts);
  const span = (from: number, to: number) => ({
    start: from === 0 ? 0 : text.documentEnds![from - 1],
    end: text.documentEnds![to - 1],
  });
  const parts = {
    training: [[0, 7], [12, 20]],
    heldOut: [[7, 12], [25, 30]],
    choosing: [[20, 25]],
  };
  const spans = (side: keyof typeof parts) => parts[side].map(([from, to]) => span(from, to));
  const fold = {
    index: 0,
    ...{ training: spans("training"), heldOut: spans("heldOut"), choosing: spans("choosing") },
  };
  for (const tokenizer of tokenizers) {
    const learned = learnVocabulary(
      tokenizer,
      parts.training.flatMap(([from, to]) => texts.slice(from, to)),
      [endMark],
    );
    const tokens = await foldTokens(text, { tokenizer, fold });
    assert.deepEqual(tokens.vocabulary.tokens, learned.tokens);
    for (const side of ["training", "heldOut", "choosing"] as const) {
      const expected = parts[side].map(([from, to]) => [
        endId,
        ...texts.slice(from, to).flatMap((each) => [...learned.encodeText(each), endId]),
      ]);
      assert.deepEqual(tokens[side]!.map((ids) => [...readTokens(ids)]), expected);
      for (const [index, ids] of expected.entries()) {
        const ends = ids.flatMap((id, at) => at > 0 && id === endId ? [at + 1] : []);
        assert.deepEqual([...tokens[side]![index].documentEnds!], ends);
      }
      const predicted = expected.flatMap((ids) => ids.slice(1));
      assert.deepEqual(tokens.counts[side], {
        tokens: predicted.length,
        unknown: predicted.filter((id) => id === 0).length,
        characters: parts[side].flatMap(([from, to]) => [...texts.slice(from, to).join("")]).length,
      });
    }
    const predicted = tokens.training.flatMap((ids) => [...readTokens(ids)].slice(1));
    const counts = Map.groupBy(predicted, (id) => id);
    const entropy = [...counts.values()].reduce(
      (sum, { length }) => sum - length / predicted.length * Math.log(length / predicted.length),
      0,
    );
    assert.ok(Math.abs(tokens.unigramEntropy - entropy) < 1e-12);
  }
});

Deno.test("a long text is tokenized in parts as it is in one, and kept on the disk as in memory", async () => {
  const store = await Deno.makeTempDir({ prefix: "parsimony-tokens-" });
  try {
    // Longer than what is read at once, and no line's end for a while.
    const whole = drawTexts(20_000).join("") + "é鯨 ".repeat(150_000) + drawTexts(9000).join("");
    const text = textOf(whole);
    assert.ok(text.bytes > 2 * 2 ** 20);
    const middle = text.boundary(Math.floor(text.bytes * 0.8), "forward");
    const fold = {
      index: 0,
      training: [{ start: 0, end: middle }],
      heldOut: [{ start: middle, end: text.bytes }],
    };
    for (const tokenizer of tokenizers) {
      const options = { tokenizer, fold };
      const inMemory = await foldTokens(text, options);
      const learned = learnVocabulary(tokenizer, [text.read(0, middle)], [endMark]);
      assert.deepEqual(inMemory.vocabulary.tokens, learned.tokens);
      const ids = readTokens(inMemory.training[0]);
      assert.equal(ids[0], endId);
      assert.deepEqual(ids.subarray(1), learned.encodeText(text.read(0, middle)));
      assert.equal(inMemory.training[0].documentEnds, undefined);
      let breaths = 0;
      const kept = {
        ...options,
        kept: { store, text: { sha256: "a" } },
        breathe: () => breaths++,
      };
      for (const made of [await foldTokens(text, kept), await foldTokens(text, kept)]) {
        assert.deepEqual(made.vocabulary.tokens, learned.tokens);
        assert.deepEqual(readTokens(made.training[0]), ids);
        assert.deepEqual(readTokens(made.heldOut[0]), readTokens(inMemory.heldOut[0]));
        assert.deepEqual(made.counts, inMemory.counts);
        assert.equal(made.unigramEntropy, inMemory.unigramEntropy);
      }
      assert.ok(breaths > 4);
    }
    const folders = [...Deno.readDirSync(store)].filter(({ isDirectory }) => isDirectory);
    assert.equal(folders.length, tokenizers.length);
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});

Deno.test("tokens that were kept by another version of Unicode are made again", async () => {
  const store = await Deno.makeTempDir({ prefix: "parsimony-tokens-" });
  const version = process.versions.unicode;
  try {
    for (const unicode of ["16.0", "17.0", "17.0"]) {
      process.versions.unicode = unicode;
      await foldTokens(textOf("the whale"), {
        tokenizer: words(),
        fold: { index: 0, training: [{ start: 0, end: 4 }], heldOut: [{ start: 4, end: 9 }] },
        kept: { store, text: { sha256: "a" } },
      });
    }
    const folders = [...Deno.readDirSync(store)].filter(({ isDirectory }) => isDirectory);
    assert.equal(folders.length, 2);
  } finally {
    process.versions.unicode = version;
    await Deno.remove(store, { recursive: true });
  }
});
