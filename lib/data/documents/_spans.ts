import type { TokenSpan } from "../../records/study_record.ts";
import type { DocumentSource } from "./document_source.ts";

/** Byte at which a document begins. */
export function startOf(
  { documentEnds }: Pick<DocumentSource, "documentEnds">,
  document: number,
): number {
  return document === 0 ? 0 : documentEnds[document - 1];
}

/** The spans of documents, those that adjoin as one. */
export function spansWhere(
  source: Pick<DocumentSource, "documentEnds">,
  wanted: (document: number) => boolean,
): TokenSpan[] {
  const spans: { start: number; end: number }[] = [];
  let open = false;
  for (const [document, end] of source.documentEnds.entries()) {
    const isWanted = wanted(document);
    if (isWanted && open) spans.at(-1)!.end = end;
    else if (isWanted) spans.push({ start: startOf(source, document), end });
    open = isWanted;
  }
  return spans;
}

/** The documents whose beginnings are nearest to given bytes, ascending; of two, the earlier one. */
export function startsByBytes(
  source: Pick<DocumentSource, "documentEnds">,
  wanted: readonly number[],
): number[] {
  const { length } = source.documentEnds;
  let document = 0;
  return wanted.map((byte) => {
    const distance = (each: number) => Math.abs(startOf(source, each) - byte);
    while (document < length && distance(document + 1) < distance(document)) document++;
    return document;
  });
}

/** The documents of spans, by their numbers. */
export function documentsIn(
  { documentEnds }: Pick<DocumentSource, "documentEnds">,
  spans: readonly TokenSpan[],
): Int32Array {
  const ranges = spans.map(({ start, end }) => {
    const first = firstAfter(documentEnds, start);
    // The one that holds the last byte.
    const last = Math.min(firstAfter(documentEnds, end - 1), documentEnds.length - 1);
    return { first, count: Math.max(0, last - first + 1) };
  });
  const documents = new Int32Array(ranges.reduce((sum, { count }) => sum + count, 0));
  let place = 0;
  for (const { first, count } of ranges) {
    for (let document = first; document < first + count; document++) documents[place++] = document;
  }
  return documents;
}

/** The first document that ends after a byte. */
function firstAfter(ends: Float64Array, byte: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle] > byte) high = middle;
    else low = middle + 1;
  }
  return low;
}
