import { checkOneOf } from "../core/check.ts";
import {
  readTensors,
  type StoredTensor,
  type TensorValues,
  writeSafetensors,
} from "./safetensors.ts";

/**
 * How the weights of a parameter are stored in a file:
 *
 * - `dense`: all of them, as they are;
 * - `bitmap`: those that are not 0 (`NAME.values`), and a bit for each weight in row-major order, the
 *   lowest bit of a byte first (`NAME.bitmap`, uint8);
 * - `csr`: those that are not 0, row by row (`NAME.values`), their columns (`NAME.columns`, uint16, or
 *   int32 where there are more than 65,536), and where each row begins (`NAME.rows`, int32), as
 *   SciPy's csr_matrix takes them;
 * - `smallest`: whichever of these takes fewest bytes.
 */
export type WeightsFormat = "dense" | "bitmap" | "csr" | "smallest";

type Parts = [suffix: string, tensor: { shape: readonly number[]; values: TensorValues }][];

/**
 * Writes a model's weights to a safetensors file, each parameter dense or sparse.
 *
 * The metadata's `sparse` says which parameters are sparse, as JSON: `{ NAME: { format, shape } }`. A
 * dense file has none and loads with any safetensors library; of a sparse one such a library gives
 * the parts above.
 *
 * @param weights Weights by parameter name.
 * @param metadata Text by name.
 * @param format How each parameter is stored.
 * @returns The bytes of the file, the same for the same input.
 * @throws {RangeError} If the format is none of those.
 *
 * @example
 * ```ts
 * import { readWeights, writeWeights } from "./sparse_safetensors.ts";
 * import assert from "node:assert/strict";
 * const kernel = { shape: [2, 64], values: new Float32Array(128).fill(2, 0, 3) };
 * const [dense, sparse] = (["dense", "smallest"] as const).map((format) =>
 *   writeWeights(new Map([["w", kernel]]), {}, format)
 * );
 * assert.ok(sparse.length < dense.length);
 * assert.deepEqual(readWeights(sparse).tensors.get("w"), kernel);
 * ```
 */
export function writeWeights(
  weights: ReadonlyMap<string, StoredTensor>,
  metadata: { readonly [name: string]: string },
  format: WeightsFormat,
): Uint8Array {
  checkOneOf("format", format, ["dense", "bitmap", "csr", "smallest"] as const);
  const tensors = new Map<string, { shape: readonly number[]; values: TensorValues }>();
  const sparse: Record<string, { format: string; shape: readonly number[] }> = {};
  for (const [name, tensor] of weights) {
    const choices = {
      dense: [["", tensor]] as Parts,
      ...(format !== "dense" && format !== "csr" ? { bitmap: bitmapParts(tensor) } : {}),
      ...(format === "csr" || format === "smallest" ? { csr: csrParts(tensor) } : {}),
    };
    const wanted = format === "smallest"
      ? (Object.keys(choices) as (keyof typeof choices)[])
        .reduce((best, each) =>
          bytesOf(name, choices[each]!) < bytesOf(name, choices[best]!) ? each : best
        )
      : format;
    if (wanted !== "dense") sparse[name] = { format: wanted, shape: tensor.shape };
    for (const [suffix, part] of choices[wanted]!) tensors.set(`${name}${suffix}`, part);
  }
  const all = Object.keys(sparse).length === 0
    ? metadata
    : { ...metadata, sparse: JSON.stringify(sparse) };
  const bytes = writeSafetensors(tensors, all);
  if (format !== "smallest" || all === metadata) return bytes;
  const dense = writeSafetensors(weights, metadata);
  return dense.length <= bytes.length ? dense : bytes;
}

/**
 * Reads the weights of a file that {@link writeWeights} wrote, dense or sparse.
 *
 * @throws {SyntaxError} If the bytes are no such file, or parts of a sparse parameter do not fit.
 */
export function readWeights(
  bytes: Uint8Array,
): { tensors: Map<string, StoredTensor>; metadata: { [name: string]: string } } {
  const { tensors: stored, metadata: { sparse = "{}", ...metadata } } = readTensors(bytes);
  const tensors = new Map<string, StoredTensor>();
  const formats = JSON.parse(sparse) as Record<string, { format: string; shape: number[] }>;
  const used = new Set<string>();
  const partOf = (name: string) => {
    const part = stored.get(name);
    if (part === undefined) throw new SyntaxError(`Cannot read weights: ${name} is missing.`);
    used.add(name);
    return part.values;
  };
  for (const [name, { format, shape }] of Object.entries(formats)) {
    const values = partOf(`${name}.values`);
    const dense = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
    const places = format === "bitmap"
      ? placesOfBits(partOf(`${name}.bitmap`), dense.length)
      : placesOfRows(partOf(`${name}.rows`), partOf(`${name}.columns`), shape.at(-1) ?? 1);
    if (places.length !== values.length || places.some((place) => !(place < dense.length))) {
      throw new SyntaxError(
        `Cannot read weights: ${name} has ${values.length} values for ${places.length} places of ` +
          `${dense.length}.`,
      );
    }
    places.forEach((place, index) => dense[place] = values[index]);
    tensors.set(name, { shape, values: dense });
  }
  for (const [name, { shape, values }] of stored) {
    if (used.has(name)) continue;
    if (!(values instanceof Float32Array)) {
      throw new SyntaxError(`Cannot read weights: ${name} must hold single-precision numbers.`);
    }
    tensors.set(name, { shape, values });
  }
  return { tensors, metadata };
}

/** Bytes of the values and, about, of what the header says of each part. */
function bytesOf(name: string, parts: Parts): number {
  const described = 60 + name.length;
  return parts.reduce(
    (sum, [suffix, { values }]) => sum + values.byteLength + described + suffix.length,
    parts.length > 1 ? described : 0,
  );
}

function nonZero({ values }: StoredTensor): Float32Array {
  return values.filter((value) => value !== 0);
}

function bitmapParts(tensor: StoredTensor): Parts {
  const bits = new Uint8Array(Math.ceil(tensor.values.length / 8));
  tensor.values.forEach((value, place) => {
    if (value !== 0) bits[place >> 3] |= 1 << (place & 7);
  });
  const values = nonZero(tensor);
  return [[".values", { shape: [values.length], values }], [".bitmap", {
    shape: [bits.length],
    values: bits,
  }]];
}

function csrParts(tensor: StoredTensor): Parts {
  const width = tensor.shape.at(-1) ?? 1;
  const height = tensor.values.length / width;
  const values = nonZero(tensor);
  const columns = width <= 1 << 16 ? new Uint16Array(values.length) : new Int32Array(values.length);
  const rows = new Int32Array(height + 1);
  let count = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (tensor.values[row * width + column] !== 0) columns[count++] = column;
    }
    rows[row + 1] = count;
  }
  return [
    [".values", { shape: [values.length], values }],
    [".rows", { shape: [rows.length], values: rows }],
    [".columns", { shape: [columns.length], values: columns }],
  ];
}

function placesOfBits(bits: TensorValues, size: number): number[] {
  const places: number[] = [];
  for (let place = 0; place < size; place++) {
    if (bits[place >> 3] & (1 << (place & 7))) places.push(place);
  }
  return places;
}

function placesOfRows(rows: TensorValues, columns: TensorValues, width: number): number[] {
  const places: number[] = [];
  for (let row = 0; row + 1 < rows.length; row++) {
    for (let at = rows[row]; at < rows[row + 1]; at++) {
      places.push(columns[at] < width ? row * width + columns[at] : NaN);
    }
  }
  return places;
}
