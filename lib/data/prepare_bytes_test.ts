import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { makeByteFolds } from "./byte_folds.ts";
import { blockedFolds } from "./folds.ts";
import { prepareBytes, textsOfBytes, withFirstBytes } from "./prepare_bytes.ts";
import { endMark } from "./fold_tokens.ts";
import { textOf, type TextSource } from "./text_source.ts";
import { bytes } from "./tokenizers/bytes.ts";
import { characters } from "./tokenizers/characters.ts";
import type { TokenizerSpecification } from "./tokenizers/kinds.ts";
import { words } from "./tokenizers/words.ts";
import { readTokens, type Tokens } from "./tokens.ts";
import { randomText } from "./_testing/random_text.ts";

const tokenizers: readonly TokenizerSpecification[] = [
  bytes(),
  characters(),
  characters({ minimumCount: 2 }),
  words({ segmentation: "unicode" }),
];

const all = { evaluationBytes: null };

function idsOf(spans: readonly Tokens[]): number[][] {
  return spans.map((span) => [...readTokens(span)]);
}

/** A text whose documents end at the given places. */
function documentsOf(texts: readonly string[]): TextSource {
  const source = textOf(texts.join(""));
  let end = 0;
  const ends = texts.map((text) => end += new TextEncoder().encode(text).length);
  return { ...source, documentEnds: Float64Array.from(ends) };
}

Deno.test("no change of held-out text changes an id of the training text, or the vocabulary", async () => {
  const stream = randomStream(1, "held-out text");
  for (let round = 0; round < 60; round++) {
    const text = randomText(stream, 150 + stream.integer(100));
    const source = textOf(text);
    const { folds } = makeByteFolds(
      blockedFolds({ count: 3, finalShare: 0, unit: "bytes", choosing: round % 2 === 1 }),
      source,
      2,
    );
    const fold = folds[stream.integer(3)];
    // Each held-out byte becomes another: what is outside of the training spans does not matter.
    const trained = (at: number) => fold.training.some(({ start, end }) => start <= at && at < end);
    const raw = new TextEncoder().encode(text);
    const changed = textOf(
      new TextDecoder("utf-8", { ignoreBOM: true }).decode(
        raw.map((byte, at) => trained(at) ? byte : 0x41 + (at % 26)),
      ),
    );
    assert.equal(changed.bytes, source.bytes);
    for (const tokenizer of tokenizers) {
      const [own, other] = await Promise.all(
        [source, changed].map((each) => prepareBytes(each, { tokenizer, fold, ...all })),
      );
      assert.deepEqual(other.vocabulary.tokens, own.vocabulary.tokens);
      assert.deepEqual(idsOf(other.training), idsOf(own.training));
      assert.equal(other.unigramEntropy, own.unigramEntropy);
      assert.notDeepEqual(idsOf(other.heldOut), idsOf(own.heldOut));
    }
  }
});

Deno.test("every byte of a span is in a token after its mark: joined, the tokens are the span's text", async () => {
  const stream = randomStream(2, "spans");
  for (let round = 0; round < 40; round++) {
    const source = textOf(randomText(stream, 200));
    const { folds, finalFold } = makeByteFolds(
      blockedFolds({ count: 3, unit: "bytes", finalShare: 0.2 }),
      source,
      2,
    );
    for (const fold of [...folds, finalFold!]) {
      const texts = textsOfBytes(source, fold);
      for (const tokenizer of tokenizers) {
        const { vocabulary, training, heldOut, evaluated } = await prepareBytes(source, {
          tokenizer,
          fold,
          ...all,
        });
        assert.equal(vocabulary.tokens[1], endMark);
        for (const ids of [...idsOf(training), ...idsOf(heldOut)]) assert.equal(ids[0], 1);
        if (!("minimumCount" in tokenizer)) {
          const read = idsOf(training).map((ids) => vocabulary.decode(ids.slice(1)));
          assert.deepEqual(read, texts.training);
        }
        const size = (of: readonly string[]) => ({
          bytes: new TextEncoder().encode(of.join("")).length,
          characters: [...of.join("")].length,
        });
        const { spelling: _, ...measured } = evaluated.heldOut.size;
        assert.deepEqual(measured, size(texts.heldOut));
        assert.equal(
          evaluated.training.tokens,
          idsOf(training).reduce((sum, { length }) => sum + length - 1, 0),
        );
      }
    }
  }
});

Deno.test("documents end with the mark, and begin after one, also where a span cuts one", async () => {
  const source = documentsOf(["ab", "c", "dé", "f"]);
  const fold: FoldRecord = {
    index: 0,
    training: [{ start: 0, end: 3 }, { start: 6, end: 7 }],
    heldOut: [{ start: 4, end: 6 }],
    unit: "bytes",
  };
  const { vocabulary, training, heldOut, evaluated } = await prepareBytes(source, {
    tokenizer: bytes(),
    fold,
    ...all,
  });
  const letters = (spans: readonly Tokens[]) =>
    idsOf(spans).map((ids) => ids.map((id) => id === 1 ? "|" : vocabulary.tokens[id]).join(""));
  assert.deepEqual(letters(training), ["|ab|c|", "|f|"]);
  assert.deepEqual(letters(heldOut), ["|Ã©|"]);
  assert.deepEqual([...training[0].documentEnds!], [4, 6]);
  // The mark at the end of a document is predicted, and stands for no byte.
  assert.equal(evaluated.heldOut.tokens, 3);
  assert.deepEqual(evaluated.heldOut.size, { bytes: 2, characters: 1 });
});

Deno.test("an unknown character costs what it takes to write it out, one of all others of Unicode", async () => {
  const source = textOf("aabbcé鯨a");
  const fold: FoldRecord = {
    index: 0,
    training: [{ start: 0, end: 5 }],
    heldOut: [{ start: 5, end: 11 }],
    unit: "bytes",
  };
  const of = (tokenizer: TokenizerSpecification) =>
    prepareBytes(source, { tokenizer, fold, ...all });
  const { evaluated, unknownShare, trainingUnknownShare } = await of(characters());
  assert.equal(evaluated.heldOut.size.spelling, 2 * Math.log(1_114_112 - 2048 - 3));
  assert.equal(evaluated.heldOut.lost, null);
  assert.equal(unknownShare, 2 / 3);
  assert.equal(trainingUnknownShare, 0);
  const rare = await of(characters({ minimumCount: 2 }));
  assert.equal(rare.evaluated.training.size.spelling, Math.log(1_114_112 - 2048 - 2));
  assert.equal((await of(bytes())).evaluated.heldOut.size.spelling, undefined);
  assert.equal((await of(words())).evaluated.heldOut.lost, "white space");
  const unicode = await of(words({ segmentation: "unicode" }));
  assert.equal(unicode.evaluated.heldOut.lost, "unknown tokens");
});

Deno.test("stretches that are evaluated are the same bytes for every tokenizer, spaced evenly, at characters", async () => {
  const source = textOf("né 鯨 🐋 ".repeat(1100));
  const half = source.boundary(source.bytes / 2, "forward");
  const fold: FoldRecord = {
    index: 0,
    training: [{ start: 0, end: half }],
    heldOut: [{ start: half, end: source.bytes }],
    unit: "bytes",
  };
  for (const tokenizer of [bytes(), characters()]) {
    const { evaluated, vocabulary } = await prepareBytes(source, {
      tokenizer,
      fold,
      evaluationBytes: 3000,
    });
    const { spans, size } = evaluated.heldOut;
    assert.equal(spans.length, 3);
    const texts = idsOf(spans).map((ids) => vocabulary.decode(ids.slice(1)));
    assert.equal(size.bytes, new TextEncoder().encode(texts.join("")).length);
    // Stretches 0 to 7 of the half; the middles of its thirds are in 1, 4 and 6.
    assert.deepEqual(
      texts,
      [1, 4, 6].map((at) =>
        source.read(
          source.boundary(half + 1000 * at, "forward"),
          source.boundary(half + 1000 * (at + 1), "forward"),
        )
      ),
    );
  }
});

Deno.test("no stretch is empty, where a character goes over the last edge either", async () => {
  for (const end of ["鯨", "b鯨", "🐋", "\r\n", "bb🐋", "bbbb"]) {
    for (const before of [998, 999, 1000]) {
      const source = textOf("a".repeat(50) + "b".repeat(before) + end);
      const { evaluated } = await prepareBytes(source, {
        tokenizer: characters(),
        fold: {
          index: 0,
          training: [{ start: 0, end: 50 }],
          heldOut: [{ start: 50, end: source.bytes }],
          unit: "bytes",
        },
        evaluationBytes: 1000,
      });
      const { tokens, size } = evaluated.heldOut;
      assert.ok(tokens > 0 && size.bytes > 0, `${before} and ${JSON.stringify(end)}`);
    }
  }
});

Deno.test("tokens that are kept on the disk are those in memory, and are another fold's nowhere", async () => {
  const store = await Deno.makeTempDir();
  const source = textOf(randomText(randomStream(3, "kept"), 400));
  const { folds } = makeByteFolds(
    blockedFolds({ count: 3, unit: "bytes", finalShare: 0 }),
    source,
    2,
  );
  for (const tokenizer of tokenizers) {
    for (const fold of folds) {
      const kept = { store, text: { sha256: "of this text" } };
      const options = { tokenizer, fold, ...all };
      const inMemory = await prepareBytes(source, options);
      for (let twice = 0; twice < 2; twice++) {
        const onDisk = await prepareBytes(source, { ...options, kept });
        assert.deepEqual(idsOf(onDisk.training), idsOf(inMemory.training));
        assert.deepEqual(idsOf(onDisk.heldOut), idsOf(inMemory.heldOut));
        assert.equal(
          canonicalJson(onDisk.vocabulary.tokens),
          canonicalJson(inMemory.vocabulary.tokens),
        );
        assert.deepEqual(onDisk.evaluated.heldOut.size, inMemory.evaluated.heldOut.size);
        assert.equal(onDisk.unigramEntropy, inMemory.unigramEntropy);
      }
    }
  }
  await Deno.remove(store, { recursive: true });
});

Deno.test("withFirstBytes takes the first bytes of training text, whole characters, a part of more bytes", () => {
  const source = textOf("aé鯨b🐋c");
  const fold: FoldRecord = {
    index: 0,
    training: [{ start: 0, end: 3 }, { start: 6, end: 12 }],
    heldOut: [{ start: 3, end: 6 }],
    unit: "bytes",
  };
  const texts = (count: number) =>
    textsOfBytes(source, withFirstBytes(fold, count, source)).training.join("|");
  assert.deepEqual([1, 2, 3, 4, 5, 8, 9].map(texts), [
    "a",
    "a",
    "aé",
    "aé|b",
    "aé|b",
    "aé|b🐋",
    "aé|b🐋c",
  ]);
  assert.throws(() => withFirstBytes(fold, 10, source), /must be at most 9, the training bytes of/);
  assert.equal(withFirstBytes(fold, undefined, source), fold);
});
