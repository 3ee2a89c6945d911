import { canonicalJson, type JsonObject } from "../core/json.ts";
import { checkOptions, passed } from "../core/options.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { ArmRecord } from "../records/study_record.ts";
import { type ArmEdge, armEdges } from "./arm_edges.ts";
import { type ArmsStudyRecord, armsWithParent, isArmsStudy, pointsOfArm } from "./arms_study.ts";
import { type ChosenBy, chosenBy } from "./choose_by_fold.ts";
import { detectableOf, foldTestOf, withValues } from "./compare.ts";
import { equivalencesOf } from "./equivalence.ts";
import { equivalenceRegion } from "./equivalence_region.ts";
import type { EquivalenceRegion } from "./region_of_baseline.ts";
import { type Estimate, estimateOverFolds } from "./estimate.ts";
import { holm } from "./holm.ts";
import { tunedView } from "./options.ts";
import type { StudyRecords } from "./study_records.ts";
import type { PointRuns, View } from "./summarize.ts";
import { trainingFlops } from "./training_flops.ts";
import {
  compareTunedReadings,
  groupsOf,
  type TunedComparison,
  tunedOf,
  type TunedReadings,
} from "./tuned.ts";
import { type Verdict, verdictOn } from "./verdict.ts";

/** Floating-point operations of a run's training; null where they are not known. */
export type FlopsOf = (specification: JsonObject, run: RunRecord) => number | null;

/** Options of {@link compareArms}. */
export interface CompareArmsOptions {
  /**
   * `bestStep`: the step is chosen with the point; `lastStep`: trained to the end.
   *
   * @default {"bestStep"}
   */
  readonly view?: View;
  /** Operations of a run's training, derived from its shapes when left out. */
  readonly flopsOf?: FlopsOf;
}

/** Options of {@link compareArms}, with what they must be. */
export const compareArmsOptions = {
  view: tunedView,
  flopsOf: passed<FlopsOf>(trainingFlops),
};

/** An arm, tuned. */
export interface TunedArm {
  /** The arm as the study holds it. */
  readonly arm: ArmRecord;
  /** Points that were tried: all, or those that fit into the same FLOPs. */
  readonly points: readonly JsonObject[];
  /** What was chosen for each fold, and its scores there. */
  readonly tuning: TunedReadings;
  /** Validation loss of the choices over the folds; null where there is none. */
  readonly loss: Estimate | null;
  /** Points of which a run diverged; they count as tried. */
  readonly diverged: number;
  /** Points of which a run failed; they count as tried. */
  readonly failed: number;
  /** Ends of ranges at which its choices lie. */
  readonly edges: readonly ArmEdge[];
  /** Operations of all its trainings on the folds; null where they are not known. */
  readonly flops: number | null;
}

/** An arm against its parent. */
export interface ArmVerdict {
  /** Name of the arm. */
  readonly arm: string;
  /** Name of its parent. */
  readonly parent: string;
  /** Arm minus parent, fold by fold; its p-value is adjusted by Holm over all arms. */
  readonly difference: TunedComparison;
  /**
   * `lower`, `higher`: the loss of the arm is, beyond noise (p after Holm below 0.05); `equivalent`: neither is
   * shown, and the difference is smaller than the region that the study declared; `notShown`: nothing is;
   * `withheld`: a choice lies at the edge of a range; `none`: there is no test.
   */
  readonly verdict: Verdict | "withheld" | "none";
  /** Edges of the arm and its parent that withhold the verdict. */
  readonly edges: readonly ArmEdge[];
}

/** Two arms of which neither is the other's parent: an interval and no verdict. */
export interface ArmPair {
  /** Name of the arm. */
  readonly arm: string;
  /** Name of the one that is subtracted. */
  readonly from: string;
  /** The first minus the second. */
  readonly difference: TunedComparison;
}

/** Arms at the same number of operations. */
export interface EqualFlops {
  /**
   * `compared`; or `same`: the arms took the same anyway, within 1 %; `unknown`: operations of some run are
   * not known; `noPoint`: not one point of some arm fits.
   */
  readonly state: "compared" | "same" | "unknown" | "noPoint";
  /** Operations of the tuned arm that took the fewest; null where unknown. */
  readonly budget: number | null;
  /** Each arm with the points that fit, in the order of the study; none unless compared. */
  readonly arms: readonly TunedArm[];
  /** Each arm against its parent; none unless compared. */
  readonly verdicts: readonly ArmVerdict[];
}

/** The arms of a study, tuned against tuned, on its text. */
export interface ArmsComparison {
  /** The study. */
  readonly study: ArmsStudyRecord;
  /** What chose point and step. */
  readonly chosenBy: ChosenBy;
  /** Whether the step was chosen. */
  readonly view: View;
  /** All arms, in the order of the study. */
  readonly arms: readonly TunedArm[];
  /** Each arm against its parent: the primary comparisons. */
  readonly verdicts: readonly ArmVerdict[];
  /** All other pairs. */
  readonly pairs: readonly ArmPair[];
  /** The verdicts repeated at equal operations. */
  readonly equalFlops: EqualFlops;
  /** Differences too small to matter; absent where the study declared none. */
  readonly region?: EquivalenceRegion;
}

/** Two numbers of operations that differ by less are called the same. */
const sameShare = 0.01;

/**
 * Compares the arms of a study, tuned against tuned, on its text.
 *
 * For each fold the point and step of an arm with the lowest choosing loss, averaged over seeds, is taken, and
 * scored on the fold's held-out block (`tuned`). Differences of arm and parent are averaged over seeds
 * in each fold and tested by the corrected resampled t-test at K − 1 degrees of freedom, with the
 * tokens that the runs used; p-values are adjusted by Holm over all arms with a parent. All other pairs have
 * intervals only.
 *
 * A verdict is withheld while the choice of the arm or of its parent lies at the edge of a range for at least
 * half of the folds ({@link armEdges}). Diverged and failed points count as tried. The comparison is
 * repeated at equal operations: each tuned arm keeps its points, in the order in which they were drawn, while
 * their trainings together fit into what the cheapest tuned arm took.
 *
 * @param source A study of arms, or its records.
 * @param options See {@link CompareArmsOptions}.
 * @returns The comparison; what lacks runs has no test.
 * @throws {TypeError} If the study has no arms.
 *
 * @example
 * ```ts
 * import { compareArms } from "./compare_arms.ts";
 * import { armsHandStudy } from "./testing/arms_hand_study.ts";
 * import assert from "node:assert/strict";
 * // The choosing loss of each point and fold, then its score: the better point is chosen in each fold.
 * const source = armsHandStudy({
 *   none: { points: [{ x: 1 }, { x: 2 }], losses: [[[1, 2.0], [1, 2.1], [1, 2.2]], [[2, 9], [2, 9], [2, 9]]] },
 *   decay: { points: [{ x: 1 }, { x: 2 }], losses: [[[2, 9], [2, 9], [2, 9]], [[1, 1.5], [1, 1.7], [1, 1.6]]] },
 * });
 * const [{ arm, parent, difference }] = compareArms(source).verdicts;
 * assert.deepEqual([arm, parent], ["decay", "none"]);
 * assert.deepEqual(difference.foldDifferences.map((each) => Number(each.toFixed(9))), [-0.5, -0.4, -0.6]);
 * ```
 */
export function compareArms(
  source: StudyRecords,
  options: CompareArmsOptions = {},
): ArmsComparison {
  const { view, flopsOf } = checkOptions("compareArms", options, compareArmsOptions);
  const { record: study } = source;
  if (!isArmsStudy(study)) {
    throw new TypeError(
      `compareArms: study ${study.name} must be one of arms, found a space of kind ` +
        `"${study.space.kind}".`,
    );
  }
  const groups = new Map(study.space.arms.map(({ name }) => [
    name,
    groupsOf(source, pointsOfArm(study, name)),
  ]));
  const flops = flopsByPoint(study, flopsOf);
  const arms = study.space.arms.map((arm) =>
    tuneArm(study, arm, groups.get(arm.name)!, view, flops)
  );
  const region = equivalenceRegion(source);
  const isParent = (one: ArmRecord, other: ArmRecord) => one.parent === other.name;
  return {
    study,
    chosenBy: chosenBy(study),
    view,
    arms,
    verdicts: verdictsOf(source, arms, region),
    pairs: arms.flatMap((one, index) =>
      arms.slice(0, index).filter((other) =>
        !isParent(one.arm, other.arm) && !isParent(other.arm, one.arm)
      ).map((other) => ({
        arm: one.arm.name,
        from: other.arm.name,
        difference: compareTunedReadings(source, one.tuning, other.tuning),
      }))
    ),
    equalFlops: atEqualFlops(source, arms, groups, { view, flops, region }),
    ...(region && { region }),
  };
}

type FlopsOfPoint = (group: PointRuns) => number | null;

/** Operations of all trainings of a point on the folds; null where one is not known. */
function flopsByPoint(study: ArmsStudyRecord, flopsOf: FlopsOf): FlopsOfPoint {
  const specifications = new Map(
    study.space.points.map((point, index) => [canonicalJson(point), study.specifications[index]]),
  );
  return ({ key, folds }) =>
    sumOrNull(folds.flat().map((run) => flopsOf(specifications.get(key)!, run)));
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => sum === null || value === null ? null : sum + value, 0);
}

function tuneArm(
  study: ArmsStudyRecord,
  arm: ArmRecord,
  groups: readonly PointRuns[],
  view: View,
  flops: FlopsOfPoint,
): TunedArm {
  const tuning = tunedOf(study, groups, view);
  const withRun = (status: RunRecord["status"]) =>
    groups.filter(({ folds }) => folds.flat().some((run) => run.status === status)).length;
  const folds = study.folds.map(({ index }) =>
    tuning.readings.filter(({ fold }) => fold === index).map(({ value }) => value)
  );
  return {
    arm,
    points: groups.map(({ point }) => point),
    tuning,
    loss: estimateOverFolds(folds),
    diverged: withRun("diverged"),
    failed: withRun("failed"),
    edges: armEdges(study, arm, groups, tuning, view),
    flops: sumOrNull(groups.map(flops)),
  };
}

function verdictsOf(
  source: StudyRecords,
  arms: readonly TunedArm[],
  region: EquivalenceRegion | undefined,
): ArmVerdict[] {
  const byName = new Map(arms.map((each) => [each.arm.name, each]));
  const pairs = armsWithParent(source.record as ArmsStudyRecord).map(({ arm, parent }) => {
    const [one, other] = [byName.get(arm.name)!, byName.get(parent.name)!];
    const difference = compareTunedReadings(source, one.tuning, other.tuning);
    const edges = [...one.edges, ...other.edges].filter(({ withholds }) => withholds);
    return { arm: arm.name, parent: parent.name, difference, edges };
  });
  const pValues = holm(pairs.map(({ difference }) => difference.test?.pValue ?? null));
  const equivalences = region &&
    equivalencesOf(pairs.map(({ difference }) => foldTestOf(difference)), region);
  return pairs.map((pair, index) => {
    const difference = withValues(pair.difference, {
      adjustedPValue: pValues[index],
      detectable: detectableOf(pair.difference.test, pairs.length),
      ...(equivalences && { equivalence: equivalences[index] }),
    });
    return { ...pair, difference, verdict: verdictOf(difference, pair.edges) };
  });
}

/** What a difference says, given the edges that withhold it. */
function verdictOf(
  difference: TunedComparison,
  edges: readonly ArmEdge[],
): ArmVerdict["verdict"] {
  const verdict = verdictOn(difference) ?? "none";
  return verdict !== "none" && edges.length > 0 ? "withheld" : verdict;
}

function atEqualFlops(
  source: StudyRecords,
  arms: readonly TunedArm[],
  groups: ReadonlyMap<string, readonly PointRuns[]>,
  { view, flops, region }: {
    readonly view: View;
    readonly flops: FlopsOfPoint;
    readonly region: EquivalenceRegion | undefined;
  },
): EqualFlops {
  const none = { arms: [], verdicts: [] };
  const totals = arms.filter(({ points }) => points.length > 1).map((each) => each.flops);
  if (totals.length === 0 || arms.some((each) => each.flops === null)) {
    return { ...none, state: "unknown", budget: null };
  }
  const budget = Math.min(...totals as number[]);
  if (Math.max(...totals as number[]) <= (1 + sameShare) * budget) {
    return { ...none, state: "same", budget };
  }
  const fitting = arms.map(({ arm }) => {
    const own = groups.get(arm.name)!;
    if (own.length === 1) return { arm, own };
    let spent = 0;
    return { arm, own: own.filter((group) => (spent += flops(group)!) <= budget) };
  });
  if (fitting.some(({ own }) => own.length === 0)) return { ...none, state: "noPoint", budget };
  const study = source.record as ArmsStudyRecord;
  const tunedArms = fitting.map(({ arm, own }) => tuneArm(study, arm, own, view, flops));
  return {
    state: "compared",
    budget,
    arms: tunedArms,
    verdicts: verdictsOf(source, tunedArms, region),
  };
}
