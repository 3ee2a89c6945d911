import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel, createSequenceToSequence } from "../models/create.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import type { Model } from "../models/model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { type LossTerms, noTerms } from "../penalties/loss_terms.ts";
import { inMicroBatches } from "./micro_batches.ts";

const [time, batch, vocabularySize] = [6, 64, 7];

/** Windows side by side, of unequal lengths where asked for, with what a teacher says. */
function windows({ unequal, taught = false }: { unequal: boolean; taught?: boolean }): Batch {
  const stream = randomStream(1, "micro-batches");
  const tokens = () => Int32Array.from({ length: time * batch }, () => stream.integer(7));
  // The rows of the second part of 16 are all padding, those of the others end where they like.
  const lengths = Array.from(
    { length: batch },
    (_, row) => row >= 16 && row < 32 ? 0 : stream.integer(time + 1),
  );
  const mask = Float32Array.from(
    { length: time * batch },
    (_, row) => Math.floor(row / batch) < lengths[row % batch] ? 1 : 0,
  );
  const probabilities = new Float32Array(time * batch * vocabularySize);
  for (let row = 0; row < time * batch; row++) {
    const drawn = Array.from({ length: vocabularySize }, () => stream.uniform() + 0.01);
    const sum = drawn.reduce((total, one) => total + one, 0);
    probabilities.set(drawn.map((one) => one / sum), row * vocabularySize);
  }
  return {
    ...{ inputs: tokens(), targets: tokens(), time, batch },
    tokens: unequal ? mask.reduce((sum, one) => sum + one, 0) : time * batch,
    ...(unequal && { mask }),
    ...(taught && { softTargets: { probabilities, share: 0.4, temperature: 2 } }),
  };
}

const context = { vocabularySize, seed: 3, fold: "micro-batches" };
const models: { readonly [name: string]: () => Model } = {
  GRU: () => createModel(gruLanguageModel({ embeddingSize: 4, hiddenSize: 5 }), context),
  Transformer: () =>
    createModel(
      transformerLanguageModel({ embeddingSize: 8, layers: 2, heads: 2, blockSize: 6 }),
      context,
    ),
};

const allTerms: LossTerms = {
  ...noTerms,
  ...{ logitsL1Sum: 1e-3, logitsL1Mean: 0.1, outputSquares: 0.3, outputDifferences: 0.2 },
  ...{ labelSmoothing: 0.1, confidencePenalty: 0.2, rDrop: 0.5, tokensAhead: [0.5, 0, 0.25] },
};

/** Loss and gradients, as numbers. */
function found(
  model: Model,
  given: Batch,
  { size, terms }: { size: number | null; terms: LossTerms | null },
) {
  const variables = model.parameters.map(({ variable }) => variable);
  const gradient = inMicroBatches(
    (part, stream, terms) => tf.variableGrads(() => model.loss(part, stream, terms), variables),
    size,
  );
  const { value, grads } = gradient(given, randomStream(1, "dropout"), terms);
  const numbers = variables.map(({ name }) => [...grads[name].dataSync()]);
  const loss = value.dataSync()[0];
  tf.dispose([value, grads]);
  return { loss, numbers };
}

/** Loss and gradients agree within a millionth, or what is said; NaN fails. */
function assertSame(
  parts: ReturnType<typeof found>,
  whole: ReturnType<typeof found>,
  within = 1e-6,
): void {
  assert.ok(Math.abs(parts.loss - whole.loss) <= 1e-6 * whole.loss, `${parts.loss} ${whole.loss}`);
  whole.numbers.forEach((each, index) =>
    each.forEach((expected, at) => {
      const error = Math.abs(parts.numbers[index][at] - expected);
      assert.ok(
        error <= within * (1 + Math.abs(expected)),
        `${parts.numbers[index][at]}, expected ${expected}`,
      );
    })
  );
}

for (const [name, create] of Object.entries(models)) {
  for (const unequal of [false, true]) {
    for (const terms of [null, allTerms]) {
      const which = `${unequal ? "windows of unequal lengths" : "full windows"}${
        terms ? " with every term" : ""
      }`;
      Deno.test(`64 ${which} have the gradient of 4 × 16 in a ${name}`, async () => {
        await useEngine("wasm");
        const model = create();
        const given = windows({ unequal, taught: terms !== null });
        const before = tf.memory().numTensors;
        const whole = found(model, given, { size: null, terms });
        // 24 leaves a smaller part at the end.
        for (const size of [16, 24]) {
          // Absolute values of all logits add up to a larger sum, which is rounded.
          assertSame(found(model, given, { size, terms }), whole, terms ? 3e-6 : 1e-6);
        }
        assert.equal(tf.memory().numTensors, before);
        model.dispose();
      });
    }
  }
}

Deno.test("parts of unequal lengths weigh by their tokens, not alike", async () => {
  await useEngine("wasm");
  const model = models.GRU();
  const given = windows({ unequal: true });
  const parts: { loss: number; tokens: number }[] = [];
  inMicroBatches((part, stream) => {
    const value = model.loss(part, stream) as tf.Scalar;
    parts.push({ loss: value.dataSync()[0], tokens: part.tokens });
    return { value, grads: {} };
  }, 16)(given, null, null).value.dispose();
  // A part of padding alone is not computed.
  assert.equal(parts.length, 3);
  const mean = parts.reduce((sum, { loss, tokens }) => sum + loss * tokens, 0) / given.tokens;
  const { loss } = found(model, given, { size: null, terms: null });
  assert.ok(Math.abs(mean - loss) <= 1e-6 * loss, `${mean} and ${loss}`);
  const alike = parts.reduce((sum, { loss }) => sum + loss, 0) / parts.length;
  assert.ok(Math.abs(alike - loss) > 2e-5, `${alike} and ${loss}`);
  model.dispose();
});

Deno.test("pairs are cut with their sources", async () => {
  await useEngine("wasm");
  const model = createSequenceToSequence(
    lstmSequenceToSequence({ embeddingSize: 4, hiddenSize: 5, layers: 1 }),
    { ...context, sourceVocabularySize: 6 },
  );
  const given = windows({ unequal: false });
  const stream = randomStream(2, "sources");
  const source = {
    tokens: Int32Array.from({ length: 3 * batch }, () => stream.integer(6)),
    time: 3,
    batch,
    mask: Float32Array.from({ length: 3 * batch }, (_, row) => row < 2 * batch || row % 2 ? 1 : 0),
  };
  const pairs = { ...given, source };
  const whole = found(model, pairs, { size: null, terms: null });
  assertSame(found(model, pairs, { size: 16, terms: null }), whole);
  model.dispose();
});
