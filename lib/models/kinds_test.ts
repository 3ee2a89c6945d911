/** Fails until a kind of model is complete; docs/adding.md names the files. */
import assert from "node:assert/strict";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { complete } from "../core/left_out.ts";
import * as parsimony from "../mod.ts";
import { parameterKinds } from "../penalties/penalty.ts";
import { math } from "../reports/math.ts";
import { roleOfPath } from "../statistics/axis_roles.ts";
import huggingFace from "./_reference/hugging_face.json" with { type: "json" };
import reference from "./_reference/language_models.json" with { type: "json" };
import { describeParameters } from "./describe_parameters.ts";
import { gruLanguageModel } from "./gru_language_model.ts";
import {
  allModels,
  type AnyModelSpecification,
  languageModels,
  modelKindOf,
  validateModel,
  validateSequenceToSequence,
} from "./kinds.ts";
import { llamaLanguageModel } from "./llama_language_model.ts";
import { lstmLanguageModel } from "./lstm_language_model.ts";
import { lstmSequenceToSequence } from "./lstm_sequence_to_sequence.ts";
import { ownModel } from "./own_model.ts";
import { rnnLanguageModel } from "./rnn_language_model.ts";
import { transformerLanguageModel } from "./transformer_language_model.ts";

const sizes = { embeddingSize: 8, hiddenSize: 8 };
const blocks = { embeddingSize: 8, layers: 2, heads: 2, blockSize: 6 };
/** Every kind, in the forms that have other parameters. */
const models: readonly AnyModelSpecification[] = [
  gruLanguageModel(sizes),
  gruLanguageModel({ ...sizes, resetAfter: false, initialization: "pytorch" }),
  llamaLanguageModel({ ...blocks, keyValueHeads: 1 }),
  llamaLanguageModel({
    ...{ ...blocks, headSize: 6, tiedWeights: false, queryKeyValueBias: true, queryKeyNorm: true },
  }),
  lstmLanguageModel({ ...sizes, layers: 2, tiedWeights: true, hiddenDropout: 0.5 }),
  rnnLanguageModel({ ...sizes, embeddingDropout: 0.1 }),
  transformerLanguageModel(blocks),
  transformerLanguageModel({ ...blocks, bias: false, tiedWeights: false }),
  ownModel({ module: "parts/model.ts" }),
  lstmSequenceToSequence(sizes),
  lstmSequenceToSequence({ ...sizes, attention: "dot", decoderReads: "source" }),
];

Deno.test("every file of a model is listed in kinds.ts, exported by its name, has an example, a network and a reference", async () => {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(new URL("./", import.meta.url))) {
    if (!name.endsWith(".ts") || name.endsWith("_test.ts")) continue;
    const source = await Deno.readTextFile(new URL(name, import.meta.url));
    const [, kind] = /^export const (\w+)Kind: /m.exec(source) ?? [];
    if (kind === undefined) continue;
    found.push(kind);
    const documentation = source.slice(0, source.indexOf(`export function ${kind}`));
    assert.match(documentation.slice(documentation.lastIndexOf("/**")), /@example[^]*assert/, kind);
  }
  assert.deepEqual(found.sort(), Object.keys(allModels).sort());
  const referenced = new Set(reference.cases.map(({ specification }) => specification.kind));
  const types = new Set(huggingFace.cases.map(({ modelType }) => modelType));
  for (const [kind, { create, huggingFace }] of Object.entries(allModels)) {
    assert.equal((parsimony as Readonly<Record<string, unknown>>)[kind], create, kind);
    assert.ok(models.some((model) => model.kind === kind), `the list above has ${kind}`);
    if (kind === "ownModel" || !Object.hasOwn(languageModels, kind)) continue;
    assert.ok(
      huggingFace || referenced.has(kind),
      `_reference/language_models.py computes ${kind}`,
    );
    for (const type of huggingFace?.modelTypes ?? []) {
      assert.ok(types.has(type), `_reference/hugging_face.py computes ${type}`);
    }
  }
});

Deno.test("every kind of model has a name, a formula and the same in TeX", () => {
  for (const [kind, { name, formula, tex }] of Object.entries(allModels)) {
    assert.ok(name.length > 0 && formula.length > 0, kind);
    if (tex === null) assert.equal(kind, "ownModel");
    else assert.match(math(tex).html, /<math/);
  }
  const names = Object.values(allModels).map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, "two kinds have one name");
});

Deno.test("every option of a model has one role, the same in all kinds", () => {
  for (const [kind, { roles, options }] of Object.entries(allModels)) {
    for (const option of Object.keys(options)) {
      const stated = (roles as Readonly<Record<string, string>>)[option];
      assert.equal(roleOfPath(`model.${option}`), stated ?? "own", `${option} of ${kind}`);
    }
    assert.deepEqual(Object.keys(roles).filter((option) => !(option in options)), [], kind);
  }
});

for (const model of models) {
  const json = canonicalJson(model);
  const kind = modelKindOf(model);

  Deno.test(`${json} is its own JSON, without what it leaves out`, () => {
    const validate = model.kind in languageModels ? validateModel : validateSequenceToSequence;
    assert.equal(canonicalJson(validate(JSON.parse(json))), json);
    assert.equal(canonicalJson(validate(complete(model))), json);
    assert.throws(() => validate({ ...model, other: 1 }), /unknown option "other"/);
    const unknown = Object.keys(model).filter((option) => !(option in kind.options));
    assert.deepEqual(unknown, ["kind"]);
  });

  if (model.kind === "ownModel") continue;

  Deno.test(`${json} is the same in memory, windows, PyTorch, FLOPs and units as in its parameters`, () => {
    const parameters = describeParameters(model, { vocabularySize: 7 });
    assert.ok(parameters.every(({ kind }) => parameterKinds.includes(kind)));
    const sum = parameters.filter(({ kind }) => kind === "kernel" || kind === "recurrentKernel")
      .reduce((sum, { shape: [, columns] }) => sum + columns, 0);
    const outputs = kind.outputs(model);
    assert.ok(outputs > 0 && outputs <= 8 + sum, `${outputs} outputs, ${sum} columns`);
    if (kind.longestWindow) assert.ok(kind.longestWindow in model);
    assert.ok((kind.furtherFlops?.(JSON.parse(json) as JsonObject, 5) ?? 0) >= 0);
    const names = parameters.map(({ name }) => name);
    const modules = { embedding: "encoder", cell: "rnn", output: "decoder" };
    const counterparts = kind.counterparts?.(model, modules);
    if (counterparts) assert.deepEqual(counterparts.map(({ ours }) => ours).sort(), names.sort());
    const layers = new Set(parameters.map(({ layer }) => layer));
    const units = kind.units?.(model);
    if (units === undefined) return;
    const stacks = "blocks" in units
      ? [["block", units.blocks] as const]
      : units.sides.map((side) => [side, units.layers] as const);
    for (const [name, count] of stacks) {
      const own = [...layers].filter((layer) => layer.replace(/\d+$/, "") === name);
      assert.equal(own.length, count, name);
    }
  });
}
