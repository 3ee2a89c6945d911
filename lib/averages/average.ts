import type { Options } from "../core/options.ts";

/** Where the weights that are trained are, and where an average keeps its copies of them. */
export type Place = "weights" | number;

/**
 * One change of a copy: to ← to + share · (from − to), in single precision; a share of 1 copies. Copy 0
 * is the average.
 */
export interface Move {
  readonly to: number;
  readonly from: Place;
  readonly share: number;
}

/** What happens to the weights, and how often the average has changed before. */
export interface Moment {
  /** Steps done. */
  readonly step: number;
  /** Whether the model is evaluated now; false right after the step. */
  readonly evaluated: boolean;
  /** How often the average has taken the weights. */
  readonly taken: number;
}

/** All that is known of one kind of average; nothing of it loads tfjs. */
export interface AverageKind<Specification> {
  /** Checks the options and fills in every default. */
  readonly create: (options: never) => Specification;
  /** What each option must be, and its default. */
  readonly options: Options;
  /** The average in words, its options among them: no two have the same. */
  name(specification: Specification): string;
  /** The average as a formula in a line of text. */
  readonly formula: string;
  /** Copies of the weights that it keeps, the average among them. */
  copies(specification: Specification): number;
  /** How the copies change; none where the average does not take the weights. */
  moves(specification: Specification, moment: Moment): readonly Move[];
  /** First step whose weights it takes; none where the evaluations say it. */
  firstStep?(specification: Specification): number;
}

/** Words for the steps that an average takes. */
export function stepWords({ start, every }: { readonly start: number; readonly every: number }) {
  return (every === 1 ? "" : `, every ${every} steps`) +
    (start === 1 ? "" : `, from step ${start}`);
}

/** Whether an average that begins at a step and takes every k-th takes this one. */
export function isTaken(
  { start, every }: { readonly start: number; readonly every: number },
  { step, evaluated }: Moment,
): boolean {
  return !evaluated && step >= start && (step - start) % every === 0;
}
