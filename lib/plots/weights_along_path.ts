import { show } from "../core/check.ts";
import { checkOptions, integer, oneOf, orNotGiven, passed } from "../core/options.ts";
import { type NamedTensor, normsOf, type WeightGrouping } from "./_weight_groups.ts";
import type { NamedWeights } from "./weight_histogram.ts";

/** The weights that one strength of a penalty gave. */
export interface WeightsAtStrength {
  /** The penalty's strength, from 0. */
  readonly strength: number;
  /** Weights by parameter name, as a trained model gives them, or one list. */
  readonly weights: NamedWeights["weights"];
}

/** Options of {@link plotRegularizationPath}. */
export interface PathOptions {
  /**
   * Name of the strength's axis; `lambda` is shown as λ.
   *
   * @default {"lambda"}
   */
  readonly axis?: string;
  /** Which penalty it is the strength of, such as `proximal L1`. */
  readonly meaning?: string;
  /** Names of the parameters to look at; all when left out. */
  readonly parameters?: readonly string[];
  /**
   * How many single weights, and how many norms, are drawn: those that become largest.
   *
   * @default {40}
   */
  readonly lines?: number;
  /**
   * Whose norms are drawn: of each parameter (`tensor`), of what leaves one input (`row`) or of what
   * enters one output (`column`).
   *
   * @default {"tensor"}
   */
  readonly groups?: WeightGrouping;
}

const described = {
  axis: orNotGiven(passed<string>("lambda")),
  meaning: passed<string | null>(null),
  parameters: passed<readonly string[] | undefined>(),
  lines: orNotGiven(integer({ from: 1, to: 500 }, 40)),
  groups: orNotGiven(oneOf(["tensor", "row", "column"], "tensor")),
};

/** What becomes of weights as a penalty grows. */
export interface RegularizationPath {
  readonly axis: string;
  readonly meaning: string | null;
  /** Ascending. */
  readonly strengths: readonly number[];
  /** Weights of all, and how many of them are drawn. */
  readonly count: number;
  /** The weights that become largest, each at every strength; the largest first. */
  readonly weights: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** Share of weights that are exactly 0 at each strength. */
  readonly exactZeroShares: readonly number[];
  /** Share of weights with |w| < 0.001 at each strength. */
  readonly nearZeroShares: readonly number[];
  readonly groups: WeightGrouping;
  /** How many groups there are; those that become largest are drawn. */
  readonly groupCount: number;
  /** √Σw² of groups at each strength, the parameters in their order, rows and columns the largest first. */
  readonly groupNorms: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** Share of groups in which every weight is exactly 0, at each strength. */
  readonly zeroGroupShares: readonly number[];
}

/** Follows weights over the strengths of a penalty. */
export function regularizationPath(
  path: readonly WeightsAtStrength[],
  options: PathOptions = {},
): RegularizationPath {
  const { lines, groups: by, axis, meaning } = checkOptions(
    "plotRegularizationPath",
    options,
    described,
  );
  if (path.length === 0) throw new RangeError("plotRegularizationPath: path must not be empty.");
  const sorted = [...path].sort((a, b) => a.strength - b.strength)
    .map(({ strength, weights }) => ({ strength, groups: groupsOf(weights, options) }));
  const [first] = sorted;
  const shape = (groups: Groups) => groups.map(({ name, values }) => `${name} ${values.length}`);
  for (const { strength, groups } of sorted) {
    if (shape(groups).join() !== shape(first.groups).join()) {
      throw new RangeError(
        `plotRegularizationPath: all strengths must have the same weights; at ` +
          `${show(first.strength)} they are ${shape(first.groups).join(", ")}, found ` +
          `${shape(groups).join(", ")} at ${show(strength)}.`,
      );
    }
  }
  const sizes = first.groups.flatMap(({ name, values }, group) =>
    Array.from(values, (_, index) => ({
      name: values.length === 1 ? name : `${name}[${index}]`,
      group,
      index,
      largest: Math.max(
        ...sorted.map(({ groups }) => Math.abs(groups[group].values[index] as number)),
      ),
    }))
  );
  const strange = sizes.find(({ largest }) => !Number.isFinite(largest));
  if (sizes.length === 0 || strange) {
    throw new RangeError(
      `plotRegularizationPath: weights must be ${strange ? "finite" : "at least one"}.`,
    );
  }
  const share = (counts: (value: number) => boolean) =>
    sorted.map(({ groups }) => {
      let count = 0;
      for (const { values } of groups) {
        for (const value of Array.from(values)) if (counts(value)) count++;
      }
      return count / sizes.length;
    });
  const bySet = sorted.map(({ groups }) => groups.flatMap((group) => normsOf(group, by)));
  const norms = bySet[0].map(({ name }, index) => ({
    name,
    values: bySet.map((set) => set[index].norm),
  }));
  return {
    axis,
    meaning,
    strengths: sorted.map(({ strength }) => strength),
    count: sizes.length,
    weights: sizes.toSorted((a, b) => b.largest - a.largest).slice(0, lines)
      .map(({ name, group, index }) => ({
        name,
        values: sorted.map(({ groups }) => groups[group].values[index]),
      })),
    exactZeroShares: share((value) => value === 0),
    nearZeroShares: share((value) => Math.abs(value) < 1e-3),
    groups: by,
    groupCount: norms.length,
    groupNorms: by === "tensor" ? norms : byLargest(norms).slice(0, lines),
    zeroGroupShares: sorted.map((_, at) =>
      norms.filter(({ values }) => values[at] === 0).length / norms.length
    ),
  };
}

function byLargest<Line extends { readonly values: readonly number[] }>(
  lines: readonly Line[],
): Line[] {
  const size = ({ values }: Line) => Math.max(...values.map(Math.abs));
  return lines.toSorted((a, b) => size(b) - size(a));
}

type Groups = readonly NamedTensor[];

function groupsOf(weights: NamedWeights["weights"], { parameters }: PathOptions): Groups {
  if (!(weights instanceof Map)) return [{ name: "w", values: weights as ArrayLike<number> }];
  const names: readonly string[] = parameters ?? [...weights.keys()];
  return names.map((name) => {
    const found = weights.get(name);
    if (!found) {
      throw new RangeError(
        `plotRegularizationPath: parameters must be of ${[...weights.keys()].join(", ")}, found ` +
          `${show(name)}.`,
      );
    }
    return { name, ...found };
  });
}
