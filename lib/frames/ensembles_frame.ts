import type { DataFrame } from "./_danfojs.js";
import { ensembleResults } from "../statistics/ensemble_result.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { framePerPoint } from "./study_frames.ts";

/**
 * The ensembles of a study, one row each: point, fold, the seeds of its runs, what is averaged, its loss and
 * perplexity beside those of its members, its size, and what the training of its runs took.
 *
 * `members` counts models, `snapshots` says whether they are snapshots of one training each; `memberLoss` and
 * `bestMemberLoss` are of the runs themselves. What is not known is NaN, and so are all numbers of an ensemble
 * that failed.
 *
 * @param study A study, or its records.
 * @returns A danfojs frame that a cell shows as a table.
 * @throws {RangeError} If the study has no ensembles.
 */
export function ensemblesFrame(study: StudyRecords): DataFrame {
  const { ensembles = [] } = study;
  const resultOf = ensembleResults(study);
  return framePerPoint(
    study.record,
    ensembles.map((record) => {
      const { seeds, mean, snapshots } = record.ensemble!;
      const result = record.status === "completed" ? resultOf(record) : null;
      return {
        point: record.point,
        columns: {
          fold: String(record.fold),
          seeds: seeds.join(", "),
          mean,
          snapshots: snapshots !== undefined,
          status: record.status,
          members: result?.size.members ?? NaN,
          validationLoss: result?.validationLoss ?? NaN,
          perplexity: result?.perplexity ?? NaN,
          trainingLoss: result?.trainingLoss ?? NaN,
          memberLoss: result?.memberLoss ?? NaN,
          bestMemberLoss: result?.bestMemberLoss ?? NaN,
          weights: result?.size.weights ?? NaN,
          bytes: result?.size.bytes ?? NaN,
          steps: result?.cost.steps ?? NaN,
          tokens: result?.cost.tokens ?? NaN,
          flops: result?.cost.flops ?? NaN,
          seconds: record.durationSeconds,
          id: record.id,
        },
      };
    }),
  );
}
