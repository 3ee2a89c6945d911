import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds, makeFolds } from "../data/folds.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { readSafetensors, readTensors, writeSafetensors } from "../models/safetensors.ts";
import { readWeights } from "../models/sparse_safetensors.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import type { LanguageModel } from "../models/model.ts";
import { adam } from "../optimizers/adam.ts";
import { proximalL1TowardsStart } from "../penalties/proximal_l1_towards_start.ts";
import { sha256 } from "../core/hash.ts";
import { applyDifference, weightsSha256, writeDifference } from "./difference.ts";
import { executeRun } from "./run.ts";
import { startingModel } from "./starting_model.ts";
import { numbersOf, requestOf } from "./testing/execute.ts";
import { withModelFolder } from "./testing/model_folders.ts";
import { pretrainedModel } from "./pretrained_model.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { join } from "node:path";
import { readTrainedModel, type TrainedModel } from "./trained_model.ts";

const text = "the sea was calm and the whale slept below; the mast leaned. ".repeat(5);
const { folds: [fold] } = makeFolds(blockedFolds({ count: 3 }), text.length, 6);
const every = ["kernel", "recurrentKernel", "embedding", "bias", "normalization"] as const;
const models = {
  gru: gruLanguageModel({ embeddingSize: 12, hiddenSize: 20 }),
  transformer: transformerLanguageModel({
    ...{ embeddingSize: 16, heads: 2, layers: 2, blockSize: 6 },
  }),
};

/** A model trained with a pull towards its start; of a huge strength it is its start. */
async function trained(model: keyof typeof models, strength: number): Promise<TrainedModel> {
  const path = await Deno.makeTempFile({ prefix: "difference" });
  try {
    const targets = every.filter((kind) =>
      kind === "recurrentKernel" ? model === "gru" : kind !== "normalization" || model !== "gru"
    );
    const specification = {
      corpus: inlineText(text),
      tokenizer: characters(),
      model: models[model],
      penalties: [proximalL1TowardsStart({ strength, targets })],
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 12, batchSize: 3, windowLength: 6, samples: { count: 0 } },
    };
    await executeRun(requestOf(specification, fold, { weightsPath: path }));
    return await readTrainedModel(await Deno.readFile(path));
  } finally {
    await Deno.remove(path);
  }
}

function logitsOf({ network }: TrainedModel): Float32Array {
  const inputs = Int32Array.of(1, 2, 3, 4, 5, 2);
  const batch = { inputs, targets: inputs, time: 6, batch: 1, tokens: 6 };
  const logits = (network as LanguageModel).logits(batch);
  const values = Float32Array.from(logits.dataSync() as Float32Array);
  logits.dispose();
  return values;
}

for (const kind of ["gru", "transformer"] as const) {
  Deno.test(`a difference that is applied gives the same file and the same logits to the bit: ${kind}`, async () => {
    const kept = await trained(kind, 1e9);
    const start = await startingModel(kept, { fold: 0, seed: 1 });
    assert.deepEqual(start.weights(), kept.weights(), "an infinite threshold keeps the start");
    kept.dispose();
    const sizes: number[] = [];
    const forms = new Set<string>();
    for (const strength of [0.02, 0.01, 0]) {
      const end = await trained(kind, strength);
      const bytes = writeDifference(start, end);
      sizes.push(bytes.length);
      const applied = applyDifference(start, bytes);
      assert.deepEqual(applied, end.file("dense"));
      const again = await readTrainedModel(applied);
      assert.deepEqual(logitsOf(again), logitsOf(end));
      assert.notDeepEqual(logitsOf(again), logitsOf(start));
      const { startSha256, endSha256, parameters } = JSON.parse(
        readTensors(bytes).metadata.difference,
      );
      assert.equal(startSha256, weightsSha256(start));
      assert.equal(endSha256, sha256(end.file("dense")));
      for (const { form } of parameters) forms.add(form);
      again.dispose();
      end.dispose();
    }
    // What changes less takes less; nothing takes more than all weights and the record.
    assert.ok(sizes[0] < sizes[1] && sizes[1] < sizes[2], `${sizes}`);
    assert.ok(forms.size === 3, `${[...forms]}`);
    assert.ok(sizes[2] < start.file("dense").length + 4000);
    start.dispose();
  });
}

Deno.test("a difference keeps signs of 0, NaNs and new zeros, and parameters that only the end has", () => {
  const bits = (...patterns: number[]) => new Float32Array(Uint32Array.from(patterns).buffer);
  const first = bits(0, 0x80000000, 0x3f800000, 0x7fc00001, 0x3f800000, 0x40000000, 0, 0);
  const second = bits(0x80000000, 0x80000000, 0, 0x7fc00002, 0x3f800000, 0x40000000, 0, 0);
  const tensor = (values: Float32Array) => ({ shape: [values.length], values });
  const weights = new Map([["w", tensor(first)], ["same", tensor(first)]]);
  const file = writeSafetensors(
    new Map([
      ["new", tensor(bits(0x3f800000))],
      ["w", tensor(second)],
      ["same", tensor(first)],
    ]),
    { note: "of the end" },
  );
  const start = { weights: () => weights };
  const bytes = writeDifference(start, { file: () => file });
  assert.deepEqual(applyDifference(start, bytes), file);
  assert.equal(readTensors(bytes).tensors.get("same.values")!.values.length, 0);
  assert.equal(readTensors(bytes).metadata.note, "of the end");
});

Deno.test("a difference is refused by other weights, of another file, and where it was changed", () => {
  const tensor = (...values: number[]) => ({
    shape: [values.length],
    values: Float32Array.from(values),
  });
  const start = { weights: () => new Map([["w", tensor(1, 2, 3, 4)]]) };
  const file = writeSafetensors(new Map([["w", tensor(1, 2, 3, 5)]]));
  const bytes = writeDifference(start, { file: () => file });
  const other = { weights: () => new Map([["w", tensor(1, 2, 3, 7)]]) };
  assert.throws(
    () => applyDifference(other, bytes),
    (error: Error) =>
      error instanceof RangeError && error.message.includes(weightsSha256(start)) &&
      error.message.includes(weightsSha256(other)),
  );
  assert.throws(() => applyDifference(start, file), /must say the difference, found none/);
  assert.throws(() => applyDifference(start, bytes.slice(0, 40)), SyntaxError);
  assert.throws(
    () => readWeights(bytes),
    /it is a difference, which applyDifference makes a model of/,
  );
  const { tensors, metadata } = readTensors(bytes);
  const changed = new Map(tensors);
  changed.set("w.values", { shape: [1], values: Float32Array.of(6) });
  assert.throws(
    () => applyDifference(start, writeSafetensors(changed, metadata)),
    /must have the SHA-256 .*: the file was changed/,
  );
  changed.delete("w.values");
  assert.throws(
    () => applyDifference(start, writeSafetensors(changed, metadata)),
    /"w.values" is missing/,
  );
  changed.set("w.values", { shape: [2], values: Float32Array.of(6, 7) });
  assert.throws(
    () => applyDifference(start, writeSafetensors(changed, metadata)),
    /places of "w" do not fit/,
  );
  const record = { ...metadata, difference: JSON.stringify({ schemaVersion: 2 }) };
  assert.throws(
    () => applyDifference(start, writeSafetensors(tensors, record)),
    /must be one of version 1/,
  );
  assert.equal(readSafetensors(file).tensors.size, 1);
});

Deno.test("a fine-tuned model of a folder is its start and a difference, resumes to the bit, and its adapters begin there", () =>
  withModelFolder("gpt2", async (folder, full) => {
    const pretrained = await pretrainedModel(folder);
    const fold: FoldRecord = {
      index: 0,
      training: [{ start: 0, end: 700 }],
      heldOut: [{ start: 740, end: 1000 }],
      unit: "bytes",
    };
    const run = async (training: object, penalties: readonly object[]) => {
      const specification = {
        ...pretrained,
        corpus: inlineText("abba cab bad\nface a beach ".repeat(40)),
        penalties,
        optimizer: adam({ learningRate: 0.003 }),
        training: {
          ...{ steps: 6, batchSize: 3, windowLength: 8, evaluateEvery: 3, samples: { count: 0 } },
          ...training,
        },
      } as never;
      const weightsPath = join(full, "weights.safetensors");
      const request = requestOf(specification, fold, { weightsPath });
      const record = await executeRun(request);
      assert.equal(record.status, "completed");
      const file = await Deno.readFile(weightsPath);
      const checkpoint = { path: join(full, "checkpoint"), seconds: null, steps: null };
      await executeRun({ ...request, checkpoint, stopAt: 3 });
      assert.equal(numbersOf(await executeRun({ ...request, checkpoint })), numbersOf(record));
      assert.deepEqual(await Deno.readFile(weightsPath), file);
      return { record, end: await readTrainedModel(file) };
    };
    const sparse = await run({}, [proximalL1TowardsStart({ strength: 0.02 })]);
    const start = await startingModel(sparse.end, { fold: 0, seed: 1 });
    const { unchangedWeights, comparedWeights } = sparse.record.final!;
    assert.ok(unchangedWeights! > 0 && unchangedWeights! < comparedWeights!);
    let unchanged = 0;
    for (const { name, unchangedWeights } of sparse.record.parameters) {
      const [first, last] = [start, sparse.end].map((model) => model.weights().get(name)!.values);
      const same = first.filter((value, index) => value === last[index]).length;
      if (unchangedWeights !== undefined) assert.equal(unchangedWeights, same, name);
      unchanged += unchangedWeights ?? 0;
    }
    assert.equal(unchanged, unchangedWeights);
    const applied = applyDifference(start, writeDifference(start, sparse.end));
    assert.deepEqual(applied, sparse.end.file("dense"));
    // Adapters that learn nothing keep every bit.
    const adapted = await run({ adapters: { rank: 2, kinds: ["kernel"] } }, [{
      ...proximalL1TowardsStart({ strength: 1e9 }),
      targets: ["adapter"],
    }]);
    assert.deepEqual(adapted.end.weights(), start.weights());
    for (const model of [sparse.end, start, adapted.end]) model.dispose();
  }));
