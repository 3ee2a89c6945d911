import { checkInteger, checkKeys, checkNumber, show } from "../core/check.ts";
import { mostSteps } from "../core/limits.ts";
import { type Schedule, scheduleProperty } from "../core/schedule.ts";
import { createAveraging } from "./_averaging.ts";
import type { OptimizerKind } from "./kind.ts";
import { sgdStep } from "./sgd.ts";

/** Averaged stochastic gradient descent, as plain JSON. */
export interface AsgdSpecification {
  /** Which optimizer it is. */
  readonly kind: "asgd";
  /** η, above 0. */
  readonly learningRate: number;
  /** n of the non-monotonic trigger; null when `averageFromStep` says when averaging begins. */
  readonly nonMonotoneInterval: number | null;
  /** First step whose weights are averaged; null when the trigger says it. */
  readonly averageFromStep: number | null;
  /** How η changes over the steps; constant when there is none. */
  readonly schedule?: Schedule;
}

/** What {@link asgd} takes. */
export interface AsgdOptions {
  /** η, above 0. */
  readonly learningRate: number;
  /** n of the non-monotonic trigger, in evaluations, from 1; 5 if neither is given. */
  readonly nonMonotoneInterval?: number | null;
  /** First step whose weights are averaged, from 1, in place of the trigger. */
  readonly averageFromStep?: number | null;
  /** How η changes over the steps, such as `stepSchedule`; constant if not given. */
  readonly schedule?: Schedule;
}

/**
 * Averaged SGD: steps of plain `sgd`, w ← w − η g, and from a step T on the mean of the weights after
 * each step, a ← a + (w − a)/(t − T + 1). Training goes on from w; everything that is measured, drawn
 * or kept is of a.
 *
 * T is given by `averageFromStep`, or by the non-monotonic trigger (NT-ASGD): averaging begins with the
 * step after the first evaluation whose held-out loss (on choosing spans where the fold has some) is above
 * the lowest of all but the last n evaluations before it. A study's refits take T from its folds. Before
 * T, a is w. The curve therefore has its own jump where averaging begins, and later held-out losses, which
 * are those of a, no longer matter to the trigger.
 *
 * With lambd = 0 PyTorch's ASGD is the same: its first averaged step is t0 + 2. Its η does not decay
 * here either, which is what AWD-LSTM uses. The mean of sparse weights is not sparse: exact zeros of a
 * proximal map survive only where they held in every step since T. The decay and proximal penalties
 * act on w as under `sgd`.
 *
 * Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging (1992); Merity, Keskar and
 * Socher, Regularizing and Optimizing LSTM Language Models (2018).
 *
 * @param options Learning rate and when to begin.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, a value outside its range, or two beginnings.
 *
 * @example
 * ```ts
 * import { asgd } from "./asgd.ts";
 * import assert from "node:assert/strict";
 * assert.equal(asgd({ learningRate: 10 }).nonMonotoneInterval, 5);
 * assert.equal(asgd({ learningRate: 10, averageFromStep: 100 }).nonMonotoneInterval, null);
 * ```
 */
export function asgd(options: AsgdOptions): AsgdSpecification {
  checkKeys("asgd", options, [
    "learningRate",
    "nonMonotoneInterval",
    "averageFromStep",
    "schedule",
  ]);
  const averageFromStep = options.averageFromStep ?? null;
  const interval = options.nonMonotoneInterval ?? (averageFromStep === null ? 5 : null);
  if (averageFromStep !== null && interval !== null) {
    throw new RangeError(
      `asgd: averageFromStep and nonMonotoneInterval both say when averaging begins, found ` +
        `${show(averageFromStep)} and ${show(interval)}. Give one of them.`,
    );
  }
  const check = (name: string, value: number | null) =>
    value === null ? null : checkInteger(`asgd: ${name}`, value, { from: 1, to: mostSteps });
  return {
    kind: "asgd",
    learningRate: checkNumber("asgd: learningRate", options.learningRate, { above: 0 }),
    nonMonotoneInterval: check("nonMonotoneInterval", interval),
    averageFromStep: check("averageFromStep", averageFromStep),
    ...scheduleProperty("asgd", options.schedule),
  };
}

/** What is known of {@link asgd}. */
export const asgdOptimizer: OptimizerKind<AsgdSpecification> = {
  create: asgd,
  formula: () =>
    "w ← w − η g; the mean of the weights since averaging began is what is measured and kept",
  tex: () => String.raw`w \leftarrow w - \eta\, g, \qquad \bar w = \operatorname{mean}(w)`,
  slots: () => ["average"],
  step: (_, learningRate) => sgdStep({ momentum: 0, nesterov: false }, learningRate),
  averaging: createAveraging,
  warnings({ averageFromStep, nonMonotoneInterval: interval }, run) {
    const { steps, evaluations, afterwards } = run;
    const found: string[] = [];
    if (averageFromStep !== null && averageFromStep > steps) {
      found.push(
        `asgd: averageFromStep ${averageFromStep} is after the last step, ${steps}: no weights are ` +
          `averaged.`,
      );
    }
    // The evaluation that triggers has more than `interval` before it, and a step after it.
    if (interval !== null && interval >= evaluations - 1) {
      found.push(
        `asgd: nonMonotoneInterval ${interval} begins no average before the last step: ` +
          `${afterwards}.`,
      );
    }
    return found;
  },
};
