import * as tf from "@tensorflow/tfjs";
import type { ArenaBackend } from "./_backend.ts";

/** What tfjs hands to a kernel of one of our backends. */
export interface KernelArguments {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs?: tf.NamedAttrMap;
  readonly backend: ArenaBackend;
}

/** Puts a kernel of our own in the place of tfjs's. */
export function replaceKernel(
  kernelName: string,
  backendName: string,
  kernel: (given: KernelArguments) => tf.TensorInfo,
): void {
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: kernel as unknown as tf.KernelFunc,
  });
}

/** Runs tfjs's own kernel of the cpu backend. */
export function onCpu(kernelName: string, given: KernelArguments): tf.TensorInfo {
  return tf.getKernel(kernelName, "cpu").kernelFunc(
    given as unknown as Parameters<tf.KernelFunc>[0],
  ) as tf.TensorInfo;
}
