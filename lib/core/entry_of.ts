/**
 * What a table has under a name that came from elsewhere; nothing for names of what every object has, such
 * as `constructor`.
 *
 * @example
 * ```ts
 * import { entryOf } from "./entry_of.ts";
 * import assert from "node:assert/strict";
 * const words: { readonly [kind: string]: string } = { l1: "L1" };
 * assert.equal(entryOf(words, "l1"), "L1");
 * assert.equal(entryOf(words, "constructor"), undefined);
 * ```
 */
export function entryOf<T>(table: { readonly [name: string]: T }, name: unknown): T | undefined {
  return typeof name === "string" && Object.hasOwn(table, name) ? table[name] : undefined;
}
