import { layParts } from "./parts.ts";
import type { Tokens } from "./tokens.ts";

/**
 * Whether windows run over the ends of documents, a mark between one and the next, or stay inside of them.
 */
export type DocumentWindows = "across" | "inside";

/** A stretch of a span that no window leaves. */
export interface Passage {
  readonly span: Tokens;
  readonly start: number;
  /** Tokens; all but the first are targets. */
  readonly length: number;
}

/** Passages by their place, each made when it is asked for: a large text has millions of documents. */
export interface Passages {
  readonly count: number;
  at(place: number): Passage;
}

/**
 * What windows of spans do not leave: the spans themselves, or the documents in them, each from the mark
 * before it to the mark that ends it. The mark between two documents is in both: the last target of one, and
 * read, not predicted, in the other.
 *
 * @param spans Spans; those of no documents are a passage each.
 *
 * @example
 * ```ts
 * import { passagesOf } from "./passages.ts";
 * import { tokensInMemory } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * // Two documents, 5 6 and 7; 1 is the mark.
 * const span = tokensInMemory(Int32Array.of(1, 5, 6, 1, 7, 1), Float64Array.of(4, 6));
 * const { count, at } = passagesOf([span], "inside");
 * assert.equal(count, 2);
 * assert.deepEqual(at(1), { span, start: 3, length: 3 });
 * assert.deepEqual(passagesOf([span], "across").at(0), { span, start: 0, length: 6 });
 * ```
 */
export function passagesOf(spans: readonly Tokens[], windows: DocumentWindows): Passages {
  const documentsIn = ({ documentEnds, length }: Tokens): number => {
    if (documentEnds === undefined) return 1;
    // Of a text that is cut inside of a document the rest is a passage too.
    return documentEnds.length + ((documentEnds.at(-1) ?? 0) < length ? 1 : 0);
  };
  if (windows === "across") {
    return {
      count: spans.length,
      at: (place) => ({ span: spans[place], start: 0, length: spans[place].length }),
    };
  }
  const documents = layParts(spans.map(documentsIn));
  return {
    count: documents.total,
    at(index) {
      const { part, place } = documents.find(index);
      const span = spans[part];
      const ends = span.documentEnds ?? [];
      const start = place === 0 ? 0 : ends[place - 1] - 1;
      return { span, start, length: (ends[place] ?? span.length) - start };
    },
  };
}

/** A number of each passage. */
export function ofPassages(
  { count, at }: Passages,
  value: (passage: Passage) => number,
): Float64Array {
  const values = new Float64Array(count);
  for (let place = 0; place < count; place++) values[place] = value(at(place));
  return values;
}
