import { checkNumber, checkOneOf, show } from "./check.ts";
import { mostSteps } from "./limits.ts";
import { type Given, integer, number, type Option, option, orNotGiven } from "./options.ts";
import { piecewiseLinear, type PiecewiseLinearSchedule } from "./piecewise_linear_schedule.ts";
import { createSchedule, type ScheduleKind } from "./_schedule_kind.ts";

/**
 * How a learning rate or a strength changes over the steps of a run, as plain JSON: a factor that
 * multiplies the value given, and depends on nothing but the number of the step.
 */
export type Schedule =
  | ConstantSchedule
  | StepSchedule
  | CosineSchedule
  | CyclicSchedule
  | PiecewiseLinearSchedule
  | WarmUpSchedule;

/** Factor 1 in every step. */
export interface ConstantSchedule {
  /** Which schedule it is. */
  readonly kind: "constant";
}

/** A factor that is multiplied in again every so many steps. */
export interface StepSchedule {
  /** Which schedule it is. */
  readonly kind: "step";
  /** Steps between changes, a whole number from 1. */
  readonly every: number;
  /** What each change multiplies by, a finite number from 0. */
  readonly factor: number;
  /**
   * Steps before those that are counted, a whole number from 0.
   *
   * @default {0}
   */
  readonly after?: number;
}

/** Half a cosine from 1 down to a share. */
export interface CosineSchedule {
  /** Which schedule it is. */
  readonly kind: "cosine";
  /** Steps from the first factor to the last, a whole number from 1. */
  readonly steps: number;
  /**
   * Factor at the end and after it, from 0 to 1.
   *
   * @default {0}
   */
  readonly finalShare: number;
}

/** Factor 1, then straight lines down that begin again every so many steps. */
export interface CyclicSchedule {
  /** Which schedule it is. */
  readonly kind: "cyclic";
  /**
   * Steps of factor 1 before the first line, a whole number from 0.
   *
   * @default {0}
   */
  readonly after: number;
  /** Steps of a line, a whole number from 1. */
  readonly every: number;
  /**
   * Factor that each line falls from, a finite number from 0.
   *
   * @default {1}
   */
  readonly highest: number;
  /** Factor in the last step of each line, from 0 to `highest`; equal to it for a constant one. */
  readonly lowest: number;
}

/** A straight line from 1/steps up to 1, then another schedule. */
export interface WarmUpSchedule {
  /** Which schedule it is. */
  readonly kind: "warmUp";
  /** Steps of the line, a whole number from 1. */
  readonly steps: number;
  /**
   * What follows; its first step is the one after the line.
   *
   * @default {constantSchedule()}
   */
  readonly then: Exclude<Schedule, WarmUpSchedule>;
}

/**
 * The schedule that changes nothing: factor 1 in every step. Giving it is the same as giving none.
 *
 * @returns Plain JSON.
 *
 * @example
 * ```ts
 * import { constantSchedule, scheduleFactor } from "./schedule.ts";
 * import assert from "node:assert/strict";
 * assert.equal(scheduleFactor(constantSchedule(), 1000), 1);
 * ```
 */
export function constantSchedule(): ConstantSchedule {
  return { kind: "constant" };
}

const constant: ScheduleKind<ConstantSchedule> = {
  options: {},
  factor: () => 1,
  highest: () => 1,
};

const steps = integer({ from: 1, to: mostSteps });

/**
 * Multiplies by a factor every so many steps: factor^⌊max(0, t − 1 − after)/every⌋ in step t = 1, 2, …
 *
 * As PyTorch's StepLR, with one of its epochs for one of our steps.
 *
 * @param options See {@link StepSchedule}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { scheduleFactor, stepSchedule } from "./schedule.ts";
 * import assert from "node:assert/strict";
 * const schedule = stepSchedule({ every: 2, factor: 0.5 });
 * assert.deepEqual([1, 2, 3, 4, 5].map((step) => scheduleFactor(schedule, step)), [
 *   1,
 *   1,
 *   0.5,
 *   0.5,
 *   0.25,
 * ]);
 * ```
 */
export function stepSchedule(options: Given<StepSchedule>): StepSchedule {
  return create("step", options);
}

const step: ScheduleKind<StepSchedule> = {
  options: {
    every: steps,
    factor: number({ from: 0 }),
    after: orNotGiven(integer({ from: 0, to: mostSteps }, 0)),
  },
  factor: ({ every, factor, after = 0 }, step) =>
    factor ** Math.floor(Math.max(0, step - 1 - after) / every),
  highest: ({ factor }) => factor > 1 ? Infinity : 1,
  idle: ({ every, after = 0 }, steps) =>
    after + every >= steps
      ? `the step schedule changes nothing: its first change comes after step ${after + every}, ` +
        `and there are ${steps}.`
      : null,
};

/**
 * Falls from 1 to a final share along half a cosine: with p = (t − 1)/steps, at most 1,
 * finalShare + (1 − finalShare) · ½ (1 + cos πp) in step t = 1, 2, …
 *
 * PyTorch's CosineAnnealingLR has the same values up to its T_max = steps and rises again after
 * that; here the final share is kept. Loshchilov and Hutter, SGDR (2017), without restarts.
 *
 * @param options See {@link CosineSchedule}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { cosineSchedule, scheduleFactor } from "./schedule.ts";
 * import assert from "node:assert/strict";
 * const schedule = cosineSchedule({ steps: 100, finalShare: 0.1 });
 * assert.equal(scheduleFactor(schedule, 1), 1);
 * assert.ok(Math.abs(scheduleFactor(schedule, 51) - 0.55) < 1e-12);
 * assert.equal(scheduleFactor(schedule, 500), 0.1);
 * ```
 */
export function cosineSchedule(options: Given<CosineSchedule, "finalShare">): CosineSchedule {
  return create("cosine", options);
}

const cosine: ScheduleKind<CosineSchedule> = {
  options: { steps, finalShare: number({ from: 0, to: 1 }, 0) },
  factor({ steps, finalShare }, step) {
    if (step - 1 >= steps) return finalShare;
    const part = 0.5 * (1 + Math.cos(Math.PI * (step - 1) / steps));
    return finalShare + (1 - finalShare) * part;
  },
  highest: () => 1,
};

/**
 * The learning rate of stochastic weight averaging: factor 1 for the first steps, then lines that fall
 * from one factor to another and jump back (sawtooth), or one constant factor.
 *
 * In step t = 1, 2, … it is 1 up to t = after; then (1 − p) · highest + p · lowest with
 * p = ((t − after − 1) mod every + 1)/every, so that the last step of each line, whose weights `swa`
 * takes, has the lowest. With highest = lowest it is constant from step after + 1 on.
 *
 * Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization (2018), equation 1.
 * PyTorch's CyclicLR rises before it falls, and its SWALR anneals to a constant; LambdaLR takes this.
 *
 * @param options See {@link CyclicSchedule}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { cyclicSchedule, scheduleFactor } from "./schedule.ts";
 * import assert from "node:assert/strict";
 * const schedule = cyclicSchedule({ after: 1, every: 2, lowest: 0.5 });
 * const factors = [1, 2, 3, 4, 5].map((step) => scheduleFactor(schedule, step));
 * assert.deepEqual(factors, [1, 0.75, 0.5, 0.75, 0.5]);
 * ```
 */
export function cyclicSchedule(
  options: Given<CyclicSchedule, "after" | "highest">,
): CyclicSchedule {
  return create("cyclic", options);
}

const cyclic: ScheduleKind<CyclicSchedule> = {
  options: {
    after: orNotGiven(integer({ from: 0, to: mostSteps }, 0)),
    every: steps,
    highest: orNotGiven(number({ from: 0 }, 1)),
    lowest: number({ from: 0 }),
  },
  together({ highest, lowest }) {
    checkNumber("cyclicSchedule: lowest", lowest, { from: 0, to: highest });
  },
  factor({ after, every, highest, lowest }, step) {
    if (step <= after) return 1;
    const part = ((step - after - 1) % every + 1) / every;
    return (1 - part) * highest + part * lowest;
  },
  highest: ({ after, highest }) => after === 0 ? highest : Math.max(1, highest),
  idle: ({ after }, steps) =>
    after >= steps
      ? `the cyclic schedule changes nothing: its first line comes after step ${after}, and there ` +
        `are ${steps}.`
      : null,
};

/**
 * Rises along a line, t/steps in step t = 1 … steps, and goes on with another schedule, whose step 1
 * is the step after the line.
 *
 * As PyTorch's LinearLR(start_factor = 1/steps, total_iters = steps − 1), then `then`.
 *
 * @param options See {@link WarmUpSchedule}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { scheduleFactor, stepSchedule, warmUpSchedule } from "./schedule.ts";
 * import assert from "node:assert/strict";
 * const schedule = warmUpSchedule({ steps: 2, then: stepSchedule({ every: 1, factor: 0.5 }) });
 * assert.deepEqual([1, 2, 3, 4].map((step) => scheduleFactor(schedule, step)), [0.5, 1, 1, 0.5]);
 * ```
 */
export function warmUpSchedule(options: Given<WarmUpSchedule, "then">): WarmUpSchedule {
  return create("warmUp", options);
}

const warmUp: ScheduleKind<WarmUpSchedule> = {
  options: {
    steps,
    then: orNotGiven(option((name, value) => {
      const then = validateSchedule(name, value);
      if (then.kind !== "warmUp") return then;
      throw new RangeError(`${name} must be no second warm-up, found a warmUp schedule.`);
    }, constantSchedule())),
  },
  factor: (schedule, step) =>
    step <= schedule.steps
      ? step / schedule.steps
      : scheduleFactor(schedule.then, step - schedule.steps),
  highest: ({ then }) => Math.max(1, highestFactor(then)),
  idle: (schedule, steps) =>
    schedule.steps > steps
      ? `the warm-up of ${schedule.steps} steps does not end: there are ${steps}.`
      : null,
};

/** Every kind of schedule. */
export const scheduleKinds: {
  readonly [Kind in Schedule["kind"]]: ScheduleKind<Extract<Schedule, { kind: Kind }>>;
} = { constant, step, cosine, cyclic, piecewiseLinear, warmUp };

/**
 * Runs the constructor of a schedule again on its JSON.
 *
 * @param subject Option that holds it, for the message.
 * @throws {TypeError | RangeError} If it is no schedule, of unknown kind, or an option is refused.
 */
export function validateSchedule(subject: string, json: unknown): Schedule {
  if (json === null || typeof json !== "object" || Array.isArray(json)) {
    throw new TypeError(`${subject} must be a schedule with a kind, found ${show(json)}.`);
  }
  const { kind, ...options } = json as Schedule;
  checkOneOf(`${subject}: kind`, kind, Object.keys(scheduleKinds));
  return create(kind, options);
}

function create<Kind extends Schedule["kind"]>(
  kind: Kind,
  options: object,
): Extract<Schedule, { kind: Kind }> {
  return createSchedule<Extract<Schedule, { kind: Kind }>>(kind, scheduleKinds[kind], options);
}

/** The option `schedule` of a specification; a constant one is the same as none. */
export const scheduleOption: Option<Schedule> = option(validateSchedule, constantSchedule());

/**
 * Factor of a schedule in a step.
 *
 * @param schedule Schedule; undefined is constant.
 * @param step Number of the step, from 1.
 * @returns What multiplies the learning rate or the strength in that step; exactly 1 without a
 * schedule.
 */
export function scheduleFactor(schedule: Schedule | undefined, step: number): number {
  return schedule === undefined ? 1 : kindOf(schedule).factor(schedule, step);
}

/** Largest factor of all steps of a schedule; Infinity where there is none. */
export function highestFactor(schedule: Schedule): number {
  return kindOf(schedule).highest(schedule);
}

/** What of a schedule does not come in a run of so many steps, in words; null where all does. */
export function idleSchedule(schedule: Schedule | undefined, steps: number): string | null {
  return schedule === undefined ? null : kindOf(schedule).idle?.(schedule, steps) ?? null;
}

function kindOf({ kind }: Schedule): ScheduleKind<Schedule> {
  return scheduleKinds[kind] as ScheduleKind<Schedule>;
}
