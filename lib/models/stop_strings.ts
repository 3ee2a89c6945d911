/**
 * Where a text first holds a whole stop string: the place at which that begins, or −1. First is the one
 * that ends first, whatever tokens the text was written in; of those that end at the same place the
 * longest.
 */
export function stopPlace(text: string, stopStrings: readonly string[]): number {
  let [place, end] = [-1, Infinity];
  for (const stop of stopStrings) {
    const start = text.indexOf(stop);
    if (start < 0) continue;
    const ownEnd = start + stop.length;
    if (ownEnd < end || (ownEnd === end && start < place)) [place, end] = [start, ownEnd];
  }
  return place;
}

/**
 * The text before the first stop string; all of it where there is none.
 *
 * @example
 * ```ts
 * import { beforeStop } from "./stop_strings.ts";
 * import assert from "node:assert/strict";
 * assert.equal(beforeStop("one. two. three", [".", "two"]), "one");
 * assert.equal(beforeStop("one", ["."]), "one");
 * ```
 */
export function beforeStop(text: string, stopStrings: readonly string[]): string {
  const place = stopPlace(text, stopStrings);
  return place < 0 ? text : text.slice(0, place);
}

/** Without a part at the end that may yet become a stop string. */
export function withoutBegunStop(text: string, stopStrings: readonly string[]): string {
  let shown = text.length;
  for (const stop of stopStrings) {
    for (let start = Math.max(0, text.length - stop.length + 1); start < shown; start++) {
      if (stop.startsWith(text.slice(start))) shown = start;
    }
  }
  return text.slice(0, shown);
}

/** What of a vocabulary stop strings need. */
export interface WritesTokens {
  decode(ids: ArrayLike<number>): string;
  decodeBegun(ids: ArrayLike<number>): string;
}

/**
 * Whether tokens hold a stop string, so that the text ends with the last of them.
 *
 * @param vocabulary How tokens are written; needed where there are stop strings.
 */
export function endsText(
  stopStrings: readonly string[],
  vocabulary: WritesTokens | undefined,
): (tokens: readonly number[]) => boolean {
  if (stopStrings.length === 0) return () => false;
  if (vocabulary === undefined) {
    throw new TypeError("stopStrings need the vocabulary that the tokens are written with.");
  }
  return (tokens) => stopPlace(vocabulary.decodeBegun(tokens), stopStrings) >= 0;
}

/** The tokens of a text that wholly stand before its first stop string. */
export function tokensBeforeStop<Tokens extends Int32Array>(
  tokens: Tokens,
  stopStrings: readonly string[],
  vocabulary: WritesTokens,
): Int32Array {
  if (stopStrings.length === 0) return tokens;
  const kept = beforeStop(vocabulary.decode(tokens), stopStrings).length;
  let count = tokens.length;
  while (count > 0 && vocabulary.decode(tokens.subarray(0, count)).length > kept) count--;
  return tokens.subarray(0, count);
}
