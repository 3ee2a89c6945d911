import { checkKeys, checkText, show } from "../core/check.ts";
import { sha256OfFile } from "../core/file_hash.ts";
import type { JsonObject } from "../core/json.ts";
import {
  checkOptions,
  integer,
  mapped,
  nested,
  oneOf,
  type Option,
  option,
  type Options,
  orAbsent,
  text,
} from "../core/options.ts";
import { projectFolder } from "../core/project.ts";
import { statSync } from "../core/runtime/files.ts";
import { checkSha256 } from "../data/catalogue.ts";
import { lookIntoFolder, sha256OfFolder } from "../models/weights_folder.ts";
import { placeInProject } from "./place_in_project.ts";

/** What is common to weights in files. */
interface StoredWeights {
  /** SHA-256 of the file; of a folder that of its files, as {@link givenWeights} says it. */
  readonly sha256: string;
  /**
   * `leaveOut`: the file may have more rows for tokens than its tokenizer has tokens, as some are filled up
   * to a round number; those are left out. Absent to refuse such a file.
   */
  readonly unusedRows?: "leaveOut";
}

/** Weights in a safetensors file. */
export interface WeightsOfFile extends StoredWeights {
  /** The file, from the project's folder: of a run or of this library, of Hugging Face, or of nanoGPT. */
  readonly file: string;
}

/** Weights in a folder of Hugging Face. */
export interface WeightsOfFolder extends StoredWeights {
  /** The folder, from the project's: config.json, model.safetensors or its shards. */
  readonly folder: string;
}

/** Weights with which a run of another study ended. */
export interface WeightsOfRun {
  /** The run whose weights these are. */
  readonly from: {
    /** The study, in `results/`; its runs on the folds of this one must have kept their weights. */
    readonly study: string;
    /** The point of that study. */
    readonly point: JsonObject;
    /** The seed of that study's runs. */
    readonly seed: number;
  };
  /** Its run for each fold of this study: filled in with the folds. */
  readonly runs?: { readonly [fold: string]: RunForFold };
}

/** A run whose weights those on a fold begin with. */
export interface RunForFold {
  /** The run's id. */
  readonly id: string;
  /** Its weights, from the project's folder. */
  readonly file: string;
  /** SHA-256 of that file, in hexadecimal digits. */
  readonly sha256: string;
}

/** Weights that a model begins with in place of drawn ones. */
export type InitialWeights = WeightsOfFile | WeightsOfFolder | WeightsOfRun;

const stored = {
  sha256: option(checkSha256),
  unusedRows: orAbsent(oneOf(["leaveOut"])),
};

const forms = {
  file: { file: text(), ...stored },
  folder: { folder: text(), ...stored },
  from: {
    from: nested({ study: text(), point: option(checkPoint), seed: integer() }),
    runs: orAbsent(mapped(nested({
      id: option(checkSha256),
      file: text(),
      sha256: option(checkSha256),
    }))),
  },
} as const satisfies { readonly [form: string]: Options };

/** `initialWeights` of a specification; absent where they are drawn. */
export const initialWeightsOption: Option<InitialWeights | undefined> = orAbsent(
  option((name, value) => {
    const form = (Object.keys(forms) as (keyof typeof forms)[]).find((each) =>
      Object.hasOwn(Object(value), each)
    );
    if (form !== undefined) return checkOptions(name, value, forms[form], ".") as InitialWeights;
    throw new TypeError(
      `${name} must have a file, a folder or from (a study, point and seed), found ${show(value)}.`,
    );
  }),
);

function checkPoint(name: string, value: unknown): JsonObject {
  checkKeys(name, value, Object.keys(Object(value)));
  return value as JsonObject;
}

/**
 * Weights in a file or folder of the project as `initialWeights` of a specification.
 *
 * @param path From the project's folder: a safetensors file, or a folder of Hugging Face. A link out of the
 * project is refused, since training processes read nothing else.
 * @param options.unusedRows See {@link WeightsOfFile}.
 * @returns Plain JSON, with the checksum that every process compares before it trains. Of a folder it is the
 * SHA-256 of what `sha256sum config.json model.safetensors` prints in it (or of config, index and shards, by
 * name).
 * @throws {RangeError | SyntaxError} If the path leaves the project, or a folder is none of Hugging Face.
 * @throws {Deno.errors.NotFound} If it, or a file of the folder, is not there.
 *
 * @example
 * ```ts
 * import { givenWeights } from "./initial_weights_options.ts";
 * import assert from "node:assert/strict";
 * assert.throws(() => givenWeights("../weights.safetensors"), /must stay inside/);
 * assert.throws(() => givenWeights("lib/models"), /lib\/models holds no config.json/);
 * ```
 */
export function givenWeights(
  path: string,
  options: Pick<StoredWeights, "unusedRows"> = {},
): WeightsOfFile | WeightsOfFolder {
  const portable = checkText("givenWeights: path", path).replaceAll("\\", "/");
  const { unusedRows } = checkOptions("givenWeights", options, {
    unusedRows: stored.unusedRows,
  });
  const full = placeInProject(projectFolder(), portable);
  const rows = unusedRows && { unusedRows };
  if (!statSync(full).isDirectory) return { file: portable, sha256: sha256OfFile(full), ...rows };
  const sha256 = sha256OfFolder(full, lookIntoFolder(full, portable));
  return { folder: portable, sha256, ...rows };
}
