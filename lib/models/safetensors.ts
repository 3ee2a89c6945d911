/** A tensor to store: row-major single-precision values and their shape. */
export interface StoredTensor {
  /** Extents. */
  readonly shape: readonly number[];
  /** Values, row by row. */
  readonly values: Float32Array;
}

/** Numbers of a tensor in a file. */
export type TensorValues = Float32Array | Int32Array | Uint16Array | Uint8Array;

/** Names of the number types that are written and read. */
const types = { F32: Float32Array, I32: Int32Array, U16: Uint16Array, U8: Uint8Array } as const;

function typeOf(values: TensorValues): string {
  return Object.entries(types).find(([, type]) => values instanceof type)![0];
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
  tensors: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly values: TensorValues }
  >,
  metadata: { readonly [name: string]: string } = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    const end = offset + values.byteLength;
    header[name] = { dtype: typeOf(values), shape, data_offsets: [offset, end] };
    offset = end;
  }
  // The format allows trailing spaces in the header; they align the data to 8 bytes.
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(text, 8);
  let position = 8 + headerLength;
  for (const { values } of tensors.values()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), position);
    position += values.byteLength;
  }
  return bytes;
}

/**
 * Reads single-precision tensors from the bytes of a `.safetensors` file.
 *
 * @throws {SyntaxError} If the bytes are no such file, are cut short, or hold another number type.
 */
export function readSafetensors(
  bytes: Uint8Array,
): { tensors: Map<string, StoredTensor>; metadata: { [name: string]: string } } {
  const { tensors, metadata } = readTensors(bytes);
  for (const [name, { values }] of tensors) {
    if (values instanceof Float32Array) continue;
    throw new SyntaxError(
      `Cannot read safetensors: ${name} has type ${typeOf(values)}, only F32 is read.`,
    );
  }
  return { tensors: tensors as Map<string, StoredTensor>, metadata };
}

/**
 * Reads tensors of all types that {@link writeSafetensors} writes.
 *
 * @throws {SyntaxError} As {@link readSafetensors}.
 */
export function readTensors(bytes: Uint8Array): {
  tensors: Map<string, { shape: readonly number[]; values: TensorValues }>;
  metadata: { [name: string]: string };
} {
  const refuse = (why: string) => new SyntaxError(`Cannot read safetensors: ${why}.`);
  if (bytes.length < 8) throw refuse(`${bytes.length} bytes are too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (!(headerLength <= bytes.length - 8)) {
    throw refuse(`the header should be ${headerLength} bytes long, ${bytes.length - 8} are there`);
  }
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + headerLength));
  const { __metadata__ = {}, ...entries } = JSON.parse(text) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const data = bytes.slice(8 + headerLength);
  const tensors = new Map<string, { shape: readonly number[]; values: TensorValues }>();
  for (const [name, { dtype, shape, data_offsets: [start, end] }] of Object.entries(entries)) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (!Object.hasOwn(types, dtype)) throw refuse(`${name} has type ${dtype}, only F32 is read`);
    const Type = types[dtype as keyof typeof types];
    const length = Type.BYTES_PER_ELEMENT * size;
    if (end - start !== length || start < 0 || end > data.length) {
      throw refuse(`${name} should hold ${length} bytes inside ${data.length} bytes of data`);
    }
    // Copied: after bytes of another type the numbers may not be aligned.
    tensors.set(name, { shape, values: new Type(data.slice(start, end).buffer) });
  }
  return { tensors, metadata: __metadata__ as unknown as { [name: string]: string } };
}
