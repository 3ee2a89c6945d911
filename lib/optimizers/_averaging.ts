import { nonMonotoneTrigger } from "./non_monotone_trigger.ts";

/** What is remembered besides the average. */
export interface AveragingState {
  /** First step whose weights are in the average; null as long as none is. */
  readonly fromStep: number | null;
  /** Held-out losses seen before averaging began, oldest first. */
  readonly heldOutLosses: readonly number[];
}

/** Lets a function change the weights and what is remembered of them, parameter by parameter. */
export type ChangeAll = (
  change: (weights: Float32Array, slots: readonly Float32Array[]) => void,
) => void;

/** The mean of the weights that an optimizer keeps in its only slot. */
export interface Averaging {
  /** Takes the weights after a step into the mean, if averaging has begun. */
  add(step: number): void;
  observe(heldOutLoss: number, step: number): void;
  /** Calls a function while the parameters hold the mean, once there is one. */
  during<Result>(measure: () => Result, step: number): Result;
  /** Leaves the mean in the parameters, once there is one. */
  keep(step: number): void;
  state(): AveragingState;
  restore(state: AveragingState): void;
}

const { fround } = Math;

/** Begins at a step or when the trigger says so, whichever of them is given. */
export function createAveraging(
  { averageFromStep, nonMonotoneInterval }: {
    readonly averageFromStep: number | null;
    readonly nonMonotoneInterval: number | null;
  },
  changeAll: ChangeAll,
): Averaging {
  let fromStep = averageFromStep;
  let trigger = nonMonotoneInterval === null ? null : nonMonotoneTrigger(nonMonotoneInterval);
  const change = (function_: (weights: Float32Array, mean: Float32Array) => void) =>
    changeAll((weights, [mean]) => function_(weights, mean));
  const exists = (step: number) => fromStep !== null && step >= fromStep;
  return {
    add(step) {
      if (!exists(step)) return;
      const terms = step - fromStep! + 1;
      change((weights, mean) => {
        for (let i = 0; i < mean.length; i++) {
          mean[i] = fround(mean[i] + fround(fround(weights[i] - mean[i]) / terms));
        }
      });
    },
    observe(heldOutLoss, step) {
      if (fromStep === null && trigger?.observe(heldOutLoss)) fromStep = step + 1;
    },
    during(measure, step) {
      if (!exists(step)) return measure();
      change(swap);
      try {
        return measure();
      } finally {
        change(swap);
      }
    },
    keep(step) {
      if (exists(step)) change((weights, mean) => weights.set(mean));
    },
    state: () => ({ fromStep, heldOutLosses: [...trigger?.losses ?? []] }),
    restore(state) {
      fromStep = state.fromStep;
      trigger = nonMonotoneInterval === null
        ? null
        : nonMonotoneTrigger(nonMonotoneInterval, state.heldOutLosses);
    },
  };
}

function swap(first: Float32Array, second: Float32Array): void {
  const copy = Float32Array.from(first);
  first.set(second);
  second.set(copy);
}
