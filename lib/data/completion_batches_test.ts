import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { completionBatch } from "./completion_batches.ts";
import { completionTokenizer } from "./completion_tokens.ts";
import { restorePairVocabulary } from "./pair_tokens.ts";
import { inlinePairs, type TextPair } from "./pairs.ts";
import { type EncodedPair, preparePairs } from "./prepare_pairs.ts";
import { bytePairs } from "./tokenizers/byte_pairs.ts";
import { characters } from "./tokenizers/characters.ts";
import { words } from "./tokenizers/words.ts";

const fold: FoldRecord = {
  index: 0,
  training: [{ start: 0, end: 3 }],
  heldOut: [{ start: 3, end: 4 }],
};

const prepare = (
  pairs: readonly TextPair[],
  tokenizer = completionTokenizer({ tokenizer: characters() }),
) => preparePairs({ corpus: inlinePairs(pairs), tokenizer, fold });

Deno.test("completionBatch lays prompt, mark, completion and end, and its mask is the one worked by hand", async () => {
  const { training, targetVocabulary } = await prepare([
    ["ab", "xyz"],
    ["c", "x"],
    ["abc", "zz"],
    ["q", "x"],
  ]);
  const { tokens } = targetVocabulary;
  const batch = completionBatch(training, targetVocabulary);
  const rows = (ids: Int32Array) =>
    [0, 1, 2].map((row) =>
      Array.from({ length: batch.time }, (_, t) => tokens[ids[t * 3 + row]]).join(" ")
    );
  assert.deepEqual(rows(batch.inputs), [
    "a b <begin> x y z",
    "c <begin> x <padding> <padding> <padding>",
    "a b c <begin> z z",
  ]);
  assert.deepEqual(rows(batch.targets), [
    "b <begin> x y z <end>",
    "<begin> x <end> <padding> <padding> <padding>",
    "b c <begin> z z <end>",
  ]);
  // Time-major: the three rows at position 0, then at 1, …
  assert.deepEqual([...batch.mask!], [
    ...[0, 0, 0],
    ...[0, 1, 0],
    ...[1, 1, 0],
    ...[1, 0, 1],
    ...[1, 0, 1],
    ...[1, 0, 1],
  ]);
  assert.deepEqual([batch.time, batch.batch, batch.tokens], [6, 3, 4 + 2 + 3]);
});

Deno.test("no change of a prompt changes a counted target, over random pairs", () => {
  const stream = randomStream(1, "prompts");
  const ids = (count: number) => Array.from({ length: count }, () => 4 + stream.integer(9));
  const counted = (pairs: readonly EncodedPair[]) => {
    const { targets, mask, batch, time, tokens } = completionBatch(pairs, { paddingId: 1 });
    const rows = pairs.map((_, row) =>
      Array.from({ length: time }, (_, t) => t * batch + row)
        .filter((at) => mask === undefined || mask[at] === 1).map((at) => targets[at])
    );
    assert.equal(rows.flat().length, tokens);
    return rows;
  };
  for (let round = 0; round < 200; round++) {
    const targets = Array.from(
      { length: 1 + stream.integer(5) },
      () => Int32Array.of(...ids(stream.integer(6)), 3),
    );
    const withPrompts = () =>
      targets.map((target) => ({ source: Int32Array.of(...ids(stream.integer(7)), 2), target }));
    const found = counted(withPrompts());
    assert.deepEqual(found, targets.map((target) => [...target]));
    assert.deepEqual(counted(withPrompts()), found);
  }
});

Deno.test("prompts and completions share one vocabulary, of both sides of the training pairs only", async () => {
  const tokenizer = completionTokenizer({ tokenizer: words({ maximumVocabulary: 4 }) });
  const prepared = await prepare([
    ["go home", "va"],
    ["go", "va va"],
    ["run", "cours"],
    ["fly away", "vole va"],
  ], tokenizer);
  const { sourceVocabulary, targetVocabulary, training, heldOut } = prepared;
  assert.equal(sourceVocabulary, targetVocabulary);
  // "va" stands three times, "go" twice; of "cours", "home" and "run" the first by code unit.
  assert.deepEqual(targetVocabulary.tokens, [
    ...["<unk>", "<padding>", "<begin>", "<end>"],
    ...["va", "go", "cours"],
  ]);
  assert.deepEqual(training.map(({ source }) => [...source]), [[5, 0, 2], [5, 2], [0, 2]]);
  assert.deepEqual([...heldOut[0].target], [0, 4, 3]);
  assert.equal(prepared.unknownShare, 1 / 3);
  assert.equal(prepared.sourceUnknownShare, 2 / 3);
  const again = restorePairVocabulary(words(), targetVocabulary.tokens);
  assert.deepEqual([...again.encode(["va", "go", "vole"])], [4, 5, 0]);
});

Deno.test("completionTokenizer refuses other options and values, and validates what it gave", () => {
  const tokenizer = completionTokenizer({ tokenizer: characters(), maximumSourceLength: 5 });
  assert.deepEqual(tokenizer, {
    kind: "completions",
    maximumSourceLength: 5,
    maximumTargetLength: null,
    tokenizer: characters(),
  });
  const refused: [object, RegExp][] = [
    [{}, /tokenizer: kind must be one of .* found nothing/],
    [{ tokenizer: characters(), template: "" }, /unknown option "template"/],
    [{ tokenizer: characters(), maximumSourceLength: 0 }, /maximumSourceLength must be .* from 1/],
    [
      { tokenizer: bytePairs({ vocabularySize: 300 }), maximumTargetLength: 9 },
      /completionTokenizer: maximumSourceLength and .* must be null with bytePairs.* found null and 9.*Bytes/,
    ],
    [{ tokenizer: { kind: "pairs" } }, /tokenizer: kind must be one of/],
  ];
  for (const [options, expected] of refused) {
    assert.throws(() => completionTokenizer(options as never), expected);
  }
});

Deno.test("a prompt may be longer than a function may have arguments", () => {
  const [source, target] = [new Int32Array(200_000).fill(5), Int32Array.of(6, 3)];
  const { inputs, targets, mask, tokens } = completionBatch([{ source, target }], { paddingId: 1 });
  assert.deepEqual([inputs.length, tokens], [200_001, 2]);
  assert.deepEqual([...targets.subarray(-2)], [6, 3]);
  assert.deepEqual([...mask!.subarray(-3)], [0, 1, 1]);
});
