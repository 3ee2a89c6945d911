import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { join } from "node:path";
import reference from "./_reference/hugging_face.json" with { type: "json" };
import { createModel } from "./create.ts";
import { modelFromConfig } from "./hugging_face.ts";
import { modelKindOf } from "./kinds.ts";
import type { Counterpart } from "./kind.ts";
import { readSafetensors, type StoredTensor } from "./safetensors.ts";
import { testOnEachEngine } from "./testing/engines.ts";

const { vocabularySize, time, batch } = reference;
const folder = join(import.meta.dirname!, "_reference", "hugging_face");

async function tensorsOf(file: string): Promise<ReadonlyMap<string, StoredTensor>> {
  return readSafetensors(await Deno.readFile(join(folder, file))).tensors;
}

/** Values of a tensor in a file under the name, and in the order, of ours. */
function ours(
  tensors: ReadonlyMap<string, StoredTensor>,
  { theirs: [name], transposed }: Counterpart,
): tf.Tensor {
  const { shape, values } = tensors.get(name)!;
  const tensor = tf.tensor(values, [...shape]);
  return transposed ? tf.transpose(tensor) : tensor;
}

function assertClose(found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(found.length, expected.length, what);
  for (let i = 0; i < found.length; i++) {
    assert.ok(
      Math.abs(found[i] - expected[i]) <= 1e-4,
      `${what} ${i}: ${found[i]}, not ${expected[i]}`,
    );
  }
}

for (const { name, tokens, targets, logits, loss } of reference.cases) {
  testOnEachEngine(
    `${name} of transformers ${reference.versions.transformers} has its logits, loss and gradients ` +
      `from its folder within 1e-4`,
    async () => {
      const config = JSON.parse(await Deno.readTextFile(join(folder, name, "config.json")));
      const specification = modelFromConfig(config);
      const counterparts = modelKindOf(specification).huggingFace!.tensors(specification);
      const model = createModel(specification, { vocabularySize, seed: 1, fold: 0 });
      const [weights, gradients] = await Promise.all(
        [`${name}/model.safetensors`, `${name}_gradients.safetensors`].map(tensorsOf),
      );
      assert.deepEqual(
        [...weights.keys()].sort(),
        counterparts.map(({ theirs: [name] }) => name).sort(),
      );
      const counterpartOf = new Map(counterparts.map((each) => [each.ours, each]));
      tf.tidy(() => {
        for (const { description: { name }, variable } of model.parameters) {
          variable.assign(ours(weights, counterpartOf.get(name)!));
        }
        const given = {
          inputs: Int32Array.from(tokens),
          targets: Int32Array.from(targets),
          ...{ time, batch, tokens: time * batch },
        };
        assertClose(model.logits(given).dataSync(), logits, "logit");
        const { value, grads } = tf.variableGrads(
          () => model.loss(given, null),
          model.parameters.map(({ variable }) => variable),
        );
        assertClose(value.dataSync(), [loss], "loss");
        for (const { description: { name }, variable } of model.parameters) {
          const expected = ours(gradients, counterpartOf.get(name)!);
          assert.deepEqual(grads[variable.name].shape, expected.shape, name);
          assertClose(grads[variable.name].dataSync(), expected.dataSync(), `gradient of ${name}`);
        }
        const decoder = model.decoder(batch);
        for (let t = 0; t < time; t++) {
          const row = t * batch * vocabularySize;
          assertClose(
            decoder.next(given.inputs.slice(t * batch, (t + 1) * batch)),
            logits.slice(row, row + batch * vocabularySize),
            `logit of the decoder at ${t}`,
          );
        }
        decoder.dispose();
      });
      model.dispose();
    },
  );
}
