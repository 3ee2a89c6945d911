import { blockedFolds } from "../../data/folds.ts";
import type { RunRecord, RunStatus } from "../../records/run_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { provenance } from "../../statistics/testing/synthetic_study.ts";
import { defineStudy } from "../define_study.ts";
import { definitionHash } from "../same_definition.ts";
import { checkStudyOptions } from "../options.ts";
import { missingRuns, type PlannedRun } from "../search/planned_run.ts";
import { planOf } from "../plan/plan.ts";
import { libraryTrainings } from "../_library_trainings.ts";
import { syntheticRun } from "./synthetic_runs.ts";
import { shapesOfAxes } from "./shapes/axes.ts";
import { shapesOfBaselines } from "./shapes/baselines.ts";
import { shapesOfNames } from "./shapes/names.ts";
import type { Shape } from "./shapes/parts.ts";
import { randomShape } from "./shapes/random.ts";
import { shapesOfRuns } from "./shapes/runs.ts";
import { shapesOfSearches } from "./shapes/searches.ts";

/** A study whose definition is real and whose runs come from a formula. */
export interface GeneratedStudy extends StudyRecords {
  /** What is special about it; the name of its record. */
  readonly shape: string;
}

/** All shapes by name. */
export const shapes: { readonly [name: string]: Shape } = {
  ...shapesOfAxes,
  ...shapesOfRuns,
  ...shapesOfBaselines,
  ...shapesOfSearches,
  ...shapesOfNames,
};

/**
 * Makes the records of a shape: what `runStudy` would define of its options, and runs of a formula.
 *
 * @param name Name of the study.
 * @param shape Its shape.
 */
export async function generateStudy(name: string, shape: Shape): Promise<GeneratedStudy> {
  const settings = checkStudyOptions({
    folds: blockedFolds({ count: 3 }),
    seeds: [1, 2],
    ...shape.options,
    name,
  });
  const defined = await defineStudy(libraryTrainings, settings, "wasm");
  const definition = shape.amend?.(defined) ?? defined;
  const record = {
    schemaVersion: 1,
    ...definition,
    definitionHash: definitionHash(definition),
    createdAt: "2026-01-02T03:04:05.000Z",
    provenance,
  } as StudyRecord;
  return { shape: name, record, records: runsOf(record, shape) };
}

/** Everything that the study asks for, from a formula; with successive halving rung by rung. */
function runsOf(record: StudyRecord, { runs: options = {}, refits = "all" }: Shape): RunRecord[] {
  const records = new Map<string, RunRecord>();
  const missing = new Set<string>();
  const statusOf = ({ point, fold, seed }: PlannedRun): RunStatus | "missing" => {
    if (fold.index !== "final") {
      return options.status?.(point, fold.index, seed, records.size + missing.size) ?? "completed";
    }
    if (refits === "none") return "missing";
    return refits === "diverged" && seed !== record.seeds[0] ? "diverged" : "completed";
  };
  for (;;) {
    const runs = [...records.values()];
    const asked = missingRuns(planOf(record, runs), runs).filter(({ id }) => !missing.has(id));
    if (asked.length === 0) return runs;
    for (const planned of asked) {
      const status = planned.stopAt === undefined ? statusOf(planned) : "pruned";
      if (status === "missing") missing.add(planned.id);
      else records.set(planned.id, syntheticRun(record, planned, status, options));
    }
  }
}

/** How many shapes are drawn by seed beside those that have names. */
const randomCount = 12;

/** Every generated study, those with names first. */
export async function generatedStudies(): Promise<GeneratedStudy[]> {
  const random = Array.from(
    { length: randomCount },
    (_, seed) => [`random-${seed}`, randomShape(seed)] as const,
  );
  const studies: GeneratedStudy[] = [];
  for (const [name, shape] of [...Object.entries(shapes), ...random]) {
    studies.push(await generateStudy(name, shape));
  }
  return studies;
}
