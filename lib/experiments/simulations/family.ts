import type { RandomStream } from "../../core/random.ts";
import type { TestResult } from "../../statistics/corrected_t.ts";
import { significanceLevel } from "../../statistics/verdict.ts";
import { drawLosses, type DrawnLosses } from "./model.ts";
import type { VarianceComponents } from "./variance_components.ts";

/** What one drawn study came to. */
export interface Outcome {
  /** Whether a difference was said that is not there; null where nothing of the kind is said. */
  readonly isFalse: boolean | null;
  /** Whether the interval holds the truth; null where none is given. */
  readonly covers: boolean | null;
  /** What a plainer procedure would have said wrongly or missed; null where there is none. */
  readonly plainIsFalse: boolean | null;
}

/** Of what a null hypothesis speaks, which decides how much folds share. */
export type Null =
  /** Such stretches of this text: folds share what their training texts have in common. */
  | "this text"
  /** Stretches of this text for models of this very training text. */
  | "this training text"
  /** Other training text, where all folds train on the same tokens. */
  | "over training texts"
  /** Other texts by other authors. */
  | "over texts";

/** Sizes and variances that a family draws studies with. */
export interface Setting {
  /** Folds K. */
  readonly folds: number;
  /** Correlation between folds. */
  readonly correlation: number;
  /** What losses are made of. */
  readonly variances: VarianceComponents;
}

/** Comparisons of one kind, made on studies in which nothing has an effect. */
export interface Family {
  /** Short name. */
  readonly name: string;
  /** What the library says there, in a few words. */
  readonly what: string;
  /** What the plainer procedure is; empty where there is none. */
  readonly plain: string;
  /** What the null hypothesis speaks of. */
  readonly null: Null;
  /** Whether the library claims it: 5 % false verdicts, 93 % coverage. */
  readonly claimed: boolean;
  /** Numbers of folds at which it is simulated. */
  readonly folds: readonly number[];
  /** How many times as many studies are drawn as were asked for: more where they take no time. */
  readonly times: number;
  /** Draws one study and looks what the library says. */
  run(setting: Setting, stream: RandomStream): Outcome;
}

/** Numbers of folds of the table. */
export const foldCounts: readonly number[] = [2, 3, 5, 10];

/** Seeds of every study. */
export const seeds = 2;

export function draw(setting: Setting, points: number, stream: RandomStream): DrawnLosses {
  return drawLosses({ points, seeds, ...setting }, stream);
}

export function isShown(pValue: number | null | undefined): boolean {
  return pValue != null && pValue < significanceLevel;
}

export function holds(
  interval: readonly [number, number] | null | undefined,
  truth = 0,
): boolean | null {
  return interval ? interval[0] <= truth && truth <= interval[1] : null;
}

/** A test's outcome under no difference. */
export function outcomeOf(
  test: TestResult | null,
  pValue: number | null,
  plain: TestResult | null,
): Outcome {
  return {
    isFalse: isShown(pValue),
    covers: holds(test?.interval),
    plainIsFalse: plain === null ? null : isShown(plain.pValue),
  };
}

export function baseFamily(
  name: string,
): Pick<Family, "name" | "null" | "claimed" | "folds" | "times"> {
  return { name, null: "this text", claimed: true, folds: foldCounts, times: 1 };
}
