import type { KeptRun } from "../training/kept_weights.ts";
import type { RunRequest } from "../training/run_request.ts";
import type { PlannedEnsemble } from "./plan/ensembles.ts";

/**
 * A planned ensemble as its process receives it.
 *
 * @param kept The weights of its members, in their order.
 */
export function ensembleRequest(
  { id, specification, point, fold, mean, snapshots, members }: PlannedEnsemble,
  engine: RunRequest["engine"],
  kept: readonly KeptRun[],
): RunRequest {
  const [{ seed }] = members;
  return {
    ...{ id, specification, point, fold, seed, engine },
    weightsPath: null,
    ensemble: {
      mean,
      ...(snapshots && { snapshots }),
      members: kept.map((run, index) => ({ ...run, seed: members[index].seed })),
    },
  };
}
