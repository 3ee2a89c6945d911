import * as tf from "@tensorflow/tfjs";
import { randomStream } from "../core/random.ts";
import { initialWeights } from "../models/initializers.ts";
import type { ModelParameter } from "../models/model.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import type { AdapterSpecification } from "./tuning_options.ts";

const { fround } = Math;

/** Both matrices of an adapter, as its training sees them: A [inputs, rank], then B [rank, outputs]. */
export function adapterDescriptions(
  { name, layer, shape: [inputs, outputs] }: ParameterDescription,
  rank: number,
): readonly [ParameterDescription, ParameterDescription] {
  const described = (side: string, shape: readonly number[]) =>
    ({ name: `${name}/adapter${side}`, kind: "adapter", layer, shape }) as const;
  return [described("A", [inputs, rank]), described("B", [rank, outputs])];
}

/** A low-rank adapter at work: W = W₀ + (α/r) A B in the variable of a kernel. */
export interface Adapter {
  /** A and B. */
  readonly parameters: readonly [ModelParameter, ModelParameter];
  /** The kernel's own, which the gradient of the loss is taken in. */
  readonly variable: tf.Variable;
  /** Puts W₀ + (α/r) A B into the kernel. */
  merge(): void;
  /** Gradients of A and B from the kernel's G: (α/r) G Bᵀ and (α/r) Aᵀ G. */
  gradients(ofKernel: tf.Tensor): [tf.Tensor, tf.Tensor];
}

/**
 * Builds an adapter of a kernel that holds W₀. W₀ stays outside the engine's memory; where B is 0 the kernel
 * has the bits of W₀.
 *
 * @param stream.seed Seed of the run, of A's weights.
 * @param stream.purpose Fold of the run.
 */
export function createAdapter(
  { description, variable }: ModelParameter,
  { rank, alpha, initializer }: AdapterSpecification,
  stream: { readonly seed: number; readonly purpose: string },
): Adapter {
  const [first, second] = adapterDescriptions(description, rank);
  const start = Float32Array.from(variable.dataSync() as Float32Array);
  const scale = alpha / rank;
  const drawn = initialWeights(
    initializer,
    first.shape,
    randomStream(stream.seed, stream.purpose, "adapters", first.name),
    first.shape[0],
  );
  const parameterOf = (description: ParameterDescription, values: Float32Array) => ({
    description,
    variable: tf.tidy(() => tf.variable(tf.tensor(values, [...description.shape]))),
  });
  const zeros = new Float32Array(rank * second.shape[1]);
  const parameters = [parameterOf(first, drawn), parameterOf(second, zeros)] as const;
  const [a, b] = parameters.map(({ variable }) => variable as unknown as tf.Tensor2D);
  return {
    parameters,
    variable,
    merge() {
      tf.tidy(() => {
        const product = tf.matMul(a, b).dataSync() as Float32Array;
        variable.assign(tf.tensor(sum(start, product, scale), variable.shape));
      });
    },
    gradients: (ofKernel) =>
      tf.tidy(() => {
        const gradient = tf.mul(ofKernel, scale) as tf.Tensor2D;
        return [tf.matMul(gradient, b, false, true), tf.matMul(a, gradient, true, false)];
      }),
  };
}

/** start + scale · change, in single precision. */
function sum(start: Float32Array, change: Float32Array, scale: number): Float32Array {
  const factor = fround(scale);
  const result = new Float32Array(start.length);
  for (let i = 0; i < result.length; i++) {
    result[i] = start[i] + fround(factor * change[i]);
  }
  return result;
}
