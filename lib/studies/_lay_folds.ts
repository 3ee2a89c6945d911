import { show } from "../core/check.ts";
import { corpusSource } from "../data/corpora.ts";
import type { DocumentSource } from "../data/documents/document_source.ts";
import {
  isDocumentFolds,
  makeDocumentFolds,
  validateDocumentFolds,
} from "../data/documents/document_folds.ts";
import { isDocuments } from "../data/documents/kinds.ts";
import { openDocuments } from "../data/documents/open_documents.ts";
import { makeByteFolds, makeByteSplit } from "../data/byte_folds.ts";
import { isFixedSplit, makeFixedSplit, validateFixedSplit } from "../data/fixed_split.ts";
import { makeFolds, validateFolds } from "../data/folds.ts";
import { makePairFolds, validatePairFolds } from "../data/pair_folds.ts";
import { checkUnlimited, loadLaidPairs } from "../data/pair_tokens.ts";
import { pairSource } from "../data/pairs.ts";
import { corpusTokens } from "../data/prepare.ts";
import { readyTokenizer } from "../data/tokenizers/split.ts";
import { openText, type TextSource } from "../data/text_source.ts";
import type { FoldRecord, RepeatedText, StudyRecord } from "../records/study_record.ts";
import {
  type AnyPairSpecification,
  isPairSpecification,
  type Specification,
  type TextSpecification,
} from "../training/specification.ts";
import { repeatedInBytes, repeatedInPairs, repeatedInTokens } from "./repeated_in_folds.ts";

/** What a study reads of its data: the corpus as its record names it, and the folds. */
export interface LaidFolds {
  readonly corpus: StudyRecord["corpus"];
  readonly folds: readonly FoldRecord[];
  readonly finalFold: FoldRecord | null;
  /** Of documents: how many there are, and what folds have of them. */
  readonly documents?: StudyRecord["documents"];
  /** Absent of a text that is too large to be looked through in memory. */
  readonly repeated?: RepeatedText;
}

/** Whether folds are laid before there are tokens, so that points may have tokenizers of their own. */
export function areBeforeTokens(folds: unknown): boolean {
  return isDocumentFolds(folds) || areIn("bytes", folds) || areIn("pairs", folds);
}

function areIn(unit: FoldRecord["unit"], folds: unknown): boolean {
  return (folds as { unit?: unknown } | null)?.unit === unit;
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
  if (isPairSpecification(first)) {
    // What all points share is read by the first one's tokenizer; options of any may be refused with it.
    const pairs = specifications.filter((each) => isPairSpecification(each));
    return await layPairs(pairs, folds);
  }
  for (const each of specifications) {
    if (!isPairSpecification(each)) await readyTokenizer(each.tokenizer);
  }
  const windowLength = Math.max(
    ...specifications.map((each) => isPairSpecification(each) ? 1 : each.training.windowLength),
  );
  if (areIn("pairs", folds)) {
    throw new RangeError(
      `folds: unit must be "tokens" or "bytes" for a text, found "pairs", which is of a corpus of pairs.`,
    );
  }
  return areBeforeTokens(folds)
    ? await layBytes(first, folds, windowLength)
    : await layTokens(first, folds, windowLength);
}

async function layPairs(
  specifications: readonly AnyPairSpecification[],
  folds: unknown,
): Promise<LaidFolds> {
  const [first] = specifications;
  const { name, sha256, licence } = first.corpus;
  if (isDocumentFolds(folds) || areIn("bytes", folds)) {
    throw new RangeError(
      `folds: pairs are folded by groupedFolds or fixedSplit, without a unit or with unit "pairs", found ${
        isDocumentFolds(folds)
          ? "documentFolds. Pairs of one dialogue or group are kept together by groupedFolds"
          : "folds in bytes"
      }.`,
    );
  }
  const valid = isFixedSplit(folds) ? validateFixedSplit(folds) : validatePairFolds(folds);
  const unit = areIn("pairs", folds) ? "pairs" as const : undefined;
  if (unit === "pairs") specifications.forEach(({ tokenizer }) => checkUnlimited(tokenizer));
  const { pairs, size } = await loadLaidPairs(first.corpus, first.tokenizer, unit);
  const laid = valid.kind === "fixed"
    ? makeFixedSplit(valid, pairs.length)
    : makePairFolds(valid, pairs);
  return {
    corpus: {
      ...{ name, sha256, licence, source: pairSource(first.corpus) },
      ...{ ...size, pairs: pairs.length },
    },
    ...laid,
    repeated: repeatedInPairs(pairs, laid),
  };
}

async function layTokens(
  first: TextSpecification,
  folds: unknown,
  windowLength: number,
): Promise<LaidFolds> {
  const { numbers } = await corpusTokens(first.corpus, first.tokenizer);
  const tokens = numbers.length;
  const laid = isFixedSplit(folds)
    ? makeFixedSplit(validateFixedSplit(folds), tokens)
    : makeFolds(validateFolds(folds), tokens, windowLength);
  const { name, sha256, licence } = first.corpus;
  return {
    corpus: { name, sha256, licence, source: corpusSource(first.corpus), tokens },
    ...laid,
    repeated: repeatedInTokens(numbers, first.tokenizer, laid),
  };
}

async function layBytes(
  first: TextSpecification,
  folds: unknown,
  windowLength: number,
): Promise<LaidFolds> {
  const documents = isDocumentFolds(folds) ? await documentsOf(first) : null;
  const text = documents ?? await openText(first.corpus);
  const laid = documents !== null
    ? makeDocumentFolds(validateDocumentFolds(folds), documents)
    : isFixedSplit(folds)
    ? makeByteSplit(validateFixedSplit(folds), text)
    : makeByteFolds(validateFolds(folds), oneText(text), windowLength);
  const repeated = repeatedInBytes(text, laid);
  const { name, sha256, licence } = first.corpus;
  return {
    corpus: { name, sha256, licence, source: corpusSource(first.corpus), bytes: text.bytes },
    ...laid,
    ...(repeated && { repeated }),
  };
}

async function documentsOf({ corpus }: TextSpecification): Promise<DocumentSource> {
  if (isDocuments(corpus)) return await openDocuments(corpus);
  throw new RangeError(
    `folds: documentFolds folds a corpus of documents, found ${
      show(corpus.name)
    }, which is one text: fold ` +
      `it by blockedFolds, or read it as documents by splitFile.`,
  );
}

function oneText(text: TextSource): TextSource {
  if (text.documentEnds === null) return text;
  throw new RangeError(
    "folds: blockedFolds would cut documents: fold their corpus by documentFolds.",
  );
}
