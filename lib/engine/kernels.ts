/**
 * How code calls a kernel on tensors: move the tensors into the engine's memory and hand the kernel
 * their addresses.
 *
 * ```ts ignore
 * if (hasArena()) kernels().fill(arenaPointer(tensor), tensor.size, 0);
 * ```
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { ArenaBackend } from "./_backend.ts";
import { arena } from "./_arena.ts";
import { type Extent, sizeOfPart } from "./_parts.ts";
import type { Calls } from "./_calls.ts";
import { teamOf } from "./_team.ts";
import type { KernelExports } from "./kernel_exports.ts";
import type { MatrixProducts } from "./products.ts";

export { withScratch } from "./_arena.ts";
export { threadsInUse } from "./_team.ts";
export type { Calls, KernelExports, MatrixProducts };

/** Whether the current tfjs backend keeps its tensors where the kernels can reach them. */
export function hasArena(): boolean {
  return tf.backend() instanceof ArenaBackend;
}

/** The compiled kernels of the current engine: `relaxed` and `native` have those that multiply and add at once. */
export function kernels(): KernelExports {
  const current = tf.backend();
  return current instanceof ArenaBackend ? current.kernels : arena().exports;
}

function backend(): ArenaBackend {
  const current = tf.backend();
  if (current instanceof ArenaBackend) return current;
  throw new Error(
    `Cannot reach tensors of the tfjs backend "${tf.getBackend()}" from the kernels: choose the ` +
      `engine "wasm", "relaxed" or "native" by useEngine first.`,
  );
}

/**
 * Moves a tensor's values into the engine's memory, unless they are there already, and returns their
 * address in bytes. It stays valid until the tensor is disposed of. Writing there changes the tensor
 * in place, and every clone or reshape of it that shares its values.
 *
 * @param tensor A float32 or int32 tensor.
 * @throws {RangeError} If the memory is full; the message names the shape.
 */
export function arenaPointer(tensor: tf.TensorInfo): number {
  return backend().pointerOf(tensor);
}

/**
 * The values of a tensor in the engine's memory, as {@link arenaPointer} moves them, to read or
 * write from TypeScript. The view is valid until the tensor is disposed of.
 */
export function arenaView(
  tensor: tf.TensorInfo,
): Float32Array<SharedArrayBuffer> | Int32Array<SharedArrayBuffer> {
  return backend().viewOf(tensor);
}

/** Values of a float32 tensor of any backend, to read before it changes: a view where the engine's memory has them. */
export function valuesNow(tensor: tf.Tensor): Float32Array {
  return (hasArena() ? arenaView(tensor) : tensor.dataSync()) as Float32Array;
}

/**
 * Writes the values of a variable on any backend: in place where the engine has a memory, so that no second
 * copy lies outside it until the variable is first used.
 */
export function setValues(variable: tf.Variable, values: Float32Array): void {
  if (hasArena()) (arenaView(variable) as Float32Array).set(values);
  else tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
}

/** A tensor in the engine's memory whose values are not set: a kernel is to write all of them. */
export function arenaTensor<R extends tf.Rank = tf.Rank>(
  shape: tf.ShapeMap[R],
  dtype: "float32" | "int32" = "float32",
): tf.Tensor<R> {
  const current = backend();
  const info = current.emptyTensor(shape as number[], dtype);
  return tf.engine().makeTensorFromTensorInfo(info, current) as tf.Tensor<R>;
}

/** Bytes of the engine's memory: in live tensors, highest ever used, and its fixed maximum. */
export function arenaBytes(): { live: number; peak: number; maximum: number } {
  const memory = arena();
  return { live: memory.liveBytes(), peak: memory.peakBytes(), maximum: memory.maximumBytes };
}

/** Matrix products of the current engine. */
export function products(): MatrixProducts {
  return backend().products;
}

/** Work cut into parts. */
export interface Cut {
  readonly count: number;
  /** Does all parts; the calls of each are made in order, by one of the threads. */
  run(part: (first: number, count: number, calls: Calls, index: number) => void): void;
}

/** Rows of a part of which a BLAS multiplies: fewer cost it more than a second core gives. */
const rowsOfBlas = 32;

/**
 * Cuts work into parts for the engine's threads; one part where there is one thread or little work.
 *
 * A part must write nothing that another one reads or writes, and must sum whatever it sums alone: then
 * the bits do not depend on the number of parts.
 *
 * @param extent How many rows or the like there are, in which multiple they are cut, and the work of one.
 * @param options.multiplied Whether rows of a part are rows of a matrix product. A BLAS may choose
 * another order of sums for another number of rows, so its parts follow from the extent alone.
 *
 * @example
 * ```ts
 * import { useEngine } from "./engine.ts";
 * import { arenaTensor, arenaPointer, cut } from "./kernels.ts";
 * import assert from "node:assert/strict";
 * await useEngine("wasm");
 * const x = arenaTensor([4, 2]);
 * cut({ count: 4, unit: 1, nanoseconds: 1 }).run((first, count, { kernels }) => {
 *   kernels.fill(arenaPointer(x) + 8 * first, 2 * count, 7);
 * });
 * assert.deepEqual([...x.dataSync()], Array(8).fill(7));
 * ```
 */
export function cut(extent: Extent, { multiplied = false } = {}): Cut {
  const { alone, blocked, engine } = backend();
  const { count, nanoseconds } = extent;
  const team = teamOf(engine.id);
  const byShape = multiplied && blocked === true;
  const size = byShape
    ? count >= 2 * rowsOfBlas ? rowsOfBlas : count
    : team === null || count * nanoseconds < team.smallestWork
    ? count
    : sizeOfPart(team, extent);
  const parts = Math.ceil(count / size);
  const one = (index: number, part: Parameters<Cut["run"]>[0], calls: Calls) =>
    part(index * size, Math.min(size, count - index * size), calls, index);
  return {
    count: parts,
    run(part) {
      if (team !== null && parts > 1) {
        return void team.run(parts, (i, calls) => one(i, part, calls));
      }
      for (let index = 0; index < parts; index++) one(index, part, alone);
    },
  };
}
