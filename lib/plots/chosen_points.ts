import { canonicalJson, type JsonObject } from "../core/json.ts";
import { ruleOfStudy, select } from "../statistics/select.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { summarizeTrials } from "../statistics/summarize.ts";

/**
 * The points that a figure of few points draws: the baseline and those that are selected at the last
 * step, each once; the first point of the space when there is none of these.
 */
export function chosenPoints({ record, records }: StudyRecords): JsonObject[] {
  const summaries = summarizeTrials(record, records);
  const chosen = (["mean", "oneStandardError"] as const).map((kind) =>
    select(summaries, { ...ruleOfStudy(record), kind }, "lastStep").selected?.point
  );
  const points = [record.baseline, ...chosen].filter((point) =>
    point !== null && point !== undefined
  );
  const distinct = new Map(points.map((point) => [canonicalJson(point), point]));
  return distinct.size > 0 ? [...distinct.values()] : record.space.points.slice(0, 1);
}
