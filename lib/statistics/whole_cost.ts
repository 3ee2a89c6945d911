import type { RunRecord, TrainingCost } from "../records/run_record.ts";
import type { StudyRecords } from "./study_records.ts";
import { sumOfCosts } from "./sum_of_costs.ts";

/**
 * What it took to have a model: its training and those of all runs that it was made from, each once: its
 * teachers, the run whose weights it began with, the members of an ensemble, and theirs.
 *
 * Weights and bytes are those of the model itself, as it is used: of an ensemble, those of its members.
 *
 * @param study The study, with the records of these runs.
 * @param record Of one of its runs or ensembles.
 * @returns Null where a run is not there or has no cost, as older records; `flops` is null where one of
 * them is.
 *
 * @example
 * ```ts
 * import { syntheticRecords } from "./testing/synthetic_study.ts";
 * import { wholeCost } from "./whole_cost.ts";
 * import assert from "node:assert/strict";
 * const { record, records: [teacher, run] } = syntheticRecords();
 * const cost = { flops: 600, tokens: 10, weights: 10, bytes: 40 };
 * const student = { ...run, cost, teachers: [teacher.id] };
 * const records = [{ ...teacher, cost: { ...cost, flops: 900, weights: 15, bytes: 60 } }, student];
 * assert.deepEqual(wholeCost({ record, records }, student), { ...cost, flops: 1500, tokens: 20 });
 * ```
 */
export function wholeCost(study: StudyRecords, record: RunRecord): TrainingCost | null {
  return wholeCosts(study)(record);
}

/** {@link wholeCost} of many records of a study, whose runs are looked up by one index. */
export function wholeCosts(
  { records }: Pick<StudyRecords, "records">,
): (record: RunRecord) => TrainingCost | null {
  const byId = new Map(records.map((run) => [run.id, run]));
  return (record) => {
    const made = new Map<string, RunRecord | undefined>();
    const visit = (id: string, run: RunRecord | undefined) => {
      if (made.has(id)) return;
      made.set(id, run);
      for (const other of run === undefined ? [] : madeFrom(run)) visit(other, byId.get(other));
    };
    visit(record.id, record);
    // An ensemble is trained by nobody.
    if (record.ensemble) made.delete(record.id);
    const sum = sumOfCosts([...made.values()].map((run) => run?.cost));
    const own = record.ensemble
      ? sumOfCosts(record.ensemble.members.map((id) => byId.get(id)?.cost))
      : record.cost ?? null;
    return sum && own && { ...sum, weights: own.weights, bytes: own.bytes };
  };
}

/** Runs that were needed before a run or an ensemble. */
export function madeFrom({ teachers, warmStartedFrom, ensemble }: RunRecord): readonly string[] {
  return [
    ...teachers ?? [],
    ...(warmStartedFrom === undefined ? [] : [warmStartedFrom]),
    ...ensemble?.members ?? [],
  ];
}
