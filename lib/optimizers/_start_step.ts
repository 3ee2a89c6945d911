import type * as tf from "@tensorflow/tfjs";
import type { StartOf, StepEffect } from "../penalties/penalty.ts";
import { made } from "./_group_step.ts";
import type { OptimizerMemory } from "./_memory.ts";
import { addPullToStart, type EffectCoefficients } from "./_step.ts";

/** The parts of a step that pull towards the weights that a training began with; nothing where no penalty does. */
export function createStartStep(
  memory: OptimizerMemory,
  variables: readonly tf.Variable[],
  startOf: StartOf,
) {
  return {
    /**
     * The gradient with the term of the loss, as another tensor; the same tensor without one.
     *
     * @param own Whether the gradient is nobody else's, and is disposed of where another takes its place.
     */
    gradient(
      index: number,
      gradient: tf.Tensor,
      { l2TowardsStart }: StepEffect,
      own: boolean,
    ): tf.Tensor {
      if (l2TowardsStart === 0) return gradient;
      const result = made(gradient.shape, (result) =>
        addPullToStart(
          result,
          memory.values(gradient),
          memory.values(variables[index]),
          startOf(index),
          l2TowardsStart,
        ));
      if (own) gradient.dispose();
      return result;
    },
    /** Where decay and proximal map go. */
    coefficients(
      index: number,
      effect: StepEffect,
    ): Pick<EffectCoefficients, "decayStart" | "proximalStart"> {
      return {
        decayStart: effect.decayTowardsStart ? startOf(index) : null,
        proximalStart: effect.proximalTowardsStart ? startOf(index) : null,
      };
    },
  };
}
