import { type LaidPair, loadLaidPairs } from "../data/pair_tokens.ts";
import { corpusTokens } from "../data/prepare.ts";
import { repeatedShares, repeatedTargetShares } from "../data/repeated_text.ts";
import { bytesOf, openText, type TextSource } from "../data/text_source.ts";
import { bytesTokenizer } from "../data/tokenizers/bytes.ts";
import { tokenizerOf, type TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { readyTokenizer } from "../data/tokenizers/split.ts";
import type { FoldRecord, RepeatedText } from "../records/study_record.ts";
import { isPairSpecification, type Specification } from "../training/specification.ts";

/** Folds of a study, the final one among them. */
interface Folds {
  readonly folds: readonly FoldRecord[];
  readonly finalFold: FoldRecord | null;
}

/** What is repeated in each fold of a study's data, read again; undefined of a text that is too large. */
export async function repeatedInFolds(
  specification: Specification,
  laid: Folds,
): Promise<RepeatedText | undefined> {
  if (isPairSpecification(specification)) {
    const { corpus, tokenizer } = specification;
    return repeatedInPairs(
      (await loadLaidPairs(corpus, tokenizer, laid.folds[0]?.unit)).pairs,
      laid,
    );
  }
  const { corpus, tokenizer } = specification;
  if (laid.folds.some(({ unit }) => unit === "bytes")) {
    return repeatedInBytes(await openText(corpus), laid);
  }
  await readyTokenizer(tokenizer);
  return repeatedInTokens((await corpusTokens(corpus, tokenizer)).numbers, tokenizer, laid);
}

/** Of pairs. */
export function repeatedInPairs(pairs: readonly LaidPair[], laid: Folds): RepeatedText {
  return repeatedOf(null, laid, (all) => repeatedTargetShares(pairs, all));
}

/** Of a text by its tokens, as numbers. */
export function repeatedInTokens(
  numbers: Int32Array,
  tokenizer: TokenizerSpecification,
  laid: Folds,
): RepeatedText {
  const length = tokenizerOf(tokenizer).stretch;
  return repeatedOf(length, laid, (all) => repeatedShares(numbers, all, length));
}

/** Of a text by its bytes; undefined of one that is too large. */
export function repeatedInBytes(text: TextSource, laid: Folds): RepeatedText | undefined {
  const bytes = bytesOf(text);
  if (bytes === null) return undefined;
  const length = bytesTokenizer.stretch;
  return repeatedOf(length, laid, (all) => repeatedShares(bytes, all, length));
}

function repeatedOf(
  length: number | null,
  { folds, finalFold }: Folds,
  sharesOf: (folds: readonly FoldRecord[]) => number[],
): RepeatedText {
  const shares = sharesOf(finalFold === null ? folds : [...folds, finalFold]);
  return { length, shares: shares.slice(0, folds.length), final: shares[folds.length] ?? null };
}
