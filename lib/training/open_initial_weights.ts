import { join } from "node:path";
import { show, showLong } from "../core/check.ts";
import { sha256OfFile } from "../core/file_hash.ts";
import type { JsonObject } from "../core/json.ts";
import { projectFolder } from "../core/project.ts";
import { readFileSync } from "../core/runtime/files.ts";
import { openSafetensors } from "../models/safetensors_file.ts";
import { readWeights } from "../models/sparse_safetensors.ts";
import {
  lookIntoFolder,
  openFolder,
  sha256OfFolder,
  type WeightsSource,
} from "../models/weights_folder.ts";
import type { FoldIndex } from "../records/run_record.ts";
import type { InitialWeights } from "./initial_weights_options.ts";
import { placeInProject } from "./place_in_project.ts";

/** Weights that a model is to begin with, open and compared with their checksum. */
export interface OpenedWeights extends WeightsSource {
  /** How messages call them. */
  readonly called: string;
  /** What config.json says of the model; null of a file, which has none. */
  readonly config: JsonObject | null;
}

/**
 * Opens the weights that a specification names.
 *
 * @param given `initialWeights` of the specification.
 * @param fold Fold of the run; weights of another study's runs are those of its run for that fold.
 * @param project Folder of the project; the nearest one with a deno.json by default.
 * @throws {Deno.errors.NotFound} If they are not there; the message names the file.
 * @throws {RangeError} If they have another SHA-256, or no run is known for the fold.
 * @throws {SyntaxError} If they cannot be read.
 */
export function openInitialWeights(
  given: InitialWeights,
  fold: FoldIndex,
  project: string = projectFolder(),
): OpenedWeights {
  if ("folder" in given) return openedFolder(project, given.folder, given.sha256);
  if ("file" in given) return openedFile(project, given.file, given.sha256);
  const { from: { study }, runs } = given;
  const run = runs?.[fold];
  if (run !== undefined) return openedFile(project, run.file, run.sha256, run.id);
  throw new RangeError(
    `initialWeights.from: no run of study ${
      show(study)
    } is known for fold ${fold}: runStudy finds them.`,
  );
}

function openedFolder(project: string, folder: string, sha256: string): OpenedWeights {
  const full = placeInProject(project, folder);
  const looked = lookIntoFolder(full, folder);
  for (const name of looked.files) placeInProject(project, `${folder}/${name}`);
  refuseOther(folder, sha256, sha256OfFolder(full, looked));
  return {
    ...openFolder(full, looked, folder),
    called: folder,
    config: looked.config as JsonObject,
  };
}

function openedFile(
  project: string,
  file: string,
  sha256: string,
  run?: string,
): OpenedWeights {
  const full = placeInProject(project, file);
  refuseOther(file, sha256, sha256OfFile(full));
  const source = openSafetensors(full, file);
  const named = source.metadata.run;
  if (run !== undefined && named !== run) {
    source[Symbol.dispose]();
    throw new RangeError(`${file} holds the weights of run ${show(named)}, not of run ${run}.`);
  }
  if (source.metadata.sparse === undefined) return { ...source, called: file, config: null };
  source[Symbol.dispose]();
  const { tensors, metadata } = readWeights(readFileSync(full));
  return {
    called: file,
    config: null,
    metadata,
    tensors: new Map(
      [...tensors].map(([name, { shape }]) => [name, { shape, type: "F32" as const }]),
    ),
    read: (name) => tensors.get(name)!.values.slice(),
    [Symbol.dispose]() {},
  };
}

function refuseOther(path: string, expected: string, found: string): void {
  if (found === expected) return;
  throw new RangeError(
    `initialWeights: ${
      showLong(path)
    } cannot be used: its SHA-256 must be ${expected}, found ${found}.`,
  );
}

/** Paths of the files of weights, from the project's folder; of a folder those that make its model. */
export function filesOfWeights(
  given: InitialWeights,
  fold: FoldIndex,
  project: string,
): string[] {
  if ("file" in given) return [given.file];
  if ("folder" in given) {
    const { files } = lookIntoFolder(placeInProject(project, given.folder), given.folder);
    return files.map((name) => join(given.folder, name).replaceAll("\\", "/"));
  }
  const run = given.runs?.[fold];
  return run === undefined ? [] : [run.file];
}
