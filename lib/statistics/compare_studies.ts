import type { JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import {
  adjusted,
  comparePaired,
  foldTestOf,
  type PointComparison,
  prunedKeys,
  type Reading,
  readPoint,
  withValues,
} from "./compare.ts";
import { chosenBy } from "./choose_by_fold.ts";
import {
  compareManyStudies,
  type ManyStudies,
  type ManyStudiesOptions,
} from "./compare_many_studies.ts";
import { equivalencesOf } from "./equivalence.ts";
import { commonRegion, equivalenceRegion } from "./equivalence_region.ts";
import type { EquivalenceRegion } from "./region_of_baseline.ts";
import { foldSizes, widenedForChoice } from "./fold_sizes.ts";
import type { FoldSizes } from "./mean_interval.ts";
import { type NestedChoice, nestedChoice } from "./nested_choice.ts";
import { type Pairing, pairingOf } from "./pairing.ts";
import { ruleOfStudy, select } from "./select.ts";
import type { StudyRecords } from "./study_records.ts";
import {
  groupRuns,
  type PointRuns,
  type PointSummary,
  type Quantity,
  summarizeTrials,
  type View,
} from "./summarize.ts";

/** Two studies held against each other. */
export interface StudyComparison {
  /** What is compared. */
  readonly quantity: Quantity;
  /** Where in training the losses are looked at. */
  readonly view: View;
  /** Which runs are paired. */
  readonly pairing: Pairing;
  /** Points of both studies: second minus first, over what is paired; Holm over these. */
  readonly points: readonly PointComparison[];
  /** The point that each study's own rule selects; null when it selects none. */
  readonly selected: readonly [PointSummary | null, PointSummary | null];
  /**
   * What the second study selects minus what the first selects, each chosen for a fold by the other
   * folds alone and scored on it; null when a study selects nothing, or `withheld` says why.
   */
  readonly betweenSelected: Omit<PointComparison, "point" | "key"> | null;
  /** Why what the studies select is not compared, in words; null when it is or nothing is paired. */
  readonly withheld: string | null;
  /** What was chosen for each fold, and the values that were compared. */
  readonly chosen: readonly [NestedChoice, NestedChoice];
  /** Differences too small to matter, as both studies declared them; absent where none did. */
  readonly region?: EquivalenceRegion;
}

/** Options of {@link compareStudies} of two studies. */
export interface TwoStudiesOptions {
  /** What is compared; validation loss. */
  readonly quantity?: Quantity;
  /** Where the points are looked at; last step. */
  readonly view?: View;
}

/**
 * Compares two studies point by point, or any number of studies by one contrast.
 *
 * **Two studies**, `compareStudies(first, second)`, are paired where folds and seeds agree. Two runs are paired
 * when they have the same seed and folds with the same held-out and training spans of the same text. Differences
 * are averaged over seeds in each fold and tested by the corrected resampled t-test. Where nothing can be paired
 * there is no test. What the studies select is compared by {@link nestedChoice}: two points that were selected
 * on the folds that score them differ by their luck there. The test is widened for choices on other folds
 * ({@link widenedForChoice}), and withheld with fewer than two paired folds, or where a search has pruned points:
 * it did so on all folds.
 *
 * **A list of studies**, `compareStudies(studies, options)`, may differ in text, model and size, and nothing is
 * paired between them. Each has a difference of its own: an `arm` minus its parent, a `point` minus the baseline
 * or `from`, or, without either, what its rule selects for each fold by text that does not score it, minus its baseline. They
 * are combined by a paired t-test over the texts, as `compareArmsOverTexts` does it, with a verdict from six texts
 * on, and by the hierarchical model of {@link hierarchicalT}. Studies of one text count as one text; where they
 * have the same folds, their mean is tested over these.
 *
 * @param first What the second is compared with, or a list of studies, from two on.
 * @param second The other study, or options of a list.
 * @param options Of two studies.
 * @returns The comparison.
 * @throws {TypeError | RangeError} Of a list, if there are fewer than two, options contradict each other, a study
 * lacks what they name, or losses are not in one unit of the same kind of tokens.
 *
 * @example
 * ```ts
 * import { compareStudies } from "./compare_studies.ts";
 * import { syntheticRecords } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const studies = ["a", "b", "c"].map((name, text) => {
 *   const { record, records } = syntheticRecords({ name, axes: { lambda: [0, 1e-4] }, seeds: [text] });
 *   return { record: { ...record, corpus: { ...record.corpus, name, sha256: String(text) } }, records };
 * });
 * const { overTexts, hierarchical } = compareStudies(studies, { point: { lambda: 1e-4 } });
 * assert.equal(overTexts!.verdict, "tooFewTexts"); // An interval, and no verdict.
 * assert.equal(hierarchical.state, "estimated");
 * const { points } = compareStudies(studies[0], syntheticRecords({ axes: { lambda: [0, 1e-4] } }));
 * assert.equal(points.length, 0); // Another text: nothing is paired.
 * ```
 */
export function compareStudies(
  first: StudyRecords,
  second: StudyRecords,
  options?: TwoStudiesOptions,
): StudyComparison;
/** Compares any number of studies by one contrast within each. */
export function compareStudies(
  studies: readonly StudyRecords[],
  options?: ManyStudiesOptions,
): ManyStudies;
export function compareStudies(
  first: StudyRecords | readonly StudyRecords[],
  second?: StudyRecords | ManyStudiesOptions,
  options?: TwoStudiesOptions,
): StudyComparison | ManyStudies {
  if (Array.isArray(first)) return compareManyStudies(first, second as ManyStudiesOptions);
  return compareTwoStudies(first as StudyRecords, second as StudyRecords, options);
}

function compareTwoStudies(
  first: StudyRecords,
  second: StudyRecords,
  options: TwoStudiesOptions = {},
): StudyComparison {
  const { quantity = "validationLoss", view = "lastStep" } = options;
  const pairing = pairingOf(first.record, second.record);
  const [a, b] = [first, second].map((source) => readingsOf(source, pairing, quantity, view));
  const compare = (one: PointReadings, other: PointReadings) => {
    const complete = isWhole(one, pairing) && isWhole(other, pairing);
    return comparePaired(other, other.readings, one.readings, complete ? other.sizes : null);
  };
  const points = [...b.values()].flatMap((other) => {
    const one = a.get(other.key);
    return one && pairing.folds.length > 0 ? [compare(one, other)] : [];
  });
  const selected = [first, second].map(({ record, records }) =>
    select(summarizeTrials(record, records), ruleOfStudy(record), view).selected
  ) as [PointSummary | null, PointSummary | null];
  const pruned = new Set([first, second].flatMap(({ record, records }) => [
    ...prunedKeys(summarizeTrials(record, records)),
  ]));
  const withheld = pairing.folds.length === 0 || selected.includes(null)
    ? null
    : reasonNotToCompare(pairing, pruned.size > 0, [first.record, second.record]);
  const chosen = [first, second].map(({ record, records }): NestedChoice =>
    pairing.folds.length === 0 || withheld !== null ? { choices: [], readings: [] } : nestedChoice({
      record: { ...record, seeds: pairing.seeds },
      records,
    }, { folds: pairing.folds, view, quantity })
  ) as [NestedChoice, NestedChoice];
  const region = quantity === "validationLoss"
    ? commonRegion([first, second].map(equivalenceRegion))
    : undefined;
  return {
    quantity,
    view,
    pairing,
    points: adjusted(points, pruned, region),
    selected,
    betweenSelected: compareChosen([first, second], chosen, view, region),
    withheld,
    chosen,
    ...(region && { region }),
  };
}

function reasonNotToCompare(
  { folds }: Pairing,
  isPruned: boolean,
  studies: readonly StudyRecord[],
): string | null {
  if (folds.length < 2 && studies.some((study) => chosenBy(study) === "otherFolds")) {
    return "one paired fold cannot both choose points and score them";
  }
  return isPruned
    ? "a search pruned points on the folds that would score the others, so no fold is left that had " +
      "no part in the choice"
    : null;
}

function compareChosen(
  sources: readonly StudyRecords[],
  chosen: readonly NestedChoice[],
  view: View,
  region: EquivalenceRegion | undefined,
): StudyComparison["betweenSelected"] {
  const [one, other] = chosen.map(({ readings }) => readings);
  if (one.length === 0 || other.length === 0) return null;
  const isChoice = sources.some(({ record }) =>
    chosenBy(record) === "otherFolds" && (record.space.points.length > 1 || view === "bestStep")
  );
  const [{ record, records }] = sources;
  const sizes = foldSizes(record, records.filter(({ fold }) => fold !== "final"));
  const { point: _point, key: _key, ...compared } = comparePaired(
    { point: {}, key: "" },
    other,
    one,
    one.length === other.length ? isChoice ? widenedForChoice(sizes) : sizes : null,
  );
  if (region === undefined) return compared;
  const [equivalence] = equivalencesOf([foldTestOf(compared)], region);
  return withValues(compared, { equivalence });
}

interface PointReadings {
  readonly point: JsonObject;
  readonly key: string;
  readonly readings: readonly Reading[];
  readonly sizes: FoldSizes;
}

function readingsOf(
  { record, records }: { readonly record: StudyRecord; readonly records: readonly RunRecord[] },
  { folds, seeds }: Pairing,
  quantity: Quantity,
  view: View,
): Map<string, PointReadings> {
  const summaries = new Map(summarizeTrials(record, records).map((each) => [each.key, each]));
  return new Map(
    groupRuns(record, records).filter(hasRuns).map((group) => [group.key, {
      point: group.point,
      key: group.key,
      readings: readPoint(group, summaries.get(group.key)!, quantity, view)
        .filter(({ fold, seed }) => folds.includes(fold) && seeds.includes(seed)),
      sizes: foldSizes(record, group.folds.flat()),
    }]),
  );
}

function hasRuns({ folds }: PointRuns): boolean {
  return folds.flat().length > 0;
}

/** Whether every fold × seed that can be paired has a value. */
function isWhole({ readings }: PointReadings, { folds, seeds }: Pairing): boolean {
  return readings.length === folds.length * seeds.length;
}
