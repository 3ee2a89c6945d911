import { canonicalJson, type Json } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { specificationOf } from "../statistics/axis_roles.ts";
import { mean } from "../statistics/estimate.ts";
import { formatNumber, formatShare } from "../statistics/format.ts";
import { type Markup, table } from "./html.ts";
import { optionInWords } from "./specification_words.ts";

/** What one tokenizer makes of a study's folds, in the mean over them. */
interface TokenizerRow {
  readonly tokenizer: Json;
  readonly vocabulary: number;
  /** Bytes of evaluated held-out text to a token. */
  readonly bytes: number;
  readonly unknownShare: number;
}

/** What each tokenizer makes of the folds, as a table; null where there is one, or nothing was read yet. */
export function tokenizersTable(study: StudyRecord, runs: readonly RunRecord[]): Markup | null {
  const rows = rowsOf(study, runs);
  if (rows.length < 2) return null;
  return table<TokenizerRow>(
    "Tokenizers, means over the folds: tokens that the vocabulary of the training text has, bytes of " +
      "evaluated held-out text to a token, and held-out tokens that the vocabulary does not know.",
    [
      { title: "tokenizer", numeric: false, cell: ({ tokenizer }) => optionInWords(tokenizer) },
      { title: "vocabulary", cell: ({ vocabulary }) => formatNumber(vocabulary, 0) },
      { title: "bytes a token", cell: ({ bytes }) => formatNumber(bytes, 2) },
      { title: "unknown tokens", cell: ({ unknownShare }) => formatShare(unknownShare) },
    ],
    rows,
  );
}

/** A run of each fold says it, as vocabularies and texts are those of fold and tokenizer. */
function rowsOf(study: StudyRecord, runs: readonly RunRecord[]): TokenizerRow[] {
  const found = new Map<string, { tokenizer: Json; folds: Map<string, RunRecord> }>();
  for (const run of runs) {
    const tokenizer = specificationOf(study, run.point)?.tokenizer;
    if (tokenizer === undefined || run.tokens.text === undefined || run.fold === "final") continue;
    const key = canonicalJson(tokenizer);
    const known = found.get(key) ?? { tokenizer, folds: new Map<string, RunRecord>() };
    if (!known.folds.has(String(run.fold))) known.folds.set(String(run.fold), run);
    found.set(key, known);
  }
  return [...found.values()].map(({ tokenizer, folds }) => {
    const each = [...folds.values()].map(({ tokens }) => tokens);
    return {
      tokenizer,
      vocabulary: mean(each.map(({ vocabulary }) => vocabulary)),
      bytes: mean(each.map(({ text }) => text!.heldOut.bytes / text!.heldOut.tokens)),
      unknownShare: mean(each.map(({ unknownShare }) => unknownShare)),
    };
  });
}
