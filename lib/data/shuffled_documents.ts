import type { RandomStream } from "../core/random.ts";
import { layParts } from "./parts.ts";
import { passagesOf } from "./passages.ts";
import { checkRead, type Tokens } from "./tokens.ts";

/** Documents that are put into an order. */
export interface ShuffledDocuments {
  /** Tokens in every order. */
  readonly length: number;
  /** Draws an order; the tokens stay where they are. */
  shuffle(stream: RandomStream): Tokens;
}

/**
 * The documents of spans in an order that is drawn, as one span: before each document the mark that stood
 * there, and none after the last, so that it is as long in every order.
 *
 * @param spans Spans of documents.
 */
export function shuffledDocuments(spans: readonly Tokens[]): ShuffledDocuments {
  const { count, at } = passagesOf(spans, "inside");
  /** Of a document with the mark before it, and without the one that ends it. */
  const lengthOf = (place: number) => {
    const { span, start, length } = at(place);
    const ends = span.documentEnds?.at(-1) ?? 0;
    return start + length > ends ? length : length - 1;
  };
  const lengths = Float64Array.from({ length: count }, (_, place) => lengthOf(place));
  const all = lengths.reduce((sum, length) => sum + length, 0);
  const shuffle = (stream: RandomStream): Tokens => {
    const order = stream.permutation(count);
    const parts = layParts(Float64Array.from(order, (document) => lengths[document]));
    return {
      length: all,
      read(start, into) {
        checkRead(all, start, into.length);
        let { part, place } = parts.find(start);
        for (let done = 0; done < into.length; part++, place = 0) {
          const { span, start: first } = at(order[part]);
          const room = Math.min(into.length - done, lengths[order[part]] - place);
          span.read(first + place, into.subarray(done, done + room));
          done += room;
        }
      },
    };
  };
  return { length: all, shuffle };
}
