import type { StudyRecord } from "../records/study_record.ts";
import { fewestTexts } from "./compare_arms_over_texts.ts";
import { correctedTTest, type TestResult } from "./corrected_t.ts";
import { detectableDifference } from "./detectable_difference.ts";
import { type Equivalence, equivalencesOf, type FoldTest } from "./equivalence.ts";
import { commonRegion, regionOverTexts } from "./equivalence_region.ts";
import type { EquivalenceRegion } from "./region_of_baseline.ts";
import { mean, standardDeviation } from "./estimate.ts";
import { holm } from "./holm.ts";
import { type MeanInterval, meanInterval } from "./mean_interval.ts";
import { pairingOf } from "./pairing.ts";
import { predictionInterval } from "./prediction_interval.ts";
import { studentTwoSided } from "./student_t.ts";
import type { DifferenceInStudy } from "./study_contrast.ts";
import { type Verdict, verdictOn } from "./verdict.ts";

/** Differences over several texts. */
export interface OverTexts {
  /** Names of the texts. */
  readonly texts: readonly string[];
  /** On each text the mean of the differences of its studies; none where a study has no difference. */
  readonly differences: readonly number[];
  /** Their mean with its interval by Student's t at R − 1 degrees of freedom. */
  readonly interval: MeanInterval;
  /** 95 % interval of the difference on one more text; null where the differences do not vary. */
  readonly prediction: readonly [number, number] | null;
  /**
   * The smallest true mean that 80 % of comparisons over so many texts (over six, where there are fewer) would
   * show, if their differences vary as these do; null where they do not vary.
   */
  readonly detectable: number | null;
  /** Paired t-test over the texts, two-sided; null under six texts or without variation. */
  readonly pValue: number | null;
  /** After Holm over the contrasts that are judged together; the same as `pValue` of a single one. */
  readonly adjustedPValue: number | null;
  /**
   * `lower`, `higher`: beyond noise; `equivalent`: inside the region that all studies declared; `notShown`: neither
   * is shown; `withheld`: on at least half of the texts a choice lies at the edge of a range; `tooFewTexts`: under
   * six there is an interval only; `none`: a study has no difference, or they do not vary.
   */
  readonly verdict: Verdict | "withheld" | "tooFewTexts" | "none";
  /** The region that all studies declared, over the texts; absent where none did. */
  readonly region?: EquivalenceRegion;
  /** Whether the mean is shown to be smaller than the region that all studies declared; absent where none did. */
  readonly equivalence?: Equivalence | null;
  /** Names of the texts whose edges withhold a verdict. */
  readonly atEdges: readonly string[];
}

type Difference = Pick<DifferenceInStudy, "difference" | "edges" | "sizes">;

/**
 * Combines studies over their texts: a text is one value, the mean of its studies' differences, and the values
 * are tested by a paired t-test.
 *
 * @param regions What each study declared before its runs; undefined of one that declared none.
 * @returns Null where all studies are of one text.
 */
export function overTexts(
  studies: readonly StudyRecord[],
  found: readonly Difference[],
  regions: readonly (EquivalenceRegion | undefined)[],
): OverTexts | null {
  const groups = [
    ...Map.groupBy(studies.keys(), (index) => studies[index].corpus.sha256).values(),
  ];
  if (groups.length < 2) return null;
  const texts = groups.map(([first]) => studies[first].corpus.name);
  const means = groups.map((group) =>
    group.map((index) => found[index].difference.test?.mean ?? null)
  );
  const differences = means.flat().includes(null)
    ? []
    : means.map((group) => mean(group as number[]));
  const interval = meanInterval(differences);
  const varies = interval.state === "estimated";
  const counted = Math.max(differences.length, fewestTexts);
  const pValue = varies && differences.length >= fewestTexts
    ? studentTwoSided(interval.mean / interval.standardError!, interval.degreesOfFreedom!)
    : null;
  const region = regionOverTexts(
    groups.map((group) => commonRegion(group.map((index) => regions[index]))),
  );
  const combined = {
    texts,
    differences,
    interval,
    prediction: varies ? predictionInterval(differences) : null,
    detectable: varies
      ? detectableDifference({
        standardError: standardDeviation(differences) / Math.sqrt(counted),
        degreesOfFreedom: counted - 1,
      })
      : null,
    pValue,
    adjustedPValue: pValue,
    ...(region !== undefined && { region }),
    atEdges: texts.filter((_, text) => groups[text].some((index) => found[index].edges.length > 0)),
  };
  return withEquivalence(
    combined,
    region && equivalencesOf([testedOverTexts(combined)], region)[0],
  );
}

/** One difference a text, with their test where they have one. */
function testedOverTexts({ differences, interval, pValue }: Omit<OverTexts, "verdict">): FoldTest {
  return {
    folds: differences.map((_, text) => text),
    values: differences,
    test: pValue === null ? null : interval,
  };
}

function withEquivalence(
  combined: Omit<OverTexts, "verdict" | "equivalence">,
  equivalence: Equivalence | null | undefined,
): OverTexts {
  const tested = { ...combined, ...(equivalence !== undefined && { equivalence }) };
  return { ...tested, verdict: verdictOf(tested) };
}

function verdictOf(
  { texts, differences, interval, adjustedPValue, atEdges, equivalence }: Omit<
    OverTexts,
    "verdict"
  >,
): OverTexts["verdict"] {
  if (differences.length === 0) return "none";
  if (texts.length < fewestTexts) return "tooFewTexts";
  if (adjustedPValue === null) return "none";
  if (2 * atEdges.length >= texts.length) return "withheld";
  return verdictOn({ test: interval, adjustedPValue, equivalence })!;
}

/** Several comparisons over the same texts with p-values adjusted by Holm over all of them. */
export function adjustedOverTexts<Compared extends { readonly overTexts: OverTexts | null }>(
  comparisons: readonly Compared[],
): Compared[] {
  const all = comparisons.map(({ overTexts }) => overTexts);
  const adjusted = holm(all.map((each) => each?.pValue ?? null));
  const region = all.find((each) => each?.region)?.region;
  const equivalences = region && equivalencesOf(
    all.map((each) => each?.region ? testedOverTexts(each) : { folds: [], values: [], test: null }),
    region,
  );
  return comparisons.map((comparison, index) => {
    const { overTexts } = comparison;
    if (overTexts === null) return comparison;
    const combined = { ...overTexts, adjustedPValue: adjusted[index] };
    return { ...comparison, overTexts: withEquivalence(combined, equivalences?.[index]) };
  });
}

/** The mean of studies of one text, whose folds are the same. */
export interface OnOneText {
  /** The folds. */
  readonly folds: readonly number[];
  /** On each fold the mean of the studies' differences. */
  readonly differences: readonly number[];
  /** Their corrected resampled t-test, with the largest n_test/n_train of the studies. */
  readonly test: TestResult;
}

/**
 * Averages the differences of studies that have the same folds of the same text, fold by fold: what a contrast
 * comes to in the mean of such studies, on this text.
 *
 * @returns Null where folds or texts differ, or a study has no test.
 */
export function combinedOnOneText(
  studies: readonly StudyRecord[],
  found: readonly Difference[],
): OnOneText | null {
  const [first, ...others] = studies;
  const folds = first.folds.map(({ index }) => index as number);
  const paired = others.every((other) =>
    other.folds.length === folds.length &&
    pairingOf(first, { ...other, seeds: first.seeds }).folds.length === folds.length
  );
  if (!paired || found.some(({ sizes }) => sizes === null)) return null;
  const differences = folds.map((_, fold) =>
    mean(found.map(({ difference }) => difference.foldDifferences[fold]))
  );
  const sizes = found.map((each) => each.sizes!)
    .reduce((a, b) => a.test / a.training > b.test / b.training ? a : b);
  return { folds, differences, test: correctedTTest(differences, sizes) };
}
