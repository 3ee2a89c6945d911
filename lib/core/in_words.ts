/**
 * A name of the code in words.
 *
 * @example
 * ```ts
 * import { inWords } from "./in_words.ts";
 * import assert from "node:assert/strict";
 * assert.equal(inWords("decoupledWeightDecay"), "decoupled weight decay");
 * ```
 */
export function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
