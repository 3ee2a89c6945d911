import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { keptFolder } from "../core/kept_folder.ts";
import {
  readStoredTokens,
  type SpansOfTokens,
  storedTokensVersion,
  type TokenWriter,
  writeTokens,
} from "./stored_tokens.ts";
import { writeInMemory } from "./write_in_memory.ts";

/** Folder of a project in which tokens of large texts are kept; it can be removed at any time. */
export function tokenStore(project: string): string {
  return join(project, ".temporary", "tokens");
}

/**
 * Tokens of spans that are made once for all processes of a project: on the disk, in a folder named by the
 * SHA-256 of what they depend on, so that no text is tokenized twice and no process holds all of them.
 *
 * They are made in memory where there is no store, and where this process may not write to it and the tokens
 * are not there.
 *
 * @param options.store The folder; null for memory.
 * @param options.key All that the tokens depend on: text, spans, tokenizer.
 * @param options.make Makes them, span after span, and gives what is kept beside them.
 * @param options.breathe Called now and then while another process makes them; see `TaskContext`.
 * @throws {OutsideTrouble} If the disk does not take them.
 *
 * @example
 * ```ts
 * import { keptTokens } from "./kept_tokens.ts";
 * import { readTokens } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * const { spans, said } = await keptTokens({
 *   store: null,
 *   key: { text: "abab" },
 *   make(begin) {
 *     const writer = begin(3);
 *     writer.write(Int32Array.of(1, 2, 1, 2));
 *     writer.endSpan();
 *     return { vocabulary: ["�", "a", "b"] };
 *   },
 * });
 * assert.deepEqual([...readTokens(spans[0])], [1, 2, 1, 2]);
 * assert.equal(said.vocabulary.length, 3);
 * ```
 */
export async function keptTokens<Said extends JsonObject>(
  { store, key, make, breathe }: {
    readonly store: string | null;
    readonly key: JsonObject;
    readonly breathe?: () => void;
    readonly make: (begin: (vocabularySize: number) => TokenWriter) => Said | Promise<Said>;
  },
): Promise<SpansOfTokens<Said>> {
  if (store !== null) {
    const name = sha256(canonicalJson({ version: storedTokensVersion, key }));
    const kept = await keptFolder(join(store, name), {
      read: (folder) => readStoredTokens<Said>(folder),
      write: (folder) => writeTokens(folder, make),
      breathe,
    });
    if (kept !== null) return kept;
  }
  const { writer, spans } = writeInMemory();
  const said = await make(() => writer);
  return { spans, said };
}
