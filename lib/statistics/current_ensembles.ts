import { canonicalJson } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecords } from "./study_records.ts";

/**
 * The ensembles of a study that it asks for now, in the order in which it does: by its list, by point, by
 * fold, the final one last. Others, such as those of fewer seeds before some were added, are left out.
 */
export function currentEnsembles({ record, records, ensembles = [] }: StudyRecords): RunRecord[] {
  if (record.ensembles === undefined || ensembles.length === 0) return [];
  const completed = new Set(
    records.filter(({ status }) => status === "completed").map(({ id }) => id),
  );
  const byPlace = new Map(
    ensembles.filter(({ ensemble }) => ensemble?.members.every((id) => completed.has(id)))
      .map((each) => [
        placeOf(each, {
          ...each.ensemble!,
          snapshots: each.ensemble!.snapshots !== undefined,
        }),
        each,
      ]),
  );
  const folds = [...record.folds.map(({ index }) => index), "final" as const];
  const found = record.ensembles.flatMap(({ point, seeds = record.seeds, mean, snapshots }) =>
    (point === undefined ? record.space.points : [point]).flatMap((point) =>
      folds.flatMap((fold) =>
        byPlace.get(placeOf({ point, fold }, { seeds, mean, snapshots: snapshots ?? false })) ?? []
      )
    )
  );
  return [...new Set(found)];
}

function placeOf(
  { point, fold }: Pick<RunRecord, "point" | "fold">,
  { seeds, mean, snapshots }: {
    readonly seeds: readonly number[];
    readonly mean: string;
    readonly snapshots: boolean;
  },
): string {
  return canonicalJson({ point, fold, seeds: [...seeds], mean, snapshots });
}
