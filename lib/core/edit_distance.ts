/**
 * Levenshtein distance: the fewest insertions, deletions and substitutions of code points that turn one
 * text into the other.
 *
 * @example
 * ```ts
 * import { editDistance } from "./edit_distance.ts";
 * import assert from "node:assert/strict";
 * assert.equal(editDistance("kitten", "sitting"), 3);
 * assert.equal(editDistance("a🐋", "a"), 1);
 * ```
 */
export function editDistance(first: string, second: string): number {
  const columns = Array.from(second);
  let previous = Array.from({ length: columns.length + 1 }, (_, column) => column);
  for (const [row, symbol] of Array.from(first).entries()) {
    const current = [row + 1];
    for (const [column, other] of columns.entries()) {
      const substituted = previous[column] + (symbol === other ? 0 : 1);
      current.push(Math.min(substituted, previous[column + 1] + 1, current[column] + 1));
    }
    previous = current;
  }
  return previous[columns.length];
}
