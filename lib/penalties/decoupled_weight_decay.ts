import { boolean, type Given, oneOf, orNotGiven } from "../core/options.ts";
import {
  clauses,
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  type StepEffect,
  strength,
  withCommonOptions,
} from "./penalty.ts";

/** Decoupled weight decay, as plain JSON. */
export interface DecoupledWeightDecaySpecification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "decoupledWeightDecay";
  /** α of η · α · w taken from the weights, or of the schedule's factor times α · w; a finite number from 0. */
  readonly strength: number;
  /**
   * What multiplies α: the learning rate, or only its schedule.
   *
   * @default {"learningRate"}
   */
  readonly scaledBy?: "learningRate" | "schedule";
  /**
   * Whether only those weights decay that the optimizer's step does not move away from 0.
   *
   * @default {false}
   */
  readonly cautious?: boolean;
}

/**
 * Shrinks the weights apart from the optimizer's step, which does not see it: w ← w − η · α · w.
 *
 * The learning rate η multiplies α, as in PyTorch's and Keras's AdamW. With `scaledBy: "schedule"` it
 * is the paper's convention: w ← w − (η/η₀) · α · w, where η/η₀ is the factor of the learning rate's
 * schedule alone, 1 without one; then α is the share removed per step itself, and its useful values
 * are smaller by the factor η₀. What counts is the share removed per step, which the records keep. It is no term of the loss (nothing is recorded as penalty), has no factor ½ to argue about,
 * stays out of clipping and out of the moments, and under Adam it does not minimise loss + ½ α‖w‖².
 * Under plain SGD without clipping it coincides with `l2`. Biases, embeddings and normalization
 * parameters are outside unless `targets` names them (PyTorch's AdamW decays every parameter it is
 * given). `adam` with this penalty and `adamW` are the same optimizer.
 *
 * With `cautious: true` only those weights decay that the step moves towards 0 too, or leaves alone:
 * w ← w − η (u + α · 1[u w ≥ 0] w), where u is the direction of the optimizer's step before η, with its
 * momentum, moments and loss terms, and w the weight before the step. PyTorch and Keras do not have it.
 *
 * Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019); Chen et al., Cautious Weight Decay
 * (2025, arXiv 2510.12402).
 *
 * @param options See {@link DecoupledWeightDecaySpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { decoupledWeightDecay } from "./decoupled_weight_decay.ts";
 * import assert from "node:assert/strict";
 * assert.equal(decoupledWeightDecay({ strength: 0.3 }).strength, 0.3);
 * ```
 */
export function decoupledWeightDecay(
  options: Given<DecoupledWeightDecaySpecification, "targets">,
): DecoupledWeightDecaySpecification {
  return specifyPenalty("decoupledWeightDecay", options, decoupledDecayOptions);
}

/** The option of decays to be cautious. */
export const cautious = boolean(false);

/** What decoupled decays take. */
export const decoupledDecayOptions = withCommonOptions({
  strength,
  scaledBy: orNotGiven(oneOf(["learningRate", "schedule"], "learningRate")),
  cautious,
});

/** What a decoupled decay does in a step, whichever weights it pulls to. */
export function effectOfDecay(
  { strength, scaledBy, cautious }: Pick<
    DecoupledWeightDecaySpecification,
    "strength" | "scaledBy" | "cautious"
  >,
): Partial<StepEffect> {
  return {
    [scaledBy === "schedule" ? "scheduledDecay" : "decoupledDecay"]: strength,
    ...(cautious ? { cautiousDecay: true } : {}),
  };
}

/** How {@link decoupledWeightDecay} acts. */
export const decoupledWeightDecayPenalty: Penalty<DecoupledWeightDecaySpecification> = {
  create: decoupledWeightDecay,
  options: decoupledDecayOptions,
  name: "decoupled weight decay",
  formula: ({ scaledBy, cautious }) =>
    clauses(
      "w ← w − η α w, apart from the gradient, before the optimizer's step",
      scaledBy === "schedule"
        ? "not multiplied by η but by the factor of its schedule alone: w ← w − (η/η₀) α w"
        : undefined,
      cautious === true ? "cautious: only where the step u does not go away from 0" : undefined,
    ),
  tex: ({ scaledBy, cautious }) => {
    const rate = scaledBy === "schedule" ? String.raw`\frac{\eta}{\eta_0}` : String.raw`\eta`;
    const where = cautious === true ? String.raw`\mathbf{1}[u w \ge 0]\, ` : "";
    return String.raw`w \leftarrow w - ${rate} \alpha ${where}w`;
  },
  roles: { strength: "strength", scaledBy: "choice", cautious: "choice" },
  effect: effectOfDecay,
};
