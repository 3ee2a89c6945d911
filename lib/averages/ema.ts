import { show } from "../core/check.ts";
import { mostSteps } from "../core/limits.ts";
import { checkOptions, integer, number, orAbsent, orNotGiven } from "../core/options.ts";
import { type AverageKind, isTaken, stepWords } from "./average.ts";

/** Exponential moving average of the weights, as plain JSON. */
export interface EmaSpecification {
  /** Which average it is. */
  readonly kind: "ema";
  /** β, from 0 and below 1; absent where `horizon` says it. */
  readonly decay?: number;
  /** every/(1 − β) in steps, from `every`; absent where `decay` says β. */
  readonly horizon?: number;
  /**
   * Step whose weights the average begins with, from 1.
   *
   * @default {1}
   */
  readonly start: number;
  /**
   * Steps from one update of the average to the next, from 1.
   *
   * @default {1}
   */
  readonly every: number;
}

/** What {@link ema} takes: a decay or a horizon. */
export type EmaOptions =
  & Partial<Pick<EmaSpecification, "start" | "every">>
  & (
    | { readonly decay: number; readonly horizon?: undefined }
    | { readonly horizon: number; readonly decay?: undefined }
  );

const steps = integer({ from: 1, to: mostSteps }, 1);

const emaOptions = {
  decay: orAbsent(number({ from: 0, below: 1 })),
  horizon: orAbsent(number({ from: 1, to: mostSteps })),
  start: orNotGiven(steps),
  every: orNotGiven(steps),
};

/**
 * Exponential moving average of the weights: w̄ = w after the step `start`, then w̄ ← w̄ + (1 − β)(w − w̄)
 * after every k-th step, k = `every`. Training goes on from w.
 *
 * β is `decay`, or 1 − k/`horizon`: the horizon is how far back, in steps, the average looks, whatever k
 * is, and the axis to compare averages by. There is no bias correction: the weights of the step `start`
 * keep a share β^n after n updates. Several averages may stand in one run.
 *
 * Equal to `torch.optim.swa_utils.AveragedModel` with `get_ema_multi_avg_fn(β)` whose
 * `update_parameters` is called after those steps; PyTorch says neither start nor interval, and has no
 * horizon. The mean of sparse weights is not sparse.
 *
 * Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging (1992); Tarvainen and
 * Valpola, Mean Teachers Are Better Role Models (2017).
 *
 * @param options See {@link EmaSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, a value outside its range, or not one of decay
 * and horizon.
 *
 * @example
 * ```ts
 * import { ema } from "./ema.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(ema({ horizon: 1000 }), { kind: "ema", horizon: 1000, start: 1, every: 1 });
 * assert.throws(() => ema({ decay: 1 }), /below 1, found 1/);
 * ```
 */
export function ema(options: EmaOptions): EmaSpecification {
  const checked = checkOptions("ema", options, emaOptions);
  const { decay, horizon, every } = checked;
  if ((decay === undefined) === (horizon === undefined)) {
    throw new RangeError(
      `ema: one of decay and horizon must be given, found ${show(decay)} and ${show(horizon)}.`,
    );
  }
  if (horizon !== undefined && horizon < every) {
    throw new RangeError(
      `ema: horizon must be at least every, ${every} steps, found ${horizon}: it is every/(1 − β).`,
    );
  }
  return { kind: "ema", ...checked };
}

/** What is known of {@link ema}. */
export const emaAverage: AverageKind<EmaSpecification> = {
  create: ema,
  options: emaOptions,
  name: (ema) =>
    (ema.decay === undefined ? `EMA of ${ema.horizon} steps` : `EMA with β ${ema.decay}`) +
    stepWords(ema),
  formula: "w̄ ← w̄ + (1 − β)(w − w̄)",
  copies: () => 1,
  moves: (ema, moment) =>
    isTaken(ema, moment)
      ? [{ to: 0, from: "weights", share: moment.taken === 0 ? 1 : newShare(ema) }]
      : [],
  firstStep: ({ start }) => start,
};

/** 1 − β. */
function newShare({ decay, horizon, every }: EmaSpecification): number {
  return decay === undefined ? every / horizon! : 1 - decay;
}
