import type { JsonObject } from "../core/json.ts";
import type { EngineChoice } from "../engine/engine.ts";
import type { CurvePoint, EnsembleSummary } from "../records/run_record.ts";
import type { FoldRecord } from "../records/study_record.ts";
import type { CheckpointOptions } from "./checkpoint.ts";
import type { KeptRun } from "./kept_weights.ts";

/** One run to do: plain JSON, as a worker receives it. */
export interface RunRequest {
  readonly id: string;
  readonly specification: JsonObject;
  readonly point: JsonObject;
  readonly fold: FoldRecord;
  readonly seed: number;
  readonly engine: EngineChoice;
  /** Threads that compute: one where it is absent. Not part of its id, nor does any bit depend on it. */
  readonly threads?: number;
  /** File to keep the weights in, or null. */
  readonly weightsPath: string | null;
  /** Whether the record says the SHA-256 of that file even where it is not kept. */
  readonly hashWeights?: boolean;
  /** Where a long run keeps what it needs to go on after a kill; not part of its id. */
  readonly checkpoint?: CheckpointOptions | null;
  /**
   * Step after which the run pauses: its record is `pruned`, its checkpoint stays, and the same
   * request with a later step goes on from there to the same bits. Not part of its id.
   */
  readonly stopAt?: number | null;
  /** Weights that the run begins with in place of the initializer's; its id names their run. */
  readonly warmStart?: KeptRun | null;
  /** Runs whose predictions it learns, as its specification says; its id names them. */
  readonly teachers?: readonly KeptRun[];
  /** Of a request that trains nothing and measures the mean of trained models: see `executeEnsemble`. */
  readonly ensemble?: EnsembleRequest | null;
  /**
   * SHA-256 of code that is not the project's own and that the user named: only for a process that may do
   * nothing besides training. Not part of its id.
   */
  readonly trusted?: readonly string[];
}

/** Trained models that are to be one. */
export interface EnsembleRequest {
  /** What is averaged. */
  readonly mean: EnsembleSummary["mean"];
  /** Whether the snapshots of each run are its members, and not the weights that it ended with. */
  readonly snapshots?: true;
  /** In the order in which they are summed. */
  readonly members: readonly (KeptRun & { readonly seed: number })[];
}

/** What a caller may want to hear of a run, or say to it. */
export interface RunHooks {
  /** Called after every step, with the latest evaluation. */
  onProgress?(step: number, steps: number, latest: CurvePoint | null): void;
  /** Asked about ten times a second: how many threads the run is to have from now on. */
  threads?(): number;
  /** Asked about ten times a second; true ends the run with {@link RunCancelled}. */
  isCancelled?(): boolean;
}

/** Thrown by `executeRun` when `isCancelled` said so; such a run leaves no record. */
export class RunCancelled extends Error {
  override name = "RunCancelled";
}
