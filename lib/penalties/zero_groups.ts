import { checkOptions, passed } from "../core/options.ts";
import { groupCounts, type Grouping, grouping, groupOfEach, groupsOf } from "./groups.ts";
import { actsOn, defaultTargets, type ParameterDescription, type Targets } from "./penalty.ts";

/** How many weights of each group of a parameter are exactly 0. */
export interface ZeroGroups {
  /** Name of the parameter. */
  readonly parameter: string;
  /** Weights of a group. */
  readonly size: number;
  /** Share of exact zeros of each group, 0 to 1, in the order of rows or columns. */
  readonly zeroShares: readonly number[];
  /** Groups of zeros alone. */
  readonly zeroGroups: number;
}

/** A trained model, as far as its zeros go: `study.model(…)` is one. */
export interface WeightsOfParameters {
  /** What its parameters are. */
  readonly parameters: readonly ParameterDescription[];
  /** Weights by parameter name. */
  weights(): ReadonlyMap<string, { readonly values: Float32Array }>;
}

/**
 * Counts the exact zeros of each group of weights: whether a penalty emptied whole groups, as the
 * group lasso does, or scattered its zeros, as L1 does.
 *
 * A group is what `groupLasso` calls one: groups do not span parameters, so what enters a recurrent
 * unit from below (a group of the kernel) and from its own layer (one of the recurrent kernel) are two.
 *
 * @param model A trained model.
 * @param options.groups What a group is.
 * @param options.targets Kinds of parameters to look at; kernels and recurrent kernels by default, as
 * penalties act on.
 * @returns One entry a parameter, in the model's order.
 * @throws {RangeError} If the grouping is unknown.
 *
 * @example
 * ```ts
 * import { zeroGroups } from "./zero_groups.ts";
 * import assert from "node:assert/strict";
 * const kernel = { name: "output/kernel", kind: "kernel", layer: "output", shape: [2, 3] } as const;
 * const weights = new Map([["output/kernel", { values: Float32Array.of(0, 1, 0, 0, 2, 3) }]]);
 * const [counted] = zeroGroups({ parameters: [kernel], weights: () => weights }, { groups: "column" });
 * assert.deepEqual(counted.zeroShares, [1, 0, 0.5]);
 * assert.equal(counted.zeroGroups, 1);
 * ```
 */
export function zeroGroups(
  model: WeightsOfParameters,
  options: { readonly groups: Grouping; readonly targets?: Targets["targets"] },
): ZeroGroups[] {
  const { groups: by, targets } = checkOptions("zeroGroups", options, {
    groups: grouping,
    targets: passed<Targets["targets"]>(defaultTargets),
  });
  const weights = model.weights();
  return model.parameters.filter((parameter) => actsOn({ targets }, parameter)).map((parameter) => {
    const groups = groupsOf({ by, weighting: "none" }, parameter, model.parameters);
    const { count, size } = groupCounts(groups);
    const zeros = new Array<number>(count).fill(0);
    const { values } = weights.get(parameter.name)!;
    groupOfEach(groups).forEach((group, at) => {
      if (values[at] === 0) zeros[group]++;
    });
    return {
      parameter: parameter.name,
      size,
      zeroShares: zeros.map((each) => each / size),
      zeroGroups: zeros.filter((each) => each === size).length,
    };
  });
}
