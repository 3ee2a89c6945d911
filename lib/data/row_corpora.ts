import { checkText, show } from "../core/check.ts";
import { sha256 } from "../core/hash.ts";
import { checkOptions, orNotGiven, passed } from "../core/options.ts";
import {
  type PairCorpusSpecification,
  type PairLimits,
  pairSelection,
  validatePairCorpus,
} from "./pairs.ts";
import type { RowsSpecification } from "./rows/kinds.ts";
import { pairsOfRows } from "./rows/pairs_of_rows.ts";
import { readRows, type RowFormat, rowFormats } from "./rows/read_rows.ts";
import { decodeUtf8, readProjectFile } from "./_sources.ts";

/** How rows become pairs. */
export interface RowOptions extends PairLimits {
  /** How a row becomes prompts with completions: from `instructionRows` or `dialogueRows`. */
  readonly rows: RowsSpecification;
  /**
   * Field of a row; rows with the same value are never parted by a fold. Two texts are the same where they
   * differ in white space around them or in how Unicode composes their letters alone. Null for none.
   */
  readonly group?: string | null;
  /** What reports call them; of a file its path if not given. */
  readonly name?: string;
  /** Under which terms they may be used; "not stated" if not given. */
  readonly licence?: string;
  /** `start` from 0 (the default) and `length` from 1, in rows; all when left out. */
  readonly excerpt?: { readonly start?: number; readonly length: number };
  /** As of pairs: `given` (the default), or `shuffled` after the excerpt is cut. */
  readonly order?: "given" | "shuffled";
}

/** The same of a file. */
export interface RowFileOptions extends RowOptions {
  /** How rows stand in it; by the end of its path if not given. */
  readonly format?: RowFormat;
}

/** Formats by the ends of paths. */
const endings: readonly (readonly [RegExp, RowFormat])[] = [
  [/\.(?:jsonl|ndjson)$/i, "jsonLines"],
  [/\.csv$/i, "csv"],
  [/\.(?:tsv|tab)$/i, "tsv"],
  [/\.parquet$/i, "parquet"],
];

function checked(subject: string, options: RowOptions, name: string) {
  return checkOptions(subject, options, {
    rows: passed<RowsSpecification>(),
    group: orNotGiven(passed<string | null>(null)),
    ...pairSelection,
    name: orNotGiven(passed<string>(name)),
    licence: orNotGiven(passed<string>("not stated")),
    format: passed<RowFormat | undefined>(),
  });
}

/**
 * Prompts with completions from the rows of a file of the project: instructions, or dialogues. They are
 * pairs like any other, for models of texts (`completionTokenizer`) and encoder-decoders (`pairTokenizer`).
 *
 * @param path Path relative to the folder of the nearest deno.json; UTF-8: JSON lines (`.jsonl`, `.ndjson`),
 * or values parted by commas (`.csv`) or tabs (`.tsv`, `.tab`), whose first row names the fields; or Parquet
 * (`.parquet`), whose columns are the fields, and whose rows are read when a study is defined.
 * @param options See {@link RowFileOptions}.
 * @returns Its specification with the checksum that the file has now; a later change is refused.
 * @throws {RangeError} If the path leaves the project, the format is not known, or a row is not as `rows`
 * says, with file and line.
 * @throws {Deno.errors.NotFound} If there is no such file.
 */
export function rowFile(path: string, options: RowFileOptions): PairCorpusSpecification {
  const portable = checkText("rowFile: path", path).replaceAll("\\", "/");
  const { format = formatOf(portable), ...chosen } = checked("rowFile", options, portable);
  const bytes = readProjectFile("rowFile", portable);
  const specification = validatePairCorpus({
    kind: "fileRows",
    ...chosen,
    format,
    sha256: sha256(bytes),
    path: portable,
  });
  const subject = `rowFile: ${show(portable)}`;
  if (format !== "parquet") {
    pairsOfRows(chosen, readRows(format, decodeUtf8(bytes, subject), subject), subject);
  }
  return specification;
}

function formatOf(path: string): RowFormat {
  const found = endings.find(([ending]) => ending.test(path));
  if (found !== undefined) return found[1];
  throw new RangeError(
    `rowFile: format must be given, one of ${
      rowFormats.map(show).join(", ")
    }, where the path does not say ` +
      `it by its end, found ${show(path)}.`,
  );
}

/**
 * The same with rows given in the study itself; they become part of every specification, so use it for few.
 *
 * @param rows Plain objects.
 * @param options See {@link RowOptions}; `name` is "inline rows" by default.
 * @throws {RangeError} If there are none, or one is not as `rows` says.
 *
 * @example
 * ```ts
 * import { loadPairs } from "./pairs.ts";
 * import { inlineRows } from "./row_corpora.ts";
 * import { instructionRows } from "./rows/instruction_rows.ts";
 * import assert from "node:assert/strict";
 * const corpus = inlineRows([{ ask: "2 + 2", answer: "4" }], {
 *   rows: instructionRows({ prompt: "{ask} = ", completion: "answer" }),
 * });
 * assert.deepEqual(await loadPairs(corpus), [["2 + 2 = ", "4"]]);
 * ```
 */
export function inlineRows(
  rows: readonly object[],
  options: RowOptions,
): PairCorpusSpecification {
  const { format: _, ...chosen } = checked("inlineRows", options, "inline rows");
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new RangeError(`inlineRows: rows must be a list of at least one, found ${show(rows)}.`);
  }
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const format = "jsonLines";
  const specification = validatePairCorpus({
    kind: "inlineRows",
    ...chosen,
    format,
    sha256: sha256(text),
    text,
  });
  pairsOfRows(chosen, readRows(format, text, "inlineRows"), "inlineRows");
  return specification;
}
