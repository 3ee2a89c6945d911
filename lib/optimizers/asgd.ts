import { show } from "../core/check.ts";
import { mostSteps } from "../core/limits.ts";
import { stored } from "../core/left_out.ts";
import { checkOptions, type Given, integer, number, orNotGiven, orNull } from "../core/options.ts";
import { type Schedule, scheduleOption } from "../core/schedule.ts";
import { createAveraging } from "./_averaging.ts";
import type { OptimizerKind } from "./kind.ts";
import { sgdStep } from "./sgd.ts";

/** Averaged stochastic gradient descent, as plain JSON. */
export interface AsgdSpecification {
  /** Which optimizer it is. */
  readonly kind: "asgd";
  /** η, above 0. */
  readonly learningRate: number;
  /**
   * n of the non-monotonic trigger, in evaluations, from 1; null when `averageFromStep` says when
   * averaging begins.
   *
   * @default {5}
   */
  readonly nonMonotoneInterval: number | null;
  /**
   * First step whose weights are averaged, from 1; null when the trigger says it.
   *
   * @default {null}
   */
  readonly averageFromStep: number | null;
  /**
   * How η changes over the steps, such as `cosineSchedule`; a constant one is left out.
   *
   * @default {constantSchedule()}
   */
  readonly schedule?: Schedule;
}

/** What {@link asgd} takes. */
export type AsgdOptions = Given<AsgdSpecification, "nonMonotoneInterval" | "averageFromStep">;

const asgdOptions = {
  learningRate: number({ above: 0 }),
  nonMonotoneInterval: orNotGiven(integer({ from: 1, to: mostSteps }, 5)),
  averageFromStep: orNull(integer({ from: 1, to: mostSteps })),
  schedule: scheduleOption,
};

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
 * @param options See {@link AsgdSpecification}.
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
  const { averageFromStep: from, nonMonotoneInterval: interval } = Object(options) as AsgdOptions;
  if ((from ?? null) !== null && (interval ?? null) !== null) {
    throw new RangeError(
      `asgd: averageFromStep and nonMonotoneInterval both say when averaging begins, found ` +
        `${show(from)} and ${show(interval)}. Give one of them.`,
    );
  }
  const checked = checkOptions("asgd", options, asgdOptions);
  const { averageFromStep } = checked;
  const nonMonotoneInterval = averageFromStep === null ? checked.nonMonotoneInterval : null;
  return stored({ kind: "asgd", ...checked, nonMonotoneInterval }, "optimizer");
}

/** What is known of {@link asgd}. */
export const asgdOptimizer: OptimizerKind<AsgdSpecification> = {
  create: asgd,
  options: asgdOptions,
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
