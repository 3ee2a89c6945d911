import { parseJson } from "../core/parse_json.ts";
import { show } from "../core/check.ts";
import { setValues } from "../engine/kernels.ts";
import type { Model } from "../models/model.ts";
import { readSafetensors, type StoredTensor } from "../models/safetensors.ts";
import type { TokenRows } from "../models/token_rows.ts";
import { type KeptRun, readKeptWeights } from "./kept_weights.ts";

/** Tensors of a weights file, by name. */
export type Tensors = ReadonlyMap<string, StoredTensor>;
/** What a weights file says besides them. */
export type Metadata = { readonly [name: string]: string };

/**
 * Puts the kept weights of another run into a model.
 *
 * @throws {Error} If the file is not there, was changed, or is of another run.
 * @throws {SyntaxError} If the model has other parameters.
 */
export async function useWeightsOf(model: Model, run: KeptRun): Promise<void> {
  let bytes: Uint8Array;
  try {
    bytes = await readKeptWeights(run.path, run);
  } catch (error) {
    throw new Error(
      `Cannot begin with the weights of run ${run.id} in ${run.path}: ${(error as Error).message}`,
      { cause: error },
    );
  }
  setWeights(model, readSafetensors(bytes).tensors);
}

/** What the metadata of a weights file say as JSON. */
export function jsonIn(metadata: Metadata, name: string): unknown {
  if (Object.hasOwn(metadata, name)) {
    return parseJson(metadata[name], `Cannot build the model: its ${name}`);
  }
  throw new SyntaxError(`Cannot build the model: its file must say its ${name}, found nothing.`);
}

/** Of a model without its dead units: the shapes that are left, and the rows that tokens share. */
export function simplified(tensors: Tensors, { tokenRows }: Metadata): {
  shapes: ReadonlyMap<string, readonly number[]> | undefined;
  rows: { readonly [table: string]: TokenRows };
} {
  if (tokenRows === undefined) return { shapes: undefined, rows: {} };
  return {
    shapes: new Map([...tensors].map(([name, { shape }]) => [name, shape])),
    rows: checkRows(parseJson(tokenRows, "Cannot build the model: its tokenRows")),
  };
}

function checkRows(rows: unknown): { readonly [table: string]: TokenRows } {
  const tables = rows !== null && typeof rows === "object" ? Object.values(rows) : [null];
  const whole = tables.every((table) =>
    Array.isArray(table) && table.every((row) => Number.isSafeInteger(row) && row >= 0)
  );
  if (whole) return rows as { readonly [table: string]: TokenRows };
  throw new SyntaxError(
    `Cannot build the model: its tokenRows must be lists of rows, found ${show(rows)}.`,
  );
}

/** Seed and fold of a model whose initial weights are overwritten, so that they do not matter. */
export const anyWeights = { seed: 0, fold: "stored", undrawn: true };

export function setWeights(model: Model, tensors: Tensors): void {
  for (const { description: { name, shape }, variable } of model.parameters) {
    const stored = tensors.get(name);
    if (stored === undefined || stored.shape.join() !== shape.join()) {
      model.dispose();
      throw new SyntaxError(
        `Cannot build the model: ${name} should have shape [${shape}], found ` +
          `${stored === undefined ? "none" : `[${stored.shape}]`}.`,
      );
    }
    setValues(variable, stored.values);
  }
}

export function weightsOf(model: Model): Map<string, StoredTensor> {
  return new Map(model.parameters.map(({ description: { name, shape }, variable }) => [
    name,
    { shape, values: Float32Array.from(variable.dataSync() as Float32Array) },
  ]));
}
