import { show } from "../core/check.ts";
import { parseJson } from "../core/parse_json.ts";

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
      `Cannot read safetensors: ${show(name)} has type ${typeOf(values)}, only F32 is read.`,
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
  if (bytes.length < 8) throw refusal(`${bytes.length} bytes are too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (!(headerLength <= bytes.length - 8)) {
    throw refusal(`the header should be ${headerLength} bytes long, ${bytes.length - 8} are there`);
  }
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + headerLength));
  const header = parseJson(text, "Cannot read safetensors: the header");
  if (!isObject(header)) throw refusal(`the header must be an object, found ${show(header)}`);
  const { __metadata__ = {}, ...entries } = header;
  const metadata = checkMetadata(__metadata__);
  const data = bytes.slice(8 + headerLength);
  const described = Object.entries(entries).map(([name, entry]) => describe(name, entry));
  checkCovered(described, data.length);
  return {
    tensors: new Map(described.map(({ name, shape, Type, start, end }) => [
      name,
      // Copied: after bytes of another type the numbers may not be aligned.
      { shape, values: new Type(data.slice(start, end).buffer) },
    ])),
    metadata,
  };
}

function refusal(why: string): SyntaxError {
  return new SyntaxError(`Cannot read safetensors: ${why}.`);
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function checkMetadata(metadata: unknown): { [name: string]: string } {
  if (!isObject(metadata)) throw refusal(`__metadata__ must be an object, found ${show(metadata)}`);
  for (const [name, text] of Object.entries(metadata)) {
    if (typeof text === "string") continue;
    throw refusal(`__metadata__ must hold texts, found ${show(text)} as ${show(name)}`);
  }
  return metadata as { [name: string]: string };
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/** What the header says of a tensor, each field checked and in agreement with the others. */
function describe(name: string, entry: unknown) {
  const tensor = show(name);
  if (!isObject(entry)) throw refusal(`${tensor} must be an object, found ${show(entry)}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(types, dtype)) {
    throw refusal(
      `${tensor} has type ${show(dtype)}, only ${Object.keys(types).join(", ")} are read`,
    );
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw refusal(`${tensor} must have a shape of whole numbers from 0, found ${show(shape)}`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw refusal(
      `${tensor} must have data_offsets of two whole numbers from 0, found ${show(offsets)}`,
    );
  }
  const [start, end] = offsets as [number, number];
  const Type = types[dtype as keyof typeof types];
  const size = shape.reduce((product: number, length: number) => product * length, 1);
  const length = Type.BYTES_PER_ELEMENT * size;
  if (end - start !== length) {
    throw refusal(
      `${tensor} should hold ${length} bytes for shape ${show(shape)}, its data_offsets ` +
        `${show(offsets)} hold ${end - start}`,
    );
  }
  return { name, shape: shape as number[], Type, start, end };
}

/** Refuses data of which two tensors share a part, or a part that is no tensor's, as the format does. */
function checkCovered(
  tensors: readonly { readonly name: string; readonly start: number; readonly end: number }[],
  length: number,
): void {
  let covered = 0;
  for (
    const { name, start, end } of tensors.toSorted((a, b) => a.start - b.start || a.end - b.end)
  ) {
    if (start !== covered || end > length) {
      throw refusal(
        `${
          show(name)
        } is to be in bytes ${start} to ${end} of ${length} bytes of data, those of the ` +
          `tensors before it end at ${covered}`,
      );
    }
    covered = end;
  }
  if (covered !== length) {
    throw refusal(`its tensors end at byte ${covered}, its data has ${length} bytes`);
  }
}
