import * as tf from "@tensorflow/tfjs";
import type { Model, ModelParameter } from "../models/model.ts";
import type { StoredTensor } from "../models/safetensors.ts";
import type { OptimizedParameter } from "../optimizers/create.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { adapterDescriptions, createAdapter } from "./adapters.ts";
import { rateFactorsOf, tunedParameters, type TuningSpecification } from "./tuning_options.ts";
import type { GradientOf } from "./gradient_of.ts";

/** A model whose parameters are those that are trained, each with what its learning rate is multiplied by. */
export interface TrainedPart extends Model {
  readonly parameters: readonly (ModelParameter & OptimizedParameter)[];
}

/** What a training changes of its model, and how: all of it, unless the specification says otherwise. */
export interface Tuning {
  /** The model with the trained parameters alone: its own, then both matrices of each adapter. */
  readonly trained: TrainedPart;
  /** Matrices of adapters. */
  readonly adapters: readonly ModelParameter[];
  /** What the gradient of the loss is taken in: the trained parameters, and kernels in place of adapters. */
  readonly differentiated: readonly tf.Variable[];
  /** The gradient in what is trained, from that in what it is taken in. */
  gradientOf(inner: GradientOf): GradientOf;
  /** The optimizer, after whose steps the kernels hold what their adapters say. */
  follow(optimizer: Optimizer): Optimizer;
  /** Puts adapters into their kernels, after their weights were set. */
  merge(): void;
  /** Frees adapters; the model's own parameters stay. */
  dispose(): void;
}

/** What is trained of a model that is described alone, in the order of {@link Tuning.trained}. */
export function trainedDescriptions(
  specification: TuningSpecification,
  parameters: readonly ParameterDescription[],
): ParameterDescription[] {
  const { trained, adapted } = tunedParameters(specification, parameters);
  const rank = specification.adapters?.rank ?? 0;
  return [...trained, ...adapted.flatMap((each) => adapterDescriptions(each, rank))];
}

/** Factors of the learning rate of {@link trainedDescriptions}; adapters have their kernel's. */
export function trainedRateFactors(
  specification: TuningSpecification,
  parameters: readonly ParameterDescription[],
): number[] {
  const factors = new Map(
    rateFactorsOf(specification.learningRateFactors, parameters)
      .map((factor, index) => [parameters[index].layer, factor]),
  );
  return trainedDescriptions(specification, parameters).map(({ layer }) => factors.get(layer)!);
}

/**
 * Prepares a model for a training that freezes some of it, trains adapters, or takes other learning rates in
 * some layers. Its variables hold the weights that the training begins with.
 *
 * Frozen parameters are no trainable variables, so that operations need not compute their gradients.
 *
 * @param stream Seed and purpose of the adapters' weights.
 * @throws {RangeError} As `tunedParameters` and `rateFactorsOf`.
 */
export function createTuning(
  specification: TuningSpecification & { readonly sharpnessRadius?: number },
  model: Model,
  stream: { readonly seed: number; readonly purpose: string },
): Tuning {
  const descriptions = model.parameters.map(({ description }) => description);
  const tuned = tunedParameters(specification, descriptions);
  const among = (list: readonly ParameterDescription[]) =>
    model.parameters.filter(({ description }) => list.includes(description));
  for (const { variable } of among(tuned.frozen)) variable.trainable = false;
  const adapters = among(tuned.adapted).map((each) =>
    createAdapter(each, specification.adapters!, stream)
  );
  const matrices = adapters.flatMap(({ parameters }) => parameters);
  const factors = trainedRateFactors(specification, descriptions);
  const own = among(tuned.trained);
  const parameters = [...own, ...matrices]
    .map((each, index) => ({ ...each, rateFactor: factors[index] }));
  const merge = () => adapters.forEach((each) => each.merge());
  const kernels = adapters.map(({ variable }) => variable);
  return {
    trained: { ...model, parameters },
    adapters: matrices,
    differentiated: [...own.map(({ variable }) => variable), ...kernels],
    gradientOf(inner) {
      if (adapters.length === 0) return inner;
      return (gradient, stream) => {
        // Where weights are moved for the gradient, the kernels are moved with them; else they are there.
        if (specification.sharpnessRadius) merge();
        const found = inner(gradient, stream);
        for (const { variable: { name }, parameters, gradients } of adapters) {
          const ofKernel = found.grads[name];
          delete found.grads[name];
          gradients(ofKernel).forEach((each, side) =>
            found.grads[parameters[side].variable.name] = each
          );
          ofKernel.dispose();
        }
        return found;
      };
    },
    follow: (optimizer) => adapters.length === 0 ? optimizer : merging(optimizer, merge),
    merge,
    dispose: () => tf.dispose(matrices.map(({ variable }) => variable)),
  };
}

function merging(optimizer: Optimizer, merge: () => void): Optimizer {
  return {
    ...optimizer,
    step(gradients, learningRate, updates) {
      const result = optimizer.step(gradients, learningRate, updates);
      merge();
      return result;
    },
    withEvaluationWeights(measure) {
      try {
        return optimizer.withEvaluationWeights(() => {
          merge();
          return measure();
        });
      } finally {
        merge();
      }
    },
    keepEvaluationWeights() {
      optimizer.keepEvaluationWeights();
      merge();
    },
  };
}

/** A model with its adapters' matrices among its parameters, for what sets weights by name. */
export function withAdapters(model: Model, { adapters }: Pick<Tuning, "adapters">): Model {
  return { ...model, parameters: [...model.parameters, ...adapters] };
}

/** Adapters as a weights file keeps them, beside the kernels that they are merged into. */
export function adapterTensors({ adapters }: Pick<Tuning, "adapters">): [string, StoredTensor][] {
  return adapters.map(({ description: { name, shape }, variable }) => [
    name,
    { shape, values: Float32Array.from(variable.dataSync() as Float32Array) },
  ]);
}
