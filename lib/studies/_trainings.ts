import type { JsonObject } from "../core/json.ts";
import type { FoldRecord, StudyRecord } from "../records/study_record.ts";
import type { MemoryPlan } from "../training/memory_plan.ts";
import type { RunRequest } from "../training/run_request.ts";

/** What a study needs to know of trainings, so that its own tests can train nothing. */
export interface StudyTrainings {
  /** Module with `executeRun`; null for the library's own. */
  readonly executor: string | null;
  /**
   * Checks the specifications, fills their defaults and what the project's own modules say, lays the
   * folds over their text, and refuses what cannot be trained on them.
   */
  prepare(
    specifications: readonly { readonly point: JsonObject; readonly options: unknown }[],
    folds: unknown,
    project: string,
  ): Promise<{
    readonly specifications: readonly JsonObject[];
    readonly corpus: StudyRecord["corpus"];
    readonly folds: readonly FoldRecord[];
    readonly finalFold: FoldRecord | null;
    /** Of a corpus of documents: what folds have of them. */
    readonly documents?: StudyRecord["documents"];
    /** Held-out text that stands in training text too. */
    readonly repeated?: StudyRecord["repeated"];
    /**
     * What of the held-out text the tokens of each specification do not tell, in words; null where they
     * tell it all, or where that does not matter as folds are in tokens. Absent for that of all.
     */
    readonly textLost?: readonly (string | null)[];
    /** What the user should know before anything is trained. */
    readonly warnings?: readonly string[];
  }>;
  /** Refuses that a run of one specification begins with the weights of another's. */
  checkWarmStart?(from: JsonObject, to: JsonObject): void;
  /** Refuses that a run of one specification learns what a run of another predicts. */
  checkTeacher?(teacher: JsonObject, student: JsonObject): void;
  /** Whether nothing acts on the weights besides the loss. */
  isUnpenalized(specification: JsonObject): boolean;
  /** About how much memory a training needs; null, or no function, where that is not known. */
  planMemory?(specification: JsonObject): MemoryPlan | null;
  /**
   * What the engine's bits depend on, and the name by which every process gets the same one.
   *
   * @param options.threads Whether numbers of threads were asked for, which make `native` `blocked`.
   */
  engine(
    name: string,
    options?: { readonly threads?: boolean },
  ): Promise<{ readonly id: string; readonly name: RunRequest["engine"] }>;
}
