import { show } from "../core/check.ts";
import { fixedSplit, type FixedSplitSpecification } from "./fixed_split.ts";
import { findEntry } from "./_sources.ts";

/**
 * The split with which results on a corpus of the catalogue were published: of a corpus in parts in
 * tokens of {@link spacedWords}, of any other in characters.
 *
 * @param name Name in the catalogue.
 * @param options `test`: whether there is a refit that is scored on the test part, which doubles the
 * training; false by default.
 * @throws {RangeError} If no split of it was published, or none with a test part.
 *
 * @example
 * ```ts
 * import { publishedSplit } from "./published_split.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(publishedSplit("tinyshakespeare").heldOut, { start: 1_003_854, end: 1_115_394 });
 * ```
 */
export function publishedSplit(
  name: string,
  options: { readonly test?: boolean } = {},
): FixedSplitSpecification {
  const { split, source } = findEntry("publishedSplit", name);
  const spans: { [part: string]: { start: number; end: number } } = {};
  if ("parts" in source) {
    let start = 0;
    for (const [part, { tokens }] of Object.entries(source.parts)) {
      spans[part] = { start, end: start + tokens };
      start += tokens;
    }
  }
  for (const [part, { start, length }] of Object.entries(split ?? {})) {
    spans[part] = { start, end: start + length };
  }
  const { training, validation, test } = spans;
  if (training === undefined || validation === undefined || (options.test && !test)) {
    throw new RangeError(
      `publishedSplit: ${show(name)} must have the parts training and validation` +
        `${options.test ? " and test" : ""}, found ${Object.keys(spans).join(", ") || "none"}.`,
    );
  }
  return fixedSplit({ training, heldOut: validation, test: options.test ? test : null });
}
