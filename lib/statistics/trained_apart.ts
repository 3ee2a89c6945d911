import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import {
  axesOfStudy,
  type Axis,
  compareRemedies,
  isOfRemedies,
  sameButRemedies,
  specificationOf,
} from "./axis_roles.ts";
import { formatAxis, listInWords } from "./format.ts";
import type { PointSummary } from "./summarize.ts";

/** A point that has other remedies than the baseline and is not trained like it. */
export interface TrainedApart {
  /** Axes, none of a remedy, in which the two differ. */
  readonly axes: readonly string[];
  /** The complete point with the baseline's remedies that is trained like it; null where there is none. */
  readonly alike: PointSummary | null;
}

/** The points of a study with its baseline. */
interface Points {
  readonly study: StudyRecord;
  readonly summaries: readonly PointSummary[];
  readonly baseline: PointSummary | null;
}

/**
 * What sets a point apart from the baseline besides its remedies, so that a share of their difference which
 * is another learning rate's is not credited to a remedy.
 *
 * @param points Points of the study and its baseline, such as its findings.
 * @param point The point.
 * @returns Null where remedies are all that differs, or where they do not differ.
 */
export function trainedApart(
  { study, summaries, baseline }: Points,
  point: JsonObject,
): TrainedApart | null {
  if (baseline === null) return null;
  const own = specificationOf(study, point);
  const base = specificationOf(study, baseline.point);
  if (
    own === undefined || base === undefined || compareRemedies(own, base) === "same" ||
    sameButRemedies(own, base)
  ) return null;
  const alike = summaries.find((each) => {
    const other = specificationOf(study, each.point);
    return each.complete && other !== undefined && compareRemedies(other, base) === "same" &&
      sameButRemedies(other, own);
  });
  const axes = axesOfStudy(study).filter((axis) =>
    !isOfRemedies(axis) && differ(point, baseline.point, axis)
  );
  return { axes: axes.map(({ name }) => name), alike: alike ?? null };
}

/** That a difference between two such points is no remedy's alone, as the end of a sentence. */
export function apartWords({ axes }: TrainedApart): string {
  return `; they differ in ${
    listInWords(axes.map(formatAxis))
  } too, so that nothing of it is credited to a remedy`;
}

/** Points with more of a remedy and points with the baseline's, over all settings of training tried. */
export interface TunedAgainstTuned {
  /** Axes of training in which some of them differ. */
  readonly axes: readonly string[];
  /** How many points have the baseline's remedies. */
  readonly tried: number;
  /** That of them with the lowest validation loss at its best step. */
  readonly without: PointSummary;
  /** The same of the points with stronger remedies; null when none learned. */
  readonly best: PointSummary | null;
}

/**
 * The best point with stronger remedies beside the best with the baseline's, each at its own best step and at
 * its own best setting of training, such as the learning rate.
 *
 * @param points Points of the study and its baseline, such as its findings.
 * @returns Null where all points with stronger remedies are trained like the baseline.
 */
export function tunedAgainstTuned(
  { study, summaries, baseline }: Points,
): TunedAgainstTuned | null {
  if (!baseline?.complete) return null;
  const base = specificationOf(study, baseline.point)!;
  const axes = axesOfStudy(study);
  const fixed = axes.filter((axis) => axis.role !== "training" && !isOfRemedies(axis));
  const rows = summaries.flatMap((summary) => {
    const specification = specificationOf(study, summary.point);
    return !summary.complete || summary.bestStep === null || specification === undefined ||
        fixed.some((axis) => differ(summary.point, baseline.point, axis))
      ? []
      : [{ summary, remedies: compareRemedies(specification, base) }];
  });
  const of = (remedies: string) =>
    rows.filter((row) => row.remedies === remedies).map(({ summary }) => summary);
  const stronger = of("stronger");
  const varying = axes.filter((axis) =>
    axis.role === "training" && stronger.some(({ point }) => differ(point, baseline.point, axis))
  );
  if (varying.length === 0) return null;
  const same = of("same");
  return {
    axes: varying.map(({ name }) => name),
    tried: same.length,
    without: lowest(same)!,
    best: lowest(stronger.filter(({ bestStep }) => bestStep!.learned)),
  };
}

function lowest(points: readonly PointSummary[]): PointSummary | null {
  const loss = ({ bestStep }: PointSummary) => bestStep!.estimates.validationLoss.mean;
  return points.length === 0 ? null : points.reduce((a, b) => loss(b) < loss(a) ? b : a);
}

function differ(one: JsonObject, other: JsonObject, { name }: Axis): boolean {
  return canonicalJson(one[name] ?? null) !== canonicalJson(other[name] ?? null);
}
