import { checkOneOf, show } from "../core/check.ts";
import { checkOptions, type Given, stated, text } from "../core/options.ts";
import { randomStream } from "../core/random.ts";
import {
  type CompletionTokenizerSpecification,
  validateCompletionTokenizer,
} from "./completion_tokens.ts";
import { pairLimits, sideTokenizer } from "./pair_sides.ts";
import { loadGroupedPairs, type PairCorpusSpecification } from "./pairs.ts";
import { tokenizerKinds, type TokenizerSpecification } from "./tokenizers/kinds.ts";
import { readyTokenizer, splitTokens } from "./tokenizers/split.ts";
import { buildVocabulary, restoreVocabulary, type Vocabulary } from "./tokenizers/vocabulary.ts";

/** How both sides of a pair are split, as a specification holds it. */
export interface PairTokenizerSpecification {
  /** Tells it from other tokenizers. */
  readonly kind: "pairs";
  /** How sources are split. */
  readonly source: TokenizerSpecification;
  /** How targets are split. */
  readonly target: TokenizerSpecification;
  /**
   * Pairs with more source tokens are left out, never cut; counted without begin and end, from 1, or null
   * for no limit.
   *
   * @default {null}
   */
  readonly maximumSourceLength: number | null;
  /**
   * The same of target tokens.
   *
   * @default {null}
   */
  readonly maximumTargetLength: number | null;
}

/** What {@link pairTokenizer} takes. */
export type PairTokenizerOptions = Given<
  PairTokenizerSpecification,
  "maximumSourceLength" | "maximumTargetLength"
>;

/** How pairs are split, for a model that has a side for each or reads both as one sequence. */
export type AnyPairTokenizerSpecification =
  | PairTokenizerSpecification
  | CompletionTokenizerSpecification;

/** A pair as tokens, without begin and end. */
export interface TokenPair {
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** What keeps it together with others, where that is not its source alone. */
  readonly group?: number;
}

const sides = { source: sideTokenizer, target: sideTokenizer };

/**
 * A tokenizer for each side of a pair. Every source ends with a token of its own, every target begins
 * and ends with one, and padding is another; `maximumVocabulary` does not count these.
 *
 * @param options See {@link PairTokenizerSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { pairTokenizer } from "./pair_tokens.ts";
 * import { characters } from "./tokenizers/characters.ts";
 * import { words } from "./tokenizers/words.ts";
 * import assert from "node:assert/strict";
 * const tokenizer = pairTokenizer({ source: words(), target: characters(), maximumSourceLength: 9 });
 * assert.equal(tokenizer.maximumTargetLength, null);
 * ```
 */
export function pairTokenizer(options: PairTokenizerOptions): PairTokenizerSpecification {
  return { kind: "pairs", ...checkOptions("pairTokenizer", options, { ...pairLimits, ...sides }) };
}

/** Checks that a value read from JSON is a tokenizer of pairs. */
export function validatePairTokenizer(value: unknown): PairTokenizerSpecification {
  const specification = value as PairTokenizerSpecification;
  const { kind } = Object(specification) as { readonly kind?: unknown };
  if (typeof kind === "string" && Object.keys(tokenizerKinds).includes(kind)) {
    throw new RangeError(
      `pairTokenizer: kind must be "pairs", found ${
        show(kind)
      }, which is for texts: a corpus of pairs ` +
        `takes pairTokenizer({ source, target }) for encoder-decoders, or completionTokenizer({ tokenizer }) ` +
        `for models of texts.`,
    );
  }
  checkOneOf("pairTokenizer: kind", kind, ["pairs"]);
  checkOptions("pairTokenizer", value, { kind: text(), ...sides, ...stated(pairLimits) });
  return specification;
}

/** How each side of a pair is split, by a checked tokenizer of either kind. */
export function tokenizersOfSides(
  tokenizer: AnyPairTokenizerSpecification,
): Pick<PairTokenizerSpecification, "source" | "target"> {
  if (tokenizer.kind !== "completions") return validatePairTokenizer(tokenizer);
  const { tokenizer: both } = validateCompletionTokenizer(tokenizer);
  return { source: both, target: both };
}

/**
 * Loads pairs and splits them, in the order in which folds number them: by the corpus's order, but all
 * pairs of one source together, at the place of the first of them. Two sources are one when their
 * tokens are. Of rows also the pairs of one dialogue, or of one value of their group, are together. Pairs longer than the tokenizer allows, or with a side without tokens, are left out.
 *
 * @throws {RangeError} If none is left.
 * @throws {Error} As loadPairs throws.
 */
export async function loadTokenPairs(
  corpus: PairCorpusSpecification,
  tokenizer: AnyPairTokenizerSpecification,
): Promise<TokenPair[]> {
  const { source, target } = tokenizersOfSides(tokenizer);
  const { maximumSourceLength, maximumTargetLength } = tokenizer;
  await readyTokenizer(source);
  await readyTokenizer(target);
  const all = (await loadGroupedPairs(corpus)).map(({ pair, group }) => ({
    source: splitTokens(source, pair[0]),
    target: splitTokens(target, pair[1]),
    ofRow: group,
  }));
  const fits = (length: number, limit: number | null) => length > 0 && length <= (limit ?? length);
  const kept = all.filter((pair) =>
    fits(pair.source.length, maximumSourceLength) && fits(pair.target.length, maximumTargetLength)
  );
  if (kept.length === 0) {
    throw new RangeError(
      `Corpus ${corpus.name}: at least one pair must be as short as maximumSourceLength ` +
        `${maximumSourceLength} and maximumTargetLength ${maximumTargetLength} say, found none of ` +
        `${all.length}.`,
    );
  }
  const ordered = corpus.order === "given"
    ? kept
    : Array.from(shuffledOrder(kept.length), (index) => kept[index]);
  const grouped = ordered.some(({ ofRow }) => ofRow !== null);
  return keptTogether(ordered).flatMap((pairs, group) =>
    pairs.map(({ source, target }): TokenPair => ({ source, target, ...(grouped && { group }) }))
  );
}

/** Pairs in groups whose sources and rows are in no other group, each at the place of its first pair. */
function keptTogether<Each extends TokenPair & { readonly ofRow: string | null }>(
  pairs: readonly Each[],
): Each[][] {
  const groups: Each[][] = [];
  /** Where a group went that was put into another one. */
  const into: number[] = [];
  const ofKey = new Map<string, number>();
  const last = (group: number): number => {
    while (into[group] !== group) group = into[group];
    return group;
  };
  for (const pair of pairs) {
    const keys = [`source ${sourceKey(pair)}`, ...pair.ofRow === null ? [] : [pair.ofRow]];
    const found = keys.flatMap((key) => ofKey.has(key) ? [last(ofKey.get(key)!)] : []);
    const first = found.length === 0 ? groups.length : Math.min(...found);
    if (found.length === 0) {
      groups.push([]);
      into.push(first);
    }
    for (const other of new Set(found)) {
      if (other === first) continue;
      for (const moved of groups[other]) groups[first].push(moved);
      groups[other] = [];
      into[other] = first;
    }
    groups[first].push(pair);
    for (const key of keys) ofKey.set(key, first);
  }
  return groups.filter(({ length }) => length > 0);
}

/** The same for pairs that no fold may part: of one source, and of one group where they have some. */
export function groupKey(pair: TokenPair): string {
  return pair.group === undefined ? sourceKey(pair) : String(pair.group);
}

/** The same for pairs with the same source tokens. */
export function sourceKey({ source }: TokenPair): string {
  return JSON.stringify(source);
}

/** One fixed order for each length: folds must not depend on a run's seed. */
function shuffledOrder(length: number): Int32Array {
  return randomStream(0, "order of pairs").permutation(length);
}

/** How the ids of padding, begin and end are written; a text may hold the same words as tokens. */
const marks = { padding: "<padding>", begin: "<begin>", end: "<end>" } as const;

/** A vocabulary with tokens for padding and the end of a text, and on the target's side its begin. */
export interface PairVocabulary extends Vocabulary {
  readonly paddingId: number;
  readonly endId: number;
  /** −1 on the source's side. */
  readonly beginId: number;
}

/**
 * Builds the vocabulary of one side: the unknown token (id 0), padding, begin (of a target only), end,
 * then the tokens as {@link buildVocabulary} orders them.
 *
 * @throws {RangeError} If there are no tokens.
 */
export function buildPairVocabulary(
  side: "source" | "target",
  tokenizer: TokenizerSpecification,
  trainingTokens: Iterable<string>,
): PairVocabulary {
  const [unknown, ...known] = buildVocabulary(tokenizer, trainingTokens).tokens;
  const own = side === "source" ? [marks.padding, marks.end] : Object.values(marks);
  return restorePairVocabulary(tokenizer, [unknown, ...own, ...known]);
}

/**
 * The vocabulary of a stored list of tokens, as {@link buildPairVocabulary} numbered them. Marks are
 * known by their places, so that a text may hold their names.
 */
export function restorePairVocabulary(
  tokenizer: TokenizerSpecification,
  tokens: readonly string[],
): PairVocabulary {
  const paddingId = 1;
  if (!Array.isArray(tokens)) {
    throw new TypeError(`restorePairVocabulary: tokens must be a list, found ${show(tokens)}.`);
  }
  const isTarget = tokens[paddingId + 1] === marks.begin;
  const endId = isTarget ? 3 : 2;
  if (tokens[paddingId] !== marks.padding || tokens[endId] !== marks.end) {
    throw new RangeError(
      `restorePairVocabulary: after the unknown token the list must have ${
        Object.values(marks).join(", ")
      } (a source's has no ${marks.begin}), found ${show(tokens.slice(1, 4))}.`,
    );
  }
  return {
    ...restoreVocabulary(tokenizer, tokens, endId),
    paddingId,
    beginId: isTarget ? 2 : -1,
    endId,
  };
}
