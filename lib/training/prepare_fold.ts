import { canonicalJson } from "../core/json.ts";
import { projectFolder } from "../core/project.ts";
import { tokenStore } from "../data/kept_tokens.ts";
import { withFirstTokens } from "../data/first_tokens.ts";
import { type PreparedText, prepareText } from "../data/prepare.ts";
import { prepareBytes, type PreparedBytes, withFirstBytes } from "../data/prepare_bytes.ts";
import { openText } from "../data/text_source.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { checkFoldUnit } from "./fold_unit.ts";
import type { TextSpecification } from "./specification.ts";

/** Bytes of a text from which on its tokens are kept on the disk: below, reading them takes as long. */
const leastKept = 4e6;

/**
 * The text of one fold as a specification's model reads it, whether its positions are tokens or bytes.
 *
 * @returns `evaluated` is null where positions are tokens: evaluations then read the sides themselves.
 * @throws {RangeError} If the specification counts text by something else than the fold does.
 */
export async function prepareFold(
  { corpus, tokenizer, training }: Pick<TextSpecification, "corpus" | "tokenizer" | "training">,
  fold: FoldRecord,
): Promise<PreparedText & { readonly evaluated: PreparedBytes["evaluated"] | null }> {
  checkFoldUnit(training, fold);
  const { trainingTokens, trainingBytes, evaluationBytes } = training;
  if (fold.unit === undefined) {
    const first = withFirstTokens(fold, trainingTokens);
    return { ...await prepareText({ corpus, tokenizer, fold: first }), evaluated: null };
  }
  const text = await openText(corpus);
  return await prepareBytes(text, {
    tokenizer,
    fold: withFirstBytes(fold, trainingBytes, text),
    evaluationBytes,
    ...(text.bytes >= leastKept && {
      kept: { store: tokenStore(projectFolder()), text: JSON.parse(canonicalJson(corpus)) },
    }),
  });
}
