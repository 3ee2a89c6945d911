import { randomStream } from "../core/random.ts";
import type { RunRecord } from "../records/run_record.ts";
import { counted } from "../statistics/format.ts";
import { neededIds, type PlannedRun } from "../studies/search/planned_run.ts";
import type { Findings, StoredStudy } from "./_findings.ts";
import { measureSample } from "./_ensembles.ts";
import { judgeOwnCode, type Standing } from "./_own_code.ts";
import { plannedRuns } from "./_records.ts";
import { dueOf, type Retrainer, startRetrainer, type TrainedAgain } from "./_train_again.ts";

/** Which runs are trained again, and how. */
export interface TrainingsOptions {
  /** How many runs. */
  readonly sample: number;
  /** Chooses them. */
  readonly seed: number;
  /** SHA-256 of code that is not the project's own, and may run all the same. */
  readonly trust: readonly string[];
  /** Ends a training. */
  readonly signal?: AbortSignal;
}

/** Says which code of a study may run here, and trains a sample of its runs again. */
export async function verifyTrainings(
  findings: Findings,
  { folder, study, runs, records, ensembles }: StoredStudy,
  paths: readonly string[],
  options: TrainingsOptions,
): Promise<void> {
  const { add } = findings;
  const { sample, seed, trust, signal } = options;
  const code = await judgeOwnCode(study, folder.project, trust, paths);
  const planned = plannedRuns(study, runs);
  const standingOf = ({ id }: { readonly id: string }): Standing => {
    const plan = planned.get(id);
    if (plan === undefined) return "refused";
    const needed = neededIds(plan).map((id) => standingOf({ id }));
    const own = code.standing(plan.specification);
    // Code that is not the project's own runs where it sees no weights, and keeps none.
    return needed.length === 0 || [own, ...needed].every((each) => each === "own")
      ? own
      : "refused";
  };
  const all = records.filter(({ status }) => status === "completed" || status === "diverged");
  const finished = all.filter((run) => standingOf(run) !== "refused");
  if (code.count + code.refusals.length > 0) {
    const left = all.length - finished.length;
    const unseen = left === 0 ? [] : [`${counted(left, "run")} cannot be trained again here`];
    const refusals = [...code.refusals, ...unseen];
    const what = `own code: ${counted(code.count, "module")}, of which none is run by this process`;
    // Without a sample nothing is to be trained, so what may not run is no problem.
    if (sample > 0) add(what, refusals, code.notes);
    else add(what, [], [...refusals, ...code.notes]);
  }
  if (sample === 0) return;
  const order = randomStream(seed, "runs to train again").permutation(finished.length);
  const left = Math.max(0, finished.length - sample);
  add(
    `sample: ${
      counted(finished.length - left, "run")
    } of ${finished.length}, chosen by seed ${seed}`,
    [],
    left === 0 ? [] : [`nothing here shows that the records of the other ${left} are right`],
  );
  const drawn = [...order.subarray(0, sample)].map((index) => {
    const recorded = finished[index];
    const standing = standingOf(recorded) === "trusted" ? "trusted" : "own";
    return { plan: planned.get(recorded.id)!, recorded, standing } as const;
  });
  const recorded = new Map(runs.map((run) => [run.id, run]));
  const known = {
    planned: (id: string) => planned.get(id),
    recorded: (id: string) => recorded.get(id),
  };
  const retrainer = startRetrainer(folder.project, known, trust, signal);
  try {
    await trainAgain(findings, retrainer, drawn, signal);
    await measureSample({ study, runs, ensembles, seed, sample }, {
      retrainer,
      add,
      signal,
      isOwn: ({ members }) => members.every((run) => standingOf(run) === "own"),
    });
  } finally {
    await retrainer.close();
  }
}

async function trainAgain(
  { add }: Findings,
  retrainer: Retrainer,
  drawn: readonly {
    readonly plan: PlannedRun;
    readonly recorded: RunRecord;
    readonly standing: Exclude<Standing, "refused">;
  }[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { plan, recorded, standing } of drawn) {
    const what = `run ${recorded.id.slice(0, 12)} trained again`;
    let again: TrainedAgain;
    try {
      again = await retrainer.trainAgain(plan, recorded, standing);
    } catch (error) {
      signal?.throwIfAborted();
      // Such as a text that is not here.
      add(what, [(error as Error).message]);
      continue;
    }
    add(`${what} on ${again.engine}: ${dueOf(again)}`, again.problems);
  }
}
