import { canonicalJson } from "../core/json.ts";
import type { TextSource } from "../data/text_source.ts";
import { tokenizersOfSides } from "../data/pair_tokens.ts";
import { preparePairs } from "../data/prepare_pairs.ts";
import { tokenizerOf, type TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { blankTokens, type Tokens } from "../data/tokens.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { areKept, prepareFold } from "./prepare_fold.ts";
import { longestWindowOf } from "../models/window_length.ts";
import { checkLongestPair } from "./check_completions.ts";
import { evaluatedOf } from "./pair_evaluation.ts";
import {
  type AnyPairSpecification,
  isCompletionSpecification,
  type TextSpecification,
} from "./specification.ts";

/** What tokens make of a fold in bytes. */
export interface FoldInTokens {
  /** A fold in tokens whose spans are as long, the mark before each counted, and lie one after the other. */
  readonly fold: FoldRecord;
  /** How long its training spans are, and where documents end in them; absent where nobody asked. */
  readonly training?: readonly Tokens[];
  /** What of the held-out text they do not tell, in words; null where they tell it all. */
  readonly lost: string | null;
}

/**
 * Tokenizes a fold in bytes, to see whether a specification can be trained on it: only then is known how
 * many tokens a span has.
 *
 * A text whose tokens are kept on the disk is not tokenized before training processes do it, side by side:
 * its spans hold any window. Their lengths are then bytes, the most tokens that there can be.
 *
 * @param options.text The text of its corpus.
 * @param options.exact Whether somebody asks how many tokens there are.
 * @throws {RangeError} As `prepareFold`.
 */
export async function foldInTokens(
  specification: Pick<TextSpecification, "corpus" | "tokenizer" | "training">,
  fold: FoldRecord,
  { text, exact }: { readonly text: TextSource; readonly exact: boolean },
): Promise<FoldInTokens> {
  const { tokenizer } = specification;
  if (!exact && isLossDecided(tokenizer) && areKept(text, tokenizer)) {
    const { unit: _, ...inBytes } = fold;
    return { fold: inBytes, lost: tokenizerOf(tokenizer).lost(tokenizer) };
  }
  const { training, heldOut, choosing, evaluated } = await prepareFold(specification, fold, {
    text,
  });
  let end = 0;
  const laid = (spans: readonly { readonly length: number }[]) =>
    spans.map(({ length }): TokenSpan => ({ start: end, end: end += length }));
  return {
    fold: {
      index: fold.index,
      training: laid(training),
      heldOut: laid(heldOut),
      ...(choosing && { choosing: laid(choosing) }),
    },
    training: training.map(blankTokens),
    lost: evaluated?.heldOut.lost ?? evaluated?.choosing?.lost ?? evaluated?.training.lost ?? null,
  };
}

/** Whether what tokens do not tell follows from the tokenizer, and not from unknown tokens in a text. */
function isLossDecided(tokenizer: TokenizerSpecification): boolean {
  const { lost, spelling, textHoldsUnknown } = tokenizerOf(tokenizer);
  return lost(tokenizer) !== null || spelling !== undefined || !textHoldsUnknown;
}

/** Whether a text may have tokens that a vocabulary lacks and nothing writes out: not of all bytes. */
function mayHaveUnknown(tokenizer: TokenizerSpecification): boolean {
  const kind = tokenizerOf(tokenizer);
  const knowsAll = "learn" in kind ? kind.learnsTokens === true : kind.fixedVocabulary === true;
  return kind.spelling === undefined && !knowsAll;
}

/**
 * Tokenizes a fold of pairs where only their tokens show whether a specification can be trained on it: a model
 * with a longest window reads pairs that no limit in tokens leaves out, or held-out targets may have words that
 * nothing tells.
 *
 * @returns What of the held-out targets their tokens do not tell, in words; null where they tell it all, and
 * where folds were laid over tokens, of which nobody asks it.
 * @throws {RangeError} If a pair is longer than the model can read.
 */
export async function pairsInTokens(
  specification: AnyPairSpecification,
  fold: FoldRecord,
): Promise<string | null> {
  const { corpus, model, tokenizer, training } = specification;
  const { target } = tokenizersOfSides(tokenizer);
  const lost = training.padding === undefined
    ? tokenizerOf(target).lost(target)
    : "padding that counts";
  const mayBeLong = isCompletionSpecification(specification) &&
    tokenizer.maximumSourceLength === null && Number.isFinite(longestWindowOf(model));
  const mayLose = fold.unit === "pairs" && lost === null && mayHaveUnknown(target);
  if (!mayBeLong && !mayLose) return lost;
  const data = await preparePairs({ corpus, tokenizer, fold });
  checkLongestPair(specification, data);
  const { told } = evaluatedOf(specification, data, fold);
  return lost ?? told?.heldOut.lost ?? told?.choosing?.lost ?? told?.training.lost ?? null;
}

/** The same for specifications of which {@link pairsInTokens} says the same. */
export function pairsInTokensKey({ tokenizer, model, training }: AnyPairSpecification): string {
  const longest = longestWindowOf(model);
  return canonicalJson({
    tokenizer: { ...tokenizer },
    longest: Number.isFinite(longest) ? longest : null,
    evaluationPairs: training.evaluationPairs,
    padding: training.padding ?? null,
  });
}
