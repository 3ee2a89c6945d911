import * as tf from "@tensorflow/tfjs";
import { randomStream } from "../core/random.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import type { OptimizedParameter } from "./create.ts";
import type { Optimizer } from "./optimizer.ts";

/** Parameters of the tests of this folder. */
export const descriptions: ParameterDescription[] = [
  { name: "hidden/kernel", kind: "kernel", layer: "hidden", shape: [7, 6] },
  { name: "hidden/recurrentKernel", kind: "recurrentKernel", layer: "hidden", shape: [2, 6] },
  { name: "hidden/bias", kind: "bias", layer: "hidden", shape: [17] },
  { name: "output/kernel", kind: "kernel", layer: "output", shape: [3, 1] },
];

function normals(name: string, size: number): Float32Array {
  const stream = randomStream(7, name);
  return Float32Array.from({ length: size }, () => stream.normal());
}

/** Variables with normal deviates for weights, the same at each call. */
export function makeParameters(): OptimizedParameter[] {
  return descriptions.map((description) => {
    const values = normals(description.name, tf.util.sizeFromShape([...description.shape]));
    return {
      description,
      variable: tf.tidy(() => tf.variable(tf.tensor(values, [...description.shape]))),
    };
  });
}

/** Does steps with normal deviates for gradients, and gives their norms. */
export function doSteps(optimizer: Optimizer, rate: number, first: number, last: number): number[] {
  const norms: number[] = [];
  for (let step = first; step <= last; step++) {
    const gradients = descriptions.map(({ name, shape }) =>
      tf.tensor(normals(`${name} ${step}`, tf.util.sizeFromShape([...shape])), [...shape])
    );
    norms.push(optimizer.step(gradients, rate).gradientNorm);
    tf.dispose(gradients);
  }
  return norms;
}
