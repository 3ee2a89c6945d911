import { checkKeys } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { ArmEdge } from "./arm_edges.ts";
import { type ArmsStudyRecord, armsWithParent } from "./arms_study.ts";
import { compareArms, type CompareArmsOptions, compareArmsOptions } from "./compare_arms.ts";
import { detectableDifference } from "./detectable_difference.ts";
import { type Equivalence, equivalencesOf } from "./equivalence.ts";
import { regionOverTexts } from "./equivalence_region.ts";
import type { EquivalenceRegion } from "./region_of_baseline.ts";
import { holm } from "./holm.ts";
import { type MeanInterval, meanInterval } from "./mean_interval.ts";
import { studentTwoSided } from "./student_t.ts";
import type { StudyRecords } from "./study_records.ts";
import { type LossUnit, lossUnit } from "./study_loss.ts";
import { type Verdict, verdictOn } from "./verdict.ts";

/** From so many texts on there is a verdict. */
export const fewestTexts = 6;

/** Two arms over several texts, the first minus the second. */
export interface ArmsOverTextsPair {
  /** Name of the arm. */
  readonly arm: string;
  /** Name of the one that is subtracted. */
  readonly from: string;
  /** On each text the mean of the differences of its folds, seeds averaged; in the order of the studies. */
  readonly differences: readonly number[];
  /** Their mean with its interval by Student's t at R − 1 degrees of freedom. */
  readonly interval: MeanInterval;
}

/** An arm against its parent over several texts. */
export interface ArmOverTexts extends ArmsOverTextsPair {
  /** Paired t-test over the texts, two-sided; null under six texts or without variation. */
  readonly pValue: number | null;
  /** After Holm over all arms with a parent. */
  readonly adjustedPValue: number | null;
  /** Smallest true difference that 80 % of studies of so many such texts would show; null without a test. */
  readonly detectable: number | null;
  /**
   * As of one text; `tooFewTexts` under six, where there is an interval only. `withheld`: on at least half of
   * the texts a choice lies at the edge of a range.
   */
  readonly verdict: Verdict | "withheld" | "tooFewTexts" | "none";
  /** Whether it is shown to be smaller than the region that all studies declared; absent where none did. */
  readonly equivalence?: Equivalence | null;
  /** Edges that withhold the verdict on a text, with the study that they are of. */
  readonly edges: readonly (ArmEdge & { readonly study: string })[];
}

/** The arms of several studies of the same arms, each on another text. */
export interface ArmsOverTexts {
  /** Names of the studies. */
  readonly studies: readonly string[];
  /** That of their losses; nats per token when left out. */
  readonly unit?: LossUnit;
  /** Names of their texts. */
  readonly texts: readonly string[];
  /** Each arm against its parent: the primary comparisons. */
  readonly verdicts: readonly ArmOverTexts[];
  /** All other pairs: intervals only. */
  readonly pairs: readonly ArmsOverTextsPair[];
  /** Differences too small to matter, the mean of the texts' own; absent where none declared any. */
  readonly region?: EquivalenceRegion;
}

/**
 * Compares arms over several texts: one tuned difference a text, the mean over its folds, and a paired t-test
 * over the texts at R − 1 degrees of freedom, adjusted by Holm over the arms.
 *
 * t = d̄ / (s / √R) with d_r the difference on text r. Texts share no training data, so nothing is
 * corrected; what is found holds for texts such as these, "in general" as far as they were drawn so. Under six
 * texts there are intervals and no verdict.
 *
 * @param sources Studies of the same arms, from two on, each on a text of its own.
 * @param options As of `compareArms`.
 * @returns The comparison; an arm that has no difference on some text has no test.
 * @throws {TypeError | RangeError} If a study has no arms, arms or specifications differ in more than the
 * text, two studies read the same text, or there are fewer than two.
 *
 * @example
 * ```ts
 * import { compareArmsOverTexts } from "./compare_arms_over_texts.ts";
 * import { armsHandStudy } from "./testing/arms_hand_study.ts";
 * import assert from "node:assert/strict";
 * const studies = [0.1, 0.2, 0.3].map((gain, text) => {
 *   const { record, records } = armsHandStudy({
 *     none: { points: [{}], dimensions: {}, losses: [[[1, 2], [1, 2]]] },
 *     decay: { points: [{ x: 1 }], losses: [[[1, 2 - gain], [1, 2 - gain]]] },
 *   });
 *   const corpus = { ...record.corpus, name: `text ${text}`, sha256: String(text) };
 *   return { record: { ...record, corpus }, records };
 * });
 * const [{ interval, verdict }] = compareArmsOverTexts(studies).verdicts;
 * assert.ok(Math.abs(interval.mean + 0.2) < 1e-12);
 * assert.equal(verdict, "tooFewTexts");
 * ```
 */
export function compareArmsOverTexts(
  sources: readonly StudyRecords[],
  options: CompareArmsOptions = {},
): ArmsOverTexts {
  checkKeys("compareArmsOverTexts", options, Object.keys(compareArmsOptions));
  const comparisons = sources.map(({ record, records }) =>
    compareArms({ record, records }, options)
  );
  const studies = comparisons.map(({ study }) => study);
  checkStudies(studies);
  const [{ verdicts, pairs }] = comparisons;
  const over = (list: "verdicts" | "pairs", index: number) =>
    comparisons.map((comparison) => comparison[list][index].difference.test?.mean ?? null);
  const primary = armsWithParent(studies[0]).map(({ arm, parent }, index) => ({
    ...pairOf(arm.name, parent.name, over("verdicts", index)),
    edges: comparisons.flatMap(({ study, verdicts }) =>
      verdicts[index].edges.map((edge) => ({ ...edge, study: study.name }))
    ),
  }));
  const pValues = primary.map(({ differences, interval }) =>
    differences.length < fewestTexts || interval.state !== "estimated" ? null : studentTwoSided(
      interval.mean / interval.standardError!,
      interval.degreesOfFreedom!,
    )
  );
  const adjusted = holm(pValues);
  const region = regionOverTexts(comparisons.map((comparison) => comparison.region));
  const equivalences = region && equivalencesOf(
    primary.map(({ differences, interval }, index) => ({
      folds: differences.map((_, text) => text),
      values: differences,
      test: pValues[index] === null ? null : interval,
    })),
    region,
  );
  return {
    studies: studies.map(({ name }) => name),
    unit: lossUnit(studies[0]),
    texts: studies.map(({ corpus }) => corpus.name),
    verdicts: verdicts.map((_, index) => {
      const tested = {
        ...primary[index],
        pValue: pValues[index],
        adjustedPValue: adjusted[index],
        detectable: pValues[index] === null ? null : detectableDifference({
          standardError: primary[index].interval.standardError!,
          degreesOfFreedom: primary[index].interval.degreesOfFreedom!,
          comparisons: pValues.filter((each) => each !== null).length,
        }),
        ...(equivalences && { equivalence: equivalences[index] }),
      };
      return { ...tested, verdict: verdictOf(tested, sources.length) };
    }),
    pairs: pairs.map(({ arm, from }, index) => pairOf(arm, from, over("pairs", index))),
    ...(region && { region }),
  };
}

/** No difference where one text has none: an interval over the others would be of other texts. */
function pairOf(arm: string, from: string, found: readonly (number | null)[]): ArmsOverTextsPair {
  const differences = found.includes(null) ? [] : found as readonly number[];
  return { arm, from, differences, interval: meanInterval(differences) };
}

function verdictOf(
  { edges, adjustedPValue, interval, differences, equivalence }: Omit<ArmOverTexts, "verdict">,
  texts: number,
): ArmOverTexts["verdict"] {
  if (differences.length === 0) return "none";
  if (texts < fewestTexts) return "tooFewTexts";
  if (adjustedPValue === null) return "none";
  if (2 * new Set(edges.map(({ study }) => study)).size >= texts) return "withheld";
  return verdictOn({ test: interval, adjustedPValue, equivalence })!;
}

function checkStudies(studies: readonly ArmsStudyRecord[]): void {
  if (studies.length < 2) {
    throw new RangeError(
      `compareArmsOverTexts: there must be at least two studies, found ${studies.length}.`,
    );
  }
  const [first, ...others] = studies;
  for (const other of others) {
    const differs = canonicalJson(first.space.arms) !== canonicalJson(other.space.arms)
      ? "arms"
      : first.select.metric !== other.select.metric
      ? "units of the loss"
      : canonicalJson(withoutText(first)) !== canonicalJson(withoutText(other))
      ? "specifications"
      : null;
    if (differs !== null) {
      throw new RangeError(
        `compareArmsOverTexts: studies must differ in their text alone, found other ${differs} in ` +
          `${first.name} and ${other.name}.`,
      );
    }
  }
  const known = new Map<string, string>();
  for (const { name, corpus } of studies) {
    const same = known.get(corpus.sha256);
    if (same !== undefined) {
      throw new RangeError(
        `compareArmsOverTexts: each study must have a text of its own, found ${corpus.name} in ` +
          `${same} and in ${name}. Parts of one text are not two texts.`,
      );
    }
    known.set(corpus.sha256, name);
  }
}

function withoutText({ specifications }: StudyRecord): JsonObject[] {
  return specifications.map(({ corpus: _, ...rest }) => rest);
}
