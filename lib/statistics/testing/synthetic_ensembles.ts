import { hashJson } from "../../core/json.ts";
import type { EnsembleRecord, StudyRecord } from "../../records/study_record.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { StudyRecords } from "../study_records.ts";

/**
 * Records of ensembles made from those of runs, for tests only: each loses `gain` nats less for every
 * further member than its members do on average.
 */
export function withEnsembles(
  { record, records }: StudyRecords,
  asked: readonly EnsembleRecord[],
  gain = 0.01,
): StudyRecords {
  const study: StudyRecord = { ...record, ensembles: asked };
  const folds = [...record.folds.map(({ index }) => index), "final" as const];
  const ensembles = asked.flatMap(({ point, seeds = record.seeds, mean, snapshots }) =>
    (point === undefined ? record.space.points : [point]).flatMap((point) =>
      folds.flatMap((fold): RunRecord[] => {
        const members = seeds.flatMap((seed) =>
          records.filter((run) =>
            run.seed === seed && run.fold === fold && run.status === "completed" &&
            JSON.stringify(run.point) === JSON.stringify(point)
          )
        );
        if (members.length < seeds.length) return [];
        const ids = members.map(({ id }) => id);
        const loss = members.reduce((sum, { final }) => sum + final!.heldOutLoss, 0) / ids.length;
        const heldOutLoss = loss - gain * (ids.length - 1);
        const [first] = members;
        const at = { ...first.final!, step: 0, heldOutLoss };
        return [{
          ...first,
          id: hashJson({ ids, mean, snapshots }),
          ensemble: { mean, members: ids, seeds, ...(snapshots && { snapshots: 4 }) },
          curve: [at],
          final: at,
          best: at,
          parameters: members.flatMap(({ parameters }) => parameters),
        }];
      })
    )
  );
  return { record: study, records, ensembles };
}
