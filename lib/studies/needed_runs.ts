import type { KeptRun } from "../training/kept_weights.ts";
import type { RunRequest } from "../training/run_request.ts";
import { neededIds, type PlannedRun } from "./search/planned_run.ts";

/** Where the weights of runs come from that others need. */
export interface NeededRuns {
  /** A run that kept its weights; null where they are not there. */
  kept(id: string): Promise<KeptRun | null>;
  /** Trains a run again, with what it needs itself, so that it keeps its weights. */
  train(id: string, needs: (run: PlannedRun) => Promise<Needed>): Promise<KeptRun>;
}

/** What a request says of the runs that a run needs. */
export type Needed = Pick<RunRequest, "warmStart" | "teachers">;

/** Finds the weights of runs. */
export interface FindsRuns {
  /** The weights of a run, kept or trained again. */
  find(id: string): Promise<KeptRun>;
  /** What the request of a planned run says of those that it needs. */
  needs(run: PlannedRun): Promise<Needed>;
}

/** Finds what runs need: weights that are kept, or that are trained again, each once. */
export function neededRuns({ kept, train }: NeededRuns): FindsRuns {
  const found = new Map<string, Promise<KeptRun>>();
  const find = (id: string): Promise<KeptRun> => {
    const known = found.get(id);
    if (known !== undefined) return known;
    const finding = kept(id).then((run) => run ?? train(id, needs));
    found.set(id, finding);
    // What could not be found may be there later.
    finding.catch(() => found.delete(id));
    return finding;
  };
  async function needs(run: PlannedRun): Promise<Needed> {
    const [warmStart] = await Promise.all(neededIds(run, "warmStart").map(find));
    const teachers = await Promise.all(neededIds(run, "teacher").map(find));
    return {
      ...(warmStart === undefined ? {} : { warmStart }),
      ...(teachers.length === 0 ? {} : { teachers }),
    };
  }
  return { find, needs };
}
