/** Two marks in a document, such as `<!-- rooms -->` and `<!-- /rooms -->`. */
export interface Marks {
  readonly begin: string;
  /** The first one behind `begin` counts. */
  readonly end: string;
  /** What the document is called, for errors. */
  readonly document: string;
}

/**
 * Replaces what lies between two marks of a text, and nothing else.
 *
 * @param write Gives the new text from the old one.
 * @throws {RangeError} If a mark is missing.
 *
 * @example
 * ```ts
 * import { replaceBetweenMarks } from "./between_marks.ts";
 * import assert from "node:assert/strict";
 * const marks = { begin: "<a>", end: "</a>", document: "page.md" };
 * assert.equal(replaceBetweenMarks("1 <a>2</a> 3", marks, (old) => `${old}${old}`), "1 <a>22</a> 3");
 * assert.throws(() => replaceBetweenMarks("", marks, String), /page\.md must have the marks <a> and <\/a>/);
 * ```
 */
export function replaceBetweenMarks(
  text: string,
  { begin, end, document }: Marks,
  write: (old: string) => string,
): string {
  const start = text.indexOf(begin);
  const from = start + begin.length;
  const to = text.indexOf(end, from);
  if (start < 0 || to < 0) {
    throw new RangeError(`${document} must have the marks ${begin.trim()} and ${end.trim()}.`);
  }
  return text.slice(0, from) + write(text.slice(from, to)) + text.slice(to);
}
