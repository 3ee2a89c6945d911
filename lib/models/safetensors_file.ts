import { show } from "../core/check.ts";
import { openFileSync, readAtSync, readIntoSync } from "../core/runtime/files.ts";
import {
  type DescribedTensor,
  headerLengthOf,
  lengthBytes,
  readHeader,
  valuesOf,
} from "./_safetensors_header.ts";

/** A safetensors file whose tensors are read one at a time. */
export interface SafetensorsFile extends Disposable {
  readonly path: string;
  /** What there is, by name. */
  readonly tensors: ReadonlyMap<string, Pick<DescribedTensor, "type" | "shape">>;
  readonly metadata: { readonly [name: string]: string };
  /**
   * Numbers of a tensor, the caller's own, half-precision ones as single-precision ones, exactly.
   *
   * @throws {RangeError} If there is no such tensor, or one of its numbers is NaN or infinite.
   * @throws {SyntaxError} If it holds whole numbers, or the file ends before it does.
   */
  read(name: string): Float32Array;
}

/**
 * Opens a safetensors file; memory holds its header, and each tensor while it is read.
 *
 * @param path The file; messages name it.
 * @param called How messages call it; the path by default.
 * @param options.offset Bytes before it in the file, 0 by default.
 * @param options.anyNumbers Whether numbers may be NaN or infinite; no by default.
 * @throws {SyntaxError} If it is none or is cut short.
 */
export function openSafetensors(
  path: string,
  called: string = path,
  { offset = 0, anyNumbers = false }: {
    readonly offset?: number;
    readonly anyNumbers?: boolean;
  } = {},
): SafetensorsFile {
  const file = openFileSync(path);
  const close = () => file.close();
  try {
    const size = file.statSync().size - offset;
    const headerLength = headerLengthOf(readAtSync(file, offset, lengthBytes), size);
    const begin = offset + lengthBytes + headerLength;
    const text = new TextDecoder().decode(readAtSync(file, offset + lengthBytes, headerLength));
    const { tensors, metadata } = readHeader(text, size - lengthBytes - headerLength);
    const places = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    return {
      path,
      tensors: places,
      metadata,
      read(name) {
        const tensor = places.get(name);
        if (tensor === undefined) {
          throw new RangeError(`${called}: tensor ${show(name)} is missing.`);
        }
        const { type, start, end } = tensor;
        const bytes = new Uint8Array(end - start);
        const length = readIntoSync(file, begin + start, bytes);
        if (length < bytes.length) {
          throw new SyntaxError(
            `${called}: tensor ${
              show(name)
            } is cut: ${length} of its ${bytes.length} bytes are there.`,
          );
        }
        const values = valuesOf(type, bytes.buffer);
        if (!(values instanceof Float32Array)) {
          throw new SyntaxError(
            `${called}: tensor ${show(name)} must hold F32, F16 or BF16, found ${type}.`,
          );
        }
        if (!anyNumbers) refuseNotFinite(called, tensor, values);
        return values;
      },
      [Symbol.dispose]: close,
    };
  } catch (error) {
    close();
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`${called}: ${error.message}`, { cause: error });
  }
}

/** Refuses weights that no training could go on from. */
function refuseNotFinite(
  called: string,
  { name, shape }: Pick<DescribedTensor, "name" | "shape">,
  values: Float32Array,
): void {
  for (let at = 0; at < values.length; at++) {
    if (Number.isFinite(values[at])) continue;
    const place: number[] = [];
    for (let rest = at, axis = shape.length - 1; axis >= 0; axis--) {
      place.unshift(rest % shape[axis]);
      rest = Math.floor(rest / shape[axis]);
    }
    throw new RangeError(
      `${called}: tensor ${show(name)} must hold finite numbers, found ${values[at]} at ` +
        `[${place.join(", ")}].`,
    );
  }
}
