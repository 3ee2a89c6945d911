import { type CorpusSpecification, loadCorpus } from "./corpora.ts";
import { isDocuments } from "./documents/kinds.ts";
import { openDocuments } from "./documents/open_documents.ts";
import { textOf, type TextSource } from "./text_bytes.ts";

export { textOf, type TextSource };

/**
 * Opens the text of a corpus, its excerpt if it has one.
 *
 * @throws {Error} As loadCorpus throws.
 *
 * @example
 * ```ts
 * import { inlineText } from "./corpora.ts";
 * import { openText } from "./text_source.ts";
 * import assert from "node:assert/strict";
 * const text = await openText(inlineText("a 🐋\r\n"));
 * assert.equal(text.bytes, 8);
 * assert.equal(text.read(2, 6), "🐋");
 * assert.deepEqual([text.boundary(3, "forward"), text.boundary(3, "backward")], [6, 2]);
 * assert.equal(text.boundary(7, "forward"), 8);
 * ```
 */
export async function openText(corpus: CorpusSpecification): Promise<TextSource> {
  return isDocuments(corpus) ? await openDocuments(corpus) : textOf(await loadCorpus(corpus));
}

/** Bytes of a text that are looked through at once, at most: with its text three times as many. */
const mostInMemory = 2 ** 25;

/** All bytes of a text; null of one that is too large to be in memory. */
export function bytesOf(text: TextSource): Uint8Array | null {
  return text.bytes > mostInMemory ? null : new TextEncoder().encode(text.read(0, text.bytes));
}
