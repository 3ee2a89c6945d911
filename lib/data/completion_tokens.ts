import { checkOneOf } from "../core/check.ts";
import { checkOptions, type Given, stated, text } from "../core/options.ts";
import { checkLimits, pairLimits, sideTokenizer } from "./pair_sides.ts";
import type { TokenizerSpecification } from "./tokenizers/kinds.ts";

/** How pairs become one sequence that a model of texts reads, as a specification holds it. */
export interface CompletionTokenizerSpecification {
  /** Tells it from other tokenizers. */
  readonly kind: "completions";
  /** How sources and targets are split; both share its vocabulary. */
  readonly tokenizer: TokenizerSpecification;
  /**
   * Pairs with more source tokens are left out, never cut; counted without marks, from 1, or null for no
   * limit. A model with a longest window needs both limits: source, mark and target must fit into it.
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

/** What {@link completionTokenizer} takes. */
export type CompletionTokenizerOptions = Given<
  CompletionTokenizerSpecification,
  "maximumSourceLength" | "maximumTargetLength"
>;

/**
 * Makes pairs prompts with completions: a model of texts reads the source, a mark and the target,
 *
 *     x₁ … x_m <begin> y₁ … y_n <end>,
 *
 * and its loss counts y₁ … y_n and the end only, each given all that stands before it. Source and target
 * have one vocabulary, from both sides of the training pairs, with the marks of a target's;
 * `maximumVocabulary` does not count these.
 *
 * @param options See {@link CompletionTokenizerSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { completionTokenizer } from "./completion_tokens.ts";
 * import { words } from "./tokenizers/words.ts";
 * import assert from "node:assert/strict";
 * const tokenizer = completionTokenizer({ tokenizer: words(), maximumTargetLength: 9 });
 * assert.equal(tokenizer.maximumSourceLength, null);
 * ```
 */
export function completionTokenizer(
  options: CompletionTokenizerOptions,
): CompletionTokenizerSpecification {
  const checked = checkOptions("completionTokenizer", options, {
    ...pairLimits,
    tokenizer: sideTokenizer,
  });
  return checkLimits("completionTokenizer", { kind: "completions", ...checked }, [
    checked.tokenizer,
  ]);
}

/** Checks that a value read from JSON is a tokenizer of prompts with completions. */
export function validateCompletionTokenizer(value: unknown): CompletionTokenizerSpecification {
  const specification = value as CompletionTokenizerSpecification;
  checkOneOf("completionTokenizer: kind", specification?.kind, ["completions"]);
  const described = { kind: text(), tokenizer: sideTokenizer, ...stated(pairLimits) };
  checkOptions("completionTokenizer", value, described);
  return checkLimits("completionTokenizer", specification, [specification.tokenizer]);
}
