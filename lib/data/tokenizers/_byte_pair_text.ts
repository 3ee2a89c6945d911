import { show } from "../../core/check.ts";
import { bytePairEncoder, type Merge } from "./_byte_pair_encoder.ts";
import { byteTokens, refuseHalfPairs } from "./_byte_tokens.ts";
import type { WordSplitter } from "./_pre_tokenizers.ts";
import { cutSpecialTokens } from "./_special_tokens.ts";
import { IdList } from "./id_list.ts";

/** What encodes a text, besides the ids of its tokens. */
export interface BytePairModel {
  readonly specialTokens: readonly string[];
  readonly words: WordSplitter;
  readonly merges: readonly Merge[];
  /** Whether a word that is a token is that token, whatever the merges make of it. */
  readonly whole?: boolean;
}

/** Encodes texts by byte pairs: special tokens are cut out, the rest is split into words, words are merged. */
export function bytePairTexts(
  subject: string,
  ids: ReadonlyMap<string, number>,
  { specialTokens, words, merges, whole }: BytePairModel,
): (text: string) => Int32Array {
  const encode = bytePairEncoder(ids, merges, whole);
  return (text) => {
    refuseHalfPairs(subject, text);
    const into = new IdList();
    cutSpecialTokens(specialTokens, text, {
      text: (part) => words(part, (word) => encode(word, into)),
      special: (token) => into.push(ids.get(token)!),
    });
    return into.ids();
  };
}

/**
 * Merges of texts, `left right`, as ids.
 *
 * @throws {TypeError | RangeError} If a token that a merge names or makes is not there.
 */
export function mergesOf(
  subject: string,
  ids: ReadonlyMap<string, number>,
  merges: readonly string[] | undefined,
): Merge[] {
  if (!Array.isArray(merges)) {
    throw new TypeError(`${subject}: merges must be a list of texts, found ${show(merges)}.`);
  }
  return merges.map((merge: unknown, rank) => {
    const [left, right, ...rest] = typeof merge === "string" ? merge.split(" ") : [];
    const found = [ids.get(left), ids.get(right), ids.get(`${left}${right}`)];
    if (right === undefined || rest.length > 0 || found.includes(undefined)) {
      throw new RangeError(
        `${subject}: a merge must be two tokens with a space between them that together are a ` +
          `token, found ${show(merge)} as merge ${rank}, counted from 0.`,
      );
    }
    const [leftId, rightId, id] = found as number[];
    return { left: leftId, right: rightId, rank, id };
  });
}

/** Refuses a vocabulary that cannot say some text. */
export function refuseMissingBytes(subject: string, ids: ReadonlyMap<string, number>): void {
  const missing = byteTokens.find((token) => !ids.has(token));
  if (missing === undefined) return;
  throw new RangeError(
    `${subject}: a vocabulary must have a token for each byte, found none for ${show(missing)}.`,
  );
}
