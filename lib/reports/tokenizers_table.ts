import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { specificationOf } from "../statistics/axis_roles.ts";
import { costsByPoint, type PointCost } from "../statistics/costs_by_point.ts";
import { mean } from "../statistics/estimate.ts";
import { formatNumber, formatShare, thousands } from "../statistics/format.ts";
import { type Column, type Markup, table } from "./html.ts";
import { optionInWords } from "./specification_words.ts";

/** What one tokenizer, with a vocabulary of so much text, makes of a study's folds, in the mean over them. */
interface TokenizerRow extends VocabularyOf {
  readonly vocabulary: number;
  /** Bytes of evaluated held-out text to a token. */
  readonly bytes: number;
  readonly unknownShare: number;
  /** Of the points that have it. */
  readonly costs: readonly PointCost[];
}

/** What decides about a vocabulary. */
interface VocabularyOf {
  readonly tokenizer: Json;
  /** Bytes of the training text that it is of; null for all. */
  readonly trainingBytes: number | null;
}

/**
 * What each tokenizer, and each amount of text that its vocabulary is of, makes of the folds, and what
 * trainings with it read, as a table; null where there is one, or nothing was read yet.
 */
export function tokenizersTable(study: StudyRecord, runs: readonly RunRecord[]): Markup | null {
  const rows = rowsOf(study, runs);
  if (rows.length < 2) return null;
  const optional = (there: boolean, column: Column<TokenizerRow>) => there ? [column] : [];
  const costs = rows.flatMap((row) => row.costs);
  const tellsBytes = costs.some(({ readBytes }) => readBytes !== null);
  return table<TokenizerRow>(
    "Tokenizers, means over the folds: tokens that the vocabulary of the training text has, bytes of " +
      "evaluated held-out text to a token, and held-out tokens that the vocabulary does not know." +
      (costs.length === 0 ? "" : ` ${costsInWords(tellsBytes)}`),
    [
      { title: "tokenizer", numeric: false, cell: ({ tokenizer }) => optionInWords(tokenizer) },
      ...optional(new Set(rows.map(({ trainingBytes }) => trainingBytes)).size > 1, {
        title: "training bytes",
        cell: ({ trainingBytes }) => trainingBytes === null ? "all" : thousands(trainingBytes),
      }),
      { title: "vocabulary", cell: ({ vocabulary }) => formatNumber(vocabulary, 0) },
      { title: "bytes a token", cell: ({ bytes }) => formatNumber(bytes, 2) },
      { title: "unknown tokens", cell: ({ unknownShare }) => formatShare(unknownShare) },
      ...optional(tellsBytes, {
        title: "bytes read",
        cell: (row) => rangeOf(row.costs.flatMap(({ readBytes }) => readBytes ?? [])),
      }),
      ...optional(costs.length > 0, {
        title: "weights",
        cell: (row) => rangeOf(row.costs.map(({ weights }) => weights)),
      }),
    ],
    rows,
  );
}

function costsInWords(tellsBytes: boolean): string {
  return (tellsBytes
    ? "Bytes read: the text that the losses of a training counted, as often as it was read, so that with as " +
      "many steps and windows larger tokens read more of it. "
    : "") + "Weights: of the model. Where points with a tokenizer differ, the least and the most.";
}

/** One number, or the smallest and the largest. */
function rangeOf(values: readonly number[]): string {
  if (values.length === 0) return "–";
  const ends = [Math.min(...values), Math.max(...values)]
    .map((value) => thousands(Math.round(value)));
  return ends[0] === ends[1] ? ends[0] : ends.join(" to ");
}

/** A run of each fold says it, as vocabularies and texts are those of fold, tokenizer and training bytes. */
function rowsOf(study: StudyRecord, runs: readonly RunRecord[]): TokenizerRow[] {
  const keyOf = (point: JsonObject) => canonicalJson({ ...vocabularyOf(study, point) });
  const costs = Map.groupBy(
    costsByPoint({ record: study, records: runs }),
    ({ point }) => keyOf(point),
  );
  const read = runs.filter(({ tokens: { text }, fold }) => text !== undefined && fold !== "final");
  return [...Map.groupBy(read, ({ point }) => keyOf(point))].map(([key, own]) => {
    const each = [...new Map(own.toReversed().map(({ fold, tokens }) => [fold, tokens])).values()];
    return {
      ...vocabularyOf(study, own[0].point),
      vocabulary: mean(each.map(({ vocabulary }) => vocabulary)),
      bytes: mean(each.map(({ text }) => text!.heldOut.bytes / text!.heldOut.tokens)),
      unknownShare: mean(each.map(({ unknownShare }) => unknownShare)),
      costs: costs.get(key) ?? [],
    };
  });
}

function vocabularyOf(study: StudyRecord, point: JsonObject): VocabularyOf {
  const { tokenizer = null, training } = specificationOf(study, point) ?? {};
  const { trainingBytes = null } = Object(training) as { trainingBytes?: number | null };
  return { tokenizer, trainingBytes };
}
