import type { JsonObject } from "../../../core/json.ts";
import type { FoldRecord } from "../../../records/study_record.ts";
import type { RunRequest } from "../../../training/run_request.ts";
import type { PoolOptions } from "../pool_options.ts";

/** What a worker needs to know of trainings. */
export interface WorkerParts {
  /** Module with `executeRun`; null for the library's own. */
  readonly executor: string | null;
  /** A specification with all its defaults; refuses one that cannot be trained on the fold. */
  checkSpecification(specification: JsonObject, fold: FoldRecord): JsonObject;
  /** Refuses a corpus that this project does not list, or has not; says nothing of its content. */
  checkCorpus?(
    specification: JsonObject,
    options: { readonly project: string; readonly listed: readonly string[] },
  ): void;
  /** Refuses a specification with modules whose code is another one in this project. */
  checkCode?(specification: JsonObject, project: string): Promise<void>;
  /** What the engine's bits depend on, and the name by which every process gets the same one. */
  engine(name: string): Promise<{ readonly id: string; readonly name: RunRequest["engine"] }>;
}

/** How a worker takes runs off a queue. */
export interface WorkerOptions {
  /** Address of the Redis server. */
  readonly redis: string;
  readonly engine: string;
  readonly project: string;
  /** Folder for checkpoints and for weights on their way; a shared one lets other workers go on. */
  readonly folder: string;
  /** Paths in the project, of files or folders, that runs may read besides the catalogue's corpora. */
  readonly corpora?: readonly string[];
  /** Threads that train at once; as many as cores by default. */
  readonly workers?: number;
  /** Threads of each run, which count as so many; one by default. */
  readonly threads?: number;
  /** Ends the worker; its runs go back to the queue. */
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** Seconds after which the runs of a worker that is gone are given to another; 30 by default. */
  readonly lockSeconds?: number;
  /** Longest rest of a worker that gives one run after the other back, seconds; 30 by default. */
  readonly restSeconds?: number;
  /**
   * Whether runs of another engine or numerics version are done as well, for studies that allow it;
   * not by default, because their numbers are others.
   */
  readonly allowOther?: boolean;
  readonly pool?: Pick<PoolOptions, "graceSeconds" | "noProgressSeconds" | "heapMegabytes">;
}
