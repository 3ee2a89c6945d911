import { show } from "../../core/check.ts";
import { longestText } from "../../core/limits.ts";
import {
  boolean,
  checkOptions,
  type Given,
  integer,
  number,
  oneOf,
  stated,
} from "../../core/options.ts";
import type { DocumentsRecord } from "../../records/documents_record.ts";
import type { FoldRecord } from "../../records/study_record.ts";
import { checkFoldCount, commonFolds, storedChoosing } from "../folds.ts";
import { blocksByGroup } from "./_group_blocks.ts";
import { documentsIn, spansWhere, startsByBytes } from "./_spans.ts";
import { timeFolds } from "./_time_folds.ts";
import { withoutNearDuplicates } from "./_fold_documents.ts";
import type { DocumentSource } from "./document_source.ts";
import { nearDuplicateOptions } from "./near_duplicates.ts";

/** How a corpus of documents is folded, as a specification holds it. */
export type DocumentFoldsSpecification = {
  readonly kind: "documents";
  /**
   * What is never on both sides of a fold. `document`: a document; blocks are stretches of the corpus, in the
   * order that it has. `group`: a group with all its documents. `time`: each fold trains on what is earlier
   * than what it holds out.
   */
  readonly by: "document" | "group" | "time";
  /** Number of folds K, from 2; from 3 with choosing blocks, but by time. */
  readonly count: number;
  /**
   * Share of the bytes that no fold ever reads: 0 (no final block) to 0.5. By document and by time it is the
   * end of the corpus, by group it is whole groups, wherever they stand.
   *
   * @default {0.1}
   */
  readonly finalShare: number;
  /**
   * By time: documents left out between what trains and what is held out.
   *
   * @default {0}
   */
  readonly gap: number;
  /**
   * By time: how much earlier than all that is held out what trains must be at least: days of dates, the
   * numbers' own unit otherwise. What has the same time is on one side in any case.
   *
   * @default {0}
   */
  readonly timeGap: number;
  /**
   * Whether each fold holds a second block out, by which points and steps are chosen, so that the first
   * block scores what it had no part in choosing. By time it is the block before.
   *
   * @default {false}
   */
  readonly choosing?: boolean;
  /**
   * Jaccard similarity of their shingles from which on two documents on both sides of a fold are reported as
   * nearly the same, above 0.5, to 1 (see `findNearDuplicates`).
   *
   * @default {0.8}
   */
  readonly similarity: number;
  /**
   * Whether training documents that are nearly the same as one that is held out are left out, and choosing
   * documents that are nearly the same as one that scores. What scores is all there, whatever the similarity.
   *
   * @default {false}
   */
  readonly dropNearDuplicates: boolean;
};

/** What {@link DocumentFoldsSpecification} holds. */
export const documentFoldsOptions = {
  by: oneOf(["document", "group", "time"]),
  count: commonFolds.count,
  finalShare: commonFolds.finalShare,
  gap: integer({ from: 0, to: longestText }, 0),
  timeGap: number({ from: 0 }, 0),
  choosing: commonFolds.choosing,
  similarity: nearDuplicateOptions.similarity,
  dropNearDuplicates: boolean(false),
};

/** Folds of documents, and what is to be told of them. */
export interface LaidDocuments {
  readonly folds: readonly FoldRecord[];
  /** Null without a final block. */
  readonly finalFold: FoldRecord | null;
  readonly documents: DocumentsRecord;
}

/**
 * Cross-validation for a corpus of documents, none of which is ever on both sides of a fold.
 *
 * By document, K blocks of about as many bytes stand in the order of the corpus: neighbours, which are often
 * of one author, day or thread, then stay on one side. For blocks of random documents the corpus has
 * `order: "shuffled"`.
 *
 * By group, each block has as many groups as any other, or one more: the K largest are dealt
 * one to each block, then the next K, always the largest of them to the block with the fewest bytes. Blocks
 * so differ by no more bytes than the largest and the smallest group. (GroupKFold of scikit-learn balances
 * bytes alone, so that a block may be one group and another fifty.) The score is about new groups.
 *
 * By time, the corpus has `order: "time"`, or is so given: K + 1 blocks of about as many bytes, of which fold
 * i holds block i + 1 out and trains on those before (TimeSeriesSplit of scikit-learn). It never looks ahead.
 *
 * @param options See {@link DocumentFoldsSpecification}.
 * @throws {TypeError | RangeError} On an unknown option, a value outside its range, or a gap other than by
 * time.
 *
 * @example
 * ```ts
 * import { documentFolds } from "./document_folds.ts";
 * import assert from "node:assert/strict";
 * const folds = documentFolds({ by: "group", count: 5 });
 * assert.equal(folds.finalShare, 0.1);
 * assert.throws(() => documentFolds({ by: "group", count: 5, gap: 2 }), /gap is for by: "time", and must be 0 otherwise/);
 * ```
 */
export function documentFolds(
  options: Given<
    DocumentFoldsSpecification,
    "finalShare" | "gap" | "timeGap" | "similarity" | "dropNearDuplicates"
  >,
): DocumentFoldsSpecification {
  const checked = checkOptions("documentFolds", options, documentFoldsOptions);
  return validateDocumentFolds({ kind: "documents", ...checked });
}

/** Whether a value read from JSON is meant as folds of documents. */
export function isDocumentFolds(value: unknown): boolean {
  return (value as { kind?: unknown } | null)?.kind === "documents";
}

/** Checks that a value read from JSON says how to fold documents. */
export function validateDocumentFolds(value: unknown): DocumentFoldsSpecification {
  const checked = checkOptions("documentFolds", value, {
    kind: oneOf(["documents"]),
    ...stated(documentFoldsOptions),
    choosing: storedChoosing,
  });
  const { by, count, gap, timeGap, choosing } = checked;
  checkFoldCount("documentFolds", by === "time" ? { count } : { count, choosing });
  for (const [name, value] of Object.entries({ gap, timeGap })) {
    if (by === "time" || value === 0) continue;
    throw new RangeError(
      `documentFolds: ${name} is for by: "time", and must be 0 otherwise, found ${value} with by: ${
        show(by)
      }.`,
    );
  }
  return checked;
}

/**
 * Lays folds over a corpus of documents: K folds, whose spans are bytes of the documents laid end to end, and
 * the final fold, which is null when `finalShare` is 0. Documents that adjoin and are on one side are one span.
 *
 * With choosing blocks fold i chooses on block (i + 1) mod K and trains on the others; by time it chooses on
 * the block before the one that scores, and trains on those before both.
 *
 * Documents on both sides that are nearly the same are counted, and those that train left out if they are to
 * be; so are those that choose of those that score.
 *
 * @param specification As {@link documentFolds} gave it.
 * @param source As openDocuments gave it.
 * @throws {RangeError} If documents have no group or no time where folds are by it, there are fewer of them
 * than folds, every group has one document only, or documents do not come in the order of their times.
 *
 * @example
 * ```ts
 * import { documentFolds, makeDocumentFolds } from "./document_folds.ts";
 * import { inlineDocuments } from "./inline_documents.ts";
 * import { openDocuments } from "./open_documents.ts";
 * import assert from "node:assert/strict";
 * const letters = ["Ann", "Jack", "Ann", "Jack", "Eve"].map((group) => ({ text: "Dear …", group }));
 * const source = await openDocuments(inlineDocuments(letters));
 * const folds = documentFolds({ by: "group", count: 3, finalShare: 0 });
 * const { folds: [first] } = makeDocumentFolds(folds, source);
 * assert.deepEqual(first.heldOut, [{ start: 0, end: 8 }, { start: 16, end: 24 }]);
 * assert.deepEqual(first.training, [{ start: 8, end: 16 }, { start: 24, end: 40 }]);
 * ```
 */
export function makeDocumentFolds(
  specification: DocumentFoldsSpecification,
  source: DocumentSource,
): LaidDocuments {
  const valid = validateDocumentFolds(specification);
  const laid = valid.by === "time" ? timeFolds(valid, source) : foldsOfBlocks(
    valid.by === "group" ? blocksByGroup(valid, source) : stretches(valid, source),
    { ...valid, hasFinal: valid.finalShare > 0 },
    source,
  );
  return withoutNearDuplicates(valid, source, laid);
}

/**
 * Folds of documents, and what is told of them, laid again over their corpus from what a study has stored: by
 * document and by group from the blocks that are held out. By time, whose gap older studies do not tell, the
 * folds are taken as they are. Where no fold tells which documents choose, as in older studies, what chooses is
 * not looked at.
 *
 * @param stored What the study says.
 * @param source As openDocuments gave it.
 * @throws {RangeError} If a document is held out by no fold.
 */
export function layDocumentFoldsAgain(
  { folds, finalFold, documents }: LaidDocuments,
  source: DocumentSource,
): LaidDocuments {
  const { by, similarity } = documents;
  const told = {
    ...{ by, similarity },
    gap: documents.gap?.documents ?? 0,
    timeGap: documents.gap?.time ?? 0,
    tellsChoosing: documents.folds.some(({ choosing }) => choosing !== undefined),
  };
  const drops = [...documents.folds, ...(documents.final === null ? [] : [documents.final])]
    .some(({ dropped }) => dropped !== undefined);
  if (by === "time") {
    return withoutNearDuplicates({ ...told, dropNearDuplicates: false }, source, {
      ...{ folds, finalFold },
    });
  }
  const blocks = new Int32Array(source.documentEnds.length).fill(-1);
  for (const [block, fold] of [...folds, ...(finalFold === null ? [] : [finalFold])].entries()) {
    for (const document of documentsIn(source, fold.heldOut)) blocks[document] = block;
  }
  const left = blocks.indexOf(-1);
  if (left >= 0) {
    throw new RangeError(
      `documentFolds: each document must be held out by a fold, found ${
        source.origin(left)
      } in none.`,
    );
  }
  const laid = foldsOfBlocks(blocks, {
    count: folds.length,
    choosing: folds.some(({ choosing }) => choosing !== undefined),
    hasFinal: finalFold !== null,
  }, source);
  return withoutNearDuplicates({ ...told, dropNearDuplicates: drops }, source, laid);
}

function foldsOfBlocks(
  blocks: Int32Array,
  { count, choosing = false, hasFinal }: {
    readonly count: number;
    readonly choosing?: boolean;
    readonly hasFinal: boolean;
  },
  source: DocumentSource,
): { folds: FoldRecord[]; finalFold: FoldRecord | null } {
  const where = (wanted: (block: number) => boolean) =>
    spansWhere(source, (document) => wanted(blocks[document]));
  const folds = Array.from({ length: count }, (_, index): FoldRecord => {
    const next = choosing ? (index + 1) % count : index;
    return {
      index,
      training: where((block) => block < count && block !== index && block !== next),
      heldOut: where((block) => block === index),
      ...(choosing && { choosing: where((block) => block === next) }),
      unit: "bytes",
    };
  });
  const finalFold: FoldRecord | null = !hasFinal ? null : {
    index: "final",
    training: where((block) => block < count),
    heldOut: where((block) => block === count),
    unit: "bytes",
  };
  return { folds, finalFold };
}

/** Block of each document: K stretches of about as many bytes, and block K for the final one. */
function stretches(
  { count, finalShare }: DocumentFoldsSpecification,
  source: DocumentSource,
): Int32Array {
  const { bytes, documentEnds: { length } } = source;
  const end = bytes - Math.round(finalShare * bytes);
  const wanted = Array.from({ length: count }, (_, block) => block * end / count);
  const starts = startsByBytes(source, finalShare === 0 ? wanted : [...wanted, end]);
  if (starts.some((start, block) => start >= (starts[block + 1] ?? length))) {
    throw new RangeError(
      `documentFolds: each of ${count} folds${
        finalShare === 0 ? "" : " and the final block"
      } must hold ` +
        `out a document, found ${length} documents in ${bytes} bytes. Use more documents, or fewer folds.`,
    );
  }
  const blocks = new Int32Array(length);
  for (const [block, start] of starts.entries()) blocks.fill(block, start);
  return blocks;
}
