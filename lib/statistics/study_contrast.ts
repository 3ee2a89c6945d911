import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { type ArmEdge, armEdges } from "./arm_edges.ts";
import { type ArmsStudyRecord, isArmsStudy, pointsOfArm } from "./arms_study.ts";
import { chosenBy } from "./choose_by_fold.ts";
import { comparePaired, prunedKeys, type Reading, readPoint } from "./compare.ts";
import { foldSizes, widenedForChoice } from "./fold_sizes.ts";
import { formatPoint } from "./format.ts";
import type { FoldSizes } from "./mean_interval.ts";
import { nestedChoice } from "./nested_choice.ts";
import type { StudyRecords } from "./study_records.ts";
import { type PointSummary, summarizeTrials, type View } from "./summarize.ts";
import {
  compareTunedReadings,
  groupsOf,
  sizesOfChoice,
  tuned,
  type TunedComparison,
  tunedOf,
} from "./tuned.ts";

/** What is compared within each of several studies. */
export type StudyContrast =
  /** An arm minus another one, each tuned. */
  | { readonly kind: "arms"; readonly arm: string; readonly parent: string }
  /** A point minus another one; null for the baseline of each study. */
  | { readonly kind: "points"; readonly point: JsonObject; readonly from: JsonObject | null }
  /** What each study's rule selects, chosen for a fold by text that does not score it, minus its baseline. */
  | { readonly kind: "selected" };

/** A difference within a study. */
export interface DifferenceInStudy {
  /** Paired by fold and seed; without a test where runs are missing. */
  readonly difference: TunedComparison;
  /** Held-out and training tokens of a fold, widened where other folds chose; null where there is no test. */
  readonly sizes: FoldSizes | null;
  /** What was chosen for each fold; none of a contrast that chooses nothing. */
  readonly choices: readonly { readonly fold: number; readonly point: JsonObject }[];
  /** Edges of ranges at which choices of either arm lie, which withhold a verdict. */
  readonly edges: readonly ArmEdge[];
  /** Why there is no test, in words; null where there is one. */
  readonly missing: string | null;
}

/** What a contrast is called: `decay − none`. */
export function contrastName(contrast: StudyContrast): string {
  switch (contrast.kind) {
    case "arms":
      return `${contrast.arm} − ${contrast.parent}`;
    case "points":
      return `${formatPoint(contrast.point)} − ${
        contrast.from === null ? "the baseline" : formatPoint(contrast.from)
      }`;
    case "selected":
      return "what is selected − the baseline";
  }
}

/** Both sides of a contrast in words. */
export function contrastSides(contrast: StudyContrast): readonly [string, string] {
  const [one, other] = contrastName(contrast).split(" − ");
  return [one, other];
}

/**
 * The difference of a contrast within one study, by fold.
 *
 * @param source The study's records; it must have what the contrast names.
 * @param view Where in training points are looked at; for arms `bestStep` chooses the step with the point.
 */
export function differenceInStudy(
  source: StudyRecords,
  contrast: StudyContrast,
  view: View,
): DifferenceInStudy {
  switch (contrast.kind) {
    case "arms":
      return differenceOfArms(source, contrast, view);
    case "points":
      return differenceOfPoints(source, contrast.point, contrast.from, view);
    case "selected":
      return differenceOfSelected(source, view);
  }
}

function differenceOfArms(
  source: StudyRecords,
  { arm, parent }: { readonly arm: string; readonly parent: string },
  view: View,
): DifferenceInStudy {
  const record = source.record as ArmsStudyRecord;
  const sides = [arm, parent].map((name) => {
    const groups = groupsOf(source, pointsOfArm(record, name));
    const tuning = tunedOf(record, groups, view);
    const own = record.space.arms.find((each) => each.name === name)!;
    return { tuning, edges: armEdges(record, own, groups, tuning, view) };
  });
  const [one, other] = sides.map(({ tuning }) => tuning);
  const untuned = sides.find(({ tuning }) => tuning.state !== "tuned")?.tuning.state;
  return {
    difference: compareTunedReadings(source, one, other),
    sizes: untuned === undefined ? sizesOfChoice(source, [one, other]) : null,
    choices: one.choices,
    edges: sides.flatMap(({ edges }) => edges.filter(({ withholds }) => withholds)),
    missing: untuned === undefined ? null : whyUntuned[untuned as keyof typeof whyUntuned],
  };
}

const whyUntuned = {
  missingRuns: "runs are missing",
  oneFold: "one fold cannot both choose and score",
  allDiverged: "every point diverged on some fold",
  divergedWhereScored: "what was chosen diverged where it was scored",
};

function differenceOfPoints(
  { record, records }: StudyRecords,
  point: JsonObject,
  from: JsonObject | null,
  view: View,
): DifferenceInStudy {
  const summaries = new Map(summarizeTrials(record, records).map((each) => [each.key, each]));
  const sides = groupsOf({ record, records }, [point, from ?? record.baseline!]);
  const [one, other] = sides.map((group) => {
    const summary = summaries.get(group.key)!;
    return { summary, readings: readPoint(group, summary, "validationLoss", view) };
  });
  const complete = one.summary.complete && other.summary.complete;
  const sizes = complete ? foldSizes(record, sides[0].folds.flat()) : null;
  return inStudy(one.readings, other.readings, sizes, complete ? null : "runs are missing");
}

function inStudy(
  values: readonly Reading[],
  others: readonly Reading[],
  sizes: FoldSizes | null,
  missing: string | null,
): DifferenceInStudy {
  const { point: _point, key: _key, ...difference } = Object.getOwnPropertyDescriptors(
    comparePaired({ point: {}, key: "" }, values, others, sizes),
  );
  return {
    difference: Object.create(Object.prototype, difference) as TunedComparison,
    sizes,
    choices: [],
    edges: [],
    missing,
  };
}

function differenceOfSelected(source: StudyRecords, view: View): DifferenceInStudy {
  const { record, records } = source;
  const summaries = summarizeTrials(record, records);
  const why = whyNotSelected(record, summaries);
  if (why !== null) return inStudy([], [], null, why);
  const folds = record.folds.map(({ index }) => index as number);
  const { choices, readings } = nestedChoice(source, { folds, view });
  const baseline = tuned(source, { points: [record.baseline!], view });
  const isChoice = chosenBy(record) === "otherFolds" &&
    (record.space.points.length > 1 || view === "bestStep");
  const own = foldSizes(record, records.filter(({ fold }) => fold !== "final"));
  const sizes = isChoice ? widenedForChoice(own) : own;
  return { ...inStudy(readings, baseline.readings, sizes, null), choices };
}

function whyNotSelected(
  record: StudyRecord,
  summaries: readonly PointSummary[],
): string | null {
  const key = canonicalJson(record.baseline);
  if (prunedKeys(summaries).size > 0) {
    return "a search pruned points on the folds that would score the others";
  }
  if (!summaries.find((each) => each.key === key)!.complete) {
    return "runs of the baseline are missing";
  }
  return record.folds.length < 2 && chosenBy(record) === "otherFolds"
    ? "one fold cannot both choose and score"
    : null;
}

/** A contrast as a user names it. */
export interface NamedContrast {
  /** Name of an arm. */
  readonly arm?: string;
  /** Name of the arm that it is compared with. */
  readonly parent?: string;
  /** A point. */
  readonly point?: JsonObject;
  /** The point that it is compared with. */
  readonly from?: JsonObject;
}

/**
 * The contrast that is meant, checked against all studies.
 *
 * @throws {TypeError | RangeError} If options contradict each other, or a study lacks what they name.
 */
export function contrastOf(studies: readonly StudyRecord[], named: NamedContrast): StudyContrast {
  const { arm, parent, point, from } = named;
  if (arm !== undefined && point !== undefined) {
    throw new TypeError("compareStudies: arm and point must not both be given: one is compared.");
  }
  if (parent !== undefined && arm === undefined) {
    throw new TypeError(
      "compareStudies: parent must be given with arm, which it is compared with.",
    );
  }
  if (from !== undefined && point === undefined) {
    throw new TypeError(
      "compareStudies: from must be given with point, which it is compared with.",
    );
  }
  if (arm !== undefined) return armsOf(studies, arm, parent);
  if (point !== undefined) {
    for (const study of studies) {
      checkPoint(study, "point", point);
      if (from === undefined) checkBaseline(study, "from must be given");
      else checkPoint(study, "from", from);
    }
    return { kind: "points", point, from: from ?? null };
  }
  for (const study of studies) {
    if (isArmsStudy(study)) {
      throw new TypeError(
        `compareStudies: arm must be given for studies of arms, as ${study.name} is; shared by all ` +
          `with one parent: ${sharedArms(studies).map((each) => each.arm).join(", ") || "none"}.`,
      );
    }
    checkBaseline(study, "point and from must be given");
  }
  return { kind: "selected" };
}

function armsOf(studies: readonly StudyRecord[], arm: string, parent?: string): StudyContrast {
  const parents = studies.map((study) => {
    if (!isArmsStudy(study)) {
      throw new TypeError(
        `compareStudies: arm must be left out, since ${study.name} has none: it is of kind ` +
          `"${study.space.kind}".`,
      );
    }
    const names = study.space.arms.map(({ name }) => name);
    for (const name of parent === undefined ? [arm] : [arm, parent]) {
      if (!names.includes(name)) {
        throw new RangeError(
          `compareStudies: ${name === arm ? "arm" : "parent"} must be one of all studies, found ` +
            `"${name}", which ${study.name} lacks; it has ${names.join(", ")}.`,
        );
      }
    }
    return parent ?? study.space.arms.find(({ name }) => name === arm)!.parent;
  });
  const [first] = parents;
  if (first === null || parents.some((each) => each !== first)) {
    throw new RangeError(
      `compareStudies: parent must be given, since ${arm} is not judged against the same arm in all ` +
        `studies: ${
          studies.map(({ name }, index) => `${parents[index] ?? "none"} in ${name}`).join(", ")
        }.`,
    );
  }
  if (first === arm) {
    throw new RangeError(
      `compareStudies: parent must be another arm than arm, found "${arm}" twice.`,
    );
  }
  return { kind: "arms", arm, parent: first };
}

/** Arms that all studies have, each with the parent that it has in all. */
export function sharedArms(
  studies: readonly StudyRecord[],
): { readonly arm: string; readonly parent: string }[] {
  const [first, ...others] = studies;
  return (first.space.arms ?? []).flatMap(({ name, parent }) =>
    parent !== null &&
      others.every(({ space }) =>
        space.arms?.some((other) => other.name === name && other.parent === parent)
      )
      ? [{ arm: name, parent }]
      : []
  );
}

function checkPoint({ name, space }: StudyRecord, option: string, point: JsonObject): void {
  const key = canonicalJson(point);
  if (space.points.some((each) => canonicalJson(each) === key)) return;
  throw new RangeError(
    `compareStudies: ${option} must be one of all studies, found ${key}, which ${name} lacks.`,
  );
}

function checkBaseline({ name, baseline }: StudyRecord, needed: string): void {
  if (baseline !== null) return;
  throw new TypeError(`compareStudies: ${needed}, since ${name} declares no baseline.`);
}
