import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { SelectionRule, StudyRecord } from "../records/study_record.ts";
import { ruleOfStudy, select, type Selection } from "../statistics/select.ts";
import { type PointSummary, summarizeTrials, type View } from "../statistics/summarize.ts";

/** What a study selects: by each rule, in each view. */
export interface StudySelection {
  /** Every point over its folds and seeds, in the order of the space. */
  readonly summaries: readonly PointSummary[];
  /** One for each rule and view: at the last step, then at the best step. */
  readonly selections: readonly Selection[];
  /** Points to refit on all but the final block: the baseline, then those selected, each once. */
  readonly refits: readonly JsonObject[];
}

const views: readonly View[] = ["lastStep", "bestStep"];
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
  const chosen = selections.map(({ selected }) => selected?.point ?? null);
  for (const point of [study.baseline, ...chosen]) {
    if (point !== null) refits.set(canonicalJson(point), point);
  }
  return { summaries, selections, refits: [...refits.values()] };
}
