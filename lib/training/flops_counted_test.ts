import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { allModels, type ModelSpecification } from "../models/kinds.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { llamaLanguageModel } from "../models/llama_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import type { LanguageModel } from "../models/model.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { lossTermsOf } from "../penalties/activations.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { rDrop } from "../penalties/r_drop.ts";
import { passesOf } from "./passes.ts";
import { sharpnessAware } from "./sharpness.ts";
import { forwardFlopsPerToken } from "../models/forward_flops.ts";

const [time, batch, vocabularySize] = [6, 2, 7];
const tokens = time * batch;

// Dropout on the input, so that a layer is not multiplied with the table in place of the tokens.
const recurrent = { embeddingSize: 3, hiddenSize: 4, inputDropout: 0.1 };
const models: readonly ModelSpecification[] = [
  rnnLanguageModel(recurrent),
  rnnLanguageModel({ ...recurrent, embeddingSize: 4, tiedWeights: true }),
  gruLanguageModel(recurrent),
  gruLanguageModel({ ...recurrent, resetAfter: false }),
  lstmLanguageModel({ ...recurrent, layers: 2 }),
  llamaLanguageModel({
    ...{ embeddingSize: 6, layers: 2, heads: 4, keyValueHeads: 2, headSize: 2, blockSize: 8 },
  }),
  llamaLanguageModel({
    ...{ embeddingSize: 6, layers: 1, heads: 3, blockSize: 6, feedForwardSize: 5 },
    ...{ tiedWeights: false, queryKeyValueBias: true, queryKeyNorm: true },
  }),
  transformerLanguageModel({ embeddingSize: 6, heads: 2, layers: 2, blockSize: 8 }),
  transformerLanguageModel({
    embeddingSize: 6,
    heads: 3,
    layers: 1,
    blockSize: 6,
    tiedWeights: false,
  }),
];

/** Multiplications and additions of all products of matrices that tfjs does in a call. */
async function countedFlops(call: () => tf.Tensor): Promise<number> {
  const { kernels } = await tf.profile(() => call());
  const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  let flops = 0;
  for (const { name, inputShapes, outputShapes } of kernels) {
    if (name !== "BatchMatMul") continue;
    const [a, b] = inputShapes as number[][];
    const [out] = outputShapes as number[][];
    // Of B products [m, k] × [k, n]: (Bmk · Bkn) / (Bmn · B) = k².
    const inner = Math.sqrt(product(a) * product(b) / (product(out) * product(out.slice(0, -2))));
    flops += 2 * product(out) * inner;
  }
  return flops;
}

/**
 * The gradients with respect to the zero states that a window begins with, which nobody needs. With the
 * reset gate before the product, the candidate's is the way to that gate.
 */
function ofInitialStates({ parameters }: LanguageModel, specification: ModelSpecification): number {
  const resetBefore = specification.kind === "gruLanguageModel" && !specification.resetAfter;
  return parameters.filter(({ description: { kind } }) => kind === "recurrentKernel")
    .reduce((sum, { variable: { size } }) => sum + 2 * batch * size, 0) * (resetBefore ? 2 / 3 : 1);
}

Deno.test("every kind of model whose FLOPs are counted is among those below", () => {
  const kinds = Object.entries(allModels).filter(([, { furtherFlops }]) => furtherFlops);
  const tested = new Set<string>(models.map(({ kind }) => kind));
  assert.deepEqual(kinds.map(([kind]) => kind).filter((kind) => !tested.has(kind)), []);
});

Deno.test("FLOPs from shapes are those of the products that tfjs does, forward and backward", async () => {
  await useEngine("cpu");
  for (const specification of models) {
    const model = createModel(specification, { vocabularySize, seed: 1, fold: "flops" });
    const read = {
      inputs: new Int32Array(tokens).fill(1),
      targets: new Int32Array(tokens).fill(2),
      time,
      batch,
      tokens,
    };
    const loss = () => model.loss(read, randomStream(1, "dropout"));
    const forward = tokens * forwardFlopsPerToken(
      {
        model: specification as unknown as JsonObject,
        training: { windowLength: time },
      },
      model.parameters.map(({ description: { name, kind, shape } }) => ({
        name,
        kind,
        shape,
        penalties: [],
      })),
    )!;
    assert.equal(await countedFlops(loss), forward, specification.kind);
    const variables = model.parameters.map(({ variable }) => variable);
    const both = await countedFlops(() => tf.variableGrads(loss, variables).value);
    assert.equal(both, 3 * forward - ofInitialStates(model, specification), specification.kind);
    model.dispose();
  }
});

Deno.test("a step does as many times these FLOPs as passesOf says", async () => {
  await useEngine("cpu");
  const model = createModel(gruLanguageModel(recurrent), {
    vocabularySize,
    seed: 1,
    fold: "flops",
  });
  const read = {
    inputs: new Int32Array(tokens).fill(1),
    targets: new Int32Array(tokens).fill(2),
    ...{ time, batch, tokens },
  };
  const variables = model.parameters.map(({ variable }) => variable);
  const flopsOf = (penalties: readonly PenaltySpecification[], sharpnessRadius: number) =>
    countedFlops(() => {
      const terms = lossTermsOf(penalties);
      const gradient = sharpnessAware(
        (batch, stream) => tf.variableGrads(() => model.loss(batch, stream, terms), variables),
        variables,
        sharpnessRadius,
      );
      return gradient(read, randomStream(1, "dropout")).value;
    });
  const one = await flopsOf([], 0);
  for (const penalties of [[], [rDrop({ strength: 0 })], [rDrop({ strength: 1 })]]) {
    for (const sharpnessRadius of [0, 0.1]) {
      const { forward, backward } = passesOf({ penalties, training: { sharpnessRadius } });
      assert.equal(forward, backward);
      assert.equal(await flopsOf(penalties, sharpnessRadius), forward * one);
    }
  }
  model.dispose();
});
