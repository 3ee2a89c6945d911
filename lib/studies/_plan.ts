import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StrategyRecord } from "../records/strategy_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { rankAtRung } from "../statistics/rungs.ts";
import { groupRuns } from "../statistics/summarize.ts";
import { endPoints, nextBisection } from "./search/empirical_maximum.ts";
import { halvingRuns } from "./search/successive_halving.ts";
import { crossValidationRuns, missingRuns, ownRuns, type PlannedRun, refitRuns } from "./run_id.ts";
import { selectPoints } from "./selection.ts";
import { askTreeParzen, startupPoints } from "./search/tree_parzen.ts";

/** Everything that a study asks for, as far as the records decide it: by them alone. */
export function planOf(study: StudyRecord, runs: readonly RunRecord[]): readonly PlannedRun[] {
  const { strategy } = study;
  const crossValidation = strategy?.kind === "successiveHalving"
    ? halvingRuns(study, strategy, runs)
    : withinReach(study, crossValidationRuns(study), runs);
  if (missingRuns(crossValidation, runs).length > 0) return crossValidation;
  const { refits } = selectPoints(study, ownRuns(study, runs));
  return [...crossValidation, ...withinReach(study, refitRuns(study, refits, runs), runs)];
}

/** Of runs that begin with the weights of others, those whose others are completed. */
function withinReach(
  study: StudyRecord,
  planned: readonly PlannedRun[],
  runs: readonly RunRecord[],
): readonly PlannedRun[] {
  if (study.strategy?.kind !== "warmStartPath") return planned;
  const completed = new Set(
    runs.filter(({ status }) => status === "completed").map(({ id }) => id),
  );
  return planned.filter(({ warmStartedFrom }) =>
    warmStartedFrom === undefined || completed.has(warmStartedFrom)
  );
}

/** Whether a strategy asks for points of its own. */
export function asksForPoints(strategy: StrategyRecord | undefined): boolean {
  return strategy?.kind === "treeParzenEstimator" || strategy?.kind === "empiricalMaximum";
}

/** The points with which a strategy begins. */
export function firstPoints(strategy: StrategyRecord | undefined): readonly JsonObject[] {
  if (strategy?.kind === "treeParzenEstimator") return startupPoints(strategy);
  if (strategy?.kind === "empiricalMaximum") return endPoints(strategy);
  return [];
}

/**
 * Points that a strategy asks for now: none before all runs of those that are there have a record,
 * and none at its end.
 */
export function askedPoints(
  study: StudyRecord,
  runs: readonly RunRecord[],
): readonly JsonObject[] {
  const { strategy } = study;
  if (!asksForPoints(strategy)) return [];
  if (missingRuns(crossValidationRuns(study), runs).length > 0) return [];
  const own = ownRuns(study, runs);
  if (strategy?.kind === "treeParzenEstimator") {
    const left = strategy.count - study.space.points.length;
    if (left <= 0) return [];
    const observations = rankAtRung(groupRuns(study, own), Infinity);
    return askTreeParzen(
      strategy,
      inOrder(study, observations),
      [],
      Math.min(left, strategy.batchSize),
    );
  }
  return nextBisection({ record: study, records: own });
}

/** In the order of the study, which decides ties. */
function inOrder<T extends { readonly key: string }>(
  study: StudyRecord,
  entries: readonly T[],
): T[] {
  const places = new Map(study.space.points.map((point, place) => [canonicalJson(point), place]));
  return [...entries].sort((a, b) => places.get(a.key)! - places.get(b.key)!);
}
