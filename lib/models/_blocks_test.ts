import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { useEngine } from "../engine/engine.ts";
import { arenaBytes } from "../engine/kernels.ts";
import { createModel } from "./create.ts";
import { llamaLanguageModel } from "./llama_language_model.ts";
import { transformerLanguageModel } from "./transformer_language_model.ts";

const [time, batch, vocabularySize] = [64, 64, 50];
const sizes = { embeddingSize: 32, heads: 2, blockSize: time };

const kinds = {
  "a Llama": (layers: number) => llamaLanguageModel({ ...sizes, layers, feedForwardSize: 64 }),
  "a Transformer": (layers: number) => transformerLanguageModel({ ...sizes, layers }),
};

for (const [name, made] of Object.entries(kinds)) {
  Deno.test(`an evaluation of ${name} takes no more memory with twelve blocks than with two`, async () => {
    await useEngine("wasm");
    const stream = randomStream(1, "tokens");
    const draw = () =>
      Int32Array.from({ length: time * batch }, () => stream.integer(vocabularySize));
    const window: Batch = { inputs: draw(), targets: draw(), time, batch, tokens: time * batch };
    /** Bytes beside the weights, at the highest; of fewer blocks first, since it only rises. */
    const taken = (layers: number) => {
      const model = createModel(made(layers), { vocabularySize, seed: 1, fold: 0 });
      const before = arenaBytes().live;
      tf.tidy(() => model.loss(window, null));
      model.dispose();
      return arenaBytes().peak - before;
    };
    const few = taken(2);
    const many = taken(12);
    assert.ok(few > 0 && many < 1.05 * few, `${few}, ${many}`);
  });
}
