/** A part of a corpus: Unicode code points of a text, documents of a corpus of documents. */
export type Excerpt = {
  /** First one, from 0. */
  readonly start: number;
  /** How many. */
  readonly length: number;
};
