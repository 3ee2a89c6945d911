import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { join } from "node:path";
import reference from "./_reference/language_models.json" with { type: "json" };
import { createModel } from "./create.ts";
import { validateModel } from "./kinds.ts";
import type { LanguageModel } from "./model.ts";
import { readSafetensors } from "./safetensors.ts";
import { testOnEachEngine } from "./testing/engines.ts";

const { vocabularySize, time, batch } = reference;
const folder = join(import.meta.dirname!, "_reference");

/** Gives a model the weights that a file written by Python's safetensors holds. */
async function load(model: LanguageModel, name: string): Promise<void> {
  const { tensors } = readSafetensors(await Deno.readFile(join(folder, `${name}.safetensors`)));
  const names = model.parameters.map(({ description }) => description.name);
  assert.deepEqual([...tensors.keys()].sort(), [...names].sort());
  for (const { description: { name, shape }, variable } of model.parameters) {
    assert.deepEqual(tensors.get(name)!.shape, shape, name);
    tf.tidy(() => variable.assign(tf.tensor(tensors.get(name)!.values, [...shape])));
  }
}

for (const { name, specification, tokens, targets, logits, loss } of reference.cases) {
  testOnEachEngine(
    `${specification.kind} (${name}) gives the logits and the loss of PyTorch ` +
      `${reference.versions.torch} from the same safetensors file within 1e-4`,
    async () => {
      const model = createModel(validateModel(specification), {
        vocabularySize,
        seed: 1,
        fold: 0,
      });
      await load(model, name);
      const inputs = Int32Array.from(tokens);
      const decoder = model.decoder(batch);
      for (let t = 0; t < time; t++) {
        const found = decoder.next(inputs.slice(t * batch, (t + 1) * batch));
        found.forEach((value, i) => {
          const expected = logits[t * batch * vocabularySize + i];
          assert.ok(Math.abs(value - expected) <= 1e-4, `step ${t}: ${value}, not ${expected}`);
        });
      }
      decoder.dispose();
      const found = tf.tidy(() =>
        model.loss({
          inputs,
          targets: Int32Array.from(targets),
          time,
          batch,
          tokens: time * batch,
        }, null).dataSync()[0]
      );
      assert.ok(Math.abs(found - loss) <= 1e-4, `loss ${found}, not ${loss}`);
      model.dispose();
    },
  );
}
