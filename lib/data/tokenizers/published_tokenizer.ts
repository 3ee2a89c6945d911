import { checkOneOf } from "../../core/check.ts";
import { needed } from "../../core/outside_trouble.ts";
import { oneOf } from "../../core/options.ts";
import type { Merge } from "./_byte_pair_encoder.ts";
import { bytePairTexts, refuseMissingBytes } from "./_byte_pair_text.ts";
import { byteTokens, ofBytes } from "./_byte_tokens.ts";
import { cutBetweenWords, preTokenizers } from "./_pre_tokenizers.ts";
import { IdList } from "./id_list.ts";
import type { EncodingTokenizer } from "./tokenizer.ts";

/** Name of a published tokenizer. */
export type PublishedTokenizerName = "r50k_base";

/** A published tokenizer, as plain JSON. */
export interface PublishedTokenizerSpecification {
  /** Which tokenizer it is. */
  readonly kind: "publishedTokenizer";
  /** What its publisher calls it. */
  readonly name: PublishedTokenizerName;
}

/**
 * A published tokenizer: `r50k_base`, GPT-2's byte-level BPE of 50,257 tokens (`<|endoftext|>` among them),
 * as in npm `gpt-tokenizer` 4.0.0. No text has an unknown token, and every text comes back to the byte.
 *
 * A token of id i there has the id i + 1 here, more by the marks of a model: id 0 is the unknown token `�`, as
 * of every tokenizer. Its vocabulary is the same for all folds; its tokens have other lengths than others',
 * so that folds must have `unit: "bytes"` or be of documents. It was made from texts of the web up to 2017,
 * perhaps your held-out text among them.
 *
 * @param name Its name.
 * @returns Plain JSON.
 * @throws {RangeError} On a name that is not known.
 *
 * @example
 * ```ts
 * import { publishedTokenizer } from "./published_tokenizer.ts";
 * import { readyTokenizer } from "./split.ts";
 * import { learnVocabulary } from "./vocabulary.ts";
 * import assert from "node:assert/strict";
 * const tokenizer = publishedTokenizer("r50k_base");
 * await readyTokenizer(tokenizer);
 * const vocabulary = learnVocabulary(tokenizer, []);
 * assert.equal(vocabulary.size, 50_258);
 * // As PyPI tiktoken has them: [14134, 502, 1148, 21720, 417].
 * const ids = vocabulary.encodeText("Call me Ishmael");
 * assert.deepEqual(Array.from(ids, (id) => id - 1), [14134, 502, 1148, 21720, 417]);
 * ```
 *
 * Paper: Radford et al. (2019), "Language Models are Unsupervised Multitask Learners".
 */
export function publishedTokenizer(name: PublishedTokenizerName): PublishedTokenizerSpecification {
  checkOneOf("publishedTokenizer: name", name, Object.keys(published));
  return { kind: "publishedTokenizer", name };
}

/** A token as its text, or as bytes where they are no UTF-8. */
type RankedToken = string | readonly number[];

/** Tokens by rank, and the special tokens after them. The specifiers must stay literal, for deno.lock. */
const published: {
  readonly [name in PublishedTokenizerName]: {
    readonly tokens: () => Promise<{ readonly default: readonly RankedToken[] }>;
    readonly specialTokens: readonly string[];
  };
} = {
  r50k_base: {
    tokens: () =>
      import("gpt-tokenizer/bpeRanks/r50k_base") as Promise<{ default: readonly RankedToken[] }>,
    specialTokens: ["<|endoftext|>"],
  },
};

/** A list of tokens as it was loaded. */
interface Loaded {
  /** As GPT-2 writes bytes, by rank. */
  readonly tokens: readonly string[];
  /** Ranks of left token, right token and both together, of each merge; found when they are first asked for. */
  merges?: Int32Array;
}

/** What was loaded: once a process, as of fifty thousand tokens the merges take a third of a second. */
const loaded = new Map<PublishedTokenizerName, Loaded>();

function loadedOf({ name }: PublishedTokenizerSpecification): Loaded {
  const found = loaded.get(name);
  if (found === undefined) {
    throw new Error(
      `publishedTokenizer: ${name} must be loaded before it encodes (readyTokenizer).`,
    );
  }
  return found;
}

function allTokensOf(specification: PublishedTokenizerSpecification): readonly string[] {
  return [...loadedOf(specification).tokens, ...published[specification.name].specialTokens];
}

/** What is known of {@link publishedTokenizer}. */
export const publishedTokenizerTokenizer: EncodingTokenizer<PublishedTokenizerSpecification> = {
  ...ofBytes,
  create: publishedTokenizer,
  options: { name: oneOf(Object.keys(published) as PublishedTokenizerName[]) },
  async load({ name }) {
    if (loaded.has(name)) return;
    const { default: tokens } = await needed(published[name].tokens);
    const utf8 = new TextEncoder();
    const spelled = tokens.map((token) => {
      let text = "";
      for (const byte of typeof token === "string" ? utf8.encode(token) : token) {
        text += byteTokens[byte];
      }
      return text;
    });
    loaded.set(name, { tokens: spelled });
  },
  firstCut: (_, text, from) => cutBetweenWords(text, from),
  specialTokens: ({ name }) => published[name].specialTokens,
  learn: (specification) => ({ tokens: [ofBytes.unknown, ...allTokensOf(specification)] }),
  ownIds: (specification) => ({
    tokens: allTokensOf(specification),
    specialTokens: published[specification.name].specialTokens,
    unknown: null,
    end: null,
  }),
  encoder(specification, ids) {
    const subject = `publishedTokenizer: ${specification.name}`;
    refuseMissingBytes(subject, ids);
    return bytePairTexts(subject, ids, {
      specialTokens: published[specification.name].specialTokens,
      words: preTokenizers.gpt2,
      merges: Array.from(mergesOfIds(loadedOf(specification), ids)),
    });
  },
  unit: "subwords",
  stretch: 12,
  trainsUnknown:
    "Every byte is known: only masked inputs are the unknown token of publishedTokenizer().",
};

/** The merges of a list of tokens, by the ids that a vocabulary gives them. */
function* mergesOfIds(all: Loaded, ids: ReadonlyMap<string, number>): Generator<Merge, void> {
  const merges = all.merges ??= mergesByRank(all.tokens);
  const idOf = all.tokens.map((token) => ids.get(token));
  for (let at = 0; at < merges.length; at += 3) {
    const rank = merges[at + 2];
    const [left, right, id] = [idOf[merges[at]], idOf[merges[at + 1]], idOf[rank]];
    if (left === undefined || right === undefined || id === undefined) continue;
    yield { left, right, rank, id };
  }
}

/** Any two tokens that together are a token merge by its rank: how such a list of tokens is read. */
function mergesByRank(tokens: readonly string[]): Int32Array {
  const ranks = new Map(tokens.map((token, rank) => [token, rank]));
  const merges = new IdList();
  for (const [rank, token] of tokens.entries()) {
    for (let cut = 1; cut < token.length; cut++) {
      const left = ranks.get(token.slice(0, cut));
      const right = left === undefined ? undefined : ranks.get(token.slice(cut));
      if (left === undefined || right === undefined) continue;
      for (const each of [left, right, rank]) merges.push(each);
    }
  }
  return merges.ids();
}
