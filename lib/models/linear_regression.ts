import * as tf from "@tensorflow/tfjs";
import { stored } from "../core/left_out.ts";
import { largestSize } from "../core/limits.ts";
import {
  boolean,
  checkOptions,
  type Given,
  integer,
  oneOf,
  option,
  orNotGiven,
} from "../core/options.ts";
import { randomStream } from "../core/random.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { type Initializer, initialWeights, validateInitializer, zeros } from "./initializers.ts";
import type { ModelParameter } from "./model.ts";

/** What a linear regression minimises besides its penalties. */
export type RegressionLoss =
  /** ½ · mean of squared residuals, as scikit-learn's Lasso and ElasticNet. */
  | "halfMeanSquaredError"
  /** Mean of squared residuals, as PyTorch's MSELoss and Keras. */
  | "meanSquaredError";

/** Linear regression, as plain JSON. */
export interface LinearRegressionSpecification {
  /** Which model it is. */
  readonly kind: "linearRegression";
  /** Features of an example, from 1. */
  readonly inputs: number;
  /**
   * Numbers to predict, from 1.
   *
   * @default {1}
   */
  readonly outputs: number;
  /**
   * Whether there is a bias.
   *
   * @default {true}
   */
  readonly bias: boolean;
  /**
   * What is minimised.
   *
   * @default {"halfMeanSquaredError"}
   */
  readonly loss: RegressionLoss;
  /**
   * First weights.
   *
   * @default {zeros()}
   */
  readonly kernelInitializer: Initializer;
  /**
   * First bias, where there is one; absent for zeros.
   *
   * @default {zeros()}
   */
  readonly biasInitializer?: Initializer;
}

/** What {@link linearRegression} takes. */
export type LinearRegressionOptions = Given<
  LinearRegressionSpecification,
  "outputs" | "bias" | "loss" | "kernelInitializer"
>;

const initializer = orNotGiven(option(validateInitializer, zeros()));

const linearRegressionOptions = {
  inputs: integer({ from: 1, to: largestSize }),
  outputs: orNotGiven(integer({ from: 1, to: largestSize }, 1)),
  bias: orNotGiven(boolean(true)),
  loss: orNotGiven(oneOf(["halfMeanSquaredError", "meanSquaredError"], "halfMeanSquaredError")),
  kernelInitializer: initializer,
  biasInitializer: initializer,
};

/** A linear regression that can be fitted. */
export interface LinearRegression {
  /** Its kernel `[inputs, outputs]`, and its bias `[outputs]` if it has one. */
  readonly parameters: readonly ModelParameter[];
  /** Predictions `[rows, outputs]` for features `[rows, inputs]`. */
  predict(features: tf.Tensor2D): tf.Tensor2D;
  /** Loss of features `[rows, inputs]` and labels `[rows, outputs]`, without penalties. */
  loss(features: tf.Tensor2D, labels: tf.Tensor2D): tf.Scalar;
  /** Frees its tensors. */
  dispose(): void;
}

/**
 * Linear regression ŷ = x W + b, with the loss ½ · mean (y − ŷ)² or mean (y − ŷ)² over all rows and
 * outputs.
 *
 * With `loss: "meanSquaredError"` and `fanInUniform()` for kernel and bias it is PyTorch's nn.Linear with
 * MSELoss. Penalties act on the kernel and not on the bias unless
 * their targets name it, as scikit-learn leaves the intercept alone.
 *
 * @param options See {@link LinearRegressionSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { linearRegression } from "./linear_regression.ts";
 * import assert from "node:assert/strict";
 * assert.equal(linearRegression({ inputs: 10 }).loss, "halfMeanSquaredError");
 * ```
 */
export function linearRegression(options: LinearRegressionOptions): LinearRegressionSpecification {
  const kind = "linearRegression";
  const checked = checkOptions(kind, options, linearRegressionOptions);
  if (!checked.bias && options.biasInitializer !== undefined) {
    throw new RangeError(`${kind}: biasInitializer needs a bias, found bias false.`);
  }
  return stored({ kind, ...checked });
}

/**
 * Builds the model that a specification describes.
 *
 * @param specification From {@link linearRegression}.
 * @param context.seed Seed of the first weights.
 */
export function createLinearRegression(
  specification: LinearRegressionSpecification,
  context: { readonly seed: number },
): LinearRegression {
  const { inputs, outputs, loss, kernelInitializer, biasInitializer = zeros() } = specification;
  const layer = "output";
  const drawn = <R extends tf.Rank>(
    part: string,
    initializer: Initializer,
    shape: tf.ShapeMap[R],
  ) => {
    const stream = randomStream(context.seed, "linear regression", part);
    const weights = initialWeights(initializer, shape, stream, inputs);
    return tf.tidy(() => tf.variable(tf.tensor<R>(weights, shape)));
  };
  const kernel = drawn<tf.Rank.R2>("kernel", kernelInitializer, [inputs, outputs]);
  const bias = specification.bias ? drawn<tf.Rank.R1>("bias", biasInitializer, [outputs]) : null;
  const described = (kind: "kernel" | "bias", shape: number[]): ParameterDescription => ({
    name: `${layer}/${kind}`,
    kind,
    layer,
    shape,
  });
  const parameters: ModelParameter[] = [
    { description: described("kernel", [inputs, outputs]), variable: kernel },
    ...(bias ? [{ description: described("bias", [outputs]), variable: bias }] : []),
  ];
  const predict = (features: tf.Tensor2D) =>
    tf.tidy(() => {
      const product = tf.matMul<tf.Tensor2D>(features, kernel as tf.Tensor);
      return bias ? product.add<tf.Tensor2D>(bias) : product;
    });
  return {
    parameters,
    predict,
    loss: (features, labels) =>
      tf.tidy(() => {
        const mean = predict(features).sub(labels).square().mean<tf.Scalar>();
        return loss === "meanSquaredError" ? mean : mean.mul<tf.Scalar>(0.5);
      }),
    dispose: () => parameters.forEach(({ variable }) => variable.dispose()),
  };
}
