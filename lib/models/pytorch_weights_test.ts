import assert from "node:assert/strict";
import { join } from "node:path";
import { randomStream } from "../core/random.ts";
import reference from "./_reference/language_models.json" with { type: "json" };
import { validateModel } from "./kinds.ts";
import { weightsFromPyTorch, weightsToPyTorch } from "./pytorch_weights.ts";
import { readSafetensors } from "./safetensors.ts";

const modules = { embedding: "table", cell: "cell", output: "output" };
const read = async (name: string) => {
  const path = join(import.meta.dirname!, "_reference", `${name}.safetensors`);
  return readSafetensors(await Deno.readFile(path)).tensors;
};
const plain = (tensors: Iterable<readonly [string, unknown]>) =>
  Object.fromEntries([...tensors].sort(([a], [b]) => a < b ? -1 : 1));

// The files with our names are those whose logits are PyTorch's, in language_models_reference_test.ts.
for (const { name, specification } of reference.cases) {
  Deno.test(`weightsFromPyTorch gives the weights of ${name} from PyTorch's own names and shapes, weightsToPyTorch the inverse`, async () => {
    const model = validateModel(specification);
    const [ours, theirs] = [await read(name), await read(`${name}_pytorch`)];
    const found = weightsFromPyTorch(model, theirs, modules);
    const isSum = (name: string) => /(lstm|rnn)\d\/bias$/.test(name);
    for (const [name, { shape, values }] of ours) {
      const { shape: foundShape, values: foundValues } = found.get(name)!;
      assert.deepEqual(foundShape, shape, name);
      if (isSum(name)) {
        // PyTorch added the biases in double precision.
        foundValues.forEach((value, i) => assert.ok(Math.abs(value - values[i]) < 1e-6, name));
      } else assert.deepEqual([...foundValues], [...values], name);
    }
    assert.equal(found.size, ours.size);
    const compiled = new Map([...theirs].map(([name, tensor]) => [`_orig_mod.${name}`, tensor]));
    assert.deepEqual(plain(weightsFromPyTorch(model, compiled, modules)), plain(found));

    const back = weightsToPyTorch(model, found, modules);
    assert.deepEqual([...back.keys()].sort(), [...theirs.keys()].sort());
    for (const [name, { shape, values }] of theirs) {
      assert.deepEqual(back.get(name)!.shape, shape, name);
      const isBias = /bias_(ih|hh)_l\d$/.test(name) && model.kind !== "gruLanguageModel";
      if (!isBias) assert.deepEqual([...back.get(name)!.values], [...values], name);
    }
    assert.deepEqual(plain(weightsFromPyTorch(model, back, modules)), plain(found));
  });
}

Deno.test("weightsFromPyTorch and weightsToPyTorch say which tensor is missing, and what has no counterpart", () => {
  const lstm = validateModel({ kind: "lstmLanguageModel", embeddingSize: 2, hiddenSize: 2 });
  const stream = randomStream(1, "weights");
  const tensor = { shape: [2, 2], values: Float32Array.from({ length: 4 }, () => stream.normal()) };
  assert.throws(
    () => weightsFromPyTorch(lstm, new Map([["encoder.weight", tensor]])),
    /rnn\.weight_ih_l0 is missing, found encoder\.weight/,
  );
  assert.throws(() => weightsToPyTorch(lstm, new Map()), /embedding\/table is missing/);
  const gru = { kind: "gruLanguageModel", embeddingSize: 2, hiddenSize: 2, resetAfter: false };
  assert.throws(() => weightsToPyTorch(validateModel(gru), new Map()), /GRU that is reset-after/);
});
