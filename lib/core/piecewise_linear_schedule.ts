import { checkNumber, show } from "./check.ts";
import { mostSteps } from "./limits.ts";
import { type Given, integer, option } from "./options.ts";
import { createSchedule, type ScheduleKind } from "./_schedule_kind.ts";

/** A place of a {@link PiecewiseLinearSchedule}: a share of its steps, from 0 to 1, and the factor there. */
export type SchedulePoint = readonly [share: number, factor: number];

/** Straight lines from point to point. */
export interface PiecewiseLinearSchedule {
  /** Which schedule it is. */
  readonly kind: "piecewiseLinear";
  /** Steps that the shares are of, a whole number from 1: those of the run, if it is for all of it. */
  readonly steps: number;
  /** Two points or more by rising shares, from 0 to 1, each with a factor, a finite number from 0. */
  readonly points: readonly SchedulePoint[];
}

/** Points at most. */
const mostPoints = 1000;

const points = option((name, value): readonly SchedulePoint[] => {
  if (!Array.isArray(value) || value.length < 2 || value.length > mostPoints) {
    throw new TypeError(
      `${name} must be a list of 2 to ${mostPoints} points [share, factor], found ${show(value)}.`,
    );
  }
  let last = -Infinity;
  return value.map((point: unknown, index): SchedulePoint => {
    const subject = `${name}[${index}]`;
    if (!Array.isArray(point) || point.length !== 2) {
      throw new TypeError(`${subject} must be a point [share, factor], found ${show(point)}.`);
    }
    const share = checkNumber(`${subject}: share`, point[0], { from: 0, to: 1 });
    if (share <= last) {
      throw new RangeError(
        `${subject}: share must be above that of the point before, ${last}, found ${share}.`,
      );
    }
    last = share;
    return [share, checkNumber(`${subject}: factor`, point[1], { from: 0 })];
  });
});

/**
 * Goes along straight lines from point to point: with p = (t − 1)/steps in step t = 1, 2, … and points
 * (p₀, f₀), (p₁, f₁), …, between two of them f_i + (f_{i+1} − f_i)/(p_{i+1} − p_i) · (p − p_i); before the
 * first point its factor, after the last one its factor.
 *
 * As numpy.interp(p, shares, factors). A warm-up, a part that holds and one that falls are three lines; the
 * decay of NanoGPT Slowrun (hold, fall, rise) is another. Shares are of `steps`, not of the run, so that a
 * factor depends on nothing but the number of its step.
 *
 * @param options See {@link PiecewiseLinearSchedule}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, a value outside its range, or shares that do not
 * rise.
 *
 * @example
 * ```ts
 * import { piecewiseLinearSchedule } from "./piecewise_linear_schedule.ts";
 * import { scheduleFactor } from "./schedule.ts";
 * import assert from "node:assert/strict";
 * const schedule = piecewiseLinearSchedule({ steps: 8, points: [[0, 1], [0.5, 1], [1, 0]] });
 * const factors = [1, 5, 6, 7, 8, 9, 100].map((step) => scheduleFactor(schedule, step));
 * assert.deepEqual(factors, [1, 1, 0.75, 0.5, 0.25, 0, 0]);
 * ```
 */
export function piecewiseLinearSchedule(
  options: Given<PiecewiseLinearSchedule>,
): PiecewiseLinearSchedule {
  return createSchedule("piecewiseLinear", piecewiseLinear, options);
}

/** What is known of {@link piecewiseLinearSchedule}. */
export const piecewiseLinear: ScheduleKind<PiecewiseLinearSchedule> = {
  options: { steps: integer({ from: 1, to: mostSteps }), points },
  factor({ steps, points }, step) {
    const share = (step - 1) / steps;
    const next = points.findIndex(([end]) => share < end);
    if (next === 0) return points[0][1];
    if (next < 0) return points[points.length - 1][1];
    const [[start, from], [end, to]] = [points[next - 1], points[next]];
    return from + (to - from) / (end - start) * (share - start);
  },
  highest: ({ points }) => Math.max(...points.map(([, factor]) => factor)),
  idle: ({ steps }, count) =>
    steps > count
      ? `the piecewise linear schedule of ${steps} steps does not end: there are ${count}.`
      : null,
};
