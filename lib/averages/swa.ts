import { mostSteps } from "../core/limits.ts";
import { checkOptions, type Given, integer } from "../core/options.ts";
import { type AverageKind, isTaken, stepWords } from "./average.ts";

/** Stochastic weight averaging, as plain JSON. */
export interface SwaSpecification {
  /** Which average it is. */
  readonly kind: "swa";
  /** First step whose weights are in the mean, from 1. */
  readonly start: number;
  /** Steps from one to the next, from 1. */
  readonly every: number;
}

const steps = integer({ from: 1, to: mostSteps });

const swaOptions = { start: steps, every: steps };

/**
 * Stochastic weight averaging: the plain mean of the weights after the steps `start`, `start` + `every`,
 * `start` + 2 · `every` and so on, w̄ ← w̄ + (w − w̄)/n for the n-th of them. Training goes on from w.
 *
 * The learning rate of its last part is the optimizer's schedule: {@link cyclicSchedule} is constant
 * there, or falls in each interval and jumps back; let `start` be the end of its first interval.
 *
 * Equal to `torch.optim.swa_utils.AveragedModel` whose `update_parameters` is called after those steps.
 * PyTorch's `SWALR` anneals the rate to a constant; here it changes at once. Models have no batch
 * normalization, so nothing is to be computed anew for the mean. The mean of sparse weights is not
 * sparse.
 *
 * Izmailov, Podoprikhin, Garipov, Vetrov and Wilson, Averaging Weights Leads to Wider Optima and Better
 * Generalization (2018).
 *
 * @param options See {@link SwaSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown or missing option, or a value outside its range.
 *
 * @example
 * ```ts
 * import { swa } from "./swa.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(swa({ start: 800, every: 50 }), { kind: "swa", start: 800, every: 50 });
 * ```
 */
export function swa(options: Given<SwaSpecification>): SwaSpecification {
  return { kind: "swa", ...checkOptions("swa", options, swaOptions) };
}

/** What is known of {@link swa}. */
export const swaAverage: AverageKind<SwaSpecification> = {
  create: swa,
  options: swaOptions,
  name: (swa) => `SWA${stepWords(swa)}`,
  formula: "w̄ ← w̄ + (w − w̄)/n",
  copies: () => 1,
  moves: (swa, moment) =>
    isTaken(swa, moment) ? [{ to: 0, from: "weights", share: 1 / (moment.taken + 1) }] : [],
  firstStep: ({ start }) => start,
};
