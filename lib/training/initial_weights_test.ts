import assert from "node:assert/strict";
import { join } from "node:path";
import { complete } from "../core/left_out.ts";
import { inlineText } from "../data/corpora.ts";
import { endMark } from "../data/fold_tokens.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { readyTokenizer } from "../data/tokenizers/split.ts";
import { learnVocabulary, type Vocabulary } from "../data/tokenizers/vocabulary.ts";
import { useEngine } from "../engine/engine.ts";
import reference from "../models/_reference/hugging_face.json" with { type: "json" };
import { createModel } from "../models/create.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import type { LanguageModel } from "../models/model.ts";
import { readSafetensors, writeSafetensors } from "../models/safetensors.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { givenWeights, type InitialWeights } from "./initial_weights_options.ts";
import { checkInitialWeights, useInitialWeights } from "./initial_weights.ts";
import { rowOrder } from "./initial_rows.ts";
import { openInitialWeights } from "./open_initial_weights.ts";
import { pretrainedModel } from "./pretrained_model.ts";
import { executeRun } from "./run.ts";
import { saveModelFolder } from "./save_model_folder.ts";
import { type TextSpecification, validateSpecification } from "./specification.ts";
import { requestOf } from "./testing/execute.ts";
import { withModelFolder } from "./testing/model_folders.ts";
import { withFiles } from "../data/testing/project_files.ts";

const { time, batch } = reference;
const text = "abba cab bad\nface a beach ".repeat(40);
const corpus = inlineText(text);
const bytesFold: FoldRecord = {
  index: 0,
  training: [{ start: 0, end: 700 }],
  heldOut: [{ start: 740, end: 1000 }],
  unit: "bytes",
};
const training = { steps: 4, batchSize: 3, windowLength: 8, evaluateEvery: 2 };
const rest = { corpus, optimizer: adam({ learningRate: 0.01 }), training };

/** The model of a folder, and how its tokens are numbered here. */
async function loaded(
  folder: string,
): Promise<{ model: LanguageModel; specification: TextSpecification; vocabulary: Vocabulary }> {
  await useEngine("wasm");
  const specification = validateSpecification({ ...await pretrainedModel(folder), ...rest });
  const { tokenizer, model: described } = specification as TextSpecification;
  await readyTokenizer(tokenizer);
  const vocabulary = learnVocabulary(tokenizer, [], [endMark]);
  const context = { vocabularySize: vocabulary.size, seed: 1, fold: 0, undrawn: true };
  const model = createModel(described, context);
  const vocabularies = { vocabulary: vocabulary.tokens, marks: vocabulary.marks };
  const rows = await useInitialWeights({ model, vocabularies }, specification, 0);
  assert.deepEqual(rows, { ofMean: 0, leftOut: 0 });
  return { model, specification: specification as TextSpecification, vocabulary };
}

for (const { name, tokens, logits: expected } of reference.cases) {
  Deno.test(`${name} of transformers begins with the file's rows in our order, and is saved with the same numbers`, () =>
    withModelFolder(name, async (folder, full) => {
      const { model, specification, vocabulary } = await loaded(folder);
      const { rows } = rowOrder(
        { metadata: {}, called: folder },
        specification,
        { vocabulary: vocabulary.tokens, marks: vocabulary.marks },
        "target",
      );
      // End and unknown token first, which are the file's 0 and 1.
      assert.deepEqual([...rows.slice(0, 3)], [1, 0, 2]);
      const ours = Int32Array.from(tokens, (id) => rows.indexOf(id));
      const size = vocabulary.size;
      const scored = model.logits({
        inputs: ours,
        targets: ours,
        time,
        batch,
        tokens: time * batch,
      });
      const logits = scored.dataSync();
      scored.dispose();
      for (let i = 0; i < logits.length; i++) {
        const theirs = expected[i - i % size + rows[i % size]];
        assert.ok(Math.abs(logits[i] - theirs) <= 1e-4, `logit ${i}: ${logits[i]}, not ${theirs}`);
      }
      const saved = join(full, "..", "saved");
      await saveModelFolder({ specification, network: model, vocabulary }, saved);
      model.dispose();
      const [original, copy] = await Promise.all(
        [full, saved].map(async (path) =>
          readSafetensors(await Deno.readFile(join(path, "model.safetensors")))
        ),
      );
      assert.deepEqual(copy.metadata, { format: "pt" });
      assert.deepEqual([...copy.tensors.keys()].sort(), [...original.tensors.keys()].sort());
      for (const [tensor, { shape, values }] of original.tensors) {
        assert.deepEqual(copy.tensors.get(tensor), { shape, values }, tensor);
      }
      for (const file of ["tokenizer.json", "tokenizer_config.json"]) {
        assert.deepEqual(
          await Deno.readFile(join(saved, file)),
          await Deno.readFile(join(full, file)),
        );
      }
      // What was saved is a folder to begin with, with the same model and tokens.
      const again = await pretrainedModel(`${folder.slice(0, -"model".length)}saved`);
      assert.deepEqual(complete(again.model), complete(specification.model));
      const config = JSON.parse(await Deno.readTextFile(join(saved, "config.json")));
      assert.deepEqual([config.vocab_size, config.eos_token_id], [13, 0]);
    }));
}

Deno.test("a run begins with the weights of a folder, says so, and goes on to the same bits from a checkpoint", () =>
  withModelFolder("llama_grouped_tied", async (folder, full) => {
    const specification = { ...await pretrainedModel(folder), ...rest };
    const request = requestOf(specification, bytesFold);
    const whole = await executeRun(request);
    assert.deepEqual(whole.initialRows, { ofMean: 0, leftOut: 0 });
    assert.equal(whole.status, "completed");
    // The first evaluation is of the given weights, so whatever the seed.
    const other = await executeRun({ ...request, seed: 2 });
    assert.equal(other.curve[0].heldOutLoss, whole.curve[0].heldOutLoss);
    assert.notEqual(other.curve[1].heldOutLoss, whole.curve[1].heldOutLoss);
    const checkpoint = { path: join(full, "checkpoint"), seconds: null, steps: 1 };
    const paused = await executeRun({ ...request, checkpoint, stopAt: 2 });
    assert.equal(paused.status, "pruned");
    const resumed = await executeRun({ ...request, checkpoint });
    const numbers = ({ curve, final, initialRows, samples }: typeof whole) =>
      JSON.stringify({ curve, final, initialRows, samples });
    assert.equal(numbers(resumed), numbers(whole));
  }));

Deno.test("a run begins with the weights that another kept, tokens by their text, and new ones with the mean", () =>
  withFiles({}, async (folder, full) => {
    const tokenizer = characters();
    const model = gruLanguageModel({ embeddingSize: 3, hiddenSize: 4 });
    const weightsPath = join(full, "first.safetensors");
    const fold: FoldRecord = { ...bytesFold, unit: undefined };
    const first = { ...rest, tokenizer, model };
    const trained = await executeRun(requestOf(first, fold, { id: "first", weightsPath }));
    const initialWeights = givenWeights(`${folder}/first.safetensors`);
    const same = await executeRun(requestOf({ ...first, initialWeights }, fold));
    assert.equal(same.curve[0].heldOutLoss, trained.final!.heldOutLoss);
    assert.deepEqual(same.initialRows, { ofMean: 0, leftOut: 0 });

    // A text without "f" and with "z".
    const changed = inlineText(text.replaceAll("f", "z"));
    const path = join(full, "second.safetensors");
    const none = { steps: 1, batchSize: 1, windowLength: 8, evaluateEvery: 1 };
    const second = {
      ...{ corpus: changed, tokenizer, model, initialWeights, training: none },
      // So small a step that the weights stay.
      optimizer: adam({ learningRate: 1e-30 }),
    };
    const moved = await executeRun(requestOf(second, fold, { weightsPath: path }));
    assert.deepEqual(moved.initialRows, { ofMean: 1, leftOut: 1 });
    const [old, now] = await Promise.all(
      [weightsPath, path].map(async (each) => readSafetensors(await Deno.readFile(each))),
    );
    const tokensOf = ({ metadata }: typeof old) => JSON.parse(metadata.vocabulary) as string[];
    const [before, after] = [tokensOf(old), tokensOf(now)];
    const row = ({ tensors }: typeof old, place: number) =>
      tensors.get("embedding/table")!.values.subarray(3 * place, 3 * place + 3);
    for (const [place, token] of after.entries()) {
      if (token === "z") continue;
      assert.deepEqual(row(now, place), row(old, before.indexOf(token)), token);
    }
    const mean = [0, 1, 2].map((column) =>
      before.reduce((sum, _, place) => sum + row(old, place)[column], 0) / before.length
    );
    const z = row(now, after.indexOf("z"));
    mean.forEach((value, column) => assert.ok(Math.abs(z[column] - value) < 1e-7));
    const bias = (of: typeof old, token: string) =>
      of.tensors.get("output/bias")!.values[tokensOf(of).indexOf(token)];
    assert.equal(bias(now, "b"), bias(old, "b"));
  }));

Deno.test("a model learns to fill in from the weights of one that never did: its marks begin with the mean", () =>
  withFiles({}, async (folder, full) => {
    const weightsPath = join(full, "plain.safetensors");
    const tokenizer = characters();
    const plain = {
      ...{ ...rest, tokenizer },
      model: gruLanguageModel({ embeddingSize: 3, hiddenSize: 4 }),
    };
    await executeRun(requestOf(plain, bytesFold, { weightsPath }));
    const infilling = {
      ...plain,
      initialWeights: givenWeights(`${folder}/plain.safetensors`),
      training: { ...training, fillInTheMiddle: { rate: 1 } },
    };
    const record = await executeRun(requestOf(infilling, bytesFold));
    assert.equal(record.status, "completed");
    assert.deepEqual(record.initialRows, { ofMean: 3, leftOut: 0 });
  }));

/** What the library says of a spoiled folder, when it is looked at before a study and by a run. */
const refused: readonly {
  readonly what: string;
  readonly files?: { readonly [name: string]: string };
  spoil?(full: string): Promise<void>;
  change?(specification: TextSpecification): unknown;
  readonly message: RegExp;
}[] = [
  {
    what: "weights with a number changed",
    spoil: (full) => rewrite(full, (tensors) => tensors.get("model.norm.weight")!.values[0] = 2),
    change: (specification) => specification,
    message: /model" cannot be used: its SHA-256 must be [0-9a-f]{64}, found/,
  },
  {
    what: "weights with NaN",
    spoil: (full) => rewrite(full, (tensors) => tensors.get("model.norm.weight")!.values[3] = NaN),
    message:
      /model\/model.safetensors: tensor "model.norm.weight" must hold finite numbers, found NaN at \[3\]/,
  },
  {
    what: "weights without a tensor",
    spoil: (full) => rewrite(full, (tensors) => tensors.delete("model.norm.weight")),
    message: /tensor "model.norm.weight" is missing, which is finalNorm\/gain of the model\.$/,
  },
  {
    what: "weights with a tensor of another shape",
    spoil: (full) =>
      rewrite(full, (tensors) => {
        const values = new Float32Array(12 * 21);
        tensors.set("model.layers.1.mlp.up_proj.weight", { shape: [21, 12], values });
      }),
    message:
      /tensor "model.layers.1.mlp.up_proj.weight" must have shape \[20, 12\] to be block1\/up\/kernel of the model, found \[21, 12\]/,
  },
  {
    what: "weights with a tensor of no parameter",
    spoil: (full) =>
      rewrite(full, (tensors) =>
        tensors.set("model.layers.2.input_layernorm.weight", {
          shape: [12],
          values: new Float32Array(12),
        })),
    message: /tensor "model.layers.2.input_layernorm.weight" is none of the model's/,
  },
  {
    what: "weights of a model with another θ",
    change: (specification) => ({
      ...specification,
      model: { ...specification.model, ropeTheta: 10 },
    }),
    message: /config.json is of a model with ropeTheta 50, the specification's has 10\.$/,
  },
  {
    what: "weights of another kind of model",
    change: (specification) => ({
      ...specification,
      model: gruLanguageModel({ embeddingSize: 12, hiddenSize: 12 }),
    }),
    message:
      /is of a model with kind "llamaLanguageModel", the specification's has "gruLanguageModel"/,
  },
  {
    what: "weights of another kind of model that folders may hold",
    change: (specification) => ({
      ...specification,
      model: transformerLanguageModel({
        ...{ embeddingSize: 12, layers: 2, heads: 4, blockSize: 16 },
      }),
    }),
    message:
      /model\/config.json is of a model with kind "llamaLanguageModel", the specification's has "transf/,
  },
  {
    what: "tokens of another tokenizer",
    change: (specification) => ({ ...specification, tokenizer: characters() }),
    message: /does not say which tokens its rows are, and the tokenizer characters has no ids/,
  },
];

type Tensors = Map<string, { shape: readonly number[]; values: Float32Array }>;

async function rewrite(full: string, change: (tensors: Tensors) => unknown): Promise<void> {
  const path = join(full, "model.safetensors");
  const { tensors, metadata } = readSafetensors(await Deno.readFile(path));
  change(tensors);
  await Deno.writeFile(path, writeSafetensors(tensors, metadata));
}

for (const { what, spoil, change, message } of refused) {
  Deno.test(`${what} are refused before a study and by the run, with file and tensor`, () =>
    withModelFolder("llama_grouped_tied", async (folder, full) => {
      if (change === undefined) await spoil!(full);
      const whole = validateSpecification({ ...await pretrainedModel(folder), ...rest });
      if (change !== undefined) await spoil?.(full);
      const specification = (change?.(whole as TextSpecification) ?? whole) as TextSpecification;
      const said = (error: unknown) => {
        assert.match(String(error), message);
        return true;
      };
      await assert.rejects(checkInitialWeights(specification, [0]), said);
      const { unit: _, ...inTokens } = bytesFold;
      const fold = specification.tokenizer.kind === "characters" ? inTokens : bytesFold;
      await assert.rejects(executeRun(requestOf(specification as never, fold)), said);
    }));
}

const badConfigs: readonly [string, (config: Record<string, unknown>) => unknown, RegExp][] = [
  [
    "of an unknown model",
    (config) => ({ ...config, model_type: "bert" }),
    /model\/config.json: model_type must be one of "gpt2", .*"qwen3", found "bert"/,
  ],
  [
    "with another activation",
    (config) => ({ ...config, hidden_act: "gelu" }),
    /model\/config.json: hidden_act must be .*"silu".*, found "gelu"/,
  ],
  [
    "that is no object",
    () => [],
    /model\/config.json must be an object, found \[\]/,
  ],
];

for (const [what, change, message] of badConfigs) {
  Deno.test(`a folder with a config ${what} is refused with its path and what was found`, () =>
    withModelFolder("llama_grouped_tied", async (folder, full) => {
      const path = join(full, "config.json");
      const config = JSON.parse(await Deno.readTextFile(path));
      await Deno.writeTextFile(path, JSON.stringify(change(config)));
      await assert.rejects(pretrainedModel(folder), message);
    }));
}

Deno.test("weights that are a link out of the project are refused, also in a folder", () =>
  withModelFolder("llama_grouped_tied", async (folder, full) => {
    const { initialWeights } = await pretrainedModel(folder);
    const outside = await Deno.makeTempDir();
    try {
      await Deno.rename(join(full, "model.safetensors"), join(outside, "model.safetensors"));
      await Deno.symlink(join(outside, "model.safetensors"), join(full, "model.safetensors"));
      const message =
        /model\/model.safetensors" must stay inside the project, found a link out of it/;
      assert.throws(() => openInitialWeights(initialWeights, 0), message);
      assert.throws(() => givenWeights(`${folder}/model.safetensors`), message);
    } finally {
      await Deno.remove(outside, { recursive: true });
    }
  }));

Deno.test("a folder whose vocabulary is larger than its tokenizer's is refused, naming both, unless rows are left out", () =>
  withModelFolder("llama_grouped_tied", async (folder, full) => {
    const config = JSON.parse(await Deno.readTextFile(join(full, "config.json")));
    await Deno.writeTextFile(
      join(full, "config.json"),
      JSON.stringify({ ...config, vocab_size: 15 }),
    );
    await rewrite(full, (tensors) => {
      const { values } = tensors.get("model.embed_tokens.weight")!;
      const padded = new Float32Array(15 * 12).fill(9);
      padded.set(values);
      tensors.set("model.embed_tokens.weight", { shape: [15, 12], values: padded });
    });
    await assert.rejects(
      pretrainedModel(folder),
      /model\/config.json says vocab_size 15, and .*model\/tokenizer.json has 13 tokens: they do not/,
    );
    const pretrained = await pretrainedModel(folder, { unusedRows: "leaveOut" });
    const record = await executeRun(requestOf({ ...pretrained, ...rest }, bytesFold));
    assert.equal(record.tokens.vocabulary, 13);
    const { unusedRows: _, ...strict } = pretrained.initialWeights;
    await assert.rejects(
      executeRun(requestOf({ ...pretrained, ...rest, initialWeights: strict }, bytesFold)),
      /tensor "model.embed_tokens.weight" has 15 tokens, its tokenizer 13/,
    );
  }));

Deno.test("initialWeights of a specification are one of three forms, and absent of one without", () => {
  const base = {
    ...rest,
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 3, hiddenSize: 4 }),
  };
  assert.equal("initialWeights" in validateSpecification(base), false);
  const sha256 = "0".repeat(64);
  const forms: readonly [unknown, RegExp | null][] = [
    [{ file: "a", sha256 }, null],
    [{ folder: "a", sha256, unusedRows: "leaveOut" }, null],
    [{ from: { study: "s", point: { a: 1 }, seed: 1 } }, null],
    [{ file: "a" }, /initialWeights.sha256 must be a SHA-256/],
    [{ path: "a", sha256 }, /initialWeights must have a file, a folder or from/],
    [{ file: "a", sha256, shards: 2 }, /unknown option "shards"/],
    [{ from: { study: "s", point: {} } }, /initialWeights.from.seed must be/],
    [null, /initialWeights must have a file, a folder or from .* found null/],
  ];
  for (const [initialWeights, message] of forms) {
    const validate = () =>
      validateSpecification({ ...base, initialWeights: initialWeights as InitialWeights });
    if (message !== null) assert.throws(validate, message);
    else assert.deepEqual(validate().initialWeights, initialWeights);
  }
});
