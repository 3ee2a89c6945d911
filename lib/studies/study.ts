import { checkKeys, show } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { projectFolder } from "../core/project.ts";
import { notFound } from "../core/runtime/errors.ts";
import type { FoldTexts } from "../data/prepare.ts";
import { readRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import type { FoldIndex, RunRecord } from "../records/run_record.ts";
import type { SelectionRule, StudyRecord } from "../records/study_record.ts";
import { type EnsembleResult, ensembleResult } from "../statistics/ensemble_result.ts";
import type { Selection } from "../statistics/select.ts";
import type { PointSummary } from "../statistics/summarize.ts";
import type { TrainedModel } from "../training/trained_model.ts";
import { digestRuns } from "./digest.ts";
import { type StudyFolder, studyFolder } from "./storage/folder.ts";
import { measureEnsemble } from "./_ensemble.ts";
import { trainedModelOf } from "./_model.ts";
import { textsOfFold } from "./_texts.ts";
import { ownRuns, specificationsOf } from "./plan/run_id.ts";
import {
  type EnsembleChoice,
  ensembleChoice,
  ownEnsembles,
  plannedEnsemble,
} from "./plan/ensembles.ts";
import { type ModelChoice, modelChoice } from "./plan/model_choice.ts";
import {
  selectBy,
  type SelectOptions,
  selectPoints,
  type StudySelection,
} from "./plan/selection.ts";
import { pointTable, tableHtml, tableText } from "./table.ts";

/** A study with its runs, as read from its folder. */
export interface Study {
  /** Name, and folder below `results/`. */
  readonly name: string;
  /** What the study is: `study.json`. */
  readonly record: StudyRecord;
  /** One record a run, in the order in which the study plans them. */
  readonly records: readonly RunRecord[];
  /** The others, of other numerics versions or engines: kept in the journal, never mixed in. */
  readonly stale: readonly RunRecord[];
  /** Records of the ensembles that the study asks for, in its order; none where it asks for none. */
  readonly ensembles: readonly RunRecord[];
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Points selected at the last and at the best step, by mean and by one standard error. */
  selection(): StudySelection;
  /**
   * What one rule selects, from which points.
   *
   * @param rule `mean`, the lowest mean, or `oneStandardError`, the simplest point near it; without an
   * axis that says which point is simpler, both select the lowest mean.
   * @param options As `selected` takes them.
   */
  selection(rule: SelectionRule["kind"], options?: SelectOptions): Selection;
  /** One SHA-256 that says whether two studies have the same numbers, those of ensembles included. */
  digest(): string;
  /**
   * The point that a rule selects, the study's own by default; null when no point is complete.
   *
   * @param options `view`: at the `lastStep`, of arms at each point's `bestStep`, by default. `among`: which
   * points are looked at, such as `({ alpha }) => alpha > 0`.
   */
  selected(rule?: SelectionRule["kind"], options?: SelectOptions): JsonObject | null;
  /**
   * A point over its folds and seeds: means with standard errors, at the last and at the best step.
   *
   * @throws {RangeError} If the study has no such point.
   */
  summary(point: JsonObject): PointSummary;
  /**
   * Records of the cross-validation's runs, or of some of them, in the study's order.
   *
   * @param choice Of which point, fold and seed; `fold: "final"` are the refits.
   * @throws {RangeError} If the study has no such point.
   */
  runs(choice?: Partial<ModelChoice>): RunRecord[];
  /**
   * A trained model, with the weights that its run kept: read from their file, else trained again, which
   * gives the same bits on the same engine.
   *
   * @param choice Which one; what is left out is the selected point, trained on all but the final block,
   * with the study's first seed.
   * @throws {RangeError} If the study has no such point, fold or seed, or nothing says which one is meant.
   * @throws {Error} If it needs code that is not the project's own, such as a module that came with a
   * folder of results, or code that is another one here.
   */
  model(choice?: Partial<ModelChoice>): Promise<TrainedModel>;
  /**
   * The mean of the models of several seeds, measured on the fold that they were scored on, from the
   * weights that their runs kept: see {@link EnsembleResult}. A process of its own does it.
   *
   * @param choice Which one; what is left out is the selected point, trained on all but the final block,
   * all seeds of the study, and the mean of probabilities.
   * @throws {TypeError | RangeError} If the study has no such point, fold or seed, a seed is there twice,
   * or nothing says which point is meant.
   * @throws {Error} If a run has not completed or kept no weights, or needs code that is another one here.
   */
  ensemble(choice?: Partial<EnsembleChoice>): Promise<EnsembleResult>;
  /**
   * The texts of a fold: what its models were trained on and measured on, so that a model can be
   * measured as the study did.
   *
   * @param fold Index of a fold, or `final`.
   * @throws {RangeError} If there is no such fold, or the study is about pairs.
   */
  texts(fold: FoldIndex): Promise<FoldTexts>;
  /** The table of points as text. */
  toString(): string;
}

/**
 * Reads a study from `results/<name>`; works while it is being run.
 *
 * @param name Name of the study.
 * @param options `project`: project folder, the nearest one with a deno.json by default.
 * @throws {Deno.errors.NotFound} If there is no such study.
 * @throws {SyntaxError} If its files are damaged.
 */
export function loadStudy(name: string, options: { readonly project?: string } = {}): Study {
  const folder = studyFolder(name, options.project ?? projectFolder());
  const record = readStudyRecord(folder.definition);
  if (record === null) {
    throw notFound(
      `There is no study ${show(name)}: ${folder.definition} does not exist.`,
    );
  }
  const files = { runs: readRuns(folder.journal), ensembles: readRuns(folder.ensembles) };
  return makeStudy(folder, record, files, null);
}

/** Puts a study together from what was read. */
export function makeStudy(
  folder: StudyFolder,
  record: StudyRecord,
  { runs, ensembles: measured }: {
    readonly runs: readonly RunRecord[];
    readonly ensembles: readonly RunRecord[];
  },
  executor: string | null,
): Study {
  const records = ownRuns(record, runs);
  const ensembles = ownEnsembles(record, runs, measured);
  const current = new Set(records.map(({ id }) => id));
  let selected: StudySelection | null = null;
  function selection(): StudySelection;
  function selection(rule: SelectionRule["kind"], options?: SelectOptions): Selection;
  function selection(rule?: SelectionRule["kind"], options?: SelectOptions) {
    const all = selected ??= selectPoints(record, records);
    return rule === undefined ? all : selectBy(record, all.summaries, rule, options);
  }
  const table = () => pointTable(record, records, selection());
  const study: Study = {
    name: record.name,
    record,
    records,
    stale: runs.filter(({ id }) => !current.has(id)),
    ensembles,
    folder: folder.path,
    selection,
    digest: () => digestRuns([...records, ...ensembles]),
    selected: (rule, options) =>
      selectBy(record, selection().summaries, rule, options).selected?.point ?? null,
    summary(point) {
      specificationsOf(record, [point]);
      return selection().summaries.find(({ key }) => key === canonicalJson(point))!;
    },
    runs(choice = {}) {
      checkKeys("study.runs", choice, ["point", "fold", "seed"]);
      const { point, fold, seed } = choice;
      if (point !== undefined) specificationsOf(record, [point]);
      const key = point && canonicalJson(point);
      return records.filter((run) =>
        (fold === undefined ? run.fold !== "final" : run.fold === fold) &&
        (seed === undefined || run.seed === seed) &&
        (key === undefined || canonicalJson(run.point) === key)
      );
    },
    model: async (choice = {}) =>
      await trainedModelOf(
        folder,
        record,
        records,
        modelChoice(record, selection(), choice),
        executor,
      ),
    async ensemble(choice = {}) {
      const chosen = ensembleChoice(record, selection(), choice);
      const planned = plannedEnsemble(record, records, chosen);
      const known = ensembles.find(({ id, status }) => id === planned.id && status === "completed");
      return ensembleResult(
        { record, records },
        known ?? await measureEnsemble(folder, record, records, planned, executor),
      );
    },
    texts: (fold) => textsOfFold(record, fold),
    toString: () => tableText(table()),
  };
  // Not enumerable, so that a study printed elsewhere shows its data.
  Object.defineProperty(study, Symbol.for("Jupyter.display"), {
    value: () => ({ "text/plain": tableText(table()), "text/html": tableHtml(table()) }),
  });
  return study;
}
