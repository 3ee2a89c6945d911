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
import type { KernelExports } from "./kernel_exports.ts";
import type { MatrixProducts } from "./products.ts";

export { withScratch } from "./_arena.ts";
export type { KernelExports, MatrixProducts };

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
