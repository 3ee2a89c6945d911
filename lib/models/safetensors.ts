import { show } from "../core/check.ts";
import {
  headerLengthOf,
  lengthBytes,
  readHeader,
  refusal,
  safetensorsBeginning,
  type TensorValues,
  valuesOf,
} from "./_safetensors_header.ts";

export type { TensorValues };

/** A tensor to store: row-major single-precision values and their shape. */
export interface StoredTensor {
  /** Extents. */
  readonly shape: readonly number[];
  /** Values, row by row. */
  readonly values: Float32Array;
}

/** Tensors to write by name, in their order. */
type WrittenTensors = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly values: TensorValues }
>;

/** Names of the number types that are written. */
const written = { F32: Float32Array, I32: Int32Array, U16: Uint16Array, U8: Uint8Array } as const;

function typeOf(values: TensorValues): string {
  return Object.entries(written).find(([, type]) => values instanceof type)![0];
}

/**
 * Writes tensors in the safetensors format: 8 bytes of header length (little-endian), a JSON header,
 * the data.
 *
 * @param tensors Tensors by name; they are stored in this order.
 * @param metadata Text by name, kept under `__metadata__`.
 * @returns The bytes of a `.safetensors` file, the same for the same input.
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "./safetensors.ts";
 * import assert from "node:assert/strict";
 * const bytes = writeSafetensors(
 *   new Map([["w", { shape: [1, 2], values: Float32Array.of(1, -0) }]]),
 *   { note: "two weights" },
 * );
 * const { tensors, metadata } = readSafetensors(bytes);
 * assert.deepEqual(tensors.get("w")?.values, Float32Array.of(1, -0));
 * assert.equal(metadata.note, "two weights");
 * ```
 */
export function writeSafetensors(
  tensors: WrittenTensors,
  metadata: { readonly [name: string]: string } = {},
): Uint8Array {
  const beginning = beginningOf(tensors, metadata);
  const length = [...tensors.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
  const bytes = new Uint8Array(beginning.length + length);
  bytes.set(beginning);
  let position = beginning.length;
  for (const { values } of tensors.values()) {
    bytes.set(bytesOf(values), position);
    position += values.byteLength;
  }
  return bytes;
}

/** Bytes of a piece at most. */
const pieceBytes = 1 << 20;

/**
 * What {@link writeSafetensors} writes, in pieces of at most 1 MiB or the header's length, for files that
 * memory need not hold beside the tensors. Each piece is there until the next is asked for.
 */
export function* safetensorsPieces(
  tensors: WrittenTensors,
  metadata: { readonly [name: string]: string } = {},
): Generator<Uint8Array<ArrayBuffer>> {
  yield beginningOf(tensors, metadata);
  // Copied: what lies in memory that threads share can be neither hashed nor written.
  const piece = new Uint8Array(pieceBytes);
  for (const { values } of tensors.values()) {
    const bytes = bytesOf(values);
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      const part = bytes.subarray(start, start + pieceBytes);
      piece.set(part);
      yield piece.subarray(0, part.length);
    }
  }
}

function beginningOf(
  tensors: WrittenTensors,
  metadata: { readonly [name: string]: string },
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    const end = offset + values.byteLength;
    header[name] = { dtype: typeOf(values), shape, data_offsets: [offset, end] };
    offset = end;
  }
  return safetensorsBeginning(header);
}

function bytesOf({ buffer, byteOffset, byteLength }: TensorValues): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Reads tensors of floating-point numbers from the bytes of a `.safetensors` file: single-precision ones
 * (F32), and half-precision ones (F16, BF16), which become single-precision ones exactly.
 *
 * @throws {SyntaxError} If the bytes are no such file, are cut short, or hold another number type.
 */
export function readSafetensors(
  bytes: Uint8Array,
): { tensors: Map<string, StoredTensor>; metadata: { [name: string]: string } } {
  const { tensors, metadata } = readTensors(bytes);
  for (const [name, { values }] of tensors) {
    if (values instanceof Float32Array) continue;
    throw refusal(`${show(name)} has type ${typeOf(values)}, only F32, F16 and BF16 are read here`);
  }
  return { tensors: tensors as Map<string, StoredTensor>, metadata };
}

/**
 * Reads tensors of all types that {@link writeSafetensors} writes, and of F16 and BF16.
 *
 * @throws {SyntaxError} As {@link readSafetensors}.
 */
export function readTensors(bytes: Uint8Array): {
  tensors: Map<string, { shape: readonly number[]; values: TensorValues }>;
  metadata: { [name: string]: string };
} {
  const headerLength = headerLengthOf(bytes, bytes.length);
  const text = new TextDecoder().decode(
    bytes.subarray(lengthBytes, lengthBytes + headerLength),
  );
  const data = bytes.slice(lengthBytes + headerLength);
  const { tensors, metadata } = readHeader(text, data.length);
  return {
    tensors: new Map(tensors.map(({ name, shape, type, start, end }) => [
      name,
      // Copied: after bytes of another type the numbers may not be aligned.
      { shape, values: valuesOf(type, data.slice(start, end).buffer) },
    ])),
    metadata: { ...metadata },
  };
}
