import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../core/json.ts";
import { inlineText } from "../data/corpora.ts";
import { carriedEvaluationBatches } from "../data/carried_batches.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { words } from "../data/tokenizers/words.ts";
import { tokensInMemory } from "../data/tokens.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import type { LanguageModel } from "../models/model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { executeRun } from "../training/run.ts";
import type { SpecificationOptions, TextSpecificationOptions } from "../training/specification.ts";
import { readTrainedModel, type TrainedModel } from "../training/trained_model.ts";
import { ensembleMeans, logMeans } from "./mean.ts";
import { meanOfModels } from "./mean_of_models.ts";

async function trained(
  specification: SpecificationOptions,
  seed: number,
  tokens = 200,
): Promise<TrainedModel> {
  const folder = await Deno.makeTempDir();
  try {
    const weightsPath = join(folder, "model.safetensors");
    const record = await executeRun({
      id: "test",
      specification: specification as unknown as JsonObject,
      point: {},
      fold: {
        index: 0,
        training: [{ start: 0, end: tokens / 2 }],
        heldOut: [{ start: tokens / 2, end: tokens }],
      },
      seed,
      engine: "wasm",
      weightsPath,
    });
    assert.equal(record.status, "completed");
    return await readTrainedModel(await Deno.readFile(weightsPath));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const text = "the sea was calm and the whale slept. ".repeat(6);
const other = "a calm whale was the sea, and the sea slept.";

const gru: TextSpecificationOptions = {
  corpus: inlineText(text),
  tokenizer: characters(),
  model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
  optimizer: adam({ learningRate: 2e-2 }),
  training: { steps: 30, batchSize: 4, windowLength: 6, samples: { count: 0 } },
};
const transformer: TextSpecificationOptions = {
  ...gru,
  model: transformerLanguageModel({ embeddingSize: 8, layers: 1, heads: 2, blockSize: 8 }),
};
const carried: TextSpecificationOptions = {
  ...gru,
  training: { ...gru.training, carriedState: true },
};
const pairs: SpecificationOptions = {
  corpus: inlinePairs(Array.from({ length: 12 }, (_, at) => [`say ${at % 3}`, `${at % 3} said`])),
  tokenizer: pairTokenizer({ source: words(), target: words() }),
  model: lstmSequenceToSequence({ embeddingSize: 4, hiddenSize: 6 }),
  optimizer: adam({ learningRate: 5e-2 }),
  training: { steps: 30, batchSize: 4 },
};

const close = (found: number, expected: number) =>
  assert.ok(Math.abs(found - expected) < 1e-6 * expected, `${found} is not ${expected}`);

for (const [name, specification] of Object.entries({ gru, transformer, carried })) {
  Deno.test(`the mean of one ${name} model is that model within single precision's rounding`, async () => {
    const model = await trained(specification, 1);
    for (const mean of ensembleMeans) {
      const ensemble = meanOfModels([model], { mean });
      close(ensemble.crossEntropy(text), model.crossEntropy(text));
      close(ensemble.bitsPerCharacter(other), model.bitsPerCharacter(other));
      assert.equal(ensemble.tokenAccuracy(text), model.tokenAccuracy(text));
      const writing = { prompt: "the ", length: 40, seed: 3, topK: 5 };
      assert.equal(ensemble.generate(writing), model.generate(writing));
      assert.equal(ensemble.unknownShare("Ωt"), 1 / 2);
    }
    model.dispose();
  });

  Deno.test(`the mean of three ${name} models loses at most what they lose on average`, async () => {
    const members = await Promise.all([1, 2, 3].map((seed) => trained(specification, seed)));
    const ensemble = meanOfModels(members);
    for (const each of [text, other]) {
      const single = members.reduce((sum, model) => sum + model.crossEntropy(each), 0) / 3;
      const { crossEntropy } = ensemble;
      assert.ok(crossEntropy(each) < single, `${crossEntropy(each)} is not below ${single}`);
    }
    assert.equal(ensemble.weights, 3 * weightsIn(members[0]));
    assert.notEqual(
      meanOfModels(members, { mean: "logits" }).crossEntropy(text),
      ensemble.crossEntropy(text),
    );
    ensemble.dispose();
    assert.throws(() => members[2].crossEntropy(text));
  });
}

Deno.test("members that carry their state each carry their own, with other sizes too", async () => {
  const lstm = lstmLanguageModel({ embeddingSize: 3, hiddenSize: 5, layers: 2 });
  const members = await Promise.all([
    trained(carried, 1),
    trained({ ...carried, model: lstm }, 2),
    trained(carried, 3),
  ]);
  const tokens = tokensInMemory(members[0].vocabulary.encode(Array.from(text)));
  const size = members[0].vocabulary.size;
  const batches = () => [
    ...carriedEvaluationBatches([tokens], {
      windowLength: 6,
      batchSize: 4,
      stretchLength: tokens.length,
    }),
  ];
  // Each model alone over batches of its own, and the means of what it gave.
  const alone = members.map(({ network }) =>
    batches().map((batch) => {
      const logits = (network as LanguageModel).logits(batch);
      const scores = Float32Array.from(logits.dataSync());
      logits.dispose();
      return scores;
    })
  );
  let [sum, count] = [0, 0];
  batches().forEach(({ targets, mask }, index) => {
    const means = logMeans(alone.map((each) => each[index]), size, "probabilities");
    targets.forEach((target, row) => {
      if (mask?.[row] === 0) return;
      sum -= means[row * size + target];
      count++;
    });
  });
  const ensemble = meanOfModels(members);
  close(ensemble.crossEntropy(text), sum / count);
  // Read again, it begins at zero again.
  close(ensemble.crossEntropy(text), sum / count);
  ensemble.dispose();
});

Deno.test("the mean of models of pairs reads sources and writes targets", async () => {
  const members = await Promise.all([1, 2].map((seed) => trained(pairs, seed, 12)));
  const one = meanOfModels([members[0]]);
  close(one.crossEntropy("1 said", "say 1"), members[0].crossEntropy("1 said", "say 1"));
  const writing = { prompt: "say 1", length: 5, seed: 1, temperature: 0 };
  assert.equal(one.generate(writing), members[0].generate(writing));
  using both = meanOfModels(members);
  const single = members.map((model) => model.crossEntropy("1 said", "say 1"));
  assert.ok(both.crossEntropy("1 said", "say 1") < (single[0] + single[1]) / 2);
  assert.equal(both.sourceVocabulary, members[0].sourceVocabulary);
});

Deno.test("models of other tokens, tokenizers or windows make no ensemble, nor does one twice", async () => {
  const model = await trained(gru, 1);
  const refused = async (specification: SpecificationOptions, message: RegExp, tokens = 200) => {
    const second = await trained(specification, 2, tokens);
    assert.throws(() => meanOfModels([model, second]), message);
    second.dispose();
  };
  await refused(
    { ...gru, tokenizer: words() },
    /same tokenizer, found .*"characters".*"words"/,
    50,
  );
  const foreign = inlineText("other letters: xyz ".repeat(20));
  await refused({ ...gru, corpus: foreign }, /must all have the same vocabulary, found/);
  await refused(carried, /same windows, found .*"carriedState":false.*"carriedState":true/);
  assert.throws(() => meanOfModels([]), /at least 1 model, found none/);
  assert.throws(() => meanOfModels([model, model]), /found one of them twice/);
  assert.throws(
    () => meanOfModels([model], { mean: "votes" as "logits" }),
    /mean must be one of "probabilities", "logits", found "votes"/,
  );
  assert.throws(() => meanOfModels([model], { of: 1 } as never), /unknown option "of"/);
  model.dispose();
});

function weightsIn({ parameters }: TrainedModel): number {
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
