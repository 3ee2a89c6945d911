/** Watches the losses of evaluations for the trigger of NT-ASGD. */
export interface NonMonotoneTrigger {
  /** Takes the next loss; true when it sets the trigger off. */
  observe(loss: number): boolean;
  /** Losses seen that did not, oldest first. */
  readonly losses: readonly number[];
}

/**
 * The non-monotonic trigger: a loss above the lowest of all but the last n before it sets it off.
 *
 * @param interval n, from 1.
 * @param losses Losses seen before, oldest first.
 */
export function nonMonotoneTrigger(
  interval: number,
  losses: readonly number[] = [],
): NonMonotoneTrigger {
  const seen = [...losses];
  return {
    observe(loss) {
      const earlier = seen.slice(0, -interval);
      if (earlier.length > 0 && loss > Math.min(...earlier)) return true;
      seen.push(loss);
      return false;
    },
    losses: seen,
  };
}

/**
 * First step whose weights a run with the trigger averaged, read off its evaluations.
 *
 * @param evaluations Steps and the losses that the trigger saw there, ascending by step.
 * @param interval n of the trigger, from 1.
 * @returns The step after the evaluation that set it off; null when none did.
 *
 * @example
 * ```ts
 * import { averagingStart } from "./non_monotone_trigger.ts";
 * import assert from "node:assert/strict";
 * const evaluations = [5, 6, 7, 5.5].map((loss, index) => ({ step: 10 * index, loss }));
 * assert.equal(averagingStart(evaluations, 2), 31);
 * assert.equal(averagingStart(evaluations, 3), null);
 * ```
 */
export function averagingStart(
  evaluations: readonly { readonly step: number; readonly loss: number }[],
  interval: number,
): number | null {
  const trigger = nonMonotoneTrigger(interval);
  const evaluation = evaluations.find(({ loss }) => trigger.observe(loss));
  return evaluation === undefined ? null : evaluation.step + 1;
}
