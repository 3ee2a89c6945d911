import type { Json, JsonObject } from "../core/json.ts";

/** Rule by which a study selects a point. */
export interface SelectionRule {
  /** `mean`: lowest mean; `oneStandardError`: strongest penalties within one standard error of it. */
  readonly kind: "mean" | "oneStandardError";
  readonly metric: "validationLoss";
  /** Axes from the one to maximize first to last, for one standard error; all axes by default. */
  readonly axes: readonly string[];
}

/** One axis or explicit list of a search space, as stored. */
export interface SpaceRecord {
  readonly kind: string;
  /** Values of each axis for a grid; absent for listed points. */
  readonly axes?: { readonly [axis: string]: readonly Json[] };
  readonly points: readonly JsonObject[];
}

/** A span of token positions [start, end) in the excerpt. */
export interface TokenSpan {
  readonly start: number;
  readonly end: number;
}

/** A fold as stored: which token positions train and which are held out. */
export interface FoldRecord {
  readonly index: number | "final";
  readonly training: readonly TokenSpan[];
  readonly heldOut: readonly TokenSpan[];
}

/** Where and with what a study was run. */
export interface Provenance {
  readonly parsimony: string;
  readonly numericsVersion: number;
  readonly gitCommit: string | null;
  /** Whether the working tree had uncommitted changes; null outside git. */
  readonly gitDirty: boolean | null;
  readonly deno: string;
  readonly v8: string;
  readonly typescript: string;
  readonly operatingSystem: string;
  readonly cpu: string;
  readonly cores: number;
  readonly engine: string;
  /** Exact package versions, from deno.lock. */
  readonly packages: { readonly [name: string]: string };
}

/** `study.json`: what a study is. */
export interface StudyRecord {
  readonly schemaVersion: 1;
  readonly name: string;
  /**
   * SHA-256 of space, specifications, folds, final fold, seeds, selection rule, baseline, corpus and
   * engine. A study may grow by points, folds and seeds, which changes it; any other change is
   * another study and refused under the same name.
   */
  readonly definitionHash: string;
  readonly space: SpaceRecord;
  /** Specification of each point, in the order of `space.points`. */
  readonly specifications: readonly JsonObject[];
  readonly folds: readonly FoldRecord[];
  readonly finalFold: FoldRecord | null;
  readonly seeds: readonly number[];
  readonly select: SelectionRule;
  /** Point that all others are compared against: the unpenalized one. */
  readonly baseline: JsonObject | null;
  readonly corpus: {
    readonly name: string;
    readonly sha256: string;
    readonly licence: string;
    readonly source: string;
    readonly tokens: number;
  };
  readonly engine: string;
  readonly createdAt: string;
  /** Of the process that began it; its `numericsVersion` is that of all runs that count. */
  readonly provenance: Provenance;
  /** Of later processes that added runs elsewhere or with other versions, each once. */
  readonly resumedWith?: readonly Provenance[];
}
