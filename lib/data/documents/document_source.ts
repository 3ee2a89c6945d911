import { nearestBoundary, refuseCut, type TextSource } from "../text_bytes.ts";
import { placeIn } from "./_pieces.ts";
import type { DocumentKind } from "./document.ts";
import type { DocumentTable } from "./_table.ts";

/** The text of a corpus of documents, laid end to end, and what is known of each of them. */
export interface DocumentSource extends TextSource {
  /** Where documents end, in bytes, ascending. */
  readonly documentEnds: Float64Array;
  /** Number of each document's group among `groupNames`; null where they have none. */
  readonly groups: Float64Array | null;
  /** Groups in the order in which they first stand in the corpus; none where documents have none. */
  readonly groupNames: readonly string[];
  /** When each is from: a number, or milliseconds since 1970 (UTC); null where they have no time. */
  readonly times: Float64Array | null;
  /** What times are; null where documents have none. */
  readonly timeKind: "number" | "date" | null;
  /** Folder that keeps them for every process; null for documents in memory. */
  readonly folder: string | null;
  /** File and line of a document, for messages and reports. */
  origin(document: number): string;
}

/** Reads bytes of documents that are laid end to end. */
export interface Bytes {
  at(position: number): number;
  /** To be used before the next call: the bytes may then be others. */
  read(start: number, end: number): Uint8Array;
}

/** Documents by their bytes and their table. */
export function documentSource(
  table: DocumentTable,
  bytes: Bytes,
  { counts, folder }: {
    readonly counts: DocumentKind<never>["counts"];
    readonly folder: string | null;
  },
): DocumentSource {
  const documentEnds = new Float64Array(table.lengths.length);
  let end = 0;
  for (let document = 0; document < documentEnds.length; document++) {
    documentEnds[document] = end += table.lengths[document];
  }
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const byteAt = (position: number) => bytes.at(position);
  const { groups, groupNames, times, timeKind, files, fileNames, places } = table;
  return {
    bytes: end,
    documentEnds,
    ...{ groups, groupNames, times, timeKind, folder },
    read(start, stop) {
      refuseCut(byteAt, end, { start, end: stop });
      return decoder.decode(bytes.read(start, stop));
    },
    boundary: (position, direction) => nearestBoundary(byteAt, { bytes: end, position, direction }),
    origin: (document) =>
      placeIn(fileNames[files[document]], counts, places[document] === 0 ? null : places[document]),
  };
}

/** Text of one document. */
export function documentText(source: DocumentSource, document: number): string {
  const { documentEnds } = source;
  return source.read(document === 0 ? 0 : documentEnds[document - 1], documentEnds[document]);
}
