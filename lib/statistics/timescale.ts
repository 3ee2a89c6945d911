import type { JsonObject } from "../core/json.ts";
import { checkOptions, number, orAbsent } from "../core/options.ts";
import type { Schedule } from "../core/schedule.ts";
import { sumOfFactors } from "../core/sum_of_factors.ts";

/** Options of {@link timescaleInEpochs}. */
export interface TimescaleOptions {
  /**
   * Tokens that a fold trains on, above 0; those of `training.trainingTokens` when left out. A run's record
   * has them as `tokens.training`.
   */
  readonly trainingTokens?: number;
}

const described = { trainingTokens: orAbsent(number({ above: 0 })) };

/** What of a specification the timescale reads. */
interface ReadSpecification {
  readonly optimizer?: {
    readonly learningRate?: number;
    readonly schedule?: Schedule;
    readonly decay?: number;
  };
  readonly penalties?: readonly {
    readonly kind: string;
    readonly strength?: number;
    readonly scaledBy?: string;
    readonly schedule?: Schedule;
  }[];
  readonly training?: {
    readonly steps?: number;
    readonly batchSize?: number;
    readonly windowLength?: number;
    readonly trainingTokens?: number | null;
  };
}

/**
 * Over how many epochs decoupled weight decay averages the updates: 1/(η α) steps, over tokens/(batch ·
 * window) steps an epoch.
 *
 * With AdamW the weights are an exponential mean of past updates with that timescale. Where η or α has a
 * schedule, it is T / Σ η α over the T steps of the run, which is 1/(η α) for constants. With
 * `scaledBy: "schedule"` the share removed a step has no η. Of several decays on different parameters the
 * strongest counts. Rates by layer are not looked at, and what an epoch leaves over of spans counts as read.
 *
 * @param specification A complete specification, as a study's record holds it.
 * @param options See {@link TimescaleOptions}.
 * @returns Epochs; `Infinity` without decoupled decay. Null where the specification has no such learning rate
 * or steps, as for pairs, or nothing says how much text there is.
 *
 * Wang and Aitchison, How to set AdamW's weight decay as you scale model and dataset size (ICML 2025, arXiv
 * 2405.13698): the best timescale in epochs changes little with model and data.
 *
 * @example
 * ```ts
 * import { timescaleInEpochs } from "./timescale.ts";
 * import assert from "node:assert/strict";
 * const specification = {
 *   optimizer: { kind: "adamW", learningRate: 0.01, decay: 0.5 },
 *   penalties: [],
 *   training: { steps: 1000, batchSize: 10, windowLength: 20, trainingTokens: 4000 },
 * };
 * // 1/(0.01 · 0.5) = 200 steps, of which an epoch has 4000/200 = 20.
 * assert.equal(timescaleInEpochs(specification), 10);
 * ```
 */
export function timescaleInEpochs(
  specification: JsonObject,
  options: TimescaleOptions = {},
): number | null {
  const given = checkOptions("timescaleInEpochs", options, described);
  const { optimizer = {}, penalties = [], training = {} } = specification as ReadSpecification;
  const { steps, batchSize, windowLength } = training;
  const tokens = given.trainingTokens ?? training.trainingTokens ?? null;
  const { learningRate, schedule, decay = 0 } = optimizer;
  if (
    learningRate === undefined || steps === undefined || batchSize === undefined ||
    windowLength === undefined || tokens === null
  ) return null;
  const decays = [
    { strength: decay, rate: learningRate, own: undefined as Schedule | undefined },
    ...penalties.filter(({ kind }) => kind === "decoupledWeightDecay")
      .map(({ strength = 0, scaledBy, schedule: own }) => ({
        strength,
        rate: scaledBy === "schedule" ? 1 : learningRate,
        own,
      })),
  ];
  const removed = decays.map(({ strength, rate, own }) =>
    strength === 0 ? 0 : strength * rate * sumOfFactors(steps, schedule, own)
  );
  return steps / Math.max(...removed) / (tokens / (batchSize * windowLength));
}
