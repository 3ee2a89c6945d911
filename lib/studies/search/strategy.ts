import type { JsonObject } from "../../core/json.ts";
import type { DimensionRecord } from "../../records/dimension_record.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { StrategyRecord } from "../../records/strategy_record.ts";
import type { SpaceRecord, StudyRecord } from "../../records/study_record.ts";
import type { PointSummary } from "../../statistics/summarize.ts";
import type { PlannedRun } from "./planned_run.ts";

/** What a study does by its strategy. It decides from the records alone. */
export interface Strategy {
  /** Refuses points or specifications that do not allow it. */
  checkFits(study: DefinedPoints): void;
  /** What the points that it asks for draw from, by axis. */
  readonly dimensions: { readonly [axis: string]: DimensionRecord };
  /** The points with which it begins, besides those of the study's space. */
  firstPoints(): readonly JsonObject[];
  /**
   * Points that it asks for once all runs of those that are there have a record, none at its end;
   * null where it never asks.
   */
  readonly ask:
    | ((study: StudyRecord, runs: readonly RunRecord[]) => readonly JsonObject[])
    | null;
  /** Its option that may become larger in a study that is there, so that it asks for more points. */
  readonly growsBy: string | null;
  /**
   * For each point the place of the one with whose trained weights it begins, null for the
   * initializer's; null where all begin with those. The study then keeps all weights.
   */
  readonly beginsWith: ((space: SpaceRecord) => readonly (number | null)[]) | null;
  /**
   * The runs of cross-validation that it asks for, as far as the records decide it.
   *
   * @param all Every point on every fold with every seed, to its last step.
   */
  plan(
    study: StudyRecord,
    all: readonly PlannedRun[],
    runs: readonly RunRecord[],
  ): readonly PlannedRun[];
  /** How many runs it pruned, and where; null where it prunes none. */
  prunedInWords(pruned: number): string | null;
  /** What a reader of the study's numbers must know of how its points were searched, in sentences. */
  notes(summaries: readonly PointSummary[]): readonly string[];
}

/** What a strategy may refuse. */
export interface DefinedPoints {
  readonly space: SpaceRecord;
  /** One for each point. */
  readonly specifications: readonly JsonObject[];
  /** Refuses that a run of one specification begins with the weights of another's. */
  checkWarmStart(from: JsonObject, to: JsonObject): void;
}

/** A kind of strategy, as `kinds.ts` lists it. */
export interface StrategyKind<Options extends StrategyRecord> {
  /** Checks its options and fills their defaults; what a notebook calls. */
  readonly make: (options: Options) => Options;
  /** What a study does by it, where that differs from {@link trainedToTheEnd}. */
  readonly does: (options: Options) => Partial<Strategy> & Pick<Strategy, "notes">;
}

/** What a study does without a strategy: each point is trained to its end. */
export const trainedToTheEnd: Strategy = {
  checkFits() {},
  dimensions: {},
  firstPoints: () => [],
  ask: null,
  growsBy: null,
  beginsWith: null,
  plan: (_study, all) => all,
  prunedInWords: () => null,
  notes: () => [],
};
