import type { Json, JsonObject } from "../core/json.ts";
import type { DocumentsRecord } from "./documents_record.ts";
import type { DimensionRecord } from "./dimension_record.ts";
import type { EquivalenceRecord } from "./equivalence_record.ts";
import type { StrategyRecord } from "./strategy_record.ts";

/** Rule by which a study selects a point. */
export interface SelectionRule {
  /** `mean`: lowest mean; `oneStandardError`: strongest penalties within one standard error of it. */
  readonly kind: "mean" | "oneStandardError";
  /**
   * What is compared: mean held-out cross-entropy over folds, nats per token (`validationLoss`), or, where
   * folds are in bytes, in bits per byte or per character of the evaluated text.
   */
  readonly metric: "validationLoss" | "bitsPerByte" | "bitsPerCharacter";
  /** Axes from the one that counts first to last, for one standard error. */
  readonly axes: readonly string[];
  /** Those of them on which the smaller value is the simpler model; absent where there is none. */
  readonly smaller?: readonly string[];
}

/** One axis or explicit list of a search space, as stored. */
export interface SpaceRecord {
  /** `grid`, or `points` for a list. */
  readonly kind: string;
  /** Values of each axis for a grid; absent for listed points. */
  readonly axes?: { readonly [axis: string]: readonly Json[] };
  /** All points, in their order. */
  readonly points: readonly JsonObject[];
  /** Arms whose points these are, for a space of arms; each point then has the axis `arm`. */
  readonly arms?: readonly ArmRecord[];
}

/** A way of training with ranges of its own, tuned with as many points as every other arm. */
export interface ArmRecord {
  /** Its name: the value of the axis `arm` in its points. */
  readonly name: string;
  /** Arm that it is judged against; null for the one that has no parent. */
  readonly parent: string | null;
  /** What its axes draw from; none for an arm that is one point. */
  readonly dimensions: { readonly [axis: string]: DimensionRecord };
  /** Points drawn. */
  readonly count: number;
  /** `sobol`: a scrambled Sobol sequence; `random`: independent points. */
  readonly draw: "sobol" | "random";
  /** Whole number from which all draws derive. */
  readonly seed: number;
}

/**
 * What the values of an axis are for: the `strength` of a remedy against over-fitting (0 is none), how
 * a model is trained (`training`: learning rate, schedule, steps, batches), its `size`, the amount of
 * `data`, a `choice` among kinds, or something of the user's `own`.
 */
export type AxisRole = "strength" | "training" | "size" | "data" | "choice" | "own";

/** A span of positions [start, end) in the tokens of the excerpt, in its bytes, or in its pairs. */
export interface TokenSpan {
  /** First position. */
  readonly start: number;
  /** Position after the last. */
  readonly end: number;
}

/** A fold as stored: which positions train and which are held out. */
export interface FoldRecord {
  /** Its number, or `final`. */
  readonly index: number | "final";
  /** Spans that train. */
  readonly training: readonly TokenSpan[];
  /** Spans that are held out. */
  readonly heldOut: readonly TokenSpan[];
  /** Spans that are held out as well, by which points and steps are chosen; absent for none. */
  readonly choosing?: readonly TokenSpan[];
  /**
   * `bytes`: positions are bytes of the excerpt in UTF-8. `pairs`: pairs as the corpus has them, before they
   * have tokens. Absent for tokens, and for pairs that a tokenizer left.
   */
  readonly unit?: "bytes" | "pairs";
}

/** Where and with what a study was run. */
export interface Provenance {
  /** Version of the library. */
  readonly parsimony: string;
  /** Version of what its numbers mean. */
  readonly numericsVersion: number;
  /** Commit of the project, or null outside git. */
  readonly gitCommit: string | null;
  /** Whether the working tree had uncommitted changes; null outside git. */
  readonly gitDirty: boolean | null;
  /** Version of Deno. */
  readonly deno: string;
  /** Version of V8. */
  readonly v8: string;
  /** Version of TypeScript. */
  readonly typescript: string;
  /** System, its version and processor architecture. */
  readonly operatingSystem: string;
  /** Model of the processor. */
  readonly cpu: string;
  /** Logical cores. */
  readonly cores: number;
  /** Id of the engine, as in the records. */
  readonly engine: string;
  /** Exact package versions, from deno.lock. */
  readonly packages: { readonly [name: string]: string };
}

/** Held-out text that stands word for word in the training text of its fold; shares from 0 to 1. */
export interface RepeatedText {
  /**
   * Tokens of the stretches that were looked for, bytes where folds are in bytes; null of pairs, whose shares are of targets that stand
   * in training pairs under other sources.
   */
  readonly length: number | null;
  /** Of each fold, in the study's order. */
  readonly shares: readonly number[];
  /** Of the final block; null without one. */
  readonly final: number | null;
}

/** Ensembles that a study asks for, one on each fold whose members complete. */
export interface EnsembleRecord {
  /** Point of the members; absent for every point of the space. */
  readonly point?: JsonObject;
  /** Seeds of the members, in the order in which they are summed; absent for all of the study. */
  readonly seeds?: readonly number[];
  /** What is averaged at each token. */
  readonly mean: "probabilities" | "logits";
  /** Whether the snapshots of each run are members; absent for the weights that it ended with. */
  readonly snapshots?: true;
}

/** `study.json`: what a study is. */
export interface StudyRecord {
  /** Version of this format. */
  readonly schemaVersion: 1;
  /** Name, and folder below `results/`. */
  readonly name: string;
  /**
   * SHA-256 of space, strategy if there is one, specifications, folds, final fold, seeds, selection
   * rule, baseline, `refits`, `ensembles` and `equivalence` if they are there, corpus and engine. A study may grow by points, folds and seeds, which changes it; any other change is
   * another study and refused under the same name.
   */
  readonly definitionHash: string;
  /** The search space. */
  readonly space: SpaceRecord;
  /** How its points are searched; absent where each is trained to its end. */
  readonly strategy?: StrategyRecord;
  /** Specification of each point, in the order of `space.points`. */
  readonly specifications: readonly JsonObject[];
  /** Folds of the cross-validation. */
  readonly folds: readonly FoldRecord[];
  /** Trained on all but the final block and scored on it; null without a final block. */
  readonly finalFold: FoldRecord | null;
  /** Seeds, each trained on every fold. */
  readonly seeds: readonly number[];
  /** Rule by which points are selected. */
  readonly select: SelectionRule;
  /** Point that all others are compared against; what it has says its specification. */
  readonly baseline: JsonObject | null;
  /** Roles of axes that the user said; the others follow from the specifications. */
  readonly roles?: { readonly [axis: string]: AxisRole };
  /**
   * `chosenStep`: a refit of a specification that stops early trains to the step that the folds
   * chose, and one with the trigger of NT-ASGD averages from the step that they chose. Absent where
   * training reads no held-out loss, and of older studies, whose refits train to the last step.
   */
  readonly refits?: "chosenStep";
  /** Ensembles of its runs, with records in `ensembles.jsonl`; absent where it has none. */
  readonly ensembles?: readonly EnsembleRecord[];
  /** Differences too small to matter, declared before the runs; absent where none were declared. */
  readonly equivalence?: EquivalenceRecord;
  /** The text, and how many tokens, or bytes, it has. */
  readonly corpus: {
    readonly name: string;
    readonly sha256: string;
    readonly licence: string;
    readonly source: string;
    /** Of its one tokenizer; absent where folds are in bytes, which tokenizers share. */
    readonly tokens?: number;
    /** Of folds in bytes: its bytes in UTF-8, which spans of folds count. */
    readonly bytes?: number;
    /** Of pairs: how many; tokens are then those of targets, and spans of folds count pairs. */
    readonly pairs?: number;
  };
  /**
   * Of a corpus of documents: how many it has, and what each fold has of them. Absent of other studies;
   * descriptive, so that it is not part of the definition.
   */
  readonly documents?: DocumentsRecord;
  /**
   * How much of each fold's held-out text stands in its training text too. Absent of older studies;
   * descriptive, so that it is not part of the definition.
   */
  readonly repeated?: RepeatedText;
  /** Id of the engine of all its runs. */
  readonly engine: string;
  /** When it began, ISO 8601. */
  readonly createdAt: string;
  /** Of the process that began it; its `numericsVersion` is that of all runs that count. */
  readonly provenance: Provenance;
  /** Of later processes that added runs elsewhere or with other versions, each once. */
  readonly resumedWith?: readonly Provenance[];
}
