/** Prompts with completions against PyTorch's `ignore_index`: `_reference/completions.py`. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { completionBatch } from "../data/completion_batches.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { promptedModel } from "../models/prompted_model.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import reference from "./_reference/completions.json" with { type: "json" };
import { setStart } from "./testing/reference_runs.ts";

const [paddingId, beginId, endId] = [1, 2, 3];

for (const engine of ["cpu", "wasm"] as const) {
  Deno.test(`loss and gradients of prompts with completions are PyTorch's with ignore_index, to 1e-5, on ${engine}`, async () => {
    await useEngine(engine);
    const { vocabulary: vocabularySize, sizes, weights, gradients } = reference;
    const context = { vocabularySize, seed: 1, fold: "reference" };
    const model = promptedModel(createModel(rnnLanguageModel(sizes), context));
    setStart(model.parameters, weights);
    const batch = completionBatch(
      reference.pairs.map(({ prompt, completion }) => ({
        source: Int32Array.of(...prompt, beginId),
        target: Int32Array.of(...completion, endId),
      })),
      { paddingId },
    );
    assert.equal(batch.tokens, reference.counted);
    const variables = model.parameters.map(({ variable }) => variable);
    const { value, grads } = tf.variableGrads(() => model.loss(batch as never, null), variables);
    const loss = value.dataSync()[0];
    assert.ok(Math.abs(loss - reference.loss) <= 1e-5 * reference.loss, `${loss}`);
    for (const { description: { name }, variable } of model.parameters) {
      const expected = gradients[name as keyof typeof gradients];
      const largest = Math.max(...expected.map(Math.abs));
      const found = grads[variable.name].dataSync();
      assert.equal(found.length, expected.length);
      expected.forEach((each, at) =>
        assert.ok(
          Math.abs(found[at] - each) <= 1e-5 * largest,
          `${name}[${at}]: ${found[at]}, ${each}`,
        )
      );
    }
    tf.dispose([value, grads]);
    model.dispose();
  });
}
