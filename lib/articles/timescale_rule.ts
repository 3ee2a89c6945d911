import { checkOptions, integer, number, orAbsent, orNotGiven } from "../core/options.ts";
import { type Schedule, scheduleOption } from "../core/schedule.ts";
import { sumOfFactors } from "../core/sum_of_factors.ts";

/** A point of the rule, beside a grid over `alpha`. */
export type TimescalePoint = {
  /** α of decoupled weight decay. */
  readonly alpha: number;
};

/** Options of {@link timescaleRule}. */
export interface TimescaleRuleOptions {
  /** η, without its schedule; above 0. */
  readonly learningRate: number;
  /** Tokens that a fold trains on, above 0. */
  readonly trainingTokens: number;
  /** Windows in a batch, from 1. */
  readonly batchSize: number;
  /** Tokens in a window, from 1. */
  readonly windowLength: number;
  /**
   * Epochs over which the decay averages, above 0; between 1 and all of the run are those to try.
   *
   * @default {1}
   */
  readonly timescale?: number;
  /** Steps of the run, from 1; needed with a schedule. */
  readonly steps?: number;
  /**
   * That of the learning rate.
   *
   * @default {constantSchedule()}
   */
  readonly schedule?: Schedule;
}

const described = {
  learningRate: number({ above: 0 }),
  trainingTokens: number({ above: 0 }),
  batchSize: integer({ from: 1 }),
  windowLength: integer({ from: 1 }),
  timescale: orNotGiven(number({ above: 0 }, 1)),
  steps: orAbsent(integer({ from: 1 })),
  schedule: scheduleOption,
};

/**
 * The strength of decoupled weight decay from a timescale in epochs: α = 1/(η · τ · S), with S = tokens /
 * (batch · window) steps an epoch.
 *
 * With a schedule of the learning rate it is T / (τ · S · Σ η) over the T steps of the run, so that
 * `timescaleInEpochs` of it is τ. The rule: the best τ changes little with model and data, is not much
 * below one epoch and not much above all of them. So α falls with more text and with a larger rate. Put it
 * beside a grid to see what it does: `points([0, 0.1, 1].map(…))` joined with
 * `points([1, 3, 10].map((timescale) => timescaleRule({ … })))`.
 *
 * Wang and Aitchison, How to set AdamW's weight decay as you scale model and dataset size (ICML 2025, arXiv
 * 2405.13698). Bergsma et al., Power Lines (2025, arXiv 2505.13738), find τ a power law in tokens per weight.
 *
 * @param options See {@link TimescaleRuleOptions}.
 * @returns A point with `alpha`, to 12 significant digits.
 * @throws {TypeError | RangeError} On an unknown option, a value outside its range, or a schedule without
 * steps.
 *
 * @example
 * ```ts
 * import { timescaleRule } from "./timescale_rule.ts";
 * import assert from "node:assert/strict";
 * const rule = { learningRate: 0.01, trainingTokens: 32_000, batchSize: 16, windowLength: 50 };
 * // An epoch has 32,000/800 = 40 steps, so for one epoch α = 1/(0.01 · 40).
 * assert.deepEqual(timescaleRule(rule), { alpha: 2.5 });
 * assert.deepEqual(timescaleRule({ ...rule, timescale: 5 }), { alpha: 0.5 });
 * ```
 */
export function timescaleRule(options: TimescaleRuleOptions): TimescalePoint {
  const { learningRate, trainingTokens, batchSize, windowLength, timescale, steps, schedule } =
    checkOptions("timescaleRule", options, described);
  if (steps === undefined && schedule.kind !== "constant") {
    throw new RangeError(
      `timescaleRule: steps must be given with a schedule, found the ${schedule.kind} schedule alone.`,
    );
  }
  const stepsOfEpoch = trainingTokens / (batchSize * windowLength);
  const share = steps === undefined ? 1 : sumOfFactors(steps, schedule) / steps;
  if (!(share > 0)) {
    throw new RangeError(
      `timescaleRule: schedule must leave a learning rate above 0, found a mean factor of ${share}.`,
    );
  }
  const alpha = 1 / (learningRate * share * timescale * stepsOfEpoch);
  return { alpha: Number(alpha.toPrecision(12)) };
}
