import { entryOf } from "../core/entry_of.ts";
import { type Given, oneOf } from "../core/options.ts";
import {
  clauses,
  type CommonSpecification,
  type Penalty,
  specifyPenalty,
  type StepEffect,
  strength,
  withCommonOptions,
} from "./penalty.ts";

/** L1 by its proximal map, as plain JSON. */
export interface ProximalL1Specification extends CommonSpecification {
  /** Which penalty it is. */
  readonly kind: "proximalL1";
  /** λ of λ Σ|w|. */
  readonly strength: number;
  /**
   * Whether the threshold follows each weight's step, in its metric, or is the same for all.
   *
   * @default {"perWeight"}
   */
  readonly threshold: StepEffect["proximalThreshold"];
}

/**
 * Minimises loss + λ Σ|w| by soft-thresholding the weights after each step, which gives exact zeros:
 * w ← sign(w) · max(|w| − t, 0).
 *
 * The threshold t is ηλ under plain SGD, ηλ/(1 − momentum) under SGD with momentum, and ηλ/(√v̂ + ε)
 * for each weight under Adam, with v̂ the bias-corrected second moment after this step. These have the
 * minimum of loss + λ‖w‖₁ as fixed point, because the optimizer's step per unit of steady gradient is
 * η, η/(1 − momentum) and η/(√v̂ + ε). `threshold: "scalar"` takes t = ηλ everywhere, as some
 * published code does; under Adam it does not minimise that objective. There is no factor ½; the
 * learning rate multiplies λ; clipping does not see it; and it comes last, after decoupled decay and
 * the optimizer's step. Biases, embeddings and normalization parameters are outside unless `targets`
 * names them: a weight that never had a gradient (an embedding row of an unseen token) has the
 * threshold ηλ/ε under Adam, which erases it. The objective's value, λ Σ|w|, is recorded as penalty.
 *
 * Parikh and Boyd, Proximal Algorithms (2014), section 6.5.2; for Adam's metric Yun, Lozano and Yang,
 * Adaptive Proximal Gradient Methods for Structured Neural Networks (2021).
 *
 * @param options See {@link ProximalL1Specification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a strength that is negative or NaN.
 *
 * @example
 * ```ts
 * import { proximalL1 } from "./proximal_l1.ts";
 * import assert from "node:assert/strict";
 * assert.equal(proximalL1({ strength: 1e-4 }).threshold, "perWeight");
 * assert.throws(() => proximalL1({ strength: NaN }), /from 0, found NaN/);
 * ```
 */
export function proximalL1(
  options: Given<ProximalL1Specification, "targets" | "threshold">,
): ProximalL1Specification {
  return specifyPenalty("proximalL1", options, proximalL1Options);
}

/** Which threshold a proximal map takes. */
export const threshold = oneOf<StepEffect["proximalThreshold"]>(
  ["perWeight", "scalar"],
  "perWeight",
);

/** What {@link proximalL1} takes. */
export const proximalL1Options = withCommonOptions({ strength, threshold });

const stepSizes: { readonly [threshold: string]: string } = {
  perWeight: "s is the optimizer's step per unit of a steady gradient (under Adam η/(√v̂ + ε) for " +
    "each weight)",
  scalar: "s is η for every weight, whatever the optimizer's step",
};

/** What s is in the formula of a proximal map, in words. */
export function stepSizeWords(threshold: StepEffect["proximalThreshold"]): string | undefined {
  return entryOf(stepSizes, threshold);
}

/** The same s in TeX: of each weight, or η for all. */
export function stepSizeTex(threshold: StepEffect["proximalThreshold"]): string {
  return threshold === "scalar" ? "\\eta" : "s";
}

/** How {@link proximalL1} acts. */
export const proximalL1Penalty: Penalty<ProximalL1Specification> = {
  create: proximalL1,
  options: proximalL1Options,
  name: "proximal L1",
  formula: ({ threshold }) =>
    clauses(
      "loss + λ Σ|w|, by its proximal map after each step: w ← sign(w) · max(|w| − s λ, 0)",
      stepSizeWords(threshold),
    ),
  tex: ({ threshold }) =>
    String
      .raw`J = L + \lambda \sum_i |w_i|, \qquad w \leftarrow \operatorname{sign}(w) \max(|w| - ${
      stepSizeTex(threshold)
    } \lambda, 0)`,
  roles: { strength: "strength", threshold: "choice" },
  effect: ({ strength, threshold }) => ({ proximalL1: strength, proximalThreshold: threshold }),
};
