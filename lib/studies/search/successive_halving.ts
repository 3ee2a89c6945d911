import { canonicalJson } from "../../core/json.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { SuccessiveHalvingRecord } from "../../records/strategy_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { pointsPassing, rankAtRung } from "../../statistics/rungs.ts";
import { groupRuns } from "../../statistics/summarize.ts";
import { crossValidationRuns, missingRuns, ownRuns, type PlannedRun } from "../run_id.ts";

/**
 * The runs that successive halving asks for, as far as the records decide it: those of the first
 * rung that is not complete are the last ones, or those to the last step.
 *
 * A point whose run diverged or failed passes no rung, also when that happens behind it: the next
 * point then takes its place. The baseline passes all.
 *
 * @param study A study whose strategy is {@link SuccessiveHalvingRecord}.
 * @param runs Its records.
 */
export function halvingRuns(
  study: StudyRecord,
  strategy: SuccessiveHalvingRecord,
  runs: readonly RunRecord[],
): PlannedRun[] {
  const all = crossValidationRuns(study);
  const groups = groupRuns(study, ownRuns(study, runs));
  const baseline = study.baseline === null ? null : canonicalJson(study.baseline);
  const keys = new Map(study.space.points.map((point) => [point, canonicalJson(point)]));
  const keyOf = (run: PlannedRun) => keys.get(run.point)!;
  const planned: PlannedRun[] = [];
  let remaining = new Set(keys.values());
  for (const [rung, step] of strategy.rungs.entries()) {
    const here = all.filter((run) => remaining.has(keyOf(run)))
      .map((run) => ({ ...run, stopAt: step }));
    planned.push(...here);
    if (missingRuns(here, runs).length > 0) return planned;
    const passing = pointsPassing(study.space.points.length, strategy.reductionFactor, rung);
    const ranking = rankAtRung(groups.filter(({ key }) => remaining.has(key)), step);
    remaining = new Set(
      ranking.filter(({ loss }, rank) => rank < passing && Number.isFinite(loss))
        .map(({ key }) => key),
    );
    if (baseline !== null) remaining.add(baseline);
  }
  return [...planned, ...all.filter((run) => remaining.has(keyOf(run)))];
}
