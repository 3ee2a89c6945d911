import { show } from "../core/check.ts";
import { parseJson } from "../core/parse_json.ts";

/** Numbers of a tensor in memory. */
export type TensorValues = Float32Array | Int32Array | Uint16Array | Uint8Array;

/** How the numbers of each type that is read are stored, and what they become. */
const types = {
  F32: { bytes: 4, values: (data: ArrayBuffer) => new Float32Array(data) },
  I32: { bytes: 4, values: (data: ArrayBuffer) => new Int32Array(data) },
  U16: { bytes: 2, values: (data: ArrayBuffer) => new Uint16Array(data) },
  U8: { bytes: 1, values: (data: ArrayBuffer) => new Uint8Array(data) },
  F16: { bytes: 2, values: (data: ArrayBuffer) => new Float32Array(new Float16Array(data)) },
  BF16: { bytes: 2, values: fromBrainFloats },
} as const satisfies {
  readonly [name: string]: {
    readonly bytes: number;
    readonly values: (data: ArrayBuffer) => TensorValues;
  };
};

/** A type of numbers that is read; those of half the size become single-precision ones, exactly. */
export type StoredType = keyof typeof types;

/** Brain floats are the first halves of single-precision numbers. */
function fromBrainFloats(data: ArrayBuffer): Float32Array {
  const halves = new Uint16Array(data);
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i] << 16;
  return new Float32Array(bits.buffer);
}

/** The numbers of a tensor from its own bytes, which begin a buffer. */
export function valuesOf(type: StoredType, data: ArrayBuffer): TensorValues {
  return types[type].values(data);
}

/** What a header says of a tensor. */
export interface DescribedTensor {
  readonly name: string;
  readonly type: StoredType;
  readonly shape: readonly number[];
  /** Where its bytes begin and end in the data behind the header. */
  readonly start: number;
  readonly end: number;
}

/** What a header says. */
export interface SafetensorsHeader {
  readonly tensors: readonly DescribedTensor[];
  readonly metadata: { readonly [name: string]: string };
}

/** Bytes before the header, which say how long it is. */
export const lengthBytes = 8;

/**
 * How long the header of a file is.
 *
 * @param beginning The first bytes of the file, eight where it is whole.
 * @param fileLength Bytes of the file.
 * @throws {SyntaxError} If the file is too short for it.
 */
export function headerLengthOf(beginning: Uint8Array, fileLength: number): number {
  if (beginning.length < lengthBytes) {
    throw refusal(`${beginning.length} bytes are too few for a header`);
  }
  const view = new DataView(beginning.buffer, beginning.byteOffset, beginning.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length <= fileLength - lengthBytes) return length;
  throw refusal(
    `the header should be ${length} bytes long, ${fileLength - lengthBytes} are there`,
  );
}

/**
 * Reads a header, each field of which is checked and in agreement with the others.
 *
 * @param text The header.
 * @param dataLength Bytes behind it.
 * @throws {SyntaxError} If it is none, or does not say what each of these bytes is.
 */
export function readHeader(text: string, dataLength: number): SafetensorsHeader {
  const header = parseJson(text, "Cannot read safetensors: the header");
  if (!isObject(header)) throw refusal(`the header must be an object, found ${show(header)}`);
  const { __metadata__ = {}, ...entries } = header;
  const metadata = checkMetadata(__metadata__);
  const tensors = Object.entries(entries).map(([name, entry]) => describe(name, entry));
  checkCovered(tensors, dataLength);
  return { tensors, metadata };
}

/** The bytes before the data of a file: the header's length, and the header. */
export function safetensorsBeginning(
  header: { readonly [name: string]: unknown },
): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(header));
  // The format allows trailing spaces in the header; they align the data to 8 bytes.
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(lengthBytes + headerLength).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, lengthBytes);
  return bytes;
}

/** What reading throws. */
export function refusal(why: string): SyntaxError {
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

function describe(name: string, entry: unknown): DescribedTensor {
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
  const type = dtype as StoredType;
  const size = shape.reduce((product: number, length: number) => product * length, 1);
  const length = types[type].bytes * size;
  if (end - start !== length) {
    throw refusal(
      `${tensor} should hold ${length} bytes for shape ${show(shape)}, its data_offsets ` +
        `${show(offsets)} hold ${end - start}`,
    );
  }
  return { name, type, shape: shape as number[], start, end };
}

/** Refuses data of which two tensors share a part, or a part that is no tensor's, as the format does. */
function checkCovered(tensors: readonly DescribedTensor[], length: number): void {
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
