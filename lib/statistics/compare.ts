import { canonicalJson, type JsonObject } from "../core/json.ts";
import { correctedTTest, type TestResult } from "./corrected_t.ts";
import { detectableDifference } from "./detectable_difference.ts";
import { type Equivalence, equivalencesOf, type FoldTest } from "./equivalence.ts";
import { type EffectSize, effectSize } from "./effect_size.ts";
import { mean } from "./estimate.ts";
import { foldSizes } from "./fold_sizes.ts";
import { holm } from "./holm.ts";
import type { FoldSizes } from "./mean_interval.ts";
import { type EquivalenceRegion, regionOfBaseline } from "./region_of_baseline.ts";
import { predictionInterval } from "./prediction_interval.ts";
import {
  evaluationIn,
  groupRuns,
  type PointRuns,
  type PointSummary,
  type Quantity,
  readQuantity,
  summarizeTrials,
  type View,
} from "./summarize.ts";
import { type SignedRankResult, wilcoxonSignedRank } from "./wilcoxon.ts";
import type { StudyRecords } from "./study_records.ts";

/** A point's differences from the baseline, paired over fold × seed. */
export interface PointComparison {
  /** The point. */
  readonly point: JsonObject;
  /** Its canonical JSON. */
  readonly key: string;
  /** Point minus baseline, of every fold × seed that both completed. */
  readonly pairs: readonly {
    readonly fold: number;
    readonly seed: number;
    readonly difference: number;
  }[];
  /** Averages over seeds, one a fold. */
  readonly foldDifferences: readonly number[];
  /** The corrected resampled t-test over the folds; null when point or baseline is not complete. */
  readonly test: TestResult | null;
  /**
   * p-value after Holm's adjustment over all points that entered the comparison, those among them that
   * a search pruned.
   */
  readonly adjustedPValue: number | null;
  /**
   * Smallest true difference that 80 % of such studies would show at the first step of Holm's
   * adjustment, of either sign; null where there is no test, or where it is beyond what can be computed.
   */
  readonly detectable: number | null;
  /**
   * 95 % interval of the difference on one more stretch as long as a fold's, of this text or another
   * such one; the test's interval is of the mean over such stretches. Null where there is no test.
   */
  readonly prediction: readonly [number, number] | null;
  /** The difference beside its spread over the folds; null where `test` is. */
  readonly effect: EffectSize | null;
  /** Wilcoxon's signed-rank test over the folds, refused under six; null where `test` is. */
  readonly signedRank: SignedRankResult | null;
  /**
   * Whether the difference is shown to be smaller than the region that the study declared, null where there is
   * no test; absent where it declared none, and of other quantities than the validation loss.
   */
  readonly equivalence?: Equivalence | null;
}

/** Every point of a study against its baseline. */
export interface Comparison {
  /** What is compared. */
  readonly quantity: Quantity;
  /** Where the points are looked at. */
  readonly view: View;
  /** Where the baseline is looked at. */
  readonly baselineView: View;
  /** The point that the others are compared with. */
  readonly baseline: JsonObject;
  /** All other points, in the order of the study. */
  readonly points: readonly PointComparison[];
  /** How many comparisons Holm's adjustment counts: those tested, and those of pruned points. */
  readonly family: number;
  /** Differences too small to matter; absent where none were declared, and of other quantities than the loss. */
  readonly region?: EquivalenceRegion;
}

/**
 * Compares every point of a study with its declared baseline, paired over fold × seed.
 *
 * Random streams depend on seed and fold and never on the point, so a point and the baseline share
 * initial weights and batches, and their difference has less noise than either. Differences are
 * averaged over seeds within a fold and tested by {@link correctedTTest} with the sizes of
 * {@link foldSizes}; p-values are adjusted by Holm over all tested points and those that a search
 * pruned: it compared them on these folds too, and kept what looked best there.
 *
 * @param study A study, or its records; `record.baseline` is what the others are compared against.
 * @param options.quantity What is compared; validation loss.
 * @param options.view Where the points are looked at; last step.
 * @param options.baselineView Where the baseline is looked at, the same as `view` when left out;
 * `bestStep` compares with early stopping of the baseline.
 * @returns The comparison, or null when the study has no baseline.
 */
export function compareWithBaseline(
  { record: study, records: runs }: StudyRecords,
  options: {
    readonly quantity?: Quantity;
    readonly view?: View;
    readonly baselineView?: View;
  } = {},
): Comparison | null {
  const { quantity = "validationLoss", view = "lastStep", baselineView = view } = options;
  if (study.baseline === null) return null;
  const baselineKey = canonicalJson(study.baseline);
  const summaries = new Map(summarizeTrials(study, runs).map((each) => [each.key, each]));
  const groups = groupRuns(study, runs);
  const baselineGroup = groups.find(({ key }) => key === baselineKey);
  if (!baselineGroup) return null;
  const baseline = readPoint(baselineGroup, summaries.get(baselineKey)!, quantity, baselineView);
  const points = groups.filter(({ key }) => key !== baselineKey).map((group) => {
    const summary = summaries.get(group.key)!;
    return comparePaired(
      group,
      readPoint(group, summary, quantity, view),
      baseline,
      summary.complete && summaries.get(baselineKey)!.complete
        ? foldSizes(study, group.folds.flat())
        : null,
    );
  });
  const pruned = prunedKeys([...summaries.values()]);
  const region = quantity === "validationLoss"
    ? regionOfBaseline(study, summaries.get(baselineKey))
    : undefined;
  return {
    quantity,
    view,
    baselineView,
    baseline: study.baseline,
    points: adjusted(points, pruned, region),
    family: familySize(points, pruned),
    ...(region && { region }),
  };
}

/** Keys of the points that a search pruned. */
export function prunedKeys(summaries: readonly PointSummary[]): Set<string> {
  return new Set(summaries.filter(({ counts }) => counts.pruned > 0).map(({ key }) => key));
}

/**
 * Compares values with others, paired over fold × seed.
 *
 * @param about The point that the values are of.
 * @param values Its values.
 * @param others What they are compared with.
 * @param sizes Held-out and training tokens of a fold; null where runs are missing, which gives no test.
 * @returns The comparison, its p-value not adjusted yet.
 */
export function comparePaired(
  about: { readonly point: JsonObject; readonly key: string },
  values: readonly Reading[],
  others: readonly Reading[],
  sizes: FoldSizes | null,
): PointComparison {
  const { pairs, foldDifferences } = pair(values, others);
  const usable = sizes !== null && foldDifferences.length > 0;
  const test = usable ? correctedTTest(foldDifferences, sizes) : null;
  let effect: EffectSize | null = null;
  return {
    point: about.point,
    key: about.key,
    pairs,
    foldDifferences,
    test,
    adjustedPValue: null,
    detectable: detectableOf(test, 1),
    prediction: test?.state === "tested"
      ? predictionInterval(foldDifferences, { sizes: sizes! })
      : null,
    // Its interval takes more time than all the rest, and few ask for it.
    get effect() {
      return usable ? effect ??= effectSize(foldDifferences, { sizes }) : null;
    },
    signedRank: usable ? wilcoxonSignedRank(foldDifferences) : null,
  };
}

/**
 * The comparisons with p-values adjusted by Holm over all of them; those of pruned points, which have
 * no p-value, count as if they had 1.
 *
 * @param pruned Keys of the points that a search pruned.
 * @param region Differences too small to matter; undefined where none were declared.
 */
export function adjusted(
  points: readonly PointComparison[],
  pruned: ReadonlySet<string> = new Set(),
  region?: EquivalenceRegion,
): PointComparison[] {
  const values = holm(points.map((point) => countedPValue(point, pruned)));
  const family = familySize(points, pruned);
  const equivalences = region && equivalencesOf(
    points.map(foldTestOf),
    region,
    (index) => pruned.has(points[index].key),
  );
  return points.map((point, index) =>
    withValues(point, {
      adjustedPValue: point.test?.pValue == null ? null : values[index],
      detectable: detectableOf(point.test, family),
      ...(equivalences && { equivalence: equivalences[index] }),
    })
  );
}

/** The differences of a comparison with their folds, and its test. */
export function foldTestOf(
  { pairs, foldDifferences, test }: Pick<PointComparison, "pairs" | "foldDifferences" | "test">,
): FoldTest {
  return { folds: [...new Set(pairs.map(({ fold }) => fold))], values: foldDifferences, test };
}

/** A comparison with some other values, its effect size not computed before it is asked for. */
export function withValues<Compared extends object>(
  compared: Compared,
  values: Partial<Compared>,
): Compared {
  return Object.create(Object.prototype, {
    ...Object.getOwnPropertyDescriptors(compared),
    ...Object.getOwnPropertyDescriptors(values),
  });
}

function countedPValue({ test, key }: PointComparison, pruned: ReadonlySet<string>): number | null {
  return test?.pValue ?? (pruned.has(key) ? 1 : null);
}

function familySize(points: readonly PointComparison[], pruned: ReadonlySet<string>): number {
  return points.filter((point) => countedPValue(point, pruned) !== null).length;
}

/** Smallest difference that 80 % of such studies would show among so many comparisons; null without a test. */
export function detectableOf(test: TestResult | null, comparisons: number): number | null {
  return test?.state === "tested"
    ? detectableDifference({
      standardError: test.standardError!,
      degreesOfFreedom: test.degreesOfFreedom!,
      comparisons,
    })
    : null;
}

/** A quantity of one completed run. */
export interface Reading {
  readonly fold: number;
  readonly seed: number;
  readonly value: number;
}

/** Reads a quantity off all completed runs of a point, in a view. */
export function readPoint(
  group: PointRuns,
  summary: PointSummary,
  quantity: Quantity,
  view: View,
): Reading[] {
  const step = summary[view]?.step ?? null;
  return group.folds.flatMap((runs) =>
    runs.flatMap((run) => {
      if (run.status !== "completed" || run.final === null) return [];
      const at = evaluationIn(group, run, view, step);
      const { fold, seed } = run;
      return at ? [{ fold: fold as number, seed, value: readQuantity(at, quantity) }] : [];
    })
  );
}

function pair(values: readonly Reading[], baseline: readonly Reading[]) {
  const pairs = values.flatMap(({ fold, seed, value }) => {
    const other = baseline.find((each) => each.fold === fold && each.seed === seed);
    return other ? [{ fold, seed, difference: value - other.value }] : [];
  });
  const folds = [...new Set(pairs.map(({ fold }) => fold))];
  const foldDifferences = folds.map((fold) =>
    mean(pairs.filter((each) => each.fold === fold).map(({ difference }) => difference))
  );
  return { pairs, foldDifferences };
}
