/** The documents of a study's corpus, and how its folds hold them out. */
export interface DocumentsRecord {
  /** Documents of the corpus. */
  readonly count: number;
  /** Their groups; absent where they have none. */
  readonly groups?: number;
  /** What is never on both sides of a fold; by time, what is held out is later than what trains. */
  readonly by: "document" | "group" | "time";
  /**
   * By time: documents that are left out between what trains and what is held out, and how much later the
   * second is at least, in days or in the numbers that the times are. Absent where both are 0, and in older
   * records.
   */
  readonly gap?: {
    readonly documents: number;
    readonly time: number;
    readonly unit: "days" | "numbers";
  };
  /** Of each fold, in the study's order. */
  readonly folds: readonly FoldDocuments[];
  /** Of the final block; null without one. */
  readonly final: FoldDocuments | null;
  /** Jaccard similarity of shingles from which on documents count as nearly the same. */
  readonly similarity: number;
  /** Some documents on both sides of a fold that are nearly the same, the most similar first. */
  readonly examples: readonly NearDuplicateExample[];
}

/** The documents of one fold. */
export interface FoldDocuments {
  /** Documents that train. */
  readonly training: number;
  /** Documents that score it. */
  readonly heldOut: number;
  /** Groups that score it; absent where documents have none. */
  readonly groups?: number;
  /**
   * By time: the latest time that trains, and the earliest and latest that score it and, where a block
   * chooses, that choose; of the latter nothing in older records.
   */
  readonly times?: {
    readonly trainedTo: string;
    readonly from: string;
    readonly to: string;
    readonly choosing?: { readonly from: string; readonly to: string };
  };
  /** Documents that score it and are nearly the same as one that trains, or would. */
  readonly nearDuplicates: number;
  /** Of the choosing block; absent without one, and of records that do not say it. */
  readonly choosing?: {
    /** Documents that choose. */
    readonly documents: number;
    /**
     * Documents that choose and are nearly the same as one that scores; that would choose and were left out,
     * where `dropped` is there.
     */
    readonly nearDuplicates: number;
  };
  /**
   * Documents that would train and were left out as nearly the same as one that scores or chooses; absent
   * where none is to be left out.
   */
  readonly dropped?: number;
}

/** Two documents that are nearly the same. */
export interface NearDuplicateExample {
  /** File and line of the one that is held out. */
  readonly heldOut: string;
  /** File and line of the one that trains, or would. */
  readonly training: string;
  /** Jaccard similarity of their shingles, 0 to 1. */
  readonly similarity: number;
}
