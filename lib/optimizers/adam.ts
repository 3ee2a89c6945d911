import { checkKeys, checkNumber } from "../core/check.ts";
import { type Schedule, scheduleProperty } from "../core/schedule.ts";

/** Adam, as plain JSON. */
export interface AdamSpecification {
  /** Which optimizer it is. */
  readonly kind: "adam";
  /** η, above 0. */
  readonly learningRate: number;
  /** β₁: share of the old first moment kept. */
  readonly beta1: number;
  /** β₂: share of the old second moment kept. */
  readonly beta2: number;
  /** ε, added to the root of the corrected second moment. */
  readonly epsilon: number;
  /** How η changes over the steps; constant when there is none. */
  readonly schedule?: Schedule;
}

/** What {@link adam} takes. */
export interface AdamOptions {
  /** η, above 0. */
  readonly learningRate: number;
  /** Share of the old first moment kept, in [0, 1). */
  readonly beta1?: number;
  /** Share of the old second moment kept, in [0, 1). */
  readonly beta2?: number;
  /** ε, from 1e-30 so that 1/ε is finite in single precision. */
  readonly epsilon?: number;
  /** How η changes over the steps, such as `cosineSchedule`; constant if not given. */
  readonly schedule?: Schedule;
}

/**
 * Adam: with m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ):
 * w ← w − η m̂ / (√v̂ + ε).
 *
 * As PyTorch's Adam: both moments begin at 0 and are bias-corrected, ε stands outside the root and is
 * added to the corrected √v̂. tfjs has this form with ε = 1e-7 by default; Keras, with ε = 1e-7, adds
 * it to the uncorrected √v as the paper's section 2 does, where it weighs more in the first steps.
 * Loss-term penalties and `coupledWeightDecay` enter g and with it both moments;
 * `decoupledWeightDecay` does not.
 *
 * Kingma and Ba, Adam: A Method for Stochastic Optimization (2015).
 *
 * @param options Learning rate, and β₁ = 0.9, β₂ = 0.999, ε = 1e-8 if not given.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { adam } from "./adam.ts";
 * import assert from "node:assert/strict";
 * assert.equal(adam({ learningRate: 1e-3 }).epsilon, 1e-8);
 * assert.throws(() => adam({ learningRate: 1e-3, beta1: 1 }), /below 1, found 1/);
 * ```
 */
export function adam(options: AdamOptions): AdamSpecification {
  checkKeys("adam", options, adamOptionNames);
  return { kind: "adam", ...checkAdamOptions("adam", options) };
}

/** Names of the options that Adam and AdamW share. */
export const adamOptionNames = ["learningRate", "beta1", "beta2", "epsilon", "schedule"];

/** Checks the options that Adam and AdamW share, and fills their defaults. */
export function checkAdamOptions(
  subject: string,
  options: AdamOptions,
): Omit<AdamSpecification, "kind"> {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return {
    learningRate: checkNumber(`${subject}: learningRate`, learningRate, { above: 0 }),
    beta1: checkNumber(`${subject}: beta1`, beta1, { from: 0, below: 1 }),
    beta2: checkNumber(`${subject}: beta2`, beta2, { from: 0, below: 1 }),
    epsilon: checkNumber(`${subject}: epsilon`, epsilon, { from: 1e-30 }),
    ...scheduleProperty(subject, options.schedule),
  };
}
