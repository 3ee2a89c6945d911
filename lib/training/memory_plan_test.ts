import assert from "node:assert/strict";
import { ema } from "../averages/ema.ts";
import { inlineText } from "../data/corpora.ts";
import { inlinePairs } from "../data/pairs.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { words } from "../data/tokenizers/words.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { llamaLanguageModel } from "../models/llama_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { sgd } from "../optimizers/sgd.ts";
import { l2TowardsStart } from "../penalties/l2_towards_start.ts";
import { planInWords, planMemory } from "./memory_plan.ts";
import { validateSpecification } from "./specification.ts";

const text = {
  corpus: inlineText("abcdefg"),
  tokenizer: bytes(),
  optimizer: adam({ learningRate: 0.01 }),
};
const training = { steps: 2, batchSize: 16, windowLength: 64 };
const pairs = {
  corpus: inlinePairs([["a", "b"], ["c", "d"]]),
  tokenizer: pairTokenizer({ source: characters(), target: characters() }),
  optimizer: sgd({ learningRate: 0.01 }),
  training: { steps: 2, batchSize: 16 },
};
const transformer = (change: object = {}) =>
  transformerLanguageModel({
    ...{ embeddingSize: 128, layers: 4, heads: 4, blockSize: 64 },
    ...change,
  });
const llama = (change: object = {}) =>
  llamaLanguageModel({
    ...{ embeddingSize: 128, layers: 3, heads: 4, keyValueHeads: 2, feedForwardSize: 384 },
    blockSize: 64,
    ...change,
  });
const recurrent = { embeddingSize: 64, hiddenSize: 256 };

/** Specifications of trainings whose engine takes at least some MiB. */
const trainings: { readonly [name: string]: object } = {
  "a Transformer": { ...text, model: transformer(), training },
  "a Transformer with dropout": {
    ...text,
    model: transformer({ residualDropout: 0.1, attentionDropout: 0.1 }),
    training,
  },
  "a Transformer of parts": {
    ...text,
    model: transformer(),
    training: { ...training, microBatchSize: 4 },
  },
  "a Transformer whose blocks are computed again": {
    ...text,
    model: transformer({ layers: 8 }),
    training: { ...training, recomputeBlocks: true },
  },
  "a Transformer of frozen blocks": {
    ...text,
    model: transformer({ embeddingSize: 256 }),
    training: { ...training, frozen: [{ layers: ["embedding", "positions", "block0", "block1"] }] },
  },
  "a Transformer with adapters": {
    ...text,
    model: transformer({ embeddingSize: 256 }),
    training: { ...training, adapters: { rank: 4 } },
  },
  "a Transformer that keeps no probabilities": {
    ...text,
    model: transformer({ layers: 2, heads: 8, blockSize: 256 }),
    training: { ...training, windowLength: 256 },
  },
  "a Llama": { ...text, model: llama(), training },
  "a Llama with norms of heads": { ...text, model: llama({ queryKeyNorm: true }), training },
  "a Llama with dropout whose blocks are computed again": {
    ...text,
    model: llama({ layers: 6, residualDropout: 0.1 }),
    training: { ...training, recomputeBlocks: true },
  },
  "a GRU": { ...text, model: gruLanguageModel({ ...recurrent, layers: 2 }), training },
  "an LSTM with dropout": {
    ...text,
    model: lstmLanguageModel({ ...recurrent, layers: 2, outputDropout: 0.2 }),
    training,
  },
  "an RNN": { ...text, model: rnnLanguageModel({ ...recurrent, hiddenSize: 512 }), training },
  "a model of pairs": {
    ...pairs,
    model: lstmSequenceToSequence({ ...recurrent, attention: "dot" }),
  },
  "a large vocabulary": {
    ...text,
    tokenizer: bytePairs({ vocabularySize: 40_000 }),
    model: gruLanguageModel({ embeddingSize: 32, hiddenSize: 32 }),
    training,
  },
};

const program = new URL("./testing/peak_of_training.ts", import.meta.url).pathname;

for (const [name, given] of Object.entries(trainings)) {
  Deno.test(`the memory planned for ${name} is that of its steps, to a third`, async () => {
    const specification = validateSpecification(given);
    const plan = planMemory(specification)!;
    const vocabularySize = name === "a large vocabulary" ? 40_000 : 257;
    const { stdout, success } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-check", "--allow-read", "--allow-env", "--allow-sys", program],
        JSON.stringify({ json: given, vocabularySize }),
      ],
    }).output();
    assert.ok(success);
    const measured = Number(new TextDecoder().decode(stdout));
    const outside = ["the process", "the start", "a tensor in passing"];
    const planned = plan.parts.filter(({ what }) => !outside.includes(what))
      .reduce((sum, { bytes }) => sum + bytes, 0);
    const ratio = planned / measured;
    assert.ok(ratio > 0.8 && ratio < 1.33, `planned ${planned}, measured ${measured}: ${ratio}`);
  });
}

Deno.test("a plan names its largest parts, and none of a model of the user's own is made", () => {
  const specification = validateSpecification({
    ...text,
    model: transformer({ embeddingSize: 512 }),
    training: { ...training, averages: [ema({ decay: 0.9 })] },
  });
  assert.match(
    planInWords(planMemory(specification)!),
    /^A training needs about \d+ MiB of memory: (\d+(\.\d+)? MiB of [a-z ]+, ){3}\d+(\.\d+)? MiB of [a-z]+\.$/,
  );
  const kept = (penalties: readonly object[]) => {
    const plan = planMemory(
      validateSpecification({ ...text, model: transformer(), penalties, training }),
    )!;
    const part = (name: string) => plan.parts.find(({ what }) => what === name)?.bytes ?? 0;
    return part("the start") / part("weights");
  };
  assert.equal(kept([]), 0);
  const some = kept([l2TowardsStart({ strength: 1, layers: ["block0"] })]);
  const all = kept([
    l2TowardsStart({ strength: 1, targets: ["kernel", "embedding", "bias", "normalization"] }),
  ]);
  assert.ok(some > 0 && some < 0.3 && all === 1, `${some}, ${all}`);
  const stopping = planMemory(validateSpecification({
    ...text,
    model: transformer(),
    training: { ...training, evaluateEvery: 1, earlyStopping: { patience: 2 } },
  }))!.parts.map(({ what, bytes }) => [what, bytes]);
  const { "the best weights": best, weights } = Object.fromEntries(stopping);
  assert.ok(best > 0 && best === weights);
  const own = { kind: "ownModel", module: "m.ts", sha256: "0".repeat(64), options: {} };
  assert.equal(planMemory({ ...specification, model: own as never }), null);
});

Deno.test("a limit that no text reaches is planned as a large vocabulary, not as so many tokens", () => {
  const plan = (maximumVocabulary: number) =>
    planMemory(
      validateSpecification({
        ...text,
        tokenizer: words({ maximumVocabulary }),
        model: gruLanguageModel({ embeddingSize: 512, hiddenSize: 512 }),
        training,
      }),
    )!.bytes;
  assert.ok(plan(1000) < plan(50_000) && plan(50_000) < plan(1_000_000));
  assert.equal(plan(1_000_000), plan(2 ** 16));
});
