import type { JsonObject } from "../core/json.ts";
import { canonicalJson } from "../core/json.ts";
import { choosingLossOf } from "../records/choosing_loss.ts";
import type { CurvePoint, RunRecord, RunStatus } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { uniqueRuns } from "../records/read_runs.ts";
import { type Estimate, estimateOverFolds, mean } from "./estimate.ts";
import { inStudyLoss, lossUnit } from "./study_loss.ts";
import type { StudyRecords } from "./study_records.ts";

/** What is read off an evaluation of a run; losses in the study's unit, shares from 0 to 1. */
export type Quantity =
  | "validationLoss"
  | "trainingLoss"
  | "generalizationGap"
  | "exactZeroShare"
  | "nearZeroShare"
  | "unchangedShare"
  | "weightNorm";

/**
 * Where in training a point is looked at: `lastStep`, or `bestStep`: one step per point, the one
 * with the lowest choosing loss in the mean over folds, which is early stopping without looking
 * at the single run's held-out loss. (The choosing loss is the validation loss where folds have no
 * choosing spans.)
 *
 * Runs that stop early themselves keep the weights of their best evaluation, and both views are of those:
 * what a run kept is what is compared.
 */
export type View = "lastStep" | "bestStep";

/** A point in one view. */
export interface ViewSummary {
  /** Step that was looked at; null when runs kept different steps. */
  readonly step: number | null;
  readonly estimates: { readonly [quantity in Quantity]: Estimate };
  /** Loss by which points are chosen, where the folds have choosing spans; else it is the validation loss. */
  readonly choosing?: Estimate;
  /**
   * Whether the training loss is clearly below the unigram entropy (by 0.5 nats per token). A point that is not
   * has learned little beyond counts, and its small gap closes nothing.
   */
  readonly learned: boolean;
}

/** Runs by how they ended; `missing` are those without a record. */
export type RunCounts = { readonly [status in RunStatus | "missing"]: number };

/** Everything that selection and reports need to know about one point (trial). */
export interface PointSummary {
  readonly point: JsonObject;
  /** Canonical JSON of the point. */
  readonly key: string;
  /** Runs by how they ended; `missing` are folds × seeds without a record. */
  readonly counts: RunCounts;
  /** Whether every fold × seed is completed; no other point is ever selected. */
  readonly complete: boolean;
  /** Mean over folds of the training text's unigram entropy; null without a completed run. */
  readonly unigramEntropy: number | null;
  /** Over the completed runs; null when there is none. */
  readonly lastStep: ViewSummary | null;
  readonly bestStep: ViewSummary | null;
}

const readings: { readonly [quantity in Quantity]: (at: CurvePoint) => number } = {
  validationLoss: (at) => at.heldOutLoss,
  trainingLoss: (at) => at.trainingLoss,
  generalizationGap: (at) => at.generalizationGap,
  exactZeroShare: (at) => share(at.exactZeros, at.countedWeights),
  nearZeroShare: (at) => share(at.nearZeros, at.countedWeights),
  unchangedShare: ({ unchangedWeights = 0, comparedWeights = 0 }) =>
    share(unchangedWeights, comparedWeights),
  weightNorm: (at) => at.weightNorm,
};

/** Names of all quantities. */
export const quantities = Object.keys(readings) as Quantity[];

/** Reads a quantity off one evaluation. */
export function readQuantity(at: CurvePoint, quantity: Quantity): number {
  return readings[quantity](at);
}

function share(count: number, of: number): number {
  return of === 0 ? 0 : count / of;
}

/** Canonical JSON of a record's point. */
function keyOf(point: JsonObject): string {
  let key = keys.get(point);
  if (key === undefined) keys.set(point, key = canonicalJson(point));
  return key;
}

/** Asked for of every run, figure after figure. */
const keys = new WeakMap<JsonObject, string>();

/**
 * The records that a study's numbers come from: of the study's `numericsVersion`, of its engine
 * when any record is, and one record for each run id. Their losses are in the study's unit.
 */
export function currentRuns(study: StudyRecord, runs: readonly RunRecord[]): RunRecord[] {
  const version = study.provenance.numericsVersion;
  const current = runs.filter((run) => run.numericsVersion === version);
  const sameEngine = current.filter((run) => run.engine === study.engine);
  return inStudyLoss(study, uniqueRuns(sameEngine.length > 0 ? sameEngine : current));
}

/**
 * Runs in an order that does not depend on which of them ended first: by seed, fold and point, in the
 * study's orders, those of the final block last.
 */
export function inPlannedOrder(study: StudyRecord, runs: readonly RunRecord[]): RunRecord[] {
  const points = new Map(study.space.points.map((point, index) => [canonicalJson(point), index]));
  const place = ({ point, fold, seed }: RunRecord) => [
    fold === "final" ? 1 : 0,
    study.seeds.indexOf(seed),
    fold === "final" ? 0 : fold,
    points.get(keyOf(point)) ?? -1,
  ];
  const places = new Map(runs.map((run) => [run, place(run)]));
  return runs.toSorted((a, b) => {
    const [first, second] = [places.get(a)!, places.get(b)!];
    const at = first.findIndex((value, index) => value !== second[index]);
    return at === -1 ? 0 : first[at] - second[at];
  });
}

/** The cross-validation runs of one point, by fold in the study's order, seeds in its order. */
export interface PointRuns {
  readonly point: JsonObject;
  readonly key: string;
  /** `folds[k]` holds the runs of the study's fold k that have a record. */
  readonly folds: readonly (readonly RunRecord[])[];
  /** Whether its runs stop early, and so keep the weights of their best evaluation. */
  readonly stopsEarly: boolean;
}

/**
 * Groups a study's runs by point and fold; runs of the final fold, of other versions and of points
 * outside the space are left out.
 *
 * @throws {Error} If two different records claim the same point, fold and seed.
 */
export function groupRuns(study: StudyRecord, runs: readonly RunRecord[]): PointRuns[] {
  const groups = new Map(study.space.points.map((point, index) => {
    const folds: RunRecord[][] = study.folds.map(() => []);
    const key = canonicalJson(point);
    return [key, { point, key, folds, stopsEarly: stopsEarly(study.specifications[index]) }];
  }));
  const foldOrder = new Map(study.folds.map((fold, order) => [fold.index, order]));
  const seen = new Set<string>();
  for (const run of currentRuns(study, runs)) {
    const key = keyOf(run.point);
    const group = groups.get(key);
    const fold = foldOrder.get(run.fold);
    if (!group || fold === undefined || run.fold === "final" || !study.seeds.includes(run.seed)) {
      continue;
    }
    const place = `${key} fold ${run.fold} seed ${run.seed}`;
    if (seen.has(place)) {
      throw new Error(
        `Cannot summarize study ${study.name}: two records with different ids claim ${place}. ` +
          `Keep the records of one engine and one version only.`,
      );
    }
    seen.add(place);
    group.folds[fold].push(run);
  }
  for (const { folds } of groups.values()) {
    for (const fold of folds) {
      fold.sort((a, b) => study.seeds.indexOf(a.seed) - study.seeds.indexOf(b.seed));
    }
  }
  return [...groups.values()];
}

/** Whether a run of a specification stops early. */
export function stopsEarly(specification: JsonObject | undefined): boolean {
  const training = specification?.training as JsonObject | undefined;
  return (training?.earlyStopping ?? null) !== null;
}

/**
 * The evaluation of the weights that a run ended with: the best one where it stops early, which is the
 * one whose weights it kept, else the last one. Refits never stop early.
 *
 * @param study The study, whose specifications say which points stop early.
 * @param recorded One of its runs.
 * @returns The evaluation, its losses in the study's unit; null where there is none.
 */
export function keptEvaluation(
  { record: study }: Pick<StudyRecords, "record">,
  recorded: RunRecord,
): CurvePoint | null {
  const [run] = inStudyLoss(study, [recorded]);
  if (run.fold === "final") return run.final;
  return kept(run, pointsThatStopEarly(study).has(keyOf(run.point)));
}

function pointsThatStopEarly(study: StudyRecord): ReadonlySet<string> {
  let keys = earlyStopping.get(study);
  if (keys === undefined) {
    const points = study.space.points.filter((_, index) => stopsEarly(study.specifications[index]));
    earlyStopping.set(study, keys = new Set(points.map(canonicalJson)));
  }
  return keys;
}

/** Asked for run after run. */
const earlyStopping = new WeakMap<StudyRecord, ReadonlySet<string>>();

function kept(run: RunRecord, stopsEarly: boolean): CurvePoint | null {
  return stopsEarly ? run.best : run.final;
}

/**
 * The evaluation at which a run of a point is looked at in a view; undefined when it has none there.
 *
 * @param group The point's runs.
 * @param step Step of the point's `bestStep`; read in that view only, and not where runs stop early.
 */
export function evaluationIn(
  { stopsEarly }: Pick<PointRuns, "stopsEarly">,
  run: RunRecord,
  view: View,
  step: number | null,
): CurvePoint | undefined {
  if (view === "lastStep" || stopsEarly) return kept(run, stopsEarly) ?? undefined;
  return step === null ? undefined : curveAt(run, step);
}

/**
 * Summarizes every point of a study over its folds and seeds.
 *
 * Seeds are averaged within a fold first; then mean and standard error sd(fold means) / √K. Each
 * point is looked at in two views: at the last step, and at the one step that is best in the fold
 * mean; where runs stop early, both are of the evaluation that each run kept. Points with a diverged, failed, pruned or missing run are summarized over the completed
 * runs, counted, and marked as not complete.
 *
 * @param study The study's record: its points, folds and seeds say what is expected.
 * @param runs Records of its runs, in any order; those of the final fold are not looked at.
 * @returns One summary a point, in the order of `study.space.points`.
 */
export function summarizeTrials(study: StudyRecord, runs: readonly RunRecord[]): PointSummary[] {
  const expected = study.folds.length * study.seeds.length;
  const { learnedMargin } = lossUnit(study);
  return groupRuns(study, runs).map((group) => summarizePoint(group, expected, learnedMargin));
}

/** Whether a point's training loss at the last step is not even below the entropy of single tokens. */
export function learnedNotEvenCounts({ lastStep, unigramEntropy }: PointSummary): boolean {
  return lastStep !== null && unigramEntropy !== null &&
    lastStep.estimates.trainingLoss.mean >= unigramEntropy;
}

/** Counts runs by how they ended. */
export function countRuns(runs: readonly RunRecord[], expected: number): RunCounts {
  const count = (status: RunStatus) => runs.filter((run) => run.status === status).length;
  return {
    completed: count("completed"),
    diverged: count("diverged"),
    failed: count("failed"),
    pruned: count("pruned"),
    missing: expected - runs.length,
  };
}

function summarizePoint(
  group: PointRuns,
  expected: number,
  learnedMargin: number,
): PointSummary {
  const { point, key, folds } = group;
  const counts = countRuns(folds.flat(), expected);
  const completed = folds.map((runs) =>
    runs.filter((run) => run.status === "completed" && run.final !== null)
  );
  const entropies = completed.filter((runs) => runs.length > 0)
    .map((runs) => mean(runs.map((run) => run.tokens.unigramEntropy)));
  const unigramEntropy = entropies.length > 0 ? mean(entropies) : null;
  const summary = { point, key, counts, complete: completed.flat().length === expected };
  if (unigramEntropy === null) {
    return { ...summary, unigramEntropy, lastStep: null, bestStep: null };
  }
  const viewOf = (view: View, step: number | null) =>
    summarizeView(
      completed.map((runs) => runs.map((run) => evaluationIn(group, run, view, step)!)),
      unigramEntropy - learnedMargin,
    );
  const lastStep = viewOf("lastStep", null);
  if (group.stopsEarly) return { ...summary, unigramEntropy, lastStep, bestStep: lastStep };
  const step = findBestStep(completed);
  const bestStep = step === null ? null : viewOf("bestStep", step);
  return { ...summary, unigramEntropy, lastStep, bestStep };
}

/** Of the evaluations of each fold's runs; a training loss of at most `learnedLoss` was learned. */
function summarizeView(
  folds: readonly (readonly CurvePoint[])[],
  learnedLoss: number,
): ViewSummary {
  const all = folds.flat();
  const steps = new Set(all.map(({ step }) => step));
  const estimateOf = (read: (at: CurvePoint) => number) =>
    estimateOverFolds(folds.map((points) => points.map(read)))!;
  const estimates = Object.fromEntries(
    quantities.map((quantity) => [quantity, estimateOf(readings[quantity])]),
  ) as { [quantity in Quantity]: Estimate };
  return {
    step: steps.size === 1 ? all[0].step : null,
    estimates,
    ...(all.every((at) => at.choosingLoss !== undefined) &&
      { choosing: estimateOf((at) => at.choosingLoss!) }),
    learned: estimates.trainingLoss.mean <= learnedLoss,
  };
}

/** The evaluation of a run at a step, or undefined when it has none there. */
export function curveAt(run: RunRecord, step: number): CurvePoint | undefined {
  return run.curve.find((at) => at.step === step);
}

/** Steps at which every given run was evaluated, ascending. */
export function commonSteps(runs: readonly RunRecord[]): number[] {
  if (runs.length === 0) return [];
  const counts = new Map<number, number>();
  for (const run of runs) {
    for (const { step } of run.curve) counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count === runs.length).map(([step]) => step)
    .sort((a, b) => a - b);
}

function findBestStep(completed: readonly (readonly RunRecord[])[]): number | null {
  let best: { step: number; loss: number } | null = null;
  for (const step of commonSteps(completed.flat())) {
    const loss = estimateOverFolds(
      completed.map((runs) => runs.map((run) => choosingLossOf(curveAt(run, step)!))),
    )!.mean;
    if (best === null || loss < best.loss) best = { step, loss };
  }
  return best?.step ?? null;
}
