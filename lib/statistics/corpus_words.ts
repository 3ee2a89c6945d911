import type { StudyRecord } from "../records/study_record.ts";

/**
 * What a study read, in words: `12000 tokens of moby-dick`, `12000 bytes of` it where folds are in bytes, or
 * `814 pairs of` a corpus of pairs.
 */
export function corpusWords({ corpus }: StudyRecord): string {
  return `${corpusSize(corpus)} of ${corpus.name}`;
}

/** How much a corpus holds, in what its folds count. */
export function corpusSize({ pairs, bytes, tokens }: StudyRecord["corpus"]): string {
  if (pairs !== undefined) return `${pairs} pairs`;
  return bytes === undefined ? `${tokens} tokens` : `${bytes} bytes`;
}

/**
 * What pairs of a study are kept together by in folds, besides their source: `group` where the corpus names a
 * field, `dialogue` where its rows are dialogues; null for neither.
 */
export function pairsKeptBy(
  { corpus, specifications: [first] }: Pick<StudyRecord, "corpus" | "specifications">,
): "group" | "dialogue" | null {
  if (corpus.pairs === undefined) return null;
  const { group, rows } = Object(first?.corpus) as {
    readonly group?: unknown;
    readonly rows?: { readonly kind?: unknown };
  };
  if (typeof group === "string") return "group";
  return rows?.kind === "dialogues" ? "dialogue" : null;
}

/** What a position of a study's folds is, as a plural. */
export function positionWords({ corpus }: Pick<StudyRecord, "corpus">): string {
  if (corpus.pairs !== undefined) return "pairs";
  return corpus.bytes === undefined ? "tokens" : "bytes";
}

/** What the sides of a study's pairs are called. */
export function sidesInWords({ specifications: [first] }: Pick<StudyRecord, "specifications">) {
  const { kind } = Object(first?.tokenizer) as { readonly kind?: unknown };
  return kind === "completions"
    ? { source: "prompt", target: "completion" } as const
    : { source: "source", target: "target" } as const;
}

/** Whether folds are of pairs before they have tokens. */
export function arePairsOfTexts({ corpus }: Pick<StudyRecord, "corpus">): boolean {
  return corpus.pairs !== undefined && corpus.bytes !== undefined;
}

/** The terms of a text, which may be any words, or that there are none. */
export function licenceInWords(licence: string): string {
  return licence === "not stated" ? "licence not stated" : licence;
}
