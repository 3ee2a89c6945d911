import type { JsonObject } from "../core/json.ts";
import { canonicalJson } from "../core/json.ts";
import type { CurvePoint, RunRecord, RunStatus } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { uniqueRuns } from "../records/read_runs.ts";
import { type Estimate, estimateOverFolds, mean } from "./estimate.ts";

/** What is read off an evaluation of a run; losses in nats per token, shares from 0 to 1. */
export type Quantity =
  | "validationLoss"
  | "trainingLoss"
  | "generalizationGap"
  | "exactZeroShare"
  | "nearZeroShare"
  | "weightNorm";

/**
 * Where in training a point is looked at: `lastStep`, or `bestStep`: one step per point, the one
 * with the lowest validation loss in the mean over folds, which is early stopping without looking
 * at the single run's held-out loss.
 */
export type View = "lastStep" | "bestStep";

/** A point in one view. */
export interface ViewSummary {
  /** Step that was looked at; null when runs end at different steps (only in `lastStep`). */
  readonly step: number | null;
  readonly estimates: { readonly [quantity in Quantity]: Estimate };
  /**
   * Whether the training loss is at least 0.5 nats below the unigram entropy. A point that is not
   * has learned little beyond counts, and its small gap closes nothing.
   */
  readonly learned: boolean;
}

/** Everything that selection and reports need to know about one point (trial). */
export interface PointSummary {
  readonly point: JsonObject;
  /** Canonical JSON of the point. */
  readonly key: string;
  /** Runs by how they ended; `missing` are folds × seeds without a record. */
  readonly counts: { readonly [status in RunStatus | "missing"]: number };
  /** Whether every fold × seed is completed; no other point is ever selected. */
  readonly complete: boolean;
  /** Mean over folds of the training text's unigram entropy, nats; null without a completed run. */
  readonly unigramEntropy: number | null;
  /** Over the completed runs; null when there is none. */
  readonly lastStep: ViewSummary | null;
  readonly bestStep: ViewSummary | null;
}

/** How far below the unigram entropy a training loss must be to count as learned, nats. */
export const learnedMargin = 0.5;

const readings: { readonly [quantity in Quantity]: (at: CurvePoint) => number } = {
  validationLoss: (at) => at.heldOutLoss,
  trainingLoss: (at) => at.trainingLoss,
  generalizationGap: (at) => at.generalizationGap,
  exactZeroShare: (at) => share(at.exactZeros, at.countedWeights),
  nearZeroShare: (at) => share(at.nearZeros, at.countedWeights),
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

/**
 * The records that a study's numbers come from: of the study's `numericsVersion`, of its engine
 * when any record is, and one record for each run id.
 */
export function currentRuns(study: StudyRecord, runs: readonly RunRecord[]): RunRecord[] {
  const version = study.provenance.numericsVersion;
  const current = runs.filter((run) => run.numericsVersion === version);
  const sameEngine = current.filter((run) => run.engine === study.engine);
  return uniqueRuns(sameEngine.length > 0 ? sameEngine : current);
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
    points.get(canonicalJson(point)) ?? -1,
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
}

/**
 * Groups a study's runs by point and fold; runs of the final fold, of other versions and of points
 * outside the space are left out.
 *
 * @throws {Error} If two different records claim the same point, fold and seed.
 */
export function groupRuns(study: StudyRecord, runs: readonly RunRecord[]): PointRuns[] {
  const groups = new Map(study.space.points.map((point) => {
    const folds: RunRecord[][] = study.folds.map(() => []);
    const key = canonicalJson(point);
    return [key, { point, key, folds }];
  }));
  const foldOrder = new Map(study.folds.map((fold, order) => [fold.index, order]));
  const seen = new Set<string>();
  for (const run of currentRuns(study, runs)) {
    const key = canonicalJson(run.point);
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

/**
 * Summarizes every point of a study over its folds and seeds.
 *
 * Seeds are averaged within a fold first; then mean and standard error sd(fold means) / √K. Each
 * point is looked at in two views: at the last step, and at the one step that is best in the fold
 * mean. Points with a diverged, failed, pruned or missing run are summarized over the completed
 * runs, counted, and marked as not complete.
 *
 * @param study The study's record: its points, folds and seeds say what is expected.
 * @param runs Records of its runs, in any order; those of the final fold are not looked at.
 * @returns One summary a point, in the order of `study.space.points`.
 */
export function summarizeTrials(study: StudyRecord, runs: readonly RunRecord[]): PointSummary[] {
  const expected = study.folds.length * study.seeds.length;
  return groupRuns(study, runs).map((group) => summarizePoint(group, expected));
}

function summarizePoint({ point, key, folds }: PointRuns, expected: number): PointSummary {
  const all = folds.flat();
  const count = (status: RunStatus) => all.filter((run) => run.status === status).length;
  const counts = {
    completed: count("completed"),
    diverged: count("diverged"),
    failed: count("failed"),
    pruned: count("pruned"),
    missing: expected - all.length,
  };
  const completed = folds.map((runs) =>
    runs.filter((run) => run.status === "completed" && run.final !== null)
  );
  const entropies = completed.filter((runs) => runs.length > 0)
    .map((runs) => mean(runs.map((run) => run.tokens.unigramEntropy)));
  const unigramEntropy = entropies.length > 0 ? mean(entropies) : null;
  const lastSteps = new Set(completed.flat().map((run) => run.final!.step));
  const bestStep = findBestStep(completed);
  return {
    point,
    key,
    counts,
    complete: completed.flat().length === expected,
    unigramEntropy,
    lastStep: unigramEntropy === null ? null : summarizeView(
      completed,
      lastSteps.size === 1 ? [...lastSteps][0] : null,
      (run) => run.final!,
      unigramEntropy,
    ),
    bestStep: unigramEntropy === null || bestStep === null
      ? null
      : summarizeView(completed, bestStep, (run) => curveAt(run, bestStep)!, unigramEntropy),
  };
}

function summarizeView(
  completed: readonly (readonly RunRecord[])[],
  step: number | null,
  at: (run: RunRecord) => CurvePoint,
  unigramEntropy: number,
): ViewSummary {
  const estimates = Object.fromEntries(
    quantities.map((quantity) => [
      quantity,
      estimateOverFolds(completed.map((runs) => runs.map((run) => readings[quantity](at(run)))))!,
    ]),
  ) as { [quantity in Quantity]: Estimate };
  const learned = estimates.trainingLoss.mean <= unigramEntropy - learnedMargin;
  return { step, estimates, learned };
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
      completed.map((runs) => runs.map((run) => curveAt(run, step)!.heldOutLoss)),
    )!.mean;
    if (best === null || loss < best.loss) best = { step, loss };
  }
  return best?.step ?? null;
}
