import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel, validateModel } from "./create.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import { findPython, runPython } from "./testing/python.ts";

const [vocabularySize, time, batch] = [13, 9, 2];
const sizes = { embeddingSize: 6, hiddenSize: 10, layers: 2, initialization: "pytorch" };
const tied = { ...sizes, embeddingSize: 10, tiedWeights: true };
const attentive = { embeddingSize: 12, layers: 2, heads: 3, blockSize: 10, initialization: "gpt2" };
const cases: { readonly [name: string]: Record<string, unknown> } = {
  "nanoGPT-shaped Transformer": { kind: "transformerLanguageModel", ...attentive, bias: false },
  "Transformer with biases, PyTorch's initial weights, no ties": {
    kind: "transformerLanguageModel",
    ...attentive,
    initialization: "pytorch",
    tiedWeights: false,
  },
  "LSTM": { kind: "lstmLanguageModel", ...sizes },
  "LSTM with tied weights": { kind: "lstmLanguageModel", ...tied },
  "GRU": { kind: "gruLanguageModel", ...sizes },
  "RNN": { kind: "rnnLanguageModel", ...tied },
};

interface Answer {
  readonly tensors: {
    readonly [name: string]: { readonly shape: number[]; type: string; sha256: string };
  };
  readonly metadata: { readonly [name: string]: string };
  readonly logits: readonly number[];
}

const { command, missing } = await findPython(["numpy", "safetensors"]);
const required = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";

Deno.test({
  name: "Python's safetensors reads every model's file with the same bits and numpy computes its " +
    `logits within 1e-4; what Python writes is read back${missing ? ` (skipped: ${missing})` : ""}`,
  ignore: missing !== null && !required,
  fn: async () => {
    assert.equal(missing, null);
    await useEngine("wasm");
    const folder = await Deno.makeTempDir();
    try {
      const given = [];
      for (const [index, [name, options]] of Object.entries(cases).entries()) {
        const specification = validateModel(options);
        const model = createModel(specification, { vocabularySize, seed: index, fold: 0 });
        const stream = randomStream(index, "tokens");
        const tokens = Int32Array.from(
          { length: time * batch },
          () => stream.integer(vocabularySize),
        );
        const scores = tf.tidy(() =>
          model.logits({ inputs: tokens, targets: tokens, time, batch, tokens: time * batch })
            .dataSync()
        );
        const tensors = new Map(model.parameters.map(({ description, variable }) => [
          description.name,
          { shape: description.shape, values: variable.dataSync() as Float32Array },
        ]));
        model.dispose();
        const [path, copy] = ["ours", "copy"].map((file) =>
          join(folder, `${file}${index}.safetensors`)
        );
        const note = `${name}: "quoted", ä`;
        await Deno.writeFile(path, writeSafetensors(tensors, { note }));
        const json = { path, copy, specification, tokens: [...tokens], time, batch };
        given.push({ name, note, tensors, scores, json });
      }
      const answers = await runPython<Answer[]>(
        command!,
        new URL("./testing/language_models.py", import.meta.url).pathname,
        given.map(({ json }) => json),
      );
      for (const [index, { name, note, tensors, scores, json }] of given.entries()) {
        const answer = answers[index];
        assert.deepEqual(answer.metadata, { note });
        const bytes = ({ values }: { readonly values: Float32Array }) =>
          new Uint8Array(values.slice().buffer);
        const expected = [...tensors].map(([name, tensor]) => [
          name,
          { shape: [...tensor.shape], type: "float32", sha256: sha256(bytes(tensor)) },
        ]);
        assert.deepEqual(answer.tensors, Object.fromEntries(expected), name);
        assert.equal(answer.logits.length, scores.length);
        answer.logits.forEach((logit, i) =>
          assert.ok(Math.abs(scores[i] - logit) <= 1e-4, `${name}: ${scores[i]}, not ${logit}`)
        );
        const back = readSafetensors(await Deno.readFile(json.copy));
        assert.deepEqual(back.metadata, { format: "np" });
        assert.deepEqual([...back.tensors.keys()].sort(), [...tensors.keys()].sort());
        for (const [name, tensor] of tensors) {
          assert.deepEqual(bytes(back.tensors.get(name)!), bytes(tensor), name);
        }
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
