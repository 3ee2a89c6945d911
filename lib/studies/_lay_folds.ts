import { show } from "../core/check.ts";
import { corpusSource } from "../data/corpora.ts";
import { isFixedSplit, makeFixedSplit, validateFixedSplit } from "../data/fixed_split.ts";
import { makeFolds, validateFolds } from "../data/folds.ts";
import { makePairFolds, validatePairFolds } from "../data/pair_folds.ts";
import { loadTokenPairs } from "../data/pair_tokens.ts";
import { pairSource } from "../data/pairs.ts";
import { corpusTokens } from "../data/prepare.ts";
import { tokenizerOf } from "../data/tokenizers/kinds.ts";
import { repeatedShares, repeatedTargetShares } from "../data/repeated_text.ts";
import type { FoldRecord, RepeatedText, StudyRecord } from "../records/study_record.ts";
import { isPairSpecification, type Specification } from "../training/specification.ts";

/** What a study reads of its data: the corpus as its record names it, and the folds. */
export interface LaidFolds {
  readonly corpus: StudyRecord["corpus"];
  readonly folds: readonly FoldRecord[];
  readonly finalFold: FoldRecord | null;
  readonly repeated: RepeatedText;
}

/**
 * Lays the folds over the corpus that all specifications of a study share.
 *
 * @throws {TypeError | RangeError} If the folds are for texts and the corpus of pairs, or the other way
 * round, or the corpus does not suffice for them.
 */
export async function layFolds(
  specifications: readonly Specification[],
  folds: unknown,
): Promise<LaidFolds> {
  const [first] = specifications;
  const { unit } = Object(folds) as { unit?: unknown };
  if (unit !== undefined) {
    throw new RangeError(
      `folds: unit must be "tokens" in a study, found ${show(unit)}: no run reads bytes yet.`,
    );
  }
  const { name, sha256, licence } = first.corpus;
  if (isPairSpecification(first)) {
    const valid = isFixedSplit(folds) ? validateFixedSplit(folds) : validatePairFolds(folds);
    const pairs = await loadTokenPairs(first.corpus, first.tokenizer);
    // As a model counts them: with the end token of each target.
    const tokens = pairs.reduce((sum, { target }) => sum + target.length + 1, 0);
    const source = pairSource(first.corpus);
    const laid = valid.kind === "fixed"
      ? makeFixedSplit(valid, pairs.length)
      : makePairFolds(valid, pairs);
    return {
      corpus: { name, sha256, licence, source, tokens, pairs: pairs.length },
      ...laid,
      repeated: repeatedOf(null, laid, (all) => repeatedTargetShares(pairs, all)),
    };
  }
  const { numbers } = await corpusTokens(first.corpus, first.tokenizer);
  const tokens = numbers.length;
  const windowLength = Math.max(
    ...specifications.map((each) => isPairSpecification(each) ? 1 : each.training.windowLength),
  );
  const laid = isFixedSplit(folds)
    ? makeFixedSplit(validateFixedSplit(folds), tokens)
    : makeFolds(validateFolds(folds), tokens, windowLength);
  const length = tokenizerOf(first.tokenizer).stretch;
  return {
    corpus: { name, sha256, licence, source: corpusSource(first.corpus), tokens },
    ...laid,
    repeated: repeatedOf(length, laid, (all) => repeatedShares(numbers, all, length)),
  };
}

/** What is repeated in each fold, the final one among them. */
function repeatedOf(
  length: number | null,
  { folds, finalFold }: Pick<LaidFolds, "folds" | "finalFold">,
  sharesOf: (folds: readonly FoldRecord[]) => number[],
): RepeatedText {
  const shares = sharesOf(finalFold === null ? folds : [...folds, finalFold]);
  return { length, shares: shares.slice(0, folds.length), final: shares[folds.length] ?? null };
}
