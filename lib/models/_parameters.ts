import * as tf from "@tensorflow/tfjs";
import { randomStream } from "../core/random.ts";
import { weightsVariable } from "../ops/weights_variable.ts";
import type { ParameterKind } from "../penalties/penalty.ts";
import { checkInitializerShape, type Initializer, initialWeights } from "./initializers.ts";
import type { ModelParameter } from "./model.ts";
import type { OwnModelPart } from "./define_model.ts";

/** What a model is built for, besides its specification. */
export interface ModelContext {
  /** Tokens that can be read and predicted. */
  readonly vocabularySize: number;
  /** Seed of the initial weights. */
  readonly seed: number;
  /** Fold of the run, part of the purpose of its random streams. */
  readonly fold: number | string;
  /** Shapes that differ from the specification's, of a model without its dead units. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>;
  /** Of a model of the user's own: its definition. */
  readonly own?: OwnModelPart;
  /** No weights are drawn, since all of them will be overwritten: they are 0. */
  readonly undrawn?: boolean;
  /** Whether blocks are computed again in the backward pass; false if not given. */
  readonly recomputeBlocks?: boolean;
  /** The parameters are described only: they have no weights, and nothing can be computed. */
  readonly described?: boolean;
}

/** Makes the parameters of a model, each with initial weights from a stream of its own. */
export function parameterMaker(
  { seed, fold, shapes, described = false, undrawn = false }: ModelContext,
) {
  const parameters: ModelParameter[] = [];
  const drawnWeights = (
    name: string,
    shape: readonly number[],
    initializer: Initializer,
    fanIn: number = shape[0],
  ) => {
    checkInitializerShape(name, initializer, shape);
    if (described) return new Float32Array();
    if (undrawn) return new Float32Array(shape.reduce((size, extent) => size * extent, 1));
    return initialWeights(
      initializer,
      shape,
      randomStream(seed, fold, "initial weights", name),
      fanIn,
    );
  };
  return {
    parameters,
    /** What a parameter named `layer/name` begins with, for a model that changes it. */
    drawnWeights,
    /**
     * A parameter named `layer/name`, with weights drawn or given; `fanIn` as in `initialWeights`,
     * `matrices` as in its description.
     */
    parameter<R extends tf.Rank>(
      layer: string,
      name: string,
      kind: ParameterKind,
      specified: tf.ShapeMap[R],
      initial: Initializer | Float32Array,
      fanIn: number = specified[0],
      matrices?: number,
    ): tf.Variable<R> {
      const fullName = `${layer}/${name}`;
      const other = shapes?.get(fullName);
      const shape = (other ?? specified) as tf.ShapeMap[R];
      const values = other !== undefined
        ? new Float32Array(other.reduce((product, extent) => product * extent, 1))
        : initial instanceof Float32Array
        ? initial
        : drawnWeights(fullName, shape, initial, fanIn);
      const variable = described
        ? withoutWeights<R>(shape)
        : weightsVariable<R>(values, shape, values !== initial);
      const description = { name: fullName, kind, layer, shape, ...(matrices && { matrices }) };
      parameters.push({ description, variable });
      return variable;
    },
  };
}

/** Stands where a variable does in a model that is described only, and takes no memory. */
export function withoutWeights<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Variable<R> {
  return { shape, dispose() {} } as unknown as tf.Variable<R>;
}
