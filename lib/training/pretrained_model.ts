import { join } from "node:path";
import { show } from "../core/check.ts";
import { checkOptions, oneOf, orAbsent, text } from "../core/options.ts";
import { parseJson } from "../core/parse_json.ts";
import { projectFolder } from "../core/project.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { readTextFileSync } from "../core/runtime/files.ts";
import { tokenizerOf } from "../data/tokenizers/kinds.ts";
import { readyTokenizer } from "../data/tokenizers/split.ts";
import {
  tokenizerFile,
  type TokenizerFileSpecification,
} from "../data/tokenizers/tokenizer_file.ts";
import { modelFromConfig } from "../models/hugging_face.ts";
import type { ModelSpecification } from "../models/kinds.ts";
import { folderNames, lookIntoFolder } from "../models/weights_folder.ts";
import { placeInProject } from "./place_in_project.ts";
import { givenWeights, type WeightsOfFolder } from "./initial_weights_options.ts";

/** What can be said of a pretrained model. */
export interface PretrainedModelOptions {
  /**
   * Special token with which a text ends; it stands before each text and between documents. The
   * tokenizer's `eos_token` if not given.
   */
  readonly endToken?: string;
  /**
   * Special token that stands for the unknown token; if not given the tokenizer's `unk_token` or `pad_token`,
   * else the last of its special tokens that is neither the first nor the last of a text.
   */
  readonly unknownToken?: string;
  /** `leaveOut`: rows of tokens that the tokenizer does not have are left out; refused if not given. */
  readonly unusedRows?: "leaveOut";
}

/** Parts of a specification that begins with a pretrained model. */
export interface PretrainedModel {
  /** The architecture, as `config.json` gives it. */
  readonly model: ModelSpecification;
  /** The tokenizer, as `tokenizer.json` gives it. */
  readonly tokenizer: TokenizerFileSpecification;
  /** The weights that a model begins with: those of the folder. */
  readonly initialWeights: WeightsOfFolder;
}

/**
 * A model of a folder of Hugging Face (`config.json`, `tokenizer.json`, `model.safetensors` or its shards), as
 * the parts of a specification that it decides: what `specify` gives holds them by `...pretrained`.
 *
 * Nothing is downloaded. Two special tokens of the tokenizer are the unknown token and the mark at a text's end,
 * so that the model has the rows of the file and no others. The model has no dropout: add that with its
 * constructor. The tokens are those of the file, so folds must be in bytes or of documents.
 *
 * A pretrained model may have read the text that a study holds out; then its losses say nothing of text
 * that it has not read. Reports name this.
 *
 * @param folder The folder, from the project's; what is in it must be there and not a link.
 * @param options See {@link PretrainedModelOptions}.
 * @returns Plain JSON: model, tokenizer with its checksum, and initial weights with theirs.
 * @throws {Deno.errors.NotFound} If a file is not there; the message names it.
 * @throws {TypeError | RangeError | SyntaxError} If the model's type or an option of it is not known, or model
 * and tokenizer have different numbers of tokens.
 *
 * @example
 * ```ts
 * import { pretrainedModel } from "./pretrained_model.ts";
 * import assert from "node:assert/strict";
 * await assert.rejects(pretrainedModel("lib/models"), /lib\/models holds no config.json/);
 * ```
 */
export async function pretrainedModel(
  folder: string,
  options: PretrainedModelOptions = {},
): Promise<PretrainedModel> {
  const { unusedRows, ...given } = checkOptions("pretrainedModel", options, {
    endToken: orAbsent(text()),
    unknownToken: orAbsent(text()),
    unusedRows: orAbsent(oneOf(["leaveOut"])),
  });
  const portable = folder.replaceAll("\\", "/").replace(/\/+$/, "");
  const full = placeInProject(projectFolder(), portable);
  const { config } = lookIntoFolder(full, portable);
  const model = modelOfFolder(portable, config);
  const path = `${portable}/${folderNames.tokenizer}`;
  const plain = tokenizerFile(path);
  await readyTokenizer(plain);
  const { tokens, specialTokens } = tokenizerOf(plain).ownIds!(plain);
  const rows = config.vocab_size;
  if (rows !== tokens.length && !(unusedRows && (rows as number) > tokens.length)) {
    throw new RangeError(
      `pretrainedModel: ${portable}/config.json says vocab_size ${show(rows)}, and ${path} has ` +
        `${tokens.length} tokens: they do not belong together${
          (rows as number) > tokens.length
            ? `, or rows are no token's; unusedRows: "leaveOut" leaves those out`
            : ""
        }.`,
    );
  }
  const special = chooseTokens(namedTokens(full), specialTokens, given);
  return {
    model,
    tokenizer: tokenizerFile(path, { sha256: plain.sha256, ...special }),
    initialWeights: givenWeights(portable, { unusedRows }) as WeightsOfFolder,
  };
}

/**
 * The model that the config.json of a folder describes.
 *
 * @throws {TypeError | RangeError} As `modelFromConfig`, naming the folder.
 */
export function modelOfFolder(folder: string, config: unknown): ModelSpecification {
  try {
    return modelFromConfig(config);
  } catch (error) {
    const { name, message } = error as Error;
    throw new (name === "TypeError" ? TypeError : RangeError)(`${folder}/${message}`);
  }
}

type Chosen = Pick<PretrainedModelOptions, "endToken" | "unknownToken">;

/** Two different special tokens, as far as there are some. */
function chooseTokens(
  named: { readonly [name: string]: string | undefined },
  specialTokens: readonly string[],
  given: Chosen,
): Chosen {
  const isSpecial = (token: string | undefined) => specialTokens.includes(token!);
  const endToken = given.endToken ?? [named.eos_token].find(isSpecial);
  const others = specialTokens.filter((token) =>
    token !== named.bos_token && token !== named.eos_token
  );
  const unknownToken = given.unknownToken ??
    [named.unk_token, named.pad_token, others.at(-1)].find((token) =>
      isSpecial(token) && token !== endToken
    );
  return { ...(endToken && { endToken }), ...(unknownToken && { unknownToken }) };
}

/** What tokenizer_config.json calls its special tokens; nothing where it is not there. */
function namedTokens(folder: string): { readonly [name: string]: string | undefined } {
  const name = "tokenizer_config.json";
  let content: string;
  try {
    content = readTextFileSync(join(folder, name));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return {};
  }
  const read = Object(parseJson(content, `pretrainedModel: ${name}`)) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(read).filter(([name]) => name.endsWith("_token")).map(([name, token]) => {
      const content = typeof token === "string" ? token : Object(token).content;
      return [name, typeof content === "string" ? content : undefined];
    }),
  );
}
