import { show } from "../../core/check.ts";
import { canonicalJson } from "../../core/json.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import type { PlannedRun } from "../search/planned_run.ts";
import type { ModelChoice } from "./model_choice.ts";
import { crossValidationRuns, refitRuns, specificationsOf } from "./run_id.ts";

/**
 * The run of a point on a fold with a seed, as a study plans it.
 *
 * @param records Records of the study's runs, which say how refits are trained.
 * @throws {RangeError} If the study has no such point, fold or seed.
 */
export function plannedRunOf(
  study: StudyRecord,
  records: readonly RunRecord[],
  { point, fold, seed }: ModelChoice,
): PlannedRun {
  const key = canonicalJson(point);
  // Refuses a point that the study does not have.
  specificationsOf(study, [point]);
  const planned = fold === "final"
    ? refitRuns(study, [point], records)
    : crossValidationRuns(study);
  const run = planned.find((each) =>
    each.fold.index === fold && each.seed === seed && canonicalJson(each.point) === key
  );
  if (run !== undefined) return run;
  const folds = [...study.folds.map(({ index }) => index), ...(study.finalFold ? ["final"] : [])];
  const lacking = [
    ...(folds.includes(fold) ? [] : [`no fold ${show(fold)}; its folds are ${folds.join(", ")}`]),
    ...(study.seeds.includes(seed)
      ? []
      : [`no seed ${show(seed)}; its seeds are ${study.seeds.join(", ")}`]),
  ];
  throw new RangeError(`Study ${study.name} has ${lacking.join(", and ")}.`);
}
