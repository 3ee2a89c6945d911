import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import { tokenizerNamed } from "../data/tokenizers/kinds.ts";

/**
 * What decides which tokens a specification makes of a text, as a key: two of different ones have losses per
 * token of different tokens. It is the tokenizer and, where that learns its tokens, how much text it learns
 * them from.
 *
 * @example
 * ```ts
 * import { tokensOfSpecification } from "./tokens_of_specification.ts";
 * import assert from "node:assert/strict";
 * const key = (kind: string, trainingBytes: number) =>
 *   tokensOfSpecification({ tokenizer: { kind }, training: { trainingBytes } });
 * assert.equal(key("bytes", 100), key("bytes", 200));
 * assert.equal(key("publishedTokenizer", 100), key("publishedTokenizer", 200));
 * assert.notEqual(key("bytePairs", 100), key("bytePairs", 200));
 * ```
 */
export function tokensOfSpecification({ tokenizer = null, training }: JsonObject): string {
  const { kind, target } = Object(tokenizer) as { kind?: unknown; target?: Json };
  const { trainingBytes = null } = Object(training) as { trainingBytes?: number };
  return canonicalJson({
    // Losses of pairs are per token of the target.
    tokenizer: kind === "pairs" ? target ?? null : tokenizer,
    ...(trainingBytes !== null && learnsTokens(kind) && { trainingBytes }),
  });
}

/** Whether some of the specifications make other tokens of a text than others: by {@link tokensOfSpecification}. */
export function differInTokens(specifications: readonly JsonObject[]): boolean {
  return new Set(specifications.map(tokensOfSpecification)).size > 1;
}

/**
 * Whether all specifications have tokenizers that bring their vocabulary along: of a file, or published.
 *
 * @example
 * ```ts
 * import { bringVocabularies } from "./tokens_of_specification.ts";
 * import assert from "node:assert/strict";
 * const published = { kind: "publishedTokenizer" };
 * assert.ok(bringVocabularies([{ tokenizer: { kind: "completions", tokenizer: published } }]));
 * assert.ok(!bringVocabularies([{ tokenizer: published }, { tokenizer: { kind: "bytePairs" } }]));
 * assert.ok(!bringVocabularies([{ tokenizer: { kind: "characters" } }]));
 * ```
 */
export function bringVocabularies(specifications: readonly JsonObject[]): boolean {
  return specifications.every(({ tokenizer }) => bringsVocabulary(Object(tokenizer)));
}

function bringsVocabulary({ kind, ...rest }: JsonObject): boolean {
  const sides = [rest.tokenizer, rest.source, rest.target].filter((side) => side !== undefined);
  if (sides.length > 0) return sides.every((side) => bringsVocabulary(Object(side)));
  return "learn" in tokenizerNamed(kind) && !learnsTokens(kind);
}

/** Whether tokens, and not only their ids, are learned from the training part. */
function learnsTokens(kind: unknown): boolean {
  const known = tokenizerNamed(kind);
  return "learnsTokens" in known && known.learnsTokens === true;
}
