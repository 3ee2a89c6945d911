import { show } from "../core/check.ts";
import { sha256 } from "../core/hash.ts";
import { parseJson } from "../core/parse_json.ts";
import {
  readSafetensors,
  readTensors,
  type StoredTensor,
  type TensorValues,
  writeSafetensors,
} from "../models/safetensors.ts";
import type { TrainedModel } from "./trained_model.ts";

/** Anything with weights by parameter name: a trained model, or one that was loaded. */
export interface HasWeights {
  /** Weights by parameter name. */
  weights(): ReadonlyMap<string, StoredTensor>;
}

/** How a parameter of the second model is stored: as it is, or where it differs from the first one's. */
type Form = "whole" | "bitmap" | "places";

/** What the metadata of a difference file say as JSON, besides those of the model. */
interface DifferenceRecord {
  readonly schemaVersion: 1;
  /** SHA-256 of the weights that it is applied to; see {@link weightsSha256}. */
  readonly startSha256: string;
  /** SHA-256 of the weights file that comes of it. */
  readonly endSha256: string;
  /** Parameters of that file, in its order. */
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly form: Form;
  }[];
}

type Parts = [suffix: string, values: TensorValues][];

/**
 * SHA-256 of weights, whatever file they came from: of a safetensors file of all parameters by their names in
 * order, without metadata.
 */
export function weightsSha256(model: HasWeights): string {
  const sorted = [...model.weights()].toSorted(([a], [b]) => a < b ? -1 : 1);
  return sha256(writeSafetensors(new Map(sorted)));
}

/**
 * Bytes of a file with what a training changed: the weights of one model that differ from those of another
 * one, to the bit, by parameter as whichever takes fewest bytes:
 *
 * - `NAME.places` (int32) with `NAME.values`: places in row-major order, and what stands there;
 * - `NAME.bitmap` (uint8), a bit for each weight, the lowest bit of a byte first, with `NAME.values`;
 * - `NAME` as a whole, also where the other model has no such parameter or one of another shape.
 *
 * Under `proximalL1TowardsStart` most weights do not change. The file is safetensors; its metadata are those
 * of the second model's file, and `difference` with the SHA-256 of both ends.
 *
 * @param start The model that the training began with.
 * @param end The model that it ended with.
 * @returns What {@link applyDifference} takes, the same for the same models.
 *
 * @example
 * ```ts
 * import { applyDifference, writeDifference } from "./difference.ts";
 * import { writeSafetensors } from "../models/safetensors.ts";
 * import assert from "node:assert/strict";
 * const weights = (...list: number[]) =>
 *   new Map([["w", { shape: [list.length], values: Float32Array.from(list) }]]);
 * const start = { weights: () => weights(1, 2, 3) };
 * const end = { file: () => writeSafetensors(weights(1, 2, 4)) };
 * assert.deepEqual(applyDifference(start, writeDifference(start, end)), end.file());
 * ```
 */
export function writeDifference(
  start: HasWeights,
  end: Pick<TrainedModel, "file">,
): Uint8Array {
  const file = end.file("dense");
  const { tensors, metadata } = readSafetensors(file);
  const from = start.weights();
  const stored = new Map<string, { shape: readonly number[]; values: TensorValues }>();
  const parameters = [...tensors].map(([name, tensor]) => {
    const [form, parts] = smallest(from.get(name), tensor);
    for (const [suffix, values] of parts) {
      const shape = form === "whole" ? tensor.shape : [values.length];
      stored.set(`${name}${suffix}`, { shape, values });
    }
    return { name, shape: tensor.shape, form };
  });
  const difference: DifferenceRecord = {
    schemaVersion: 1,
    startSha256: weightsSha256(start),
    endSha256: sha256(file),
    parameters,
  };
  return writeSafetensors(stored, { ...metadata, difference: JSON.stringify(difference) });
}

/**
 * Turns a difference back into the model: the bytes of the file that `end.file()` gave to
 * {@link writeDifference}.
 *
 * @param start The model that the difference is from, with the same weights to the bit.
 * @param difference Bytes from {@link writeDifference}.
 * @returns What `readTrainedModel` reads.
 * @throws {SyntaxError} If the bytes are no such file, or parts of it do not fit.
 * @throws {RangeError} If the weights are others than those that the difference is from, with the SHA-256 of
 * both, or what comes of it is not what was written.
 */
export function applyDifference(start: HasWeights, difference: Uint8Array): Uint8Array {
  const { tensors: stored, metadata: { difference: json, ...metadata } } = readTensors(difference);
  if (json === undefined) throw refusal("its metadata must say the difference, found none");
  const record = checkRecord(parseJson(json, "Cannot read the difference"));
  const found = weightsSha256(start);
  if (found !== record.startSha256) {
    throw new RangeError(
      `Cannot apply the difference: it is from weights with the SHA-256 ${record.startSha256}, found ` +
        `those with ${found}.`,
    );
  }
  const from = start.weights();
  const tensors = record.parameters.map(({ name, shape, form }) => {
    const partOf = <T extends TensorValues>(
      suffix: string,
      type: abstract new (...args: never[]) => T,
    ): T => {
      const values = stored.get(`${name}${suffix}`)?.values;
      if (values instanceof type) return values;
      throw refusal(`${show(`${name}${suffix}`)} is missing, or holds numbers of another type`);
    };
    if (form === "whole") return [name, { shape, values: partOf("", Float32Array) }] as const;
    const values = Float32Array.from(from.get(name)?.values ?? []);
    const changed = partOf(".values", Float32Array);
    const places = form === "places"
      ? partOf(".places", Int32Array)
      : placesIn(partOf(".bitmap", Uint8Array));
    if (places.length !== changed.length || !places.every((place) => place < values.length)) {
      throw refusal(`the places of ${show(name)} do not fit its values`);
    }
    copyBits(values, places, changed);
    return [name, { shape, values }] as const;
  });
  const file = writeSafetensors(new Map(tensors), metadata);
  if (sha256(file) === record.endSha256) return file;
  throw new RangeError(
    `Cannot apply the difference: what comes of it must have the SHA-256 ${record.endSha256}, found ` +
      `${sha256(file)}: the file was changed.`,
  );
}

function checkRecord(json: unknown): DifferenceRecord {
  const { schemaVersion, startSha256, endSha256, parameters } = (json ?? {}) as {
    readonly [name: string]: unknown;
  };
  const known = schemaVersion === 1 && typeof startSha256 === "string" &&
    typeof endSha256 === "string" && Array.isArray(parameters) &&
    parameters.every((each) =>
      typeof each?.name === "string" && Array.isArray(each.shape) &&
      ["whole", "bitmap", "places"].includes(each.form)
    );
  if (known) return json as DifferenceRecord;
  throw refusal(`its difference must be one of version 1, found ${show(json)}`);
}

function refusal(what: string): SyntaxError {
  return new SyntaxError(`Cannot read the difference: ${what}.`);
}

/** The form of fewest bytes, with its tensors. */
function smallest(
  start: StoredTensor | undefined,
  { shape, values }: StoredTensor,
): readonly [Form, Parts] {
  const whole = ["whole", [["", values]] as Parts] as const;
  if (start === undefined || start.shape.join() !== shape.join()) return whole;
  const places = differing(start.values, values);
  const changed = new Float32Array(places.length);
  copyBits(changed, places.keys(), values, places);
  const forms: readonly (readonly [Form, Parts])[] = [
    ["places", [[".places", places], [".values", changed]]],
    ["bitmap", [[".bitmap", bitmapOf(places, values.length)], [".values", changed]]],
    whole,
  ];
  const bytesOf = ([, parts]: readonly [Form, Parts]) =>
    parts.reduce((sum, [, values]) => sum + values.byteLength, 0);
  return forms.reduce((best, each) => bytesOf(each) < bytesOf(best) ? each : best);
}

/** Where the bits of two lists differ, ascending. */
function differing(first: Float32Array, second: Float32Array): Int32Array {
  const [a, b] = [first, second].map(bitsOf);
  let count = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) count++;
  const places = new Int32Array(count);
  for (let i = 0, at = 0; i < a.length; i++) if (a[i] !== b[i]) places[at++] = i;
  return places;
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length);
}

/** to[place] = from[source] as bits, so that a NaN stays the same. */
function copyBits(
  to: Float32Array,
  places: Iterable<number>,
  from: Float32Array,
  sources?: Int32Array,
): void {
  const [target, source] = [bitsOf(to), bitsOf(from)];
  let at = 0;
  for (const place of places) {
    target[place] = source[sources?.[at] ?? at];
    at++;
  }
}

function bitmapOf(places: Int32Array, count: number): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(count / 8));
  for (const place of places) bitmap[place >> 3] |= 1 << (place & 7);
  return bitmap;
}

function placesIn(bitmap: Uint8Array): Int32Array {
  const places: number[] = [];
  for (let i = 0; i < 8 * bitmap.length; i++) if (bitmap[i >> 3] & 1 << (i & 7)) places.push(i);
  return Int32Array.from(places);
}
