import { join } from "node:path";
import { show } from "../core/check.ts";
import { sha256OfFile } from "../core/file_hash.ts";
import { sha256 } from "../core/hash.ts";
import { parseJson } from "../core/parse_json.ts";
import { isNotADirectory, isNotFound, notFound } from "../core/runtime/errors.ts";
import { readTextFileSync, statSync } from "../core/runtime/files.ts";
import { openSafetensors, type SafetensorsFile } from "./safetensors_file.ts";

/** Tensors that are read one at a time, from one file or several. */
export type WeightsSource = Omit<SafetensorsFile, "path">;

/** Names of files in a folder of Hugging Face. */
export const folderNames = {
  config: "config.json",
  weights: "model.safetensors",
  index: "model.safetensors.index.json",
  tokenizer: "tokenizer.json",
} as const;

/** What a folder of Hugging Face holds of a model, but for its tokenizer. */
export interface WeightsFolder {
  /** What config.json says. */
  readonly config: { readonly [name: string]: unknown };
  /** Names of the files that make the model: config.json, and its weights. */
  readonly files: readonly string[];
  /** By shards: in which file each tensor is; null where there is one file. */
  readonly shards: ReadonlyMap<string, string> | null;
}

/**
 * Looks into a folder of Hugging Face: `config.json` with `model.safetensors`, or with the shards that
 * `model.safetensors.index.json` names.
 *
 * @param folder The folder.
 * @param called How messages call it.
 * @throws {Deno.errors.NotFound} If one of these files is not there; the message names it.
 * @throws {SyntaxError} If config or index is no JSON, or not as Hugging Face writes it.
 */
export function lookIntoFolder(folder: string, called: string = folder): WeightsFolder {
  const config = readObject(folder, folderNames.config, called);
  const found = optionalFile(folder, folderNames.weights);
  if (found) {
    return { config, files: [folderNames.config, folderNames.weights], shards: null };
  }
  if (!optionalFile(folder, folderNames.index)) {
    throw notFound(
      `${called} holds neither ${folderNames.weights} nor ${folderNames.index}: weights are read from ` +
        `safetensors files only.`,
    );
  }
  const { weight_map: map } = readObject(folder, folderNames.index, called);
  const shards = new Map<string, string>();
  for (const [tensor, file] of Object.entries(Object(map))) {
    // A name alone: an index cannot lead out of its folder.
    if (typeof file !== "string" || !/^[\w.-]+\.safetensors$/.test(file)) {
      throw new SyntaxError(
        `${called}: ${folderNames.index} must name a safetensors file of the folder for ` +
          `${show(tensor)}, found ${show(file)}.`,
      );
    }
    shards.set(tensor, file);
  }
  if (shards.size === 0) {
    throw new SyntaxError(`${called}: ${folderNames.index} must have a weight_map, found none.`);
  }
  const names = [...new Set(shards.values())].sort();
  for (const name of names) {
    if (optionalFile(folder, name)) continue;
    throw notFound(`${called}: ${folderNames.index} names the shard ${name}, which is not there.`);
  }
  return { config, files: [folderNames.config, folderNames.index, ...names], shards };
}

/**
 * The SHA-256 of a folder's model: of the lines `SHA-256, two spaces, name, line feed` of the files that
 * make it, in the order of their names, as `sha256sum config.json model.safetensors | sha256sum` prints it.
 */
export function sha256OfFolder(folder: string, { files }: Pick<WeightsFolder, "files">): string {
  return sha256(
    files.toSorted().map((name) => `${sha256OfFile(join(folder, name))}  ${name}\n`).join(""),
  );
}

/**
 * Opens the weights of a folder.
 *
 * @throws {SyntaxError | RangeError} If a shard is cut or has not the tensors that the index says.
 */
export function openFolder(
  folder: string,
  { shards }: Pick<WeightsFolder, "shards">,
  called: string = folder,
): WeightsSource {
  const open = (name: string) => openSafetensors(join(folder, name), `${called}/${name}`);
  if (shards === null) return open(folderNames.weights);
  const files = new Map<string, SafetensorsFile>();
  const close = () => files.forEach((file) => file[Symbol.dispose]());
  try {
    for (const name of new Set(shards.values())) files.set(name, open(name));
    const tensors = new Map([...shards].map(([tensor, name]) => {
      const found = files.get(name)!.tensors.get(tensor);
      if (found !== undefined) return [tensor, found];
      throw new RangeError(
        `${called}/${name}: tensor ${
          show(tensor)
        } is missing, which ${folderNames.index} says is there.`,
      );
    }));
    return {
      tensors,
      metadata: {},
      read(name) {
        const shard = shards.get(name);
        if (shard !== undefined) return files.get(shard)!.read(name);
        throw new RangeError(`${called}: tensor ${show(name)} is missing.`);
      },
      [Symbol.dispose]: close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function readObject(
  folder: string,
  name: string,
  called: string,
): { readonly [name: string]: unknown } {
  let text: string;
  try {
    text = readTextFileSync(join(folder, name));
  } catch (error) {
    if (!isNotFound(error) && !isNotADirectory(error)) throw error;
    throw notFound(`${called} holds no ${name}: it is no folder of a Hugging Face model.`);
  }
  const found = parseJson(text, `${called}/${name}`);
  if (found !== null && typeof found === "object" && !Array.isArray(found)) {
    return found as { readonly [name: string]: unknown };
  }
  throw new SyntaxError(`${called}/${name} must be an object, found ${show(found)}.`);
}

function optionalFile(folder: string, name: string): boolean {
  try {
    return statSync(join(folder, name)).isFile;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
