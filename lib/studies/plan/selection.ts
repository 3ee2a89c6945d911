import { checkOneOf } from "../../core/check.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { checkOptions, oneOf, passed } from "../../core/options.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { SelectionRule, StudyRecord } from "../../records/study_record.ts";
import { armAxis, type ArmsStudyRecord, isArmsStudy } from "../../statistics/arms_study.ts";
import { views } from "../../statistics/options.ts";
import { ruleOfStudy, select, type Selection } from "../../statistics/select.ts";
import { type PointSummary, summarizeTrials, type View } from "../../statistics/summarize.ts";

/** What a study selects: by each rule, in each view. */
export interface StudySelection {
  /** Every point over its folds and seeds, in the order of the space. */
  readonly summaries: readonly PointSummary[];
  /** One for each rule and view: at the last step, then at the best step. */
  readonly selections: readonly Selection[];
  /**
   * Points to refit on all but the final block: the baseline, then those selected, each once; of arms
   * the root's choice and that of the arm with the lowest choosing loss.
   */
  readonly refits: readonly JsonObject[];
}

const kinds: readonly SelectionRule["kind"][] = ["mean", "oneStandardError"];

/**
 * Selects points at the last step and at one step per point chosen on the fold mean, each by mean
 * and by one standard error.
 *
 * @param study The study; without an axis of strength or size nothing says which point is simpler, and
 * only the mean selects.
 * @param runs Its records; only points whose every run is completed can be selected.
 */
export function selectPoints(study: StudyRecord, runs: readonly RunRecord[]): StudySelection {
  const summaries = summarizeTrials(study, runs);
  const rule = ruleOfStudy(study);
  const selections = views.flatMap((view) =>
    kinds
      .filter((kind) => kind === "mean" || rule.axes.length > 0)
      .map((kind) => select(summaries, { ...rule, kind }, view))
  );
  const refits = new Map<string, JsonObject>();
  const chosen = isArmsStudy(study)
    ? chosenArms(study, summaries)
    : selections.map(({ selected }) => selected?.point ?? null);
  for (const point of [study.baseline, ...chosen]) {
    if (point !== null) refits.set(canonicalJson(point), point);
  }
  return { summaries, selections, refits: [...refits.values()] };
}

/** What the folds choose for the arm that has no parent, and for the arm with the lowest choosing loss. */
function chosenArms(
  study: ArmsStudyRecord,
  summaries: readonly PointSummary[],
): (JsonObject | null)[] {
  const root = study.space.arms.find(({ parent }) => parent === null)!.name;
  return [summaries.filter(({ point }) => point[armAxis] === root), summaries].map((own) =>
    select(own, { ...study.select, kind: "mean" }, "bestStep").selected?.point ?? null
  );
}

/** Among which points a rule selects, and where in training it looks at them. */
export interface SelectOptions {
  /** The last step by default; of a study of arms each point's best step. */
  readonly view?: View;
  /** Which points are looked at; all by default. */
  readonly among?: (point: any) => boolean;
}

/**
 * What a rule selects from the points of a study.
 *
 * @param kind The rule; that of the study by default.
 */
export function selectBy(
  study: StudyRecord,
  summaries: readonly PointSummary[],
  kind: SelectionRule["kind"] = ruleOfStudy(study).kind,
  options: SelectOptions = {},
): Selection {
  checkOneOf("study.selection: rule", kind, kinds);
  const { view, among } = checkOptions("study.selection", options, {
    view: oneOf(views, isArmsStudy(study) ? "bestStep" : "lastStep"),
    among: passed<NonNullable<SelectOptions["among"]>>(() => true),
  });
  return select(
    summaries.filter(({ point }) => among(point)),
    { ...ruleOfStudy(study), kind },
    view,
  );
}
