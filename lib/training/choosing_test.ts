import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs, type TextPair } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { adam } from "../optimizers/adam.ts";
import { asgd } from "../optimizers/asgd.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import type { TextSpecificationOptions } from "./specification.ts";
import { execute } from "./testing/execute.ts";

const trained = "the sea was calm and the whale slept below; the mast leaned low. ".repeat(3);
const likeIt = "the whale slept, the mast was low and the sea leaned below. the calm sea ";
const unlikeIt = "zig; zag; qqq? vex! jinx. kyb; xu zig. qqq? xu! jib. vox; zag. jinx kyb. ";
const length = likeIt.length;

/** Trains on the same first text with two blocks held out behind it. */
async function run(
  { choosing, scoring }: { choosing: string; scoring: string },
  change: Partial<TextSpecificationOptions> = {},
  training: Partial<TextSpecificationOptions["training"]> = {},
): Promise<RunRecord> {
  assert.equal(choosing.length, length);
  assert.equal(scoring.length, length);
  const specification: TextSpecificationOptions = {
    corpus: inlineText(trained + choosing + scoring),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 10 }),
    optimizer: adam({ learningRate: 5e-2 }),
    training: {
      steps: 100,
      batchSize: 4,
      windowLength: 8,
      evaluateEvery: 5,
      samples: { count: 0 },
      ...training,
    },
    ...change,
  };
  const end = trained.length;
  return await execute(specification, {
    index: 0,
    training: [{ start: 0, end }],
    choosing: [{ start: end, end: end + length }],
    heldOut: [{ start: end + length, end: end + 2 * length }],
  });
}

const lowest = (curve: readonly CurvePoint[], loss: (at: CurvePoint) => number) =>
  curve.reduce((best, at) => loss(at) < loss(best) ? at : best).step;

Deno.test("a run measures its choosing spans as it measures held-out text", async () => {
  const same = await run({ choosing: likeIt, scoring: likeIt });
  for (const at of same.curve) assert.equal(at.choosingLoss, at.heldOutLoss);
  const swapped = await run({ choosing: unlikeIt, scoring: likeIt });
  const back = await run({ choosing: likeIt, scoring: unlikeIt });
  assert.deepEqual(
    swapped.curve.map(({ choosingLoss }) => choosingLoss),
    back.curve.map(({ heldOutLoss }) => heldOutLoss),
  );
});

Deno.test("other text in the scoring block changes the losses on it and nothing else, early stopping included", async () => {
  const training = { earlyStopping: { patience: 2 } };
  const [first, second] = [
    await run({ choosing: likeIt, scoring: likeIt }, {}, training),
    await run({ choosing: likeIt, scoring: unlikeIt }, {}, training),
  ];
  const rest = (at: CurvePoint) => {
    const { heldOutLoss: _, generalizationGap: __, knownHeldOutLoss: ___, ...others } = at;
    const { bitsPerByte: ____, bitsPerCharacter: _____, ...rest } = others;
    return rest;
  };
  assert.deepEqual(first.curve.map(rest), second.curve.map(rest));
  assert.equal(first.best!.step, second.best!.step);
  assert.equal(first.stoppedAtStep, second.stoppedAtStep);
  assert.notEqual(first.stoppedAtStep, null);
  assert.equal(first.tokens.vocabulary, second.tokens.vocabulary);
  assert.notEqual(first.final!.heldOutLoss, second.final!.heldOutLoss);
});

Deno.test("other text in the choosing block changes what is chosen, and neither training nor scores", async () => {
  const [first, second] = [
    await run({ choosing: likeIt, scoring: likeIt }),
    await run({ choosing: unlikeIt, scoring: likeIt }),
  ];
  const rest = ({ choosingLoss: _, ...others }: CurvePoint) => others;
  assert.deepEqual(first.curve.map(rest), second.curve.map(rest));
  assert.deepEqual(first.tokens, second.tokens);
  assert.notEqual(first.best!.step, second.best!.step);
});

Deno.test("best and early stopping follow the choosing loss where the scoring loss says otherwise", async () => {
  const { curve, best } = await run({ choosing: unlikeIt, scoring: likeIt });
  assert.equal(best!.step, lowest(curve, (at) => at.choosingLoss!));
  assert.notEqual(best!.step, lowest(curve, (at) => at.heldOutLoss));
  const patience = 3;
  const stopped = await run({ choosing: unlikeIt, scoring: likeIt }, {}, {
    earlyStopping: { patience },
  });
  assert.equal(stopped.stoppedAtStep, stopped.best!.step + 5 * patience);
  assert.equal(stopped.best!.step, lowest(stopped.curve, (at) => at.choosingLoss!));
});

Deno.test("the trigger of NT-ASGD listens to the choosing loss", async () => {
  const optimizer = asgd({ learningRate: 4, nonMonotoneInterval: 2 });
  const runWith = (choosing: string, scoring: string) => run({ choosing, scoring }, { optimizer });
  const trainingLosses = async (choosing: string, scoring: string) =>
    (await runWith(choosing, scoring)).curve.map(({ trainingLoss }) => trainingLoss);
  const own = await trainingLosses(likeIt, unlikeIt);
  assert.deepEqual(await trainingLosses(likeIt, likeIt), own);
  assert.notDeepEqual(await trainingLosses(unlikeIt, unlikeIt), own);
});

Deno.test("pairs are chosen by on their choosing spans too", async () => {
  const pairs = Array.from({ length: 40 }, (_, index): TextPair => {
    const letters = "abcde"[index % 5] + "abcde"[(index * 3 + 1) % 5] + "abcde"[index % 3];
    return [letters, [...letters].reverse().join("")];
  });
  const runOn = (list: readonly TextPair[]) =>
    execute({
      corpus: inlinePairs(list, { order: "given" }),
      tokenizer: pairTokenizer({ source: characters(), target: characters() }),
      model: lstmSequenceToSequence({ embeddingSize: 4, hiddenSize: 8 }),
      optimizer: adam({ learningRate: 2e-2 }),
      training: { steps: 12, batchSize: 4, evaluateEvery: 4, decodedPairs: 0 },
    }, {
      index: 0,
      training: [{ start: 0, end: 6 }],
      choosing: [{ start: 6, end: 9 }],
      heldOut: [{ start: 9, end: 12 }],
    });
  const unique = [...new Map(pairs.map((pair) => [pair[0], pair])).values()];
  assert.ok(unique.length >= 12);
  const first = await runOn(unique);
  const changed = unique.map((
    [source, target],
    index,
  ): TextPair => [source, index >= 6 && index < 9 ? "edcba" : target]);
  const second = await runOn(changed);
  const rest = ({ choosingLoss: _, ...others }: CurvePoint) => others;
  assert.deepEqual(first.curve.map(rest), second.curve.map(rest));
  assert.ok(first.curve.every(({ choosingLoss }) => choosingLoss! > 0));
  assert.notEqual(first.final!.choosingLoss, second.final!.choosingLoss);
});
