import { checkOneOf, show } from "../core/check.ts";
import { checkOptions, type Given, stated, text } from "../core/options.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { type LaidPair, orderedPairs } from "./_pair_order.ts";
import {
  type CompletionTokenizerSpecification,
  validateCompletionTokenizer,
} from "./completion_tokens.ts";
import { checkLimits, pairLimits, sideTokenizer } from "./pair_sides.ts";
import { loadGroupedPairs, type PairCorpusSpecification } from "./pairs.ts";
import { tokenizerKinds, type TokenizerSpecification } from "./tokenizers/kinds.ts";
import { readyTokenizer, splitTokens } from "./tokenizers/split.ts";
import { countBytes } from "./text.ts";
import {
  buildVocabulary,
  learnVocabulary,
  restoreVocabulary,
  type Vocabulary,
} from "./tokenizers/vocabulary.ts";

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

export type { LaidPair };

/** A pair as tokens, without begin and end. */
export type TokenPair = LaidPair<readonly string[]>;

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
  const checked = checkOptions("pairTokenizer", options, { ...pairLimits, ...sides });
  return checkLimits("pairTokenizer", { kind: "pairs", ...checked }, sidesOf(checked));
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
  return checkLimits("pairTokenizer", specification, sidesOf(specification));
}

const sidesOf = ({ source, target }: Pick<PairTokenizerSpecification, "source" | "target">) => [
  source,
  target,
];

/** How each side of a pair is split, by a checked tokenizer of either kind. */
export function tokenizersOfSides(
  tokenizer: AnyPairTokenizerSpecification,
): Pick<PairTokenizerSpecification, "source" | "target"> {
  if (tokenizer.kind !== "completions") {
    const { source, target } = validatePairTokenizer(tokenizer);
    return { source, target };
  }
  const { tokenizer: both } = validateCompletionTokenizer(tokenizer);
  return { source: both, target: both };
}

/**
 * Loads pairs and splits them, in the order in which folds number them: by the corpus's order, but all
 * pairs of one source together, at the place of the first of them. Two sources are one when their
 * tokens are. Of rows also the pairs of one dialogue, or of one value of their group, are together. Pairs longer
 * than the tokenizer allows, or with a side without tokens, are left out.
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
  return orderedPairs(kept, corpus.order);
}

/**
 * Loads pairs as their texts, before they have tokens, in the order in which folds with `unit: "pairs"` number
 * them: as {@link loadTokenPairs}, but two sources are one when they differ in case and white space at
 * most, so that they are one in the tokens of any tokenizer that takes them for one. None is left out: which
 * pairs there are is the corpus's alone.
 *
 * @param tokenizer What will read them; its limits in tokens would choose pairs by it.
 * @throws {RangeError} If the tokenizer has such a limit.
 * @throws {Error} As loadPairs throws.
 */
export async function loadTextPairs(
  corpus: PairCorpusSpecification,
  tokenizer: AnyPairTokenizerSpecification,
): Promise<LaidPair<string>[]> {
  checkUnlimited(tokenizer);
  const all = (await loadGroupedPairs(corpus)).map(({ pair: [source, target], group }) => ({
    source,
    target,
    ofRow: group,
  }));
  return orderedPairs(all, corpus.order);
}

/**
 * Refuses limits in tokens where folds are laid before there are any.
 *
 * @throws {RangeError} With what takes their place.
 */
export function checkUnlimited(
  { kind, maximumSourceLength, maximumTargetLength }: AnyPairTokenizerSpecification,
): void {
  if (maximumSourceLength === null && maximumTargetLength === null) return;
  throw new RangeError(
    `${kind === "pairs" ? "pairTokenizer" : "completionTokenizer"}: maximumSourceLength and ` +
      `maximumTargetLength must be null where folds have unit "pairs", since they leave pairs out by their ` +
      `tokens and every tokenizer has to read the same pairs; found ${maximumSourceLength} and ` +
      `${maximumTargetLength}. Leave long pairs out by maximumSourceBytes and maximumTargetBytes of the ` +
      `corpus.`,
  );
}

/**
 * Loads the pairs over which folds are laid: {@link loadTextPairs} for those with `unit: "pairs"`, else
 * {@link loadTokenPairs}.
 */
export async function loadLaidPairs(
  corpus: PairCorpusSpecification,
  tokenizer: AnyPairTokenizerSpecification,
  unit: FoldRecord["unit"],
): Promise<{
  readonly pairs: readonly LaidPair[];
  /** How much their targets hold: bytes of texts, or tokens as a model counts them, with the end of each. */
  readonly size: { readonly bytes: number } | { readonly tokens: number };
}> {
  const sum = <Each>(list: readonly Each[], of: (each: Each) => number) =>
    list.reduce((total, each) => total + of(each), 0);
  if (unit === "pairs") {
    const pairs = await loadTextPairs(corpus, tokenizer);
    return { pairs, size: { bytes: sum(pairs, ({ target }) => countBytes(target)) } };
  }
  const pairs = await loadTokenPairs(corpus, tokenizer);
  return { pairs, size: { tokens: sum(pairs, ({ target }) => target.length + 1) } };
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
  return restorePairVocabulary(tokenizer, [unknown, ...marksOf(side), ...known]);
}

/**
 * Learns the vocabulary of one side from its texts: what {@link buildPairVocabulary} makes of their tokens, and
 * of tokenizers that have none before their vocabulary, what they learn or bring along.
 *
 * @throws {RangeError} If there are no tokens.
 */
export function learnPairVocabulary(
  side: "source" | "target",
  tokenizer: TokenizerSpecification,
  trainingTexts: Iterable<string>,
): PairVocabulary {
  const own = marksOf(side);
  return withMarks(learnVocabulary(tokenizer, trainingTexts, own), side === "target");
}

function marksOf(side: "source" | "target"): readonly string[] {
  return side === "source" ? [marks.padding, marks.end] : Object.values(marks);
}

function withMarks(vocabulary: Vocabulary, isTarget: boolean): PairVocabulary {
  return { ...vocabulary, paddingId: 1, beginId: isTarget ? 2 : -1, endId: isTarget ? 3 : 2 };
}

/**
 * The vocabulary of a stored list of tokens, as {@link buildPairVocabulary} numbered them. Marks are
 * known by their places, so that a text may hold their names.
 *
 * @param merges What `Vocabulary.merges` was.
 */
export function restorePairVocabulary(
  tokenizer: TokenizerSpecification,
  tokens: readonly string[],
  merges?: readonly string[],
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
  return withMarks(restoreVocabulary(tokenizer, tokens, endId, merges), isTarget);
}
