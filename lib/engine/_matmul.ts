import * as tf from "@tensorflow/tfjs";
import { type KernelArguments, onCpu, replaceKernel } from "./_register.ts";

/**
 * Makes `tf.matMul` and `tf.fused.matMul` of a backend use the engine's matrix products, so that a
 * user's own layers have them too.
 */
export function registerMatMul(backendName: string): void {
  replaceKernel("BatchMatMul", backendName, matMul);
  replaceKernel("_FusedMatMul", backendName, fusedMatMul);
}

/** Batches of op(A) · op(B); extents of the batches are equal, or 1 where broadcast. */
function matMul(given: KernelArguments): tf.TensorInfo {
  const { a, b } = given.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
  const { transposeA = false, transposeB = false } = given.attrs as {
    transposeA?: boolean;
    transposeB?: boolean;
  };
  const { backend } = given;
  const [rowsA, columnsA] = a.shape.slice(-2);
  const [rowsB, columnsB] = b.shape.slice(-2);
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [kOfB, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  const batchA = a.shape.slice(0, -2), batchB = b.shape.slice(0, -2);
  const countA = tf.util.sizeFromShape(batchA), countB = tf.util.sizeFromShape(batchB);
  const empty = m * n * k * countA * countB === 0;
  const simple = countA === 1 || countB === 1 || tf.util.arraysEqual(batchA, batchB);
  if (a.dtype !== "float32" || b.dtype !== "float32" || k !== kOfB || empty || !simple) {
    return onCpu("BatchMatMul", given); // also where the errors come from
  }
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const result = backend.emptyTensor([...outer, m, n], "float32");
  const pointerA = backend.pointerOf(a), pointerB = backend.pointerOf(b);
  const out = backend.pointerOf(result);
  for (let i = 0; i < tf.util.sizeFromShape(outer); i++) {
    const atA = pointerA + (countA === 1 ? 0 : 4 * i * m * k);
    const atB = pointerB + (countB === 1 ? 0 : 4 * i * k * n);
    // deno-fmt-ignore
    backend.products.multiply(
      transposeA, transposeB, m, n, k, atA, columnsA, atB, columnsB, false, out + 4 * i * m * n, n,
    );
  }
  return result;
}

/** Kernel of each activation that `tf.fused.matMul` knows. */
const activations: { readonly [name: string]: string } = {
  elu: "Elu",
  leakyrelu: "LeakyRelu",
  prelu: "Prelu",
  relu: "Relu",
  relu6: "Relu6",
  sigmoid: "Sigmoid",
};

function fusedMatMul(given: KernelArguments): tf.TensorInfo {
  const { backend } = given;
  const { a, b, bias, preluActivationWeights } = given.inputs;
  const { activation = "linear", leakyreluAlpha } = given.attrs as {
    activation?: string;
    leakyreluAlpha?: number;
  };
  const kernel = activations[activation];
  if (activation !== "linear" && kernel === undefined) return onCpu("_FusedMatMul", given);
  let result = matMul({ ...given, inputs: { a, b } });
  const replace = (next: tf.TensorInfo) => {
    backend.disposeIntermediateTensorInfo(result);
    result = next;
  };
  if (bias) replace(onCpu("Add", { inputs: { a: result, b: bias }, backend }));
  if (kernel === "Prelu") {
    replace(onCpu(kernel, { inputs: { x: result, alpha: preluActivationWeights }, backend }));
  } else if (kernel === "LeakyRelu") {
    replace(onCpu(kernel, { inputs: { x: result }, attrs: { alpha: leakyreluAlpha! }, backend }));
  } else if (kernel !== undefined) {
    replace(onCpu(kernel, { inputs: { x: result }, backend }));
  }
  return result;
}
