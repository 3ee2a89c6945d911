import { show } from "./check.ts";
import { editDistance } from "./edit_distance.ts";

/**
 * A question to whoever mistyped a name, with a space before it; an empty text where nothing is near.
 *
 * Near is what differs by a third of its letters at most, by one at least, or begins with what was
 * given; upper and lower case are the same.
 *
 * @param given What was typed.
 * @param known What could have been meant.
 *
 * @example
 * ```ts
 * import { didYouMean } from "./did_you_mean.ts";
 * import assert from "node:assert/strict";
 * assert.equal(didYouMean("lst", ["list", "show"]), ' Did you mean "list"?');
 * assert.equal(didYouMean("frobnicate", ["list", "show"]), "");
 * ```
 */
export function didYouMean(given: string, known: readonly string[]): string {
  const typed = given.toLowerCase();
  const near = known.map((name) => {
    const begins = typed.length >= 2 && name.toLowerCase().startsWith(typed);
    return { name, distance: begins ? 0 : editDistance(typed, name.toLowerCase()) };
  }).filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return near.length === 0 || given === "" ? "" : ` Did you mean ${show(near[0].name)}?`;
}
