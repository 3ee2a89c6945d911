import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import type { TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { spacedWords } from "../data/tokenizers/spaced_words.ts";
import { words } from "../data/tokenizers/words.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { adam } from "../optimizers/adam.ts";
import type { FoldRecord } from "../records/study_record.ts";
import type { SpecificationOptions } from "./specification.ts";
import { withTrained } from "./testing/read_back.ts";

const text = "the sea was calm and the whale slept. ".repeat(6);

const textOf = (tokenizer: TokenizerSpecification): SpecificationOptions => ({
  corpus: inlineText(text),
  tokenizer,
  model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
  optimizer: adam({ learningRate: 2e-2 }),
  training: { steps: 4, batchSize: 4, windowLength: 6, samples: { count: 0 } },
});

const halves = (tokens: number): FoldRecord => ({
  index: 0,
  training: [{ start: 0, end: tokens / 2 }],
  heldOut: [{ start: tokens / 2, end: tokens }],
});

const writing = { length: 5, seed: 1, temperature: 0 };

Deno.test("users 9: a prompt with characters that the model does not know is refused, and they are listed", async () => {
  await withTrained(textOf(characters()), halves(200), (model) => {
    for (const unknownPrompt of [undefined, "refuse"] as const) {
      assert.throws(
        () => model.generate({ ...writing, prompt: "the 猫 saw Ω and 猫", unknownPrompt }),
        /only tokens that the model knows, found "猫", "Ω"\. .*unknownPrompt: "asUnknown".* as "�"/,
      );
      assert.throws(() => model.stream({ ...writing, prompt: "猫", unknownPrompt }), RangeError);
    }
    const asUnknown = { ...writing, unknownPrompt: "asUnknown" } as const;
    const written = model.generate({ ...asUnknown, prompt: "猫" });
    assert.equal(Array.from(written).length, 5);
    assert.equal(written, model.generate({ ...asUnknown, prompt: "Ω" }));
    // Who writes the unknown token itself has said so.
    assert.equal(written, model.generate({ ...writing, prompt: "\uFFFD" }));
    assert.throws(
      () => model.generate({ ...writing, prompt: "the", unknownPrompt: "ignore" as "refuse" }),
      /unknownPrompt must be one of "refuse", "asUnknown", found "ignore"/,
    );
    const many = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    assert.throws(() => model.generate({ ...writing, prompt: many }), / and \d+ more\./);
    assert.equal(model.unknownShare("the 猫a"), 1 / 6);
  });
});

Deno.test("users 9: unknown words of a prompt are refused alike, with Unicode's words too", async () => {
  for (const tokenizer of [words(), words({ segmentation: "unicode" })]) {
    await withTrained(textOf(tokenizer), halves(44), (model) => {
      assert.throws(() => model.generate({ ...writing, prompt: "the kraken" }), /found " ?kraken"/);
      assert.doesNotThrow(() => model.generate({ ...writing, prompt: "the whale" }));
    });
  }
});

Deno.test("users 6 and 9: pairs with the names of marks train, come back, and refuse sources with unknown words", async () => {
  const pairs = Array.from(
    { length: 12 },
    (
      _,
      index,
    ): [string, string] => [`<start> line ${index % 4} <end>`, `<begin> ${index % 4} <end>`],
  );
  const specification: SpecificationOptions = {
    corpus: inlinePairs(pairs),
    tokenizer: pairTokenizer({ source: spacedWords(), target: spacedWords() }),
    model: lstmSequenceToSequence({ embeddingSize: 8, hiddenSize: 16 }),
    optimizer: adam({ learningRate: 5e-2 }),
    training: { steps: 200, batchSize: 9 },
  };
  // The pairs of one source stand together: the last three are held out.
  const fold = {
    index: 0,
    training: [{ start: 0, end: 9 }],
    heldOut: [{ start: 9, end: 12 }],
  };
  await withTrained(specification, fold, (model, record) => {
    assert.equal(model.generate({ ...writing, prompt: "<start> line 1 <end>" }), "<begin> 1 <end>");
    assert.match(record.samples[0].reference!, /^<begin> 3 <end>$/);
    assert.throws(
      () => model.generate({ ...writing, prompt: "<start> line 7 <end>" }),
      /found "7"\. .* as "<unk>"/,
    );
    assert.ok(
      model.generate({ ...writing, prompt: "<start> line 7 <end>", unknownPrompt: "asUnknown" })
        .startsWith("<begin>"),
    );
    assert.equal(model.unknownShare("<start> line 7 <end>", "source"), 1 / 4);
    assert.equal(model.unknownShare("<begin> 1 <end>"), 0);
  });
});
