import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { randomStream } from "../core/random.ts";
import { pairBatch } from "../data/pair_batches.ts";
import { restorePairVocabulary } from "../data/pair_tokens.ts";
import { words } from "../data/tokenizers/words.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "./create.ts";
import { validateModel } from "./kinds.ts";
import { createSequenceToSequence } from "./create.ts";
import { uniform } from "./initializers.ts";
import { createLinearRegression, linearRegression } from "./linear_regression.ts";
import { lstmSequenceToSequence } from "./lstm_sequence_to_sequence.ts";
import type { ModelParameter } from "./model.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import { findPython, runPython } from "./testing/python.ts";

const [vocabularySize, time, batch] = [13, 9, 2];
const sizes = { embeddingSize: 6, hiddenSize: 10, layers: 2, initialization: "pytorch" };
const tied = { ...sizes, embeddingSize: 10, tiedWeights: true };
const attentive = { embeddingSize: 12, layers: 2, heads: 3, blockSize: 10, initialization: "gpt2" };
const languageModels: { readonly [name: string]: Record<string, unknown> } = {
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
  "GRU, reset before": { kind: "gruLanguageModel", ...sizes, resetAfter: false },
  "RNN": { kind: "rnnLanguageModel", ...tied },
  "RNN with ReLU": { kind: "rnnLanguageModel", ...sizes, activation: "relu" },
};

/** A model, what it makes of some inputs, and both for Python. */
interface Computed {
  readonly parameters: readonly ModelParameter[];
  readonly outputs: ArrayLike<number>;
  readonly json: Record<string, unknown>;
  dispose(): void;
}

function languageModel(options: Record<string, unknown>, seed: number): Computed {
  const specification = validateModel(options);
  const model = createModel(specification, { vocabularySize, seed, fold: 0 });
  const stream = randomStream(seed, "tokens");
  const tokens = Int32Array.from({ length: time * batch }, () => stream.integer(vocabularySize));
  const outputs = tf.tidy(() =>
    model.logits({ inputs: tokens, targets: tokens, time, batch, tokens: time * batch }).dataSync()
  );
  return {
    parameters: model.parameters,
    outputs,
    json: { specification, tokens: [...tokens], time, batch },
    dispose: () => model.dispose(),
  };
}

/** On rows of several lengths; outputs on padding are left out. */
function encoderDecoder(attention: "none" | "dot", seed: number): Computed {
  const specification = lstmSequenceToSequence({
    ...{ embeddingSize: 6, hiddenSize: 10, layers: 2, initialization: "pytorch" },
    attention,
  });
  const model = createSequenceToSequence(specification, {
    ...{ vocabularySize: 7, sourceVocabularySize: 6, seed, fold: 0 },
  });
  const sides = {
    sourceVocabulary: restorePairVocabulary(words(), ["<unk>", "<padding>", "<end>", ..."abc"]),
    targetVocabulary: restorePairVocabulary(words(), [
      ...["<unk>", "<padding>", "<begin>", "<end>", ..."ABC"],
    ]),
  };
  const sources = [[3, 4, 5, 2], [5, 2], [4, 4, 3, 5, 2]];
  const targets = [[4, 5, 3], [6, 6, 5, 4, 3], [5, 3]];
  const together = pairBatch(
    sources.map((source, row) => ({
      source: Int32Array.from(source),
      target: Int32Array.from(targets[row]),
    })),
    sides,
  );
  assert.ok(together.mask !== undefined && together.source.mask !== undefined);
  const outputs = tf.tidy(() => model.logits(together).dataSync())
    .filter((_, at) => together.mask![Math.floor(at / 7)] === 1);
  const inputs = targets.map((target) => [2, ...target.slice(0, -1)]);
  return {
    parameters: model.parameters,
    outputs,
    json: { specification, sources, inputs },
    dispose: () => model.dispose(),
  };
}

function regression(seed: number): Computed {
  const specification = linearRegression({
    ...{ inputs: 4, outputs: 3 },
    kernelInitializer: uniform({ range: 1 }),
    biasInitializer: uniform({ range: 1 }),
  });
  const model = createLinearRegression(specification, { seed });
  const features = [[1, -2, 0.5, 3], [0.25, 0, -1, 2]];
  return {
    parameters: model.parameters,
    outputs: tf.tidy(() => model.predict(tf.tensor2d(features)).dataSync()),
    json: { specification, features },
    dispose: () => model.dispose(),
  };
}

const cases: { readonly [name: string]: (seed: number) => Computed } = {
  ...Object.fromEntries(
    Object.entries(languageModels).map(([name, options]) => [
      name,
      (seed: number) => languageModel(options, seed),
    ]),
  ),
  "encoder-decoder": (seed) => encoderDecoder("none", seed),
  "encoder-decoder with attention": (seed) => encoderDecoder("dot", seed),
  "linear regression": regression,
};

interface Answer {
  readonly tensors: {
    readonly [name: string]: { readonly shape: number[]; type: string; sha256: string };
  };
  readonly metadata: { readonly [name: string]: string };
  readonly outputs: readonly number[];
}

const { command, missing } = await findPython(["numpy", "safetensors"]);
const required = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";

Deno.test({
  name: "Python's safetensors reads every model's file with the same bits and numpy computes its " +
    `outputs within 1e-4; what Python writes is read back${
      missing ? ` (skipped: ${missing})` : ""
    }`,
  ignore: missing !== null && !required,
  fn: async () => {
    assert.equal(missing, null);
    await useEngine("wasm");
    const folder = await Deno.makeTempDir();
    try {
      const given = [];
      for (const [index, [name, make]] of Object.entries(cases).entries()) {
        const { parameters, outputs, json, dispose } = make(index);
        const tensors = new Map(parameters.map(({ description, variable }) => [
          description.name,
          { shape: description.shape, values: variable.dataSync() as Float32Array },
        ]));
        dispose();
        const [path, copy] = ["ours", "copy"].map((file) =>
          join(folder, `${file}${index}.safetensors`)
        );
        const note = `${name}: "quoted", ä`;
        await Deno.writeFile(path, writeSafetensors(tensors, { note }));
        given.push({ name, note, tensors, outputs, json: { ...json, path, copy } });
      }
      const answers = await runPython<Answer[]>(
        command!,
        new URL("./testing/models.py", import.meta.url).pathname,
        given.map(({ json }) => json),
      );
      for (const [index, { name, note, tensors, outputs, json }] of given.entries()) {
        const answer = answers[index];
        assert.deepEqual(answer.metadata, { note });
        const bytes = ({ values }: { readonly values: Float32Array }) =>
          new Uint8Array(values.slice().buffer);
        const expected = [...tensors].map(([name, tensor]) => [
          name,
          { shape: [...tensor.shape], type: "float32", sha256: sha256(bytes(tensor)) },
        ]);
        assert.deepEqual(answer.tensors, Object.fromEntries(expected), name);
        assert.equal(answer.outputs.length, outputs.length, name);
        answer.outputs.forEach((output, i) =>
          assert.ok(Math.abs(outputs[i] - output) <= 1e-4, `${name}: ${outputs[i]}, not ${output}`)
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
