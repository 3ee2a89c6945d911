import type * as tf from "@tensorflow/tfjs";
import type { OwnSeen } from "../penalties/define_penalty.ts";

/** A map with the parameters that it acts on. */
interface SeeingMap {
  /** What of a step it reads. */
  readonly sees: readonly (keyof OwnSeen)[];
  /** Whether it acts on a parameter, in their order. */
  readonly targeted: readonly boolean[];
}

/** What the maps of a run see of each step. */
export interface SeenSteps {
  /** Where the optimizer writes its updates; null where none is read. */
  readonly updates: readonly (Float32Array | null)[];
  /** Keeps the weights as they are before a step. */
  begin(): void;
  /** What a map sees of the step of a parameter. */
  of(sees: readonly (keyof OwnSeen)[], index: number): Partial<OwnSeen>;
}

/** Arrays for what maps read of a step, of the parameters that they act on and of no others. */
export function createSeenSteps(
  maps: readonly SeeingMap[],
  variables: readonly tf.Variable[],
): SeenSteps {
  const arraysOf = (name: keyof OwnSeen) =>
    variables.map(({ size }, index) =>
      maps.some(({ sees, targeted }) => sees.includes(name) && targeted[index])
        ? new Float32Array(size)
        : null
    );
  const arrays = { before: arraysOf("before"), update: arraysOf("update") };
  return {
    updates: arrays.update,
    begin() {
      arrays.before.forEach((values, index) =>
        values?.set(variables[index].dataSync() as Float32Array)
      );
    },
    of: (sees, index) => Object.fromEntries(sees.map((name) => [name, arrays[name][index]!])),
  };
}
