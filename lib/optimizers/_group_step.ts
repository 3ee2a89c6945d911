import * as tf from "@tensorflow/tfjs";
import { groupOfEach, type Groups } from "../penalties/groups.ts";
import type { StepEffect } from "../penalties/penalty.ts";
import { addGroupTerm, boundNorms, mapGroups } from "./_groups.ts";
import type { OptimizerMemory } from "./_memory.ts";
import type { Step } from "./kind.ts";

/** A tensor whose values a function writes. */
export function made(shape: number[], fill: (values: Float32Array) => void): tf.Tensor {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  fill(values);
  return tf.tensor(values, shape);
}

/** The parts of a step that act on groups; nothing where no penalty does. */
export function createGroupStep(memory: OptimizerMemory, variables: readonly tf.Variable[]) {
  const known = new Map<string, Int32Array>();
  const groupOf = (index: number, groups: Groups): Int32Array => {
    const key = `${index} ${groups.by}`;
    const groupOf = known.get(key) ?? groupOfEach(groups);
    known.set(key, groupOf);
    return groupOf;
  };
  return {
    /** The gradient with the group lasso's term, as another tensor; the same tensor without one. */
    gradient(index: number, gradient: tf.Tensor, { groupLasso, groups }: StepEffect): tf.Tensor {
      if (groupLasso === 0 || groups === null) return gradient;
      return made(gradient.shape, (result) =>
        addGroupTerm(
          result,
          memory.values(gradient),
          memory.values(variables[index]),
          groupLasso,
          groups,
          groupOf(index, groups),
        ));
    },
    /** The proximal map, after decay and step. */
    map(index: number, effect: StepEffect, step: Step): void {
      const { proximalGroupLasso, proximalL2, groups } = effect;
      if (proximalGroupLasso === 0 || groups === null || step.size === 0) return;
      memory.change(index, (weights, slots) => {
        const sizes = new Float64Array(weights.length);
        step.writeSizes(sizes, slots);
        // ½ α x² beside the norm is a metric of d + α.
        if (proximalL2 !== 0) {
          for (let i = 0; i < sizes.length; i++) sizes[i] /= 1 + sizes[i] * proximalL2;
        }
        mapGroups(weights, sizes, proximalGroupLasso, groups, groupOf(index, groups));
      });
    },
    /** The bound of norms, after everything else in the step. */
    bound(index: number, { maxNorm, boundedGroups: groups }: StepEffect): void {
      if (maxNorm === 0 || groups === null) return;
      memory.change(
        index,
        (weights) => boundNorms(weights, maxNorm, groups, groupOf(index, groups)),
      );
    },
  };
}
