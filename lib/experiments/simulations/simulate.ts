import { randomStream } from "../../core/random.ts";
import { families } from "./families.ts";
import type { Setting } from "./family.ts";
import type { Family, Null, Outcome } from "./family.ts";
import type { FoldCorrelation } from "./fold_correlation.ts";
import type { VarianceComponents } from "./variance_components.ts";

/** What all studies of a simulation are drawn with. */
export interface SimulationInput {
  /** Whole number from which all draws derive. */
  readonly seed: number;
  /** Studies of each row. */
  readonly count: number;
  /** What losses are made of. */
  readonly variances: VarianceComponents;
  /** What folds were measured to share, one entry for each number of folds. */
  readonly correlations: Correlations;
}

/** What folds were measured to share. */
export interface Correlations {
  /** Of stretches of one book. */
  readonly pages: readonly FoldCorrelation[];
  /** The same with all folds trained on the first tokens only. */
  readonly firstTokens: readonly FoldCorrelation[];
  /** Of the first stretches of texts by many authors. */
  readonly authors: readonly FoldCorrelation[];
}

/** A row of the table: a family at a number of folds. */
export interface SimulationRow {
  /** Name of the family. */
  readonly family: string;
  /** What its null hypothesis speaks of. */
  readonly null: Null;
  /** Folds. */
  readonly folds: number;
  /** Correlation between folds that was drawn with. */
  readonly correlation: number;
  /** Studies drawn. */
  readonly count: number;
  /** Studies with a false verdict; null where nothing of the kind is said. */
  readonly falseVerdicts: number | null;
  /** The same by the plainer procedure; null where there is none. */
  readonly plainFalseVerdicts: number | null;
  /** Intervals that hold the truth, of so many that are given; null where none is. */
  readonly covered: { readonly holding: number; readonly given: number } | null;
  /** What the first studies came to, by which a row is known: false verdict, plainer one, covered. */
  readonly first: string;
}

/**
 * Correlation between folds that a null hypothesis stands for.
 *
 * On this text 1/K, the share of a text that a fold holds out, with which the corrected t-test is exact
 * (Nadeau and Bengio 2003); stretches of one book were measured to share less. Over texts the largest
 * that was measured of texts by other authors, or of folds that train on the same tokens. For models of one
 * training text what it favours is fixed, and nothing is shared.
 */
export function correlationOf(
  hypothesis: Null,
  folds: number,
  correlations: Correlations,
): number {
  const measured = (list: readonly FoldCorrelation[]) => {
    const found = list.find((each) => each.folds === folds);
    if (found) return found.largest;
    throw new RangeError(
      `simulate: folds must have a measured correlation, found ${folds}; there are ${
        list.map((each) => each.folds).join(", ")
      }.`,
    );
  };
  switch (hypothesis) {
    case "this text":
      return 1 / folds;
    case "this training text":
      return 0;
    case "over training texts":
      return measured(correlations.firstTokens);
    case "over texts":
      return measured(correlations.authors);
  }
}

/**
 * Draws studies without any effect for every family and number of folds, and counts what the library says
 * of them: its own functions read the records.
 *
 * @param input See {@link SimulationInput}.
 * @param options.onRow Called with each row as it is done.
 * @returns All rows, in the order of the families; each draws from a stream of its own, so the first studies
 * of a row are the same whatever the count.
 */
export function simulate(
  input: SimulationInput,
  options: { readonly onRow?: (row: SimulationRow) => void } = {},
): SimulationRow[] {
  return families.flatMap((family) =>
    family.folds.map((folds) => {
      const row = simulateRow(family, folds, input);
      options.onRow?.(row);
      return row;
    })
  );
}

/** Draws the studies of one row. */
export function simulateRow(
  family: Family,
  folds: number,
  input: SimulationInput,
): SimulationRow {
  const { seed, variances, correlations } = input;
  const count = Math.ceil(input.count * family.times);
  const correlation = correlationOf(family.null, folds, correlations);
  const setting: Setting = { folds, correlation, variances };
  const stream = randomStream(seed, `${folds} folds`, `${family.name}, ${family.null}`);
  let [falseVerdicts, plain, holding, given] = [0, 0, 0, 0];
  let [says, saysPlainly] = [false, false];
  const first: string[] = [];
  for (let study = 0; study < count; study++) {
    const outcome = family.run(setting, stream);
    const { isFalse, covers, plainIsFalse } = outcome;
    if (study < firstStudies) first.push(letters(outcome));
    if (isFalse !== null) says = true;
    if (plainIsFalse !== null) saysPlainly = true;
    if (isFalse) falseVerdicts++;
    if (plainIsFalse) plain++;
    if (covers !== null) given++;
    if (covers) holding++;
  }
  return {
    family: family.name,
    null: family.null,
    folds,
    correlation,
    count,
    falseVerdicts: says ? falseVerdicts : null,
    plainFalseVerdicts: saysPlainly ? plain : null,
    covered: given > 0 ? { holding, given } : null,
    first: first.join(" "),
  };
}

/** Of each row, so many studies are written down one by one. */
export const firstStudies = 10;

/** Outcome of a study as three letters: y, n, or - where it has none. */
function letters({ isFalse, plainIsFalse, covers }: Outcome): string {
  return [isFalse, plainIsFalse, covers].map((each) => each === null ? "-" : each ? "y" : "n")
    .join("");
}

/** Two standard errors above 5 %: what a family may show in so many studies. */
export function mostFalseVerdicts(count: number): number {
  return count * (0.05 + 2 * Math.sqrt(0.05 * 0.95 / count));
}

/**
 * How many of so many intervals of 95 % must hold the truth: 93 %, or two standard errors under 95 % where so
 * few studies tell no better.
 */
export function leastCovered(given: number): number {
  return given * Math.min(0.93, 0.95 - 2 * Math.sqrt(0.05 * 0.95 / given));
}
