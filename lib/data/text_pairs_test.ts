import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { sideKey } from "./_pair_order.ts";
import { completionBatch } from "./completion_batches.ts";
import { completionTokenizer } from "./completion_tokens.ts";
import { pairBatch } from "./pair_batches.ts";
import { groupedFolds, makePairFolds } from "./pair_folds.ts";
import {
  type AnyPairTokenizerSpecification,
  loadTextPairs,
  loadTokenPairs,
  pairTokenizer,
  restorePairVocabulary,
} from "./pair_tokens.ts";
import { inlinePairs, loadPairs, type TextPair } from "./pairs.ts";
import { preparePairs } from "./prepare_pairs.ts";
import { randomText } from "./_testing/random_text.ts";
import { inlineRows } from "./row_corpora.ts";
import { dialogueRows } from "./rows/dialogue_rows.ts";
import { bytePairs } from "./tokenizers/byte_pairs.ts";
import { bytes } from "./tokenizers/bytes.ts";
import { characters } from "./tokenizers/characters.ts";
import { tokenizerOf, type TokenizerSpecification } from "./tokenizers/kinds.ts";
import { publishedTokenizer } from "./tokenizers/published_tokenizer.ts";
import { spacedWords } from "./tokenizers/spaced_words.ts";
import { readyTokenizer, splitTokens } from "./tokenizers/split.ts";
import { tokenizerFile } from "./tokenizers/tokenizer_file.ts";
import { words } from "./tokenizers/words.ts";

const tokenizers: readonly TokenizerSpecification[] = [
  characters(),
  bytes(),
  words(),
  words({ lowercase: true }),
  words({ segmentation: "unicode" }),
  spacedWords(),
  bytePairs({ vocabularySize: 300 }),
  bytePairs({ vocabularySize: 290, preTokenizer: "gpt4", specialTokens: ["<|a|>"] }),
  tokenizerFile("lib/data/tokenizers/_reference/small_digits.json"),
  publishedTokenizer("r50k_base"),
];

const pairs = Array.from({ length: 40 }, (_, at): TextPair => [
  `Whale <|a|> ${at % 13}, né 鲸`,
  `the whale ${at} 🐋${" was".repeat(at % 4)} seen.`,
]);

const kinds: {
  readonly [kind: string]: (side: TokenizerSpecification) => AnyPairTokenizerSpecification;
} = {
  completions: (tokenizer) => completionTokenizer({ tokenizer }),
  pairs: (side) => pairTokenizer({ source: side, target: side }),
};

for (const tokenizer of tokenizers) {
  for (const [kind, of] of Object.entries(kinds)) {
    const name = `${canonicalJson(tokenizer)} for ${kind}`;

    Deno.test(`${name}: folds are those of the texts, vocabularies of the training pairs alone, and what tells the text comes back`, async () => {
      const specification = of(tokenizer);
      const corpus = inlinePairs(pairs, { order: "shuffled" });
      const laid = await loadTextPairs(corpus, specification);
      const options = groupedFolds({ count: 3, unit: "pairs" });
      const { folds, finalFold } = makePairFolds(options, laid);
      assert.ok(folds.every(({ unit }) => unit === "pairs"));
      const [, fold] = folds;
      const data = await preparePairs({ corpus, tokenizer: specification, fold });
      const { training, heldOut, sourceVocabulary, targetVocabulary } = data;
      const [{ start, end }] = fold.heldOut;
      assert.deepEqual(
        heldOut.map(({ texts }) => texts),
        laid.slice(start, end).map(({ source, target }) => [source, target]),
      );
      assert.equal(training.length + heldOut.length, finalFold!.training[0].end);

      // Whatever is held out, the vocabularies are the same.
      const other = laid.map(({ source, target }, at): TextPair =>
        at >= start && at < end ? [`${source} q${at}q`, `zzz ${target}`] : [source, target]
      );
      const again = await preparePairs({
        corpus: inlinePairs(other),
        tokenizer: specification,
        fold,
      });
      for (const side of ["sourceVocabulary", "targetVocabulary"] as const) {
        assert.deepEqual(again[side].tokens, data[side].tokens);
        assert.deepEqual(again[side].merges, data[side].merges);
      }
      assert.deepEqual(
        again.training.map(({ target }) => target),
        training.map((each) => each.target),
      );
      assert.equal(sourceVocabulary === targetVocabulary, kind === "completions");

      // Marks stand where they do, and in no text.
      const { beginId, endId, paddingId } = targetVocabulary;
      const restored = restorePairVocabulary(
        tokenizer,
        [...targetVocabulary.tokens],
        targetVocabulary.merges && [...targetVocabulary.merges],
      );
      const tells = tokenizerOf(tokenizer).lost(tokenizer) === null;
      for (const [index, { source, target, texts }] of [...training, ...heldOut].entries()) {
        const inside = target.subarray(0, -1);
        assert.equal(target.at(-1), endId);
        assert.equal(source.at(-1), kind === "completions" ? beginId : sourceVocabulary.endId);
        assert.ok(![beginId, endId, paddingId].some((mark) => inside.includes(mark)));
        assert.deepEqual(restored.encodeText(texts![1]), inside);
        if (!tells || inside.includes(0)) continue;
        assert.equal(targetVocabulary.decode(inside), texts![1]);
        if (index >= training.length) {
          assert.equal(data.heldOutTexts[index - training.length][1], texts![1]);
        }
      }
      // The targets that count are the same in both kinds of batches.
      const batch = kind === "completions"
        ? completionBatch(training, targetVocabulary)
        : pairBatch(training, { sourceVocabulary, targetVocabulary });
      const counted = training.map((_, row) =>
        Array.from({ length: batch.time }, (_, t) => t * batch.batch + row)
          .filter((at) => batch.mask === undefined || batch.mask[at] === 1)
          .map((at) => batch.targets[at])
      );
      assert.deepEqual(counted, training.map(({ target }) => [...target]));
    });
  }
}

Deno.test("texts are one source wherever a tokenizer gives them the same tokens, over random texts", async () => {
  const stream = randomStream(1, "sources");
  const spaces = [" ", "  ", "\n", "\u00a0", "\t", ""];
  const drawn = (list: readonly string[]) => list[stream.integer(list.length)];
  const splitting = tokenizers.filter((each) => "split" in tokenizerOf(each));
  for (const tokenizer of splitting) await readyTokenizer(tokenizer);
  let alike = 0;
  for (let round = 0; round < 400; round++) {
    const parts = ["Wal", "ΑΣ", ".", "İ", "'", "q", randomText(stream, 3)];
    const chosen = Array.from({ length: 4 }, () => drawn(parts));
    const text = () =>
      chosen.map((part) => `${stream.integer(3) === 0 ? part.toLowerCase() : part}${drawn(spaces)}`)
        .join("");
    const [first, second] = [text(), text()];
    for (const tokenizer of splitting) {
      const [a, b] = [first, second].map((each) => canonicalJson(splitTokens(tokenizer, each)));
      if (a !== b || first === second) continue;
      alike++;
      assert.equal(
        sideKey(first),
        sideKey(second),
        `${canonicalJson(tokenizer)} ${first} ${second}`,
      );
    }
  }
  assert.ok(alike > 50, `${alike}`);
});

Deno.test("text pairs keep dialogues together, and limits in bytes leave pairs out before there are tokens", async () => {
  const tokenizer = completionTokenizer({ tokenizer: bytes() });
  const said = (...texts: string[]) => ({
    messages: texts.map((content, at) => ({ role: ["user", "assistant"][at % 2], content })),
  });
  const rows = dialogueRows({ templates: { user: "U {content}\n", assistant: "A {content}\n" } });
  const dialogues = inlineRows([said("a", "hi", "b", "bye"), said("c", "hi"), said("A", "oh")], {
    rows,
  });
  const laid = await loadTextPairs(dialogues, tokenizer);
  // "A" and "a" are one source in lower case.
  assert.deepEqual(laid.map(({ target, group }) => [target, group]), [
    ["hi", 0],
    ["bye", 0],
    ["oh", 0],
    ["hi", 1],
  ]);
  const limited = inlineRows([said("a", "hi", "b", "bye"), said("c", "hé")], {
    ...{ rows, maximumTargetBytes: 3, maximumSourceBytes: 10 },
  });
  assert.deepEqual(await loadPairs(limited), [["U a\nA ", "hi"], ["U c\nA ", "hé"]]);
  const byTokens = await loadTokenPairs(limited, completionTokenizer({ tokenizer: characters() }));
  assert.equal(byTokens.length, 2);
  const plain = inlinePairs([["a", "b"]]);
  assert.ok(!("maximumSourceBytes" in plain), "absent, so that ids stay");
  assert.throws(
    () => inlinePairs([["a", "b"]], { maximumSourceBytes: 0 }),
    /maximumSourceBytes must be .* from 1/,
  );
});
