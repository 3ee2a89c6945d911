import { type Schedule, scheduleFactor } from "./schedule.ts";

/**
 * Σ of the product of two schedules' factors over the steps of a run.
 *
 * @param steps Steps of the run, from 1.
 * @param schedules Undefined is constant.
 */
export function sumOfFactors(
  steps: number,
  ...schedules: readonly (Schedule | undefined)[]
): number {
  const moving = schedules.filter((each) => each !== undefined && each.kind !== "constant");
  if (moving.length === 0) return steps;
  let sum = 0;
  for (let step = 1; step <= steps; step++) {
    sum += moving.reduce((product, each) => product * scheduleFactor(each, step), 1);
  }
  return sum;
}
