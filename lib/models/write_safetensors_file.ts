import { openFileSync, writeWholeSync } from "../core/runtime/files.ts";

import { safetensorsBeginning } from "./_safetensors_header.ts";

/** A tensor whose numbers are made when they are written. */
export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  /** Its numbers, row by row. */
  values(): Float32Array;
}

/**
 * Writes a safetensors file of single-precision tensors, of which memory holds one at a time: the same bytes
 * as `writeSafetensors` gives.
 *
 * @param path A file that is not there, or is overwritten.
 * @param tensors In the order in which they are stored.
 * @param metadata Text by name.
 */
export function writeSafetensorsFile(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: { readonly [name: string]: string },
): void {
  using file = openFileSync(path, { write: true, create: true });
  file.truncateSync(0);
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, shape } of tensors) {
    const end = offset + 4 * shape.reduce((size, extent) => size * extent, 1);
    header[name] = { dtype: "F32", shape, data_offsets: [offset, end] };
    offset = end;
  }
  writeWholeSync(file, safetensorsBeginning(header));
  for (const { values } of tensors) {
    const numbers = values();
    writeWholeSync(file, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  }
  file.syncSync();
}
