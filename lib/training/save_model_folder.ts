import { dirname, join } from "node:path";
import type { JsonObject } from "../core/json.ts";
import { complete } from "../core/left_out.ts";
import { projectFolder, resolveInside } from "../core/project.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { makeFolder, readFile, writeFile, writeTextFile } from "../core/runtime/files.ts";
import { tokenizerOf, type TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import type { OwnIds } from "../data/tokenizers/tokenizer.ts";
import { type DescribedModel, describeParameters } from "../models/describe_parameters.ts";
import type { HuggingFaceForm } from "../models/kind.ts";
import { modelKindOf, type ModelSpecification } from "../models/kinds.ts";
import { inTokenOrder, tokenAxes } from "../models/token_axes.ts";
import { transposed } from "../models/transposed.ts";
import { folderNames } from "../models/weights_folder.ts";
import { writeSafetensorsFile } from "../models/write_safetensors_file.ts";
import { type RowOrder, rowOrder } from "./initial_rows.ts";
import type { TrainedModel } from "./trained_model.ts";
import { isPairSpecification } from "./specification.ts";

/** Files of a tokenizer besides tokenizer.json, which are copied where they are there. */
const besideTokenizer = ["tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja"];

/**
 * Writes a trained model of texts as a folder of Hugging Face, which `transformers` loads: `config.json`,
 * `model.safetensors` in single precision, and, of a `tokenizerFile`, the files of the tokenizer with
 * `generation_config.json`. The same model gives the same bytes.
 *
 * Tokens are in the order of the tokenizer's own file; one that the model does not have gets the mean of all
 * rows, and the unknown token and marks that stand in no file are left out. Where the tokenizer has no file
 * they stay in our order, and `vocabulary.json` lists them.
 *
 * @param model A Transformer of the library, such as `study.model()` gives.
 * @param folder Where to write, made where it is missing; files of these names are overwritten.
 * @throws {RangeError} If transformers has no such model, or units of the model were taken out.
 *
 * @example
 * ```ts
 * import { saveModelFolder } from "./save_model_folder.ts";
 * import assert from "node:assert/strict";
 * const model = { specification: { model: { kind: "gruLanguageModel" } } };
 * await assert.rejects(
 *   saveModelFolder(model as never, "results/gru"),
 *   /gruLanguageModel is no model of Hugging Face's transformers/,
 * );
 * ```
 */
export async function saveModelFolder(
  { specification, network, vocabulary }: Pick<
    TrainedModel,
    "specification" | "network" | "vocabulary"
  >,
  folder: string,
): Promise<void> {
  const { model } = specification;
  const { huggingFace } = modelKindOf(model);
  if (huggingFace === undefined || isPairSpecification(specification)) {
    throw new RangeError(
      `saveModelFolder: ${model.kind} is no model of Hugging Face's transformers.`,
    );
  }
  const { tokenizer } = specification;
  const own = tokenizerOf(tokenizer).ownIds?.(tokenizer) ?? null;
  const order = own === null ? null : fileOrder(rowOrder(
    { metadata: {}, called: "the model" },
    specification,
    { vocabulary: vocabulary.tokens, marks: vocabulary.marks },
    "target",
  ));
  const size = order?.rows.length ?? vocabulary.size;
  const config = {
    ...huggingFace.toConfig(complete(model), size),
    ...specialIds(own),
  };
  await makeFolder(folder);
  await writeJson(join(folder, folderNames.config), config);
  writeWeights(join(folder, folderNames.weights), {
    model: model as DescribedModel & ModelSpecification,
    form: huggingFace,
    parameters: network.parameters,
    order,
    size,
  });
  if (own === null) {
    return await writeJson(join(folder, "vocabulary.json"), vocabulary.tokens);
  }
  await writeJson(join(folder, "generation_config.json"), specialIds(own));
  if (tokenizer.kind === "tokenizerFile") await copyTokenizer(tokenizer, folder);
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeTextFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

function specialIds(own: OwnIds | null): JsonObject {
  return own === null || own.end === null
    ? {}
    : { bos_token_id: own.end, eos_token_id: own.end, pad_token_id: own.end };
}

/** For each token of a file the place of ours, from where ours are in the file. */
function fileOrder({ rows, known }: RowOrder): RowOrder {
  const places = new Int32Array(known).fill(-1);
  rows.forEach((row, place) => {
    if (row !== -1) places[row] = place;
  });
  return { rows: places, known: rows.length };
}

function writeWeights(
  path: string,
  { model, form, parameters, order, size }: {
    readonly model: DescribedModel & ModelSpecification;
    readonly form: HuggingFaceForm<never>;
    readonly parameters: TrainedModel["network"]["parameters"];
    readonly order: RowOrder | null;
    readonly size: number;
  },
): void {
  const axes = tokenAxes(model);
  const due = new Map(
    describeParameters(model, { vocabularySize: size }).map(({ name, shape }) => [name, shape]),
  );
  const ours = new Map(parameters.map((parameter) => [parameter.description.name, parameter]));
  const tensors = form.tensors(complete(model) as never).map(
    ({ ours: name, theirs: [theirs], transposed: turned }) => {
      const { description, variable } = ours.get(name)!;
      const shape = due.get(name)!;
      const axis = axes.get(name)?.axis;
      const fits = description.shape.every((extent, at) => at === axis || extent === shape[at]);
      if (!fits) {
        throw new RangeError(
          `saveModelFolder: ${name} must have shape [${shape.join(", ")}], found ` +
            `[${
              description.shape.join(", ")
            }]: a model whose units were taken out is none of transformers.`,
        );
      }
      return {
        name: theirs,
        shape: turned ? shape.toReversed() : shape,
        values() {
          const stored = variable.dataSync() as Float32Array;
          const values = axis === undefined || order === null
            ? stored
            : inTokenOrder(stored, description.shape, axis, order);
          return turned ? transposed(values, shape[0], shape[1]) : values;
        },
      };
    },
  );
  writeSafetensorsFile(path, tensors, { format: "pt" });
}

async function copyTokenizer(
  tokenizer: Extract<TokenizerSpecification, { kind: "tokenizerFile" }>,
  folder: string,
): Promise<void> {
  const file = resolveInside(projectFolder(), tokenizer.path);
  await writeFile(join(folder, folderNames.tokenizer), await readFile(file));
  let copied = false;
  for (const name of besideTokenizer) {
    try {
      await writeFile(join(folder, name), await readFile(join(dirname(file), name)));
      copied ||= name === "tokenizer_config.json";
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  if (copied) return;
  const { endToken } = tokenizer;
  await writeJson(join(folder, "tokenizer_config.json"), {
    tokenizer_class: "PreTrainedTokenizerFast",
    ...(endToken && { bos_token: endToken, eos_token: endToken, pad_token: endToken }),
  });
}
