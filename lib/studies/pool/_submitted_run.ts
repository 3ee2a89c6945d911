import type { CurvePoint, RunRecord } from "../../records/run_record.ts";
import type { RunRequest } from "../../training/run_request.ts";

/** What `Pool.submit` tells while the run goes on. */
export type OnProgress = (step: number, steps: number, latest: CurvePoint | null) => void;

/** A run that was submitted to a pool, and who waits for it. */
export interface SubmittedRun {
  readonly request: RunRequest;
  readonly onProgress: OnProgress;
  readonly resolve: (record: RunRecord) => void;
  readonly reject: (error: Error) => void;
  /** When, as `performance.now()` says it. */
  readonly submitted: number;
}
