import * as tf from "@tensorflow/tfjs";
import { checkBoolean, show } from "../core/check.ts";

/** Refuses a tensor whose dtype or shape is not the one expected, or that has no elements. */
export function checkTensor(
  name: string,
  tensor: tf.Tensor,
  shape: readonly (number | string)[],
): void {
  if (!(tensor instanceof tf.Tensor)) {
    throw new TypeError(`${name} must be a tensor, found ${show(tensor)}.`);
  }
  const fits = tensor.rank === shape.length &&
    shape.every((size, axis) => typeof size === "string" || size === tensor.shape[axis]);
  if (!fits || tensor.dtype !== "float32" || tensor.size === 0) {
    throw new RangeError(
      `${name} must be a float32 tensor of shape [${shape.join(", ")}], none of them 0, found ` +
        `${tensor.dtype} [${tensor.shape.join(", ")}].`,
    );
  }
}

/**
 * Refuses token ids that are no Int32Array, none at all, of another count than expected, or outside
 * the vocabulary.
 */
export function checkTokens(
  name: string,
  tokens: Int32Array,
  vocabularySize: number,
  count?: number,
): void {
  if (!(tokens instanceof Int32Array)) {
    throw new TypeError(`${name} must be an Int32Array, found ${show(tokens)}.`);
  }
  if (tokens.length === 0 || (count !== undefined && tokens.length !== count)) {
    throw new RangeError(
      `${name} must hold ${count ?? "at least one"} token ids, found ${tokens.length}.`,
    );
  }
  for (let i = 0; i < tokens.length; i++) {
    if (!(tokens[i] >= 0 && tokens[i] < vocabularySize)) {
      throw new RangeError(
        `${name} must be from 0 to ${vocabularySize - 1}, found ${tokens[i]} at ${i}.`,
      );
    }
  }
}

/** Refuses a kernel that does not fit the inputs, and says how many outputs it has. */
export function checkKernel(
  name: string,
  outputs: string,
  options: { inputs: tf.Tensor2D; kernel: tf.Tensor2D; transposeKernel?: boolean },
): { kernel: tf.Tensor2D; transposeKernel: boolean; outputSize: number } {
  const { inputs, kernel, transposeKernel = false } = options;
  checkBoolean(`${name}: transposeKernel`, transposeKernel);
  const shape = [inputs.shape[1], outputs];
  checkTensor(`${name}: kernel`, kernel, transposeKernel ? shape.reverse() : shape);
  return { kernel, transposeKernel, outputSize: kernel.shape[transposeKernel ? 0 : 1] };
}

/** Refuses a mask that is not as long as the window or holds anything but 0 and 1. */
export function checkStepMask(name: string, mask: Float32Array | undefined, count: number): void {
  if (mask === undefined) return;
  if (!(mask instanceof Float32Array) || mask.length !== count) {
    throw new RangeError(
      `${name} must be a Float32Array of ${count} zeros and ones, found ` +
        `${mask instanceof Float32Array ? `${mask.length} values` : show(mask)}.`,
    );
  }
  const wrong = mask.findIndex((value) => value !== 0 && value !== 1);
  if (wrong >= 0) {
    throw new RangeError(`${name} must hold 0 or 1, found ${mask[wrong]} at ${wrong}.`);
  }
}
