import { choosingLossOf } from "../records/choosing_loss.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { Reading } from "./compare.ts";
import { mean } from "./estimate.ts";
import { commonSteps, evaluationIn, type PointRuns, type View } from "./summarize.ts";

/**
 * What chooses for a fold: its own `choosingBlock`, which its models did not read and which does not score, or
 * the held-out text of the `otherFolds`, whose models have read the text that scores.
 */
export type ChosenBy = "choosingBlock" | "otherFolds";

/** What chooses in a study: choosing blocks where every fold has one. */
export function chosenBy({ folds }: StudyRecord): ChosenBy {
  return folds.length > 0 && folds.every(({ choosing }) => choosing !== undefined)
    ? "choosingBlock"
    : "otherFolds";
}

/** A point at one place of its training. */
export interface Place {
  /** Its runs by fold. */
  readonly group: PointRuns;
  /** Where it is looked at. */
  readonly view: View;
  /** The step in the view `bestStep`; null for what each run ended with. */
  readonly step: number | null;
}

/** A place with what chooses it. */
export interface Candidate extends Place {
  /** Mean over seeds of the choosing loss on each fold; infinite where a run diverged or failed. */
  readonly choosing: readonly number[];
}

/**
 * The places of training at which a point may be taken: its end, or each step at which all its runs were
 * evaluated. Runs that stop early have chosen their step themselves.
 *
 * @param view `lastStep` for the end, `bestStep` for every step.
 */
export function candidatesOf(group: PointRuns, view: View): Candidate[] {
  const completed = group.folds.flat().filter(isCompleted);
  const ends = view === "lastStep" || group.stopsEarly || completed.length === 0;
  return (ends ? [null] : commonSteps(completed)).map((step) => {
    const place = { group, view, step };
    const loss = (run: RunRecord) =>
      isCompleted(run) ? choosingLossOf(evaluationAt(place, run)) : Infinity;
    return { ...place, choosing: group.folds.map((runs) => mean(runs.map(loss))) };
  });
}

function isCompleted(run: RunRecord): boolean {
  return run.status === "completed" && run.final !== null;
}

/** The evaluation of a completed run at a place. */
function evaluationAt({ group, view, step }: Place, run: RunRecord): CurvePoint {
  const at = evaluationIn(group, run, view, step);
  if (at !== undefined) return at;
  throw new RangeError(
    `Runs of ${group.key} must be evaluated at step ${step}, which was chosen; one on fold ` +
      `${run.fold} was not.`,
  );
}

/**
 * The candidate with the lowest choosing loss for one fold, the earlier one on a tie: on the fold's own
 * choosing block, or in the mean over the other folds.
 *
 * @param at Place of the fold in the study.
 * @returns Null when every candidate diverged.
 */
export function chooseForFold(
  candidates: readonly Candidate[],
  at: number,
  by: ChosenBy,
): Candidate | null {
  let best: Candidate | null = null;
  let lowest = Infinity;
  for (const candidate of candidates) {
    const loss = choosingLossFor(candidate, at, by);
    if (loss < lowest) [best, lowest] = [candidate, loss];
  }
  return best;
}

/** What is compared to choose for a fold. */
export function choosingLossFor({ choosing }: Candidate, at: number, by: ChosenBy): number {
  return by === "choosingBlock" ? choosing[at] : mean(choosing.filter((_, other) => other !== at));
}

/**
 * Scores a place on one fold: the held-out loss of each of its runs there, nats per token.
 *
 * @returns Infinite where a run diverged or failed.
 */
export function scoreOn(place: Place, at: number): Reading[] {
  return place.group.folds[at].map((run) => ({
    fold: run.fold as number,
    seed: run.seed,
    value: isCompleted(run) ? evaluationAt(place, run).heldOutLoss : Infinity,
  }));
}

/** Step of a place on one fold; null when its runs ended with different ones. */
export function stepOn(place: Place, at: number): number | null {
  const steps = new Set(
    place.group.folds[at].filter(isCompleted).map((run) => evaluationAt(place, run).step),
  );
  return steps.size === 1 ? [...steps][0] : null;
}
