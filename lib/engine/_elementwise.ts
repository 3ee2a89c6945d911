import * as tf from "@tensorflow/tfjs";
import { type KernelArguments, onCpu, replaceKernel } from "./_register.ts";

type Operands = { a: tf.TensorInfo; b: tf.TensorInfo };

/** Values from which moving two tensors into the engine's memory pays. */
const smallest = 256;

/**
 * Makes `tf.add` and `tf.mul` of equal shapes use the engine's kernels: tfjs adds up gradients by
 * them, and residual connections are sums. The bits are those of tfjs's own kernels.
 */
export function registerElementwise(backendName: string): void {
  for (const [kernelName, kernel] of [["Add", "addValues"], ["Multiply", "multiplyValues"]]) {
    replaceKernel(kernelName, backendName, (given) => {
      const { a, b } = given.inputs as Operands;
      const fits = a.dtype === "float32" && b.dtype === "float32" &&
        tf.util.arraysEqual(a.shape, b.shape) && tf.util.sizeFromShape(a.shape) >= smallest;
      if (!fits) return onCpu(kernelName, given);
      return valueByValue(kernel as "addValues" | "multiplyValues", given);
    });
  }
}

function valueByValue(
  kernel: "addValues" | "multiplyValues",
  { inputs, backend }: KernelArguments,
): tf.TensorInfo {
  const { a, b } = inputs as Operands;
  const result = backend.emptyTensor(a.shape, "float32");
  backend.kernels[kernel](
    tf.util.sizeFromShape(a.shape),
    backend.pointerOf(a),
    backend.pointerOf(b),
    backend.pointerOf(result),
  );
  return result;
}
