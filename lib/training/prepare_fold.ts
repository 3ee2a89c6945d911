import type { JsonObject } from "../core/json.ts";
import { projectFolder } from "../core/project.ts";
import type { CorpusSpecification } from "../data/corpora.ts";
import { withInfillMarks } from "../data/infill_marks.ts";
import { withFirstTokens } from "../data/first_tokens.ts";
import type { KeptFor } from "../data/fold_tokens.ts";
import { tokenStore } from "../data/kept_tokens.ts";
import { type PreparedText, prepareText } from "../data/prepare.ts";
import { prepareBytes, type PreparedBytes, withFirstBytes } from "../data/prepare_bytes.ts";
import { openText, type TextSource } from "../data/text_source.ts";
import { tokenizerOf, type TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { checkFoldUnit } from "./fold_unit.ts";
import type { TextSpecification } from "./specification.ts";

/** Bytes of a text from which on its tokens are kept on the disk; of one whose tokenizer is learned. */
const leastKept = { splitting: 1 << 22, learned: 1 << 20 };

/** Whether the tokens of a text are kept on the disk for other runs and processes. */
export function areKept(
  text: Pick<TextSource, "bytes">,
  tokenizer: TokenizerSpecification,
): boolean {
  return text.bytes >= leastKept["learn" in tokenizerOf(tokenizer) ? "learned" : "splitting"];
}

/**
 * The text of one fold as a specification's model reads it, whether its positions are tokens or bytes.
 *
 * @param options.breathe Called now and then; see `TaskContext`.
 * @param options.text The corpus's text where it is open; opened, if need be, when left out.
 * @returns `evaluated` is null where positions are tokens: evaluations then read the sides themselves.
 * @throws {RangeError} If the specification counts text by something else than the fold does.
 */
export async function prepareFold(
  { corpus, tokenizer, training }: Pick<TextSpecification, "corpus" | "tokenizer" | "training">,
  fold: FoldRecord,
  { breathe, text: opened }: { readonly breathe?: () => void; readonly text?: TextSource } = {},
): Promise<PreparedText & { readonly evaluated: PreparedBytes["evaluated"] | null }> {
  checkFoldUnit(training, fold);
  const { trainingTokens, trainingBytes, evaluationBytes } = training;
  if (fold.unit === undefined) {
    const first = withFirstTokens(fold, trainingTokens);
    return { ...await prepareText({ corpus, tokenizer, fold: first }), evaluated: null };
  }
  const text = opened ?? await openText(corpus);
  const prepared = await prepareBytes(text, {
    tokenizer,
    fold: withFirstBytes(fold, trainingBytes, text),
    evaluationBytes,
    kept: areKept(text, tokenizer) ? keptFor(corpus) : null,
    breathe,
  });
  return training.fillInTheMiddle === null
    ? prepared
    : { ...prepared, vocabulary: withInfillMarks(prepared.vocabulary) };
}

/** Where the tokens of a large text are kept. */
function keptFor({ name: _, licence: __, ...read }: CorpusSpecification): KeptFor {
  return { store: tokenStore(projectFolder()), text: { ...read } as unknown as JsonObject };
}
