/**
 * Number of Unicode code points of a text; a 4-byte character counts once.
 *
 * @example
 * ```ts
 * import { countCodePoints } from "./text.ts";
 * import assert from "node:assert/strict";
 * assert.equal(countCodePoints("a🐋é"), 3);
 * ```
 */
export function countCodePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += codeUnitsAt(text, index)) count++;
  return count;
}

/**
 * Part of a text by code points, never cutting a 4-byte character in two.
 *
 * @param text The text.
 * @param start First code point, from 0.
 * @param length Number of code points; fewer come back when the text ends before.
 * @returns The part.
 *
 * @example
 * ```ts
 * import { sliceCodePoints } from "./text.ts";
 * import assert from "node:assert/strict";
 * assert.equal(sliceCodePoints("a🐋éz", 1, 2), "🐋é");
 * ```
 */
export function sliceCodePoints(text: string, start: number, length: number): string {
  const from = advance(text, 0, start);
  return text.slice(from, advance(text, from, length));
}

const encoder = new TextEncoder();

/** Number of bytes of a text in UTF-8. */
export function countBytes(text: string): number {
  return encoder.encode(text).length;
}

function advance(text: string, from: number, count: number): number {
  let index = from;
  for (let done = 0; done < count && index < text.length; done++) index += codeUnitsAt(text, index);
  return index;
}

function codeUnitsAt(text: string, index: number): 1 | 2 {
  return text.codePointAt(index)! > 0xffff ? 2 : 1;
}
