import { hostName } from "../../core/runtime/machine.ts";
import { numericsVersion } from "../../core/version.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { RunRequest } from "../../training/run_request.ts";

/** The record of a run that could not be done. */
export function failedRecord(
  request: RunRequest,
  how: {
    readonly engine: string;
    readonly error: string;
    readonly attempts: number;
    readonly durationSeconds: number;
  },
): RunRecord {
  const { id, point, fold, seed } = request;
  return {
    schemaVersion: 1,
    id,
    point,
    fold: fold.index,
    seed,
    status: "failed",
    engine: how.engine,
    numericsVersion,
    curve: [],
    final: null,
    best: null,
    stoppedAtStep: null,
    tokens: { training: 0, heldOut: 0, vocabulary: 0, unknownShare: 0, unigramEntropy: 0 },
    parameters: [],
    samples: [],
    weights: null,
    error: how.error,
    attempts: how.attempts,
    durationSeconds: how.durationSeconds,
    finishedAt: new Date().toISOString(),
    host: hostName(),
  };
}
