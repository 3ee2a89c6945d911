import * as tf from "@tensorflow/tfjs";
import { checkInteger, checkNumber, show } from "../core/check.ts";
import { mostSteps } from "../core/limits.ts";
import {
  createLinearRegression,
  type LinearRegressionSpecification,
} from "../models/linear_regression.ts";
import { createOptimizer } from "../optimizers/create.ts";
import {
  learningRateOf,
  type OptimizerSpecification,
  penaltiesWith,
} from "../optimizers/optimizer.ts";
import { startingWeights } from "../optimizers/starting_weights.ts";
import { isActivationPenalty } from "../penalties/activations.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { effectsByStep, penaltyValue } from "../penalties/targets.ts";

/** Examples of a regression. */
export interface RegressionData {
  /** Features, row by row, `[rows × inputs]`. */
  readonly features: Float32Array;
  /** Numbers to predict, row by row, `[rows × outputs]`. */
  readonly labels: Float32Array;
}

/** How a regression is fitted. */
export interface RegressionFitOptions extends RegressionData {
  /** From `linearRegression`. */
  readonly model: LinearRegressionSpecification;
  /** Penalties; none if not given. */
  readonly penalties?: readonly PenaltySpecification[];
  /** From `sgd`, `adam` and so on; every step reads all rows. */
  readonly optimizer: OptimizerSpecification;
  /** Steps, from 1. */
  readonly steps: number;
  /** Seed of the first weights; 0 if not given. */
  readonly seed?: number;
  /** Weights to begin with in place of the initializer's, such as those of a fit before. */
  readonly from?: Pick<RegressionFit, "kernel" | "bias">;
}

/** A fitted regression. */
export interface RegressionFit {
  /** W, row by row, `[inputs × outputs]`. */
  readonly kernel: Float32Array;
  /** b, `[outputs]`; null without bias. */
  readonly bias: Float32Array | null;
  /** Loss without penalties. */
  readonly loss: number;
  /** Sum of the penalty terms. */
  readonly penalty: number;
}

/**
 * Fits a linear regression by steps on all rows at once, on the current engine.
 *
 * With a proximal penalty and steps small enough it ends in the minimum of loss + penalty, with its
 * exact zeros. Against scikit-learn, for the loss ½ · MSE: `proximalL1` with λ is Lasso(alpha = λ); with
 * `l2` of α beside it ElasticNet(alpha = λ + α, l1_ratio = λ/(λ + α)); `l2` alone Ridge(alpha = rows · α).
 * Plain SGD converges when η is at most 1/L, L the largest eigenvalue of XᵀX/rows plus α.
 *
 * @param options Model, data, penalties, optimizer and steps.
 * @returns Weights, with the loss and the penalty at them.
 * @throws {RangeError} If the data do not fit the model or are NaN or infinite, or the weights become so.
 *
 * @example
 * ```ts
 * import { useEngine } from "../engine/engine.ts";
 * import { linearRegression } from "../models/linear_regression.ts";
 * import { sgd } from "../optimizers/sgd.ts";
 * import { proximalL1 } from "../penalties/proximal_l1.ts";
 * import { fitLinearRegression, largestL1Strength } from "./linear_regression.ts";
 * import assert from "node:assert/strict";
 * await useEngine("wasm");
 * const data = { features: Float32Array.of(1, 0, 0, 1), labels: Float32Array.of(4, 1) };
 * const model = linearRegression({ inputs: 2, bias: false });
 * assert.equal(largestL1Strength(model, data), 2);
 * // Orthogonal features: the least-squares weights 4 and 1, moved by rows · λ = 2 toward 0.
 * const { kernel } = fitLinearRegression({
 *   ...data,
 *   model,
 *   penalties: [proximalL1({ strength: 1 })],
 *   optimizer: sgd({ learningRate: 1 }),
 *   steps: 60,
 * });
 * assert.deepEqual([...kernel].map((w) => Math.round(w * 1e5) / 1e5), [2, 0]);
 * ```
 */
export function fitLinearRegression(options: RegressionFitOptions): RegressionFit {
  const { model: specification, optimizer: optimizerSpecification, from } = options;
  const rows = rowsOf(specification, options);
  const steps = checkInteger("fitLinearRegression: steps", options.steps, {
    from: 1,
    to: mostSteps,
  });
  if (optimizerSpecification.kind === "ownOptimizer") {
    throw new RangeError(
      "Cannot fit the linear regression with ownOptimizer: it loads no modules. Take one of the " +
        "library's optimizers.",
    );
  }
  const model = createLinearRegression(specification, { seed: options.seed ?? 0 });
  const variables = model.parameters.map(({ variable }) => variable);
  const descriptions = model.parameters.map(({ description }) => description);
  checkPenalties(options.penalties ?? []);
  const penalties = penaltiesWith(optimizerSpecification, options.penalties ?? []);
  const features = tf.tensor2d(options.features, [rows, specification.inputs]);
  const labels = tf.tensor2d(options.labels, [rows, specification.outputs]);
  try {
    const startOf = startingWeights(penalties, model.parameters);
    const optimizer = createOptimizer(
      optimizerSpecification,
      model.parameters,
      effectsByStep(penalties, descriptions),
      null,
      undefined,
      startOf,
    );
    try {
      [from?.kernel, from?.bias].forEach((values, index) => {
        if (!values || !variables[index]) return;
        checkFrom(descriptions[index].name, values, variables[index].size);
        tf.tidy(() => variables[index].assign(tf.tensor(values, variables[index].shape)));
      });
      for (let step = 1; step <= steps; step++) {
        const { value, grads } = tf.variableGrads(() => model.loss(features, labels), variables);
        const gradients = variables.map(({ name }) => grads[name]);
        const { gradientNorm } = optimizer.step(
          gradients,
          learningRateOf(optimizerSpecification, step),
        );
        tf.dispose([value, ...gradients]);
        if (!Number.isFinite(gradientNorm)) {
          throw new RangeError(
            `Cannot fit the linear regression: its gradient became ${gradientNorm} in step ${step}. ` +
              `Take a smaller learning rate than ${optimizerSpecification.learningRate}.`,
          );
        }
      }
      optimizer.keepEvaluationWeights();
    } finally {
      optimizer.dispose();
    }
    const [kernel, bias = null] = variables.map((variable) =>
      Float32Array.from(variable.dataSync() as Float32Array)
    );
    const loss = tf.tidy(() => model.loss(features, labels).dataSync()[0]);
    const weights = bias === null ? [kernel] : [kernel, bias];
    const penalty = penaltyValue(penalties, descriptions, weights, steps, startOf);
    return { kernel, bias, loss, penalty };
  } finally {
    tf.dispose([features, labels]);
    model.dispose();
  }
}

/**
 * Fits of a path of strengths from the strongest to the weakest, each from the weights of the one before.
 *
 * Warm starts from strong to weak are right for linear models, whose minimum does not depend on where
 * the steps begin; a recurrent model that begins with all weights at 0 never leaves.
 *
 * @param options Those of `fitLinearRegression`; `strengths` descending; `penalties` gives the penalties
 * of a strength.
 * @returns A fit for each strength, in their order.
 * @throws {RangeError} If the strengths do not descend.
 */
export function linearRegressionPath(
  options: Omit<RegressionFitOptions, "penalties" | "from"> & {
    readonly strengths: readonly number[];
    readonly penalties: (strength: number) => readonly PenaltySpecification[];
  },
): RegressionFit[] {
  const { strengths, penalties, ...rest } = options;
  const fits: RegressionFit[] = [];
  strengths.forEach((strength, index) => {
    checkNumber("linearRegressionPath: strengths", strength, { from: 0 });
    if (index > 0 && strength > strengths[index - 1]) {
      throw new RangeError(
        `linearRegressionPath: strengths must descend, found ${show([...strengths])}.`,
      );
    }
    fits.push(fitLinearRegression({ ...rest, penalties: penalties(strength), from: fits.at(-1) }));
  });
  return fits;
}

/**
 * The smallest λ at which L1 leaves no weight: λ_max = max |Xᵀ(y − ȳ)|/n for the loss ½ · MSE, ȳ the mean of
 * the labels where there is a bias and 0 where there is none; twice that for the loss MSE.
 *
 * @param model From `linearRegression`; with more outputs n counts rows × outputs, as its mean does.
 * @param data Examples.
 * @returns λ_max, in double precision.
 * @throws {RangeError} If the data do not fit the model, or are NaN or infinite.
 */
export function largestL1Strength(
  model: LinearRegressionSpecification,
  data: RegressionData,
): number {
  const { inputs, outputs, bias, loss } = model;
  const rows = rowsOf(model, data);
  const { features, labels } = data;
  let largest = 0;
  for (let output = 0; output < outputs; output++) {
    let mean = 0;
    if (bias) {
      for (let row = 0; row < rows; row++) mean += labels[row * outputs + output] / rows;
    }
    for (let input = 0; input < inputs; input++) {
      let sum = 0;
      for (let row = 0; row < rows; row++) {
        sum += features[row * inputs + input] * (labels[row * outputs + output] - mean);
      }
      largest = Math.max(largest, Math.abs(sum));
    }
  }
  return (loss === "meanSquaredError" ? 2 : 1) * largest / (rows * outputs);
}

/** Refuses penalties that this function would ignore. */
function checkPenalties(penalties: readonly PenaltySpecification[]): void {
  const other = penalties.find((penalty) =>
    isActivationPenalty(penalty) || penalty.kind === "ownPenalty"
  );
  if (other === undefined) return;
  throw new RangeError(
    `Cannot fit the linear regression with ${other.kind}: it has neither logits nor hidden layers, and ` +
      `loads no modules. Take one of the other penalties on weights.`,
  );
}

function rowsOf(
  { inputs, outputs }: LinearRegressionSpecification,
  { features, labels }: RegressionData,
): number {
  const rows = features.length / inputs;
  if (!Number.isInteger(rows) || rows === 0 || labels.length !== rows * outputs) {
    throw new RangeError(
      `Cannot read the examples: ${inputs} features and ${outputs} labels a row must divide them into ` +
        `as many rows, found ${features.length} features and ${labels.length} labels.`,
    );
  }
  refuseUnknown("features", features, inputs);
  refuseUnknown("labels", labels, outputs);
  return rows;
}

/** Refuses weights to begin with that are too many, too few, NaN or infinite. */
function checkFrom(name: string, values: Float32Array, size: number): void {
  const wrong = values.find((value) => !Number.isFinite(value));
  if (values.length === size && wrong === undefined) return;
  throw new RangeError(
    `Cannot begin with these weights: ${name} must be ${size} finite numbers, found ` +
      `${wrong === undefined ? values.length : `${wrong} among them`}.`,
  );
}

/** Refuses NaN and infinity, of which every weight would become NaN in the first step. */
function refuseUnknown(what: "features" | "labels", values: Float32Array, columns: number): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new RangeError(
    `Cannot use the examples: ${what} must be finite numbers, found ${values[at]} in row ` +
      `${Math.floor(at / columns)}, column ${at % columns}, both counted from 0.`,
  );
}
