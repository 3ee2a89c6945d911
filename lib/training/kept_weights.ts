import { show } from "../core/check.ts";
import { sha256 } from "../core/hash.ts";
import { readFile } from "../core/runtime/files.ts";
import { readSafetensors } from "../models/safetensors.ts";

/** A run as far as its weights file is concerned. */
export interface RunWithWeights {
  readonly id: string;
  /** SHA-256 of the file; absent in older records, whose bytes cannot be checked. */
  readonly weightsSha256?: string;
}

/** A run that kept its weights, and where. */
export interface KeptRun extends RunWithWeights {
  /** Absolute path of its weights file. */
  readonly path: string;
}

/**
 * Reads the weights that a run kept, and checks that the file is what the run wrote: by its SHA-256 where
 * the run's record has one, and by the run that the file names.
 *
 * Everything that reads the weights of a record reads them here.
 *
 * @param path Absolute path of the file.
 * @param run Whose weights they are.
 * @returns The bytes of the file.
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {RangeError} If the file was changed, or holds the weights of another run.
 * @throws {SyntaxError} If it is no safetensors file.
 *
 * @example
 * ```ts
 * import { readKeptWeights } from "./kept_weights.ts";
 * import { sha256 } from "../core/hash.ts";
 * import { writeSafetensors } from "../models/safetensors.ts";
 * import assert from "node:assert/strict";
 * const bytes = writeSafetensors(new Map(), { run: "a" });
 * const path = await Deno.makeTempFile();
 * await Deno.writeFile(path, bytes);
 * assert.deepEqual(await readKeptWeights(path, { id: "a", weightsSha256: sha256(bytes) }), bytes);
 * await assert.rejects(readKeptWeights(path, { id: "b" }), /weights of run "a", not of run b/);
 * await Deno.remove(path);
 * ```
 */
export async function readKeptWeights(path: string, run: RunWithWeights): Promise<Uint8Array> {
  const { id, weightsSha256 } = run;
  const bytes = await readFile(path);
  const found = sha256(bytes);
  const remedy = "Put the file back, or remove it to have the run trained again.";
  if (weightsSha256 !== undefined && found !== weightsSha256) {
    throw new RangeError(
      `${path} is not the file that run ${id} kept: its SHA-256 is ${found}, the record says ` +
        `${weightsSha256}. ${remedy}`,
    );
  }
  const { run: named } = readSafetensors(bytes).metadata;
  if (named !== id) {
    throw new RangeError(
      `${path} holds the weights of run ${show(named)}, not of run ${id}. ${remedy}`,
    );
  }
  return bytes;
}
