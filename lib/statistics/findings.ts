import { canonicalJson } from "../core/json.ts";
import type { RunRecord, RunStatus } from "../records/run_record.ts";
import type { SelectionRule, StudyRecord } from "../records/study_record.ts";
import { type BaselineWords, baselineWords, kindOfPoint, matchedPoints } from "./baseline_words.ts";
import { isArmsStudy } from "./arms_study.ts";
import { type ArmsComparison, compareArms } from "./compare_arms.ts";
import { compareWithBaseline, type Comparison, type PointComparison } from "./compare.ts";
import { contrast } from "./contrast.ts";
import { foldSizes } from "./fold_sizes.ts";
import { type FinalResult, finalResults } from "./final_block.ts";
import { equivalenceRegion } from "./equivalence_region.ts";
import type { EquivalenceRegion } from "./region_of_baseline.ts";
import { type GapTest, testGap } from "./generalization_gap.ts";
import { type LinearContrastResult, linearContrasts } from "./linear_contrasts.ts";
import { ruleOfStudy, select, type Selection } from "./select.ts";
import {
  currentRuns,
  groupRuns,
  type PointSummary,
  summarizeTrials,
  type View,
} from "./summarize.ts";
import { lossUnit } from "./study_loss.ts";
import type { StudyRecords } from "./study_records.ts";
import { type TaughtContrasts, taughtContrasts } from "./taught_contrasts.ts";
import { textWarnings } from "./text_warnings.ts";
import { type UnknownTokens, unknownTokens, unknownTokenWarnings } from "./unknown_tokens.ts";
import { significanceLevel } from "./verdict.ts";

/** Whether the baseline over-fits, by the corrected resampled t-test of its gap. */
export interface BaselineGap extends GapTest {
  /** Whether the interval ends below the gap that is not worth closing ({@link lossUnit}). */
  readonly negligible: boolean;
}

/** How the points with stronger remedies do against early stopping of the baseline, each at its best step. */
export interface EarlyStoppingVerdict {
  /**
   * `none`: no learned point has a lower mean; `withinNoise`: some have, none beyond noise;
   * `beyondNoise`: at least one has an adjusted p-value under the level.
   */
  readonly kind: "none" | "withinNoise" | "beyondNoise";
  /** The point with the lowest mean difference; null when none is complete. */
  readonly best: PointComparison | null;
  /** Of how many that learned it is the lowest. */
  readonly compared: number;
  /** Points that beat early stopping beyond noise. */
  readonly beyond: readonly PointComparison[];
}

/**
 * How the gap at the last step shrinks, over points that are the baseline but for stronger remedies: to
 * another learning rate or size no gap is credited.
 */
export interface GapVerdict {
  /** Complete points with stronger remedies. */
  readonly compared: readonly PointSummary[];
  /** Learned ones of them whose gap is below the baseline's in the mean. */
  readonly closing: readonly PointComparison[];
  /** Those of them whose adjusted p-value is under the level. */
  readonly beyond: readonly PointComparison[];
  /** Those that learned too little for their gap to count. */
  readonly notLearned: readonly PointSummary[];
  /** The learned point with the smallest gap; null when none. */
  readonly smallest: PointSummary | null;
  /** 1 − its gap / the baseline's gap; null when the baseline's gap is not above 0. */
  readonly closedShare: number | null;
  /** The same among learned points whose validation loss is not above the baseline's; null when none. */
  readonly free: { readonly point: PointSummary; readonly closedShare: number } | null;
}

/** Everything that a report says, computed from the records. */
export interface Findings {
  readonly study: StudyRecord;
  /** What in text, folds and vocabulary could decide a number, in sentences. */
  readonly warnings: readonly string[];
  /** Null where the vocabularies know all held-out tokens. */
  readonly unknown: UnknownTokens | null;
  readonly summaries: readonly PointSummary[];
  readonly counts: { readonly [status in RunStatus | "missing"]: number };
  /** Whether every point has every run of the cross-validation completed. */
  readonly complete: boolean;
  /** Rule of the study, with the directions of its axes. */
  readonly rule: SelectionRule;
  /** What the baseline and the points beside it are called. */
  readonly words: BaselineWords;
  /** The point that others are compared with; null when the study has none. */
  readonly baseline: PointSummary | null;
  /** Whether it over-fits at the last step; null without a complete baseline. */
  readonly baselineGap: BaselineGap | null;
  /**
   * Each point with a remedy against the one without that is trained alike, for a study without a
   * baseline: validation loss at the last step; empty where there are no such pairs, or a baseline.
   */
  readonly matched: readonly LinearContrastResult[];
  /** Settings with a teacher against those that learn from the text alone; null where nobody teaches. */
  readonly taught: TaughtContrasts | null;
  readonly selections: {
    readonly [view in View]: { readonly [kind in SelectionRule["kind"]]: Selection };
  };
  /** Validation loss at the last step against the baseline's at its last step. */
  readonly lossAtLastStep: Comparison | null;
  /** Validation loss at each point's best step against the baseline's at its best step. */
  readonly lossAtBestStep: Comparison | null;
  /** Validation loss at the last step against the baseline stopped at its best step. */
  readonly lastStepAgainstEarlyStopping: Comparison | null;
  /** Gap at the last step against the baseline's. */
  readonly gapAtLastStep: Comparison | null;
  readonly gap: GapVerdict | null;
  readonly earlyStopping: EarlyStoppingVerdict | null;
  readonly final: readonly FinalResult[];
  /** The arms, tuned against tuned; null for a study without arms. */
  readonly arms: ArmsComparison | null;
  /** Differences too small to matter; absent where the study declared none. */
  readonly region?: EquivalenceRegion;
  /** Completed runs on the folds that were copied from other studies. */
  readonly copied: number;
}

/**
 * Computes what a study shows, from its records alone.
 *
 * @param study The study.
 * @param runs Its records; an incomplete or diverged study gives findings that say so.
 */
export function findings(study: StudyRecord, runs: readonly RunRecord[]): Findings {
  const source = { record: study, records: runs };
  const summaries = summarizeTrials(study, runs);
  const baselineKey = study.baseline === null ? null : canonicalJson(study.baseline);
  const baseline = summaries.find(({ key }) => key === baselineKey) ?? null;
  const compare = (options: Parameters<typeof compareWithBaseline>[1]) =>
    compareWithBaseline(source, options);
  const lossAtBestStep = compare({ view: "bestStep" });
  const gapAtLastStep = compare({ quantity: "generalizationGap" });
  const region = equivalenceRegion(source);
  const counts = { completed: 0, diverged: 0, failed: 0, pruned: 0, missing: 0 };
  for (const summary of summaries) {
    for (const status of Object.keys(counts) as (keyof typeof counts)[]) {
      counts[status] += summary.counts[status];
    }
  }
  return {
    study,
    warnings: [...textWarnings(source), ...unknownTokenWarnings(source)],
    unknown: unknownTokens(source),
    summaries,
    counts,
    complete: summaries.every((summary) => summary.complete),
    rule: ruleOfStudy(study),
    words: baselineWords(study),
    baseline,
    baselineGap: gapOfBaseline(study, runs, baseline),
    matched: study.baseline === null ? matchedContrasts(source) : [],
    taught: taughtContrasts(source),
    selections: {
      lastStep: selectBoth(study, summaries, "lastStep"),
      bestStep: selectBoth(study, summaries, "bestStep"),
    },
    lossAtLastStep: compare({}),
    lossAtBestStep,
    lastStepAgainstEarlyStopping: compare({ baselineView: "bestStep" }),
    gapAtLastStep,
    gap: gapVerdict(study, summaries, baseline, gapAtLastStep),
    earlyStopping: earlyStoppingVerdict(study, summaries, baseline, lossAtBestStep),
    final: finalResults(study, runs, summaries),
    arms: isArmsStudy(study) ? compareArms(source) : null,
    ...(region && { region }),
    copied: currentRuns(study, runs)
      .filter(({ copiedFrom, status, fold }) =>
        copiedFrom !== undefined && status === "completed" && fold !== "final"
      ).length,
  };
}

function selectBoth(study: StudyRecord, summaries: readonly PointSummary[], view: View) {
  return {
    mean: select(summaries, { ...ruleOfStudy(study), kind: "mean" }, view),
    oneStandardError: select(summaries, { ...ruleOfStudy(study), kind: "oneStandardError" }, view),
  };
}

function gapOfBaseline(
  study: StudyRecord,
  runs: readonly RunRecord[],
  baseline: PointSummary | null,
): BaselineGap | null {
  if (!baseline?.complete || !baseline.lastStep) return null;
  const { folds } = groupRuns(study, runs).find(({ key }) => key === baseline.key)!;
  const { foldMeans } = baseline.lastStep.estimates.generalizationGap;
  const gap = testGap(foldMeans, foldSizes(study, folds.flat()), { level: significanceLevel });
  const { negligibleGap } = lossUnit(study);
  return { ...gap, negligible: gap.test.interval !== null && gap.test.interval[1] < negligibleGap };
}

function matchedContrasts(source: StudyRecords): readonly LinearContrastResult[] {
  const { record } = source;
  const pairs = record.space.arms === undefined ? matchedPoints(record) : [];
  const questions = pairs.map(({ point, from }) => contrast(point).minus(from));
  return linearContrasts(source, questions).contrasts;
}

function gapVerdict(
  study: StudyRecord,
  summaries: readonly PointSummary[],
  baseline: PointSummary | null,
  comparison: Comparison | null,
): GapVerdict | null {
  if (!baseline?.complete || !baseline.lastStep || !comparison) return null;
  const compared = summaries.filter((each) =>
    each.complete && kindOfPoint(study, each.point) === "stronger"
  );
  if (compared.length === 0) return null;
  const learned = compared.filter((each) => each.lastStep!.learned);
  const gapOf = (summary: PointSummary) => summary.lastStep!.estimates.generalizationGap.mean;
  const lossOf = (summary: PointSummary) => summary.lastStep!.estimates.validationLoss.mean;
  const bySize = [...learned].sort((a, b) => gapOf(a) - gapOf(b));
  const smallest = bySize[0] ?? null;
  const free = bySize.find((each) => lossOf(each) <= lossOf(baseline));
  const closed = (each: PointSummary) => 1 - gapOf(each) / gapOf(baseline);
  const closing = comparison.points.filter((each) =>
    each.test !== null && each.test.mean < 0 && learned.some(({ key }) => key === each.key)
  );
  return {
    compared,
    closing,
    beyond: closing.filter(isBeyondNoise),
    notLearned: compared.filter((each) => !each.lastStep!.learned),
    smallest,
    closedShare: smallest && gapOf(baseline) > 0 ? closed(smallest) : null,
    free: free && gapOf(baseline) > 0 ? { point: free, closedShare: closed(free) } : null,
  };
}

function earlyStoppingVerdict(
  study: StudyRecord,
  summaries: readonly PointSummary[],
  baseline: PointSummary | null,
  comparison: Comparison | null,
): EarlyStoppingVerdict | null {
  if (!baseline?.complete || !baseline.bestStep || !comparison) return null;
  const stronger = comparison.points.filter((each) =>
    kindOfPoint(study, each.point) === "stronger"
  );
  if (stronger.length === 0) return null;
  const learned = new Map(summaries.map(({ key, bestStep }) => [key, bestStep?.learned]));
  const tested = stronger.filter(({ key, test }) => test !== null && learned.get(key)!).sort((
    a,
    b,
  ) => a.test!.mean - b.test!.mean);
  const lower = tested.filter((each) => each.test!.mean < 0);
  const beyond = lower.filter(isBeyondNoise);
  const kind = lower.length === 0 ? "none" : beyond.length === 0 ? "withinNoise" : "beyondNoise";
  return { kind, best: tested[0] ?? null, compared: tested.length, beyond };
}

function isBeyondNoise(comparison: PointComparison): boolean {
  return comparison.adjustedPValue !== null && comparison.adjustedPValue < significanceLevel;
}
