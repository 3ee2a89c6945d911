import assert from "node:assert/strict";
import { ema } from "../averages/ema.ts";
import { lastEvaluations } from "../averages/last_evaluations.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { describeParameters } from "../models/describe_parameters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { muon } from "../optimizers/muon.ts";
import { sgd } from "../optimizers/sgd.ts";
import { rDrop } from "../penalties/r_drop.ts";
import { checkMemory } from "./check_memory.ts";
import { validateSpecification } from "./specification.ts";

/** 3 · 8,000² = 192,000,000 weights of the recurrent kernel, and few others: 732 MiB. */
const model = gruLanguageModel({ embeddingSize: 1, hiddenSize: 8000 });

function check(change: object, training: object = {}) {
  const specification = validateSpecification({
    corpus: inlineText("abcdefg"),
    tokenizer: characters(),
    model,
    optimizer: sgd({ learningRate: 0.1 }),
    ...change,
    training: { steps: 10, batchSize: 1, windowLength: 1, ...training },
  });
  checkMemory(specification, describeParameters(model, { vocabularySize: 7 }));
}

const averages = (count: number) =>
  Array.from({ length: count }, (_, index) => ema({ decay: 0.9, start: index + 1 }));

Deno.test("copies that averages keep are counted: 732 MiB each beside weights and gradients", () => {
  check({}, { averages: averages(3) });
  assert.throws(
    () => check({}, { averages: averages(4) }),
    /holds at most 4 GiB, and this training needs 4\.29 GiB: 1\.43 GiB of weights with their gradients, 2\.86 GiB of 4 copies for averages/,
  );
  // The mean and the weights of each evaluation.
  check({}, { averages: [lastEvaluations({ count: 2 })] });
  assert.throws(
    () => check({}, { averages: [lastEvaluations({ count: 3 })] }),
    /2\.86 GiB of 4 copies for averages/,
  );
});

Deno.test("the weights that sharpness-aware minimization puts aside are counted, and both passes of R-Drop", () => {
  check({}, { averages: averages(2), sharpnessRadius: 0.1 });
  assert.throws(
    () => check({}, { averages: averages(3), sharpnessRadius: 0.1 }),
    /2\.15 GiB of weights with their gradients, 2\.15 GiB of 3 copies/,
  );
  const dropping = gruLanguageModel({ embeddingSize: 1, hiddenSize: 8000, outputDropout: 0.1 });
  const training = { batchSize: 50_000 };
  check({ model: dropping }, training);
  assert.throws(
    () => check({ model: dropping, penalties: [rDrop({ strength: 1 })] }, training),
    /a batch of 50000 windows of 1 tokens needs at least 4\.4/,
  );
});

Deno.test("what an optimizer remembers is counted, and what a step of Muon needs for itself", () => {
  check({ optimizer: adam({ learningRate: 0.1 }) });
  check({ optimizer: adam({ learningRate: 0.1 }) }, { averages: averages(1) });
  assert.throws(
    () => check({ optimizer: adam({ learningRate: 0.1 }) }, { averages: averages(2) }),
    /1\.43 GiB that adam needs, 1\.43 GiB of 2 copies/,
  );
  // A momentum of 732 MiB, and four squares of 8,000: a gate, and three of its size for the iteration.
  const optimizer = muon({ learningRate: 0.1, decay: 0 });
  check({ optimizer });
  assert.throws(
    () => check({ optimizer }, { averages: averages(2) }),
    /1\.67 GiB that muon needs, 1\.43 GiB of 2 copies/,
  );
});
