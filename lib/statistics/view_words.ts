import type { StudyRecord } from "../records/study_record.ts";
import { type PointSummary, stopsEarly } from "./summarize.ts";

/** Which of a study's runs stop early, by their specifications. */
export function earlyStoppingOf({ specifications }: StudyRecord): "all" | "some" | "none" {
  let found = known.get(specifications);
  if (found === undefined) {
    const stopping = specifications.filter(stopsEarly).length;
    found = stopping === 0 ? "none" : stopping === specifications.length ? "all" : "some";
    known.set(specifications, found);
  }
  return found;
}

/** Asked for row after row. */
const known = new WeakMap<StudyRecord["specifications"], "all" | "some" | "none">();

/**
 * What the view `lastStep` looks at, in words: a run that stops early keeps the weights of its best
 * evaluation, which is then what is compared and handed out.
 *
 * @param study The study's record.
 *
 * @example
 * ```ts
 * import { lastStepWords } from "./view_words.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * assert.equal(lastStepWords(syntheticStudy().study), "the last step");
 * ```
 */
export function lastStepWords(study: StudyRecord): string {
  return {
    all: "the step that each run kept (early stopping)",
    some: "the last step (of runs that stop early, the step that they kept)",
    none: "the last step",
  }[earlyStoppingOf(study)];
}

/**
 * Whether the last and the best step are the same of every point, so that one table serves both: where
 * all are best at their end, or kept their best evaluation by early stopping.
 *
 * @param study The study's record.
 * @param summaries Its points, as `summarizeTrials` gives them.
 */
export function viewsAreAlike(study: StudyRecord, summaries: readonly PointSummary[]): boolean {
  if (earlyStoppingOf(study) === "all") return true;
  const seen = summaries.filter(({ lastStep }) => lastStep !== null);
  return seen.length > 0 &&
    seen.every(({ lastStep, bestStep }) =>
      lastStep!.step !== null && bestStep?.step === lastStep!.step
    );
}
