import { canonicalJson } from "../core/json.ts";
import { isArmsStudy, pointsOfArm } from "./arms_study.ts";
import { estimateOverFolds, mean } from "./estimate.ts";
import {
  type EquivalenceRegion,
  gainOf,
  regionOf,
  regionOfBaseline,
} from "./region_of_baseline.ts";
import type { StudyRecords } from "./study_records.ts";
import { summarizeTrials, type View } from "./summarize.ts";
import { groupsOf, tunedOf } from "./tuned.ts";

/**
 * The region of practical equivalence that a study declared before its runs.
 *
 * Given as a share of early stopping, δ = share · mean over folds of (loss at the last step − loss at the best
 * step) of the baseline, held-out losses with seeds averaged; in a study of arms that of the arm without a
 * parent, tuned for its last step and tuned with its step. A gain that is not above 0 gives no region.
 *
 * @param source A study, or its records.
 * @returns The region; undefined where none was declared. Its δ is null, with the reason, where it is not known.
 *
 * @example
 * ```ts
 * import { equivalenceRegion } from "./equivalence_region.ts";
 * import { handStudy } from "./testing/hand_study.ts";
 * import assert from "node:assert/strict";
 * // The baseline is best at step 10 and has lost 0.2 and 0.4 nats by step 20.
 * const baseline = { lambda: 0 };
 * const { study, runs } = handStudy({
 *   points: [baseline], folds: 2, seeds: [1], baseline,
 *   runs: [[2.2, 0], [2.4, 1]].map(([last, fold]) => ({
 *     point: baseline, fold, seed: 1, curve: [[10, 1, 2], [20, 1, last]] as const,
 *   })),
 * });
 * const record = { ...study, equivalence: { shareOfEarlyStopping: 0.1 } };
 * const region = equivalenceRegion({ record, records: runs })!;
 * assert.ok(Math.abs(region.halfWidth! - 0.03) < 1e-12);
 * assert.equal(equivalenceRegion({ record: study, records: runs }), undefined);
 * ```
 */
export function equivalenceRegion(source: StudyRecords): EquivalenceRegion | undefined {
  const { record, records } = source;
  const { equivalence, baseline } = record;
  if (equivalence === undefined) return undefined;
  if (!("shareOfEarlyStopping" in equivalence)) return regionOf(record, equivalence, "missingRuns");
  if (isArmsStudy(record)) return regionOf(record, equivalence, gainOfRoot(source));
  const key = canonicalJson(baseline);
  return regionOfBaseline(
    record,
    summarizeTrials(record, records).find((each) => each.key === key),
  );
}

/** What early stopping gains in the arm without a parent, tuned either way. */
function gainOfRoot(source: StudyRecords): Parameters<typeof regionOf>[2] {
  const { record } = source;
  const root = record.space.arms!.find(({ parent }) => parent === null)!;
  const points = pointsOfArm(record, root.name);
  const groups = groupsOf(source, points);
  if (groups.some((group) => group.stopsEarly)) return "stopsEarly";
  const lossesIn = (view: View) => {
    const { readings } = tunedOf(record, groups, view);
    const byFold = Map.groupBy(readings, ({ fold }) => fold);
    return [...byFold.values()].map((own) => mean(own.map(({ value }) => value)));
  };
  const [last, best] = (["lastStep", "bestStep"] as const).map(lossesIn);
  return last.length === 0 || best.length === 0 ? "missingRuns" : gainOf(last, best);
}

/**
 * The region for differences between studies: where all declared the same one it is the smallest of theirs, so
 * that what lies inside it lies inside each.
 *
 * @param regions One a study; undefined of a study that declared none.
 * @returns Undefined where no study declared one.
 */
export function commonRegion(
  regions: readonly (EquivalenceRegion | undefined)[],
): EquivalenceRegion | undefined {
  const declared = declaredAlike(regions);
  return Array.isArray(declared)
    ? declared.reduce((least, each) => each.halfWidth! < least.halfWidth! ? each : least)
    : declared;
}

/**
 * The region for differences that are one a text: δ of each text is that of its study, and their mean what is said.
 *
 * @param regions One a text, in their order; undefined of a study that declared none.
 * @returns Undefined where no study declared one; `byFold` has the texts' places.
 */
export function regionOverTexts(
  regions: readonly (EquivalenceRegion | undefined)[],
): EquivalenceRegion | undefined {
  const declared = declaredAlike(regions);
  if (!Array.isArray(declared) || declared[0].gain === null) {
    return Array.isArray(declared) ? declared[0] : declared;
  }
  const widths = declared.map(({ halfWidth }) => halfWidth!);
  return {
    ...declared[0],
    halfWidth: mean(widths),
    byFold: widths.map((halfWidth, fold) => ({ fold, halfWidth })),
    gain: estimateOverFolds(declared.map(({ gain }) => [gain!.mean])),
  };
}

/** Regions that are known and declared alike, or what is to be said in place of them. */
function declaredAlike(
  regions: readonly (EquivalenceRegion | undefined)[],
): EquivalenceRegion[] | EquivalenceRegion | undefined {
  const known = regions.filter((each) => each !== undefined);
  if (known.length === 0) return undefined;
  const declared = new Set(known.map((each) => canonicalJson(each.declared)));
  if (known.length < regions.length || declared.size > 1) {
    return { ...known[0], halfWidth: null, byFold: null, gain: null, unknown: "differs" };
  }
  return known.find(({ halfWidth }) => halfWidth === null) ?? known;
}
