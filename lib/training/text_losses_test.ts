import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { JsonObject } from "../core/json.ts";
import { inlineText } from "../data/corpora.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { characters } from "../data/tokenizers/characters.ts";
import type { TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { spacedWords } from "../data/tokenizers/spaced_words.ts";
import { splitTokens } from "../data/tokenizers/split.ts";
import { words } from "../data/tokenizers/words.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { adam } from "../optimizers/adam.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { executeRun } from "./run.ts";
import type { PairSpecificationOptions, TextSpecificationOptions } from "./specification.ts";

const run = (specification: object, fold: FoldRecord) =>
  executeRun({
    id: "bits",
    specification: specification as JsonObject,
    point: {},
    fold,
    seed: 1,
    engine: "wasm",
    weightsPath: null,
  });

const text = "鲸 und é, 🐋 or whale\n".repeat(40);

const halves = (length: number): FoldRecord => ({
  index: 0,
  training: [{ start: 0, end: Math.floor(length / 2) }],
  heldOut: [{ start: Math.floor(length / 2) + 3, end: length }],
});

function ofText(
  tokenizer: TokenizerSpecification,
  training: Partial<TextSpecificationOptions["training"]> = {},
  of = text,
) {
  const specification: TextSpecificationOptions = {
    corpus: inlineText(of),
    tokenizer,
    model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
    optimizer: adam({ learningRate: 1e-2 }),
    training: { steps: 2, batchSize: 4, windowLength: 7, samples: { count: 0 }, ...training },
  };
  return run(specification, halves(splitTokens(tokenizer, of).length));
}

const close = (found: number, due: number) =>
  assert.ok(Math.abs(found - due) < 1e-12 * due, `${found}, due ${due}`);

const telling = {
  bytes: bytes(),
  characters: characters(),
  "Unicode's words": words({ segmentation: "unicode" }),
};

for (const [name, tokenizer] of Object.entries(telling)) {
  for (const carriedState of [false, true]) {
    Deno.test(`losses of ${name}${carriedState ? " with carried state" : ""} are recorded in bits per byte and character of the scored text`, async () => {
      const { curve, tokens } = await ofText(tokenizer, { carriedState });
      const all = splitTokens(tokenizer, text);
      const [{ start, end }] = halves(all.length).heldOut;
      // All but the first held-out token are scored. Bytes are measured by the text they are cut from.
      const scored = all.slice(start + 1, end);
      const before = Buffer.from(text).subarray(0, start + 1).toString("latin1");
      const begun = (latin: string) => latin.replace(/[\x80-\xbf]/g, "").length;
      const size = tokenizer.kind === "bytes"
        ? {
          bytes: end - start - 1,
          characters: Array.from(text).length - begun(before),
        }
        : {
          bytes: Buffer.byteLength(scored.join("")),
          characters: Array.from(scored.join("")).length,
        };
      assert.equal(curve.length, 3);
      for (const { heldOutLoss, bitsPerByte, bitsPerCharacter } of curve) {
        close(bitsPerByte!, heldOutLoss * scored.length / size.bytes / Math.LN2);
        close(bitsPerCharacter!, heldOutLoss * scored.length / size.characters / Math.LN2);
      }
      assert.equal(tokens.textLost, undefined);
    });
  }
}

Deno.test("of fewer evaluated tokens the text of those alone counts", async () => {
  // Two windows of seven among the held-out ones; the same letters, of one byte and of two.
  const of = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaéééééééééééééééééééééééééééaaaa";
  const both = { evaluationTokens: 14 };
  const { final } = await ofText(characters(), both, of.repeat(2));
  const ratio = final!.bitsPerCharacter! / final!.bitsPerByte!;
  // 14 characters of 14 to 28 bytes.
  assert.ok(Math.abs(ratio * 14 - Math.round(ratio * 14)) < 1e-9 && ratio >= 1 && ratio <= 2);
});

Deno.test("tokens that do not tell the text have no bits per byte, and the record says what is lost", async () => {
  const rare = `${text.slice(0, -60)} unseen Ω words here, and there: ${text.slice(-20)}`;
  const lost: readonly [TokenizerSpecification, string, string?][] = [
    [words(), "white space"],
    [words({ lowercase: true }), "case and white space"],
    [words({ lowercase: true, segmentation: "unicode" }), "case"],
    [spacedWords(), "which white space parts words"],
    [words({ segmentation: "unicode" }), "unknown tokens", rare],
    [characters(), "unknown tokens", rare],
  ];
  for (const [tokenizer, what, of] of lost) {
    const { curve, tokens } = await ofText(tokenizer, {}, of);
    assert.equal(tokens.textLost, what);
    for (const at of curve) assert.ok(!("bitsPerByte" in at) && !("bitsPerCharacter" in at));
  }
  const { tokens, final } = await ofText(bytes(), {}, rare);
  assert.ok(tokens.textLost === undefined && final!.bitsPerByte! > 0);
});

Deno.test("bits of pairs are of the target's text, its end included but no character of it", async () => {
  const specification: PairSpecificationOptions = {
    corpus: inlinePairs([["a", "é鱼"], ["b", "é"], ["c", "鱼é"], ["d", "鱼"]], { order: "given" }),
    tokenizer: pairTokenizer({ source: characters(), target: characters() }),
    model: lstmSequenceToSequence({ embeddingSize: 4, hiddenSize: 6 }),
    optimizer: adam({ learningRate: 1e-2 }),
    training: { steps: 2, batchSize: 2, decodedPairs: 0, samples: { count: 0 } },
  };
  const fold = { index: 0, training: [{ start: 0, end: 2 }], heldOut: [{ start: 2, end: 4 }] };
  const { final } = await run(specification, fold);
  // Three characters and two ends, in 3 + 2 + 3 bytes.
  close(final!.bitsPerByte!, final!.heldOutLoss * 5 / 8 / Math.LN2);
  close(final!.bitsPerCharacter!, final!.heldOutLoss * 5 / 3 / Math.LN2);
  const counted = { ...specification.training, padding: "counted" as const };
  const padded = await run({ ...specification, training: counted }, fold);
  assert.equal(padded.tokens.textLost, "padding that counts");
  assert.equal(padded.final!.bitsPerByte, undefined);
});
