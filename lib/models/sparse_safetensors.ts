import { checkOneOf, show } from "../core/check.ts";
import { parseJson } from "../core/parse_json.ts";
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
  const formats = parseJson(sparse, "Cannot read weights: their sparse formats");
  if (formats === null || typeof formats !== "object") {
    throw refusal(`their sparse formats must be an object, found ${show(formats)}`);
  }
  const used = new Set<string>();
  const partOf = <T extends TensorValues>(
    name: string,
    ...types: readonly (abstract new (...args: never[]) => T)[]
  ): T => {
    const values = stored.get(name)?.values;
    if (values === undefined) throw refusal(`${show(name)} is missing`);
    if (!types.some((type) => values instanceof type)) {
      throw refusal(`${show(name)} holds numbers of another type than its format has`);
    }
    used.add(name);
    return values as T;
  };
  for (const [name, described] of Object.entries(formats)) {
    const { format, shape, size } = checkFormat(name, described);
    const values = partOf(`${name}.values`, Float32Array);
    const places = format === "bitmap"
      ? placesOfBits(name, partOf(`${name}.bitmap`, Uint8Array), size)
      : placesOfRows(
        name,
        partOf(`${name}.rows`, Int32Array),
        partOf<Uint16Array | Int32Array>(`${name}.columns`, Uint16Array, Int32Array),
        shape,
        size,
      );
    if (places.length !== values.length) {
      throw refusal(
        `${show(name)} has ${values.length} values for ${places.length} places of ${size}`,
      );
    }
    const dense = new Float32Array(size);
    places.forEach((place, index) => dense[place] = values[index]);
    tensors.set(name, { shape, values: dense });
  }
  for (const [name, { shape, values }] of stored) {
    if (used.has(name)) continue;
    if (!(values instanceof Float32Array)) {
      throw refusal(
        metadata.difference === undefined
          ? `${show(name)} must hold single-precision numbers`
          : "it is a difference, which applyDifference makes a model of with the weights that it is from",
      );
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

/** Weights that a sparse parameter may have: 1 GiB of them. */
const mostWeights = 2 ** 28;

function checkFormat(name: string, described: unknown) {
  const { format, shape } = (described ?? {}) as { format?: unknown; shape?: unknown };
  if (format !== "bitmap" && format !== "csr") {
    throw refusal(`the format of ${show(name)} must be bitmap or csr, found ${show(format)}`);
  }
  const extents = Array.isArray(shape) ? shape as unknown[] : [];
  const size = extents.reduce<number>((product, extent) => product * Number(extent), 1);
  const counts = extents.every((extent) => Number.isSafeInteger(extent) && Number(extent) >= 0);
  if (!Array.isArray(shape) || !counts || size > mostWeights) {
    throw refusal(
      `the shape of ${
        show(name)
      } must be whole numbers from 0, of at most ${mostWeights} weights, ` +
        `found ${show(shape)}`,
    );
  }
  return { format, shape: extents as number[], size };
}

function refusal(why: string): SyntaxError {
  return new SyntaxError(`Cannot read weights: ${why}.`);
}

function placesOfBits(name: string, bits: Uint8Array, size: number): number[] {
  if (bits.length !== Math.ceil(size / 8)) {
    throw refusal(`${show(name)} has ${bits.length} bytes of bits for ${size} weights`);
  }
  const places: number[] = [];
  for (let place = 0; place < size; place++) {
    if (bits[place >> 3] & (1 << (place & 7))) places.push(place);
  }
  return places;
}

function placesOfRows(
  name: string,
  rows: Int32Array,
  columns: Uint16Array | Int32Array,
  shape: readonly number[],
  size: number,
): number[] {
  const width = shape.at(-1) ?? 1;
  const whole = rows[0] === 0 && rows.at(-1) === columns.length &&
    (rows.length - 1) * width === size &&
    rows.every((begin, row) => row === 0 || begin >= rows[row - 1]);
  if (!whole || columns.some((column) => column < 0 || column >= width)) {
    throw refusal(
      `the rows and columns of ${show(name)} must be those of ${size} weights in rows of ${width}`,
    );
  }
  const places: number[] = [];
  for (let row = 0; row + 1 < rows.length; row++) {
    for (let at = rows[row]; at < rows[row + 1]; at++) places.push(row * width + columns[at]);
  }
  return places;
}
