import assert from "node:assert/strict";
import { inlineText, loadCorpus } from "./corpora.ts";
import { blockedFolds, makeFolds } from "./folds.ts";
import { loadTokenPairs, pairTokenizer } from "./pair_tokens.ts";
import { inlinePairs } from "./pairs.ts";
import { countTokens, foldTexts, prepareText, unigramEntropy, unknownShare } from "./prepare.ts";
import { characters } from "./tokenizers/characters.ts";
import type { TokenizerSpecification } from "./tokenizers/kinds.ts";
import { splitTokens } from "./tokenizers/split.ts";
import { buildVocabulary } from "./tokenizers/vocabulary.ts";
import { words } from "./tokenizers/words.ts";
import { readTokens } from "./tokens.ts";

const text = "abcdefgh🐋".repeat(20) + "XYZ".repeat(12) + "stu🐋".repeat(30);
const tokenizer = characters();

Deno.test("prepareText gives each span's own tokens, with a vocabulary of the training part alone", async () => {
  const corpus = inlineText(text);
  const tokens = splitTokens(tokenizer, text);
  const { folds, finalFold } = makeFolds(blockedFolds({ count: 3 }), tokens.length, 4);
  for (const fold of [...folds, finalFold!]) {
    const prepared = await prepareText({ corpus, tokenizer, fold });
    const trainingTokens = fold.training.flatMap(({ start, end }) => tokens.slice(start, end));
    assert.deepEqual(
      prepared.vocabulary.tokens.slice(1),
      [...new Set(trainingTokens)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!),
    );
    assert.equal(prepared.training.length, fold.training.length);
    for (const [index, { start, end }] of fold.training.entries()) {
      const expected = tokens.slice(start, end).join("");
      assert.equal(prepared.vocabulary.decode(readTokens(prepared.training[index])), expected);
    }
    const [{ start, end }] = fold.heldOut;
    const heldOut = tokens.slice(start, end);
    const known = new Set(trainingTokens);
    const expected = heldOut.map((token) => known.has(token) ? token : "\uFFFD").join("");
    assert.equal(prepared.vocabulary.decode(readTokens(prepared.heldOut[0])), expected);
    const unknown = heldOut.filter((token) => !known.has(token)).length;
    assert.equal(prepared.unknownShare, unknown / heldOut.length);
  }
});

Deno.test("prepareText folds the excerpt: positions count from its first token", async () => {
  const corpus = inlineText("🐋🐋one two three four", { excerpt: { start: 2, length: 13 } });
  const fold = { index: 0, training: [{ start: 0, end: 2 }], heldOut: [{ start: 1, end: 3 }] };
  const prepared = await prepareText({ corpus, tokenizer: words(), fold });
  assert.deepEqual(prepared.vocabulary.tokens, ["<unk>", "one", "two"]);
  assert.deepEqual(prepared.heldOut.map((span) => [...readTokens(span)]), [[2, 0]]);
  assert.equal(prepared.unknownShare, 0.5);
  assert.equal(await countTokens(corpus, words()), 3);
});

Deno.test("prepareText refuses spans that leave the text or are no spans", async () => {
  const corpus = inlineText("abcdef");
  const prepare = (start: number, end: number) =>
    prepareText({
      corpus,
      tokenizer,
      fold: { index: 2, training: [{ start, end }], heldOut: [{ start: 0, end: 1 }] },
    });
  await assert.rejects(prepare(0, 7), /at or before token 6, found 7 in fold 2/);
  await assert.rejects(prepare(3, 3), /found 3 to 3 in fold 2/);
  await assert.rejects(prepare(-1, 3), /found -1 to 3/);
  await assert.rejects(prepare(0.5, 3), /found 0.5 to 3/);
});

Deno.test("foldTexts gives each span's text, which splits into the span's tokens again, of words too", async () => {
  const fold = {
    index: 0,
    training: [{ start: 0, end: 3 }, { start: 9, end: 14 }],
    heldOut: [{ start: 4, end: 8 }],
  };
  const corpus = inlineText("“Ahoy!”  cried he —\nthe white-whale,\tahoy; <unk> it's gone. Ahoy");
  for (const tokenizer of [words(), words({ lowercase: true }), characters()]) {
    const tokens = splitTokens(tokenizer, await loadCorpus(corpus));
    const texts = await foldTexts({ corpus, tokenizer, fold });
    const due = (part: "training" | "heldOut") =>
      fold[part].map(({ start, end }) => tokens.slice(start, end));
    const split = (parts: readonly string[]) => parts.map((each) => splitTokens(tokenizer, each));
    assert.deepEqual(split(texts.training), due("training"));
    assert.deepEqual(split(texts.heldOut), due("heldOut"));
  }
  const long = { ...fold, heldOut: [{ start: 4, end: 800 }] };
  await assert.rejects(
    foldTexts({ corpus, tokenizer: words(), fold: long }),
    /foldTexts: spans must end at or before token \d+, found 800 in fold 0/,
  );
});

Deno.test("unigramEntropy is ln n for n equally frequent tokens, and 0 for one token", () => {
  const even = unigramEntropy([Int32Array.of(1, 2, 3), Int32Array.of(4)], 10);
  assert.ok(Math.abs(even - Math.log(4)) < 1e-15);
  assert.equal(unigramEntropy([Int32Array.of(5, 5, 5)], 6), 0);
  // Worked by hand: −¾ ln ¾ − ¼ ln ¼.
  const skewed = unigramEntropy([Int32Array.of(0, 0, 0, 1)], 2);
  assert.ok(Math.abs(skewed - 0.5623351446188083) < 1e-15);
});

Deno.test("unknownShare counts over all spans and is 0 for none", () => {
  const vocabulary = buildVocabulary(tokenizer, ["a"]);
  assert.equal(unknownShare([Int32Array.of(0, 1, 1), Int32Array.of(1)], vocabulary), 0.25);
  assert.equal(unknownShare([], vocabulary), 0);
});

Deno.test("a study's text is refused where another version of ICU would split it", async () => {
  const fold = { index: 0, training: [{ start: 0, end: 2 }], heldOut: [{ start: 2, end: 4 }] };
  const corpus = inlineText("one two three four");
  const here = words({ segmentation: "unicode" });
  assert.equal((await prepareText({ corpus, tokenizer: here, fold })).vocabulary.size, 3);
  const tokenizer = { ...here, icu: "1.0" } as TokenizerSpecification;
  const message = /split by ICU "1.0", and this Deno has ICU "/;
  await assert.rejects(prepareText({ corpus, tokenizer, fold }), message);
  await assert.rejects(countTokens(corpus, tokenizer), message);
  await assert.rejects(
    loadTokenPairs(
      inlinePairs([["a", "b"]]),
      pairTokenizer({ source: words(), target: tokenizer }),
    ),
    message,
  );
});
