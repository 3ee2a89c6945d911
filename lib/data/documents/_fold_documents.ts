import { mostSpans } from "../../core/limits.ts";
import type {
  DocumentsRecord,
  FoldDocuments,
  NearDuplicateExample,
} from "../../records/documents_record.ts";
import type { FoldRecord } from "../../records/study_record.ts";
import { documentsIn, spansWhere } from "./_spans.ts";
import type { DocumentSource } from "./document_source.ts";
import { type AcrossFold, nearDuplicatesAcross } from "./near_duplicates.ts";

const mostExamples = 5;

/** Folds without what is nearly the same on both sides, if that is to be left out, and what is told of them. */
export function withoutNearDuplicates(
  { by, gap, timeGap, similarity, dropNearDuplicates, tellsChoosing = true }: {
    readonly by: DocumentsRecord["by"];
    readonly gap: number;
    readonly timeGap: number;
    readonly similarity: number;
    readonly dropNearDuplicates: boolean;
    /** Whether what chooses is looked at too, as older studies did not. */
    readonly tellsChoosing?: boolean;
  },
  source: DocumentSource,
  laid: { readonly folds: readonly FoldRecord[]; readonly finalFold: FoldRecord | null },
): { folds: FoldRecord[]; finalFold: FoldRecord | null; documents: DocumentsRecord } {
  const all = laid.finalFold === null ? laid.folds : [...laid.folds, laid.finalFold];
  const across = nearDuplicatesAcross(source, all, { similarity })
    .map((found) => tellsChoosing ? found : { ...found, choosing: new Set<number>() });
  const kept = dropNearDuplicates
    ? all.map((fold, index) => without(source, fold, across[index]))
    : [...all];
  const told = kept.map((fold, index): FoldDocuments => ({
    ...foldDocuments(source, fold, { byTime: by === "time", tellsChoosing }),
    nearDuplicates: documentsIn(source, fold.heldOut)
      .filter((document) => across[index].heldOut.has(document)).length,
    ...(tellsChoosing && fold.choosing && {
      choosing: {
        documents: documentsIn(source, fold.choosing).length,
        nearDuplicates: across[index].choosing.size,
      },
    }),
    ...(dropNearDuplicates && { dropped: across[index].training.size }),
  }));
  for (const fold of kept) refuseManySpans(fold);
  const count = laid.folds.length;
  return {
    folds: kept.slice(0, count),
    finalFold: kept[count] ?? null,
    documents: {
      count: source.documentEnds.length,
      ...(source.groups !== null && { groups: source.groupNames.length }),
      by,
      ...((gap > 0 || timeGap > 0) && {
        gap: {
          documents: gap,
          time: timeGap,
          unit: source.timeKind === "date" ? "days" : "numbers",
        } as const,
      }),
      folds: told.slice(0, count),
      final: told[count] ?? null,
      similarity,
      examples: examplesOf(source, across),
    },
  };
}

/** Refuses a fold in more pieces than a record of it may have. */
function refuseManySpans({ index, training, heldOut, choosing = [] }: FoldRecord): void {
  const most = Math.max(training.length, heldOut.length, choosing.length);
  if (most <= mostSpans) return;
  throw new RangeError(
    `documentFolds: the documents of one side of fold ${index} must be at most ${mostSpans} stretches of the ` +
      `corpus, found ${most}. Give the corpus order: "grouped", so that the documents of a group stand together.`,
  );
}

/** A fold that neither trains nor chooses on what is nearly the same as what it is scored on. */
function without(source: DocumentSource, fold: FoldRecord, across: AcrossFold): FoldRecord {
  const left = (side: "training" | "choosing", does: string, other: string) => {
    const dropped = across[side];
    if (dropped.size === 0) return {};
    const kept = new Uint8Array(source.documentEnds.length);
    for (const document of documentsIn(source, fold[side]!)) {
      kept[document] = dropped.has(document) ? 0 : 1;
    }
    const spans = spansWhere(source, (document) => kept[document] === 1);
    if (spans.length > 0) return { [side]: spans };
    throw new RangeError(
      `documentFolds: fold ${fold.index} must ${does} a document that is not nearly the same as one that ` +
        `${other}, found none. Raise similarity, or do not drop near-duplicates.`,
    );
  };
  return {
    ...fold,
    ...left("training", "train on", "is held out"),
    ...left("choosing", "choose by", "scores"),
  };
}

function foldDocuments(
  source: DocumentSource,
  fold: FoldRecord,
  { byTime, tellsChoosing }: { readonly byTime: boolean; readonly tellsChoosing: boolean },
): Pick<FoldDocuments, "training" | "heldOut" | "groups" | "times"> {
  const training = documentsIn(source, fold.training);
  const heldOut = documentsIn(source, fold.heldOut);
  const choosing = documentsIn(source, tellsChoosing ? fold.choosing ?? [] : []);
  const { groups, times, timeKind } = source;
  const inWords = (document: number) => {
    const time = times![document];
    return timeKind === "date"
      ? new Date(time).toISOString().replace("T00:00:00.000Z", "")
      : `${time}`;
  };
  return {
    training: training.length,
    heldOut: heldOut.length,
    ...(groups !== null && { groups: new Set(heldOut.map((document) => groups[document])).size }),
    ...(byTime && {
      times: {
        trainedTo: inWords(training.at(-1)!),
        from: inWords(heldOut[0]),
        to: inWords(heldOut.at(-1)!),
        ...(choosing.length > 0 && {
          choosing: { from: inWords(choosing[0]), to: inWords(choosing.at(-1)!) },
        }),
      },
    }),
  };
}

function examplesOf(source: DocumentSource, across: readonly AcrossFold[]): NearDuplicateExample[] {
  const found = new Map<string, NearDuplicateExample>();
  for (const { heldOut } of across) {
    for (const [document, { first, second, similarity }] of heldOut) {
      const key = `${first} ${second}`;
      if (found.has(key)) continue;
      found.set(key, {
        heldOut: source.origin(document),
        training: source.origin(document === first ? second : first),
        similarity,
      });
    }
  }
  return [...found.values()].sort((a, b) => b.similarity - a.similarity).slice(0, mostExamples);
}
