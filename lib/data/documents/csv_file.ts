import Papa from "papaparse";
import { show } from "../../core/check.ts";
import { checkOptions, oneOf, orAbsent, stated } from "../../core/options.ts";
import {
  documentOf,
  type FieldOptions,
  fieldOptions,
  type Fields,
  namesOf,
  refuseMissing,
} from "./fields.ts";
import { describedFile, fileKind, fileOf, type FileSpecification } from "./_file.ts";
import { piecesOf, placeIn } from "./_pieces.ts";
import { type DocumentKind, type DocumentOptions, documentOptions } from "./document.ts";

/** A file of comma-separated values as a specification holds it. */
export type CsvSpecification = FileSpecification<"csv"> & Fields & {
  /** What parts two columns. */
  readonly delimiter: "," | "\t" | ";" | "|";
};

/** What {@link csvFile} takes. */
export interface CsvOptions extends DocumentOptions, FieldOptions {
  /** What parts two columns: a tab by default where the path ends in `.tsv` or `.tab`, else a comma. */
  readonly delimiter?: CsvSpecification["delimiter"];
}

const delimiter = oneOf([",", "\t", ";", "|"]);

/**
 * Documents in the rows of a file of comma-separated (or tab-separated) values, as RFC 4180 says: the first
 * row names the columns, and a text with a delimiter, a quotation mark or a line end stands in quotation
 * marks. Empty lines are passed over.
 *
 * @param path Path relative to the folder of the nearest deno.json; UTF-8.
 * @param options See {@link CsvOptions}.
 * @returns Its specification with the checksum that the file has now; a later change is refused. The rows
 * are read when a study is defined.
 * @throws {RangeError} If the path leaves the project or the file is empty.
 * @throws {Deno.errors.NotFound} If there is no such file.
 */
export function csvFile(path: string, options: CsvOptions = {}): CsvSpecification {
  const { text, group, time, delimiter: own, ...common } = checkOptions("csvFile", options, {
    ...documentOptions,
    ...fieldOptions,
    delimiter: orAbsent(delimiter),
  });
  return {
    kind: "csv",
    ...describedFile("csvFile", path, common),
    ...{ text, group, time },
    delimiter: own ?? (/\.(?:tsv|tab)$/i.test(path) ? "\t" : ","),
  };
}

/** What is known of files of comma-separated values. */
export const csvKind: DocumentKind<CsvSpecification> = {
  ...fileKind,
  options: { ...fileKind.options, ...stated(fieldOptions), delimiter },
  counts: "line",
  async *read(specification, place) {
    const { path } = specification;
    const file = `${place.subject}: ${show(path)}`;
    const where = (line: number) => `${place.subject}: ${placeIn(path, "line", line)}`;
    let columns: readonly string[] | null = null;
    for (const { cells, line } of rowsOf(fileOf(specification, place), file, specification)) {
      if (columns === null) {
        columns = cells;
        refuseMissing(where(line), "column", specification, columns);
        refuseTwice(where(line), specification, columns);
        continue;
      }
      if (cells.length !== columns.length) {
        throw new RangeError(
          `${
            where(line)
          } must have ${columns.length} columns, as the first row has, found ${cells.length}.`,
        );
      }
      const row = Object.fromEntries(columns.map((column, at) => [column, cells[at]]));
      yield documentOf(where(line), specification, row, { file: path, place: line });
    }
  },
};

function refuseTwice(subject: string, fields: Fields, columns: readonly string[]): void {
  const twice = namesOf(fields).find((name) => columns.indexOf(name) !== columns.lastIndexOf(name));
  if (twice === undefined) return;
  throw new RangeError(`${subject} must have the column ${show(twice)} once, found it twice.`);
}

/** A row that goes on for longer has a quotation mark that is not closed. */
const longestRow = 1 << 26;

/** The rows of a file with the line at which each begins. */
function* rowsOf(
  path: string,
  name: string,
  { delimiter }: Pick<CsvSpecification, "delimiter">,
): Generator<{ readonly cells: string[]; readonly line: number }> {
  let newline: string | null = null;
  let rest = "";
  let line = 1;
  for (const piece of piecesOf(path, name)) {
    rest += piece.text;
    newline ??= /\r\n|\n|\r/.exec(rest)?.[0] ?? "\n";
    const { rows, read } = parsedRows(rest, { delimiter, newline, last: piece.last });
    let start = 0;
    for (const { cells, end, error } of rows) {
      const begun = line;
      const raw = rest.slice(start, end);
      line += raw.split(newline).length - 1;
      start = end;
      if (error !== null) {
        throw new RangeError(`${name}, line ${begun} must be a row, found: ${error}`);
      }
      if (raw.trim() !== "") yield { cells, line: begun };
    }
    rest = rest.slice(read);
    if (rest.length > longestRow) {
      throw new RangeError(
        `${name}, line ${line} must be a row of at most ${longestRow} characters, found a longer one: a ` +
          `quotation mark may not be closed.`,
      );
    }
  }
}

interface ParsedRow {
  readonly cells: string[];
  /** Place after it. */
  readonly end: number;
  readonly error: string | null;
}

/** The rows that a text has whole, and how much of it they are. */
function parsedRows(
  text: string,
  { delimiter, newline, last }: {
    readonly delimiter: string;
    readonly newline: string;
    readonly last: boolean;
  },
): { readonly rows: ParsedRow[]; readonly read: number } {
  const rows: ParsedRow[] = [];
  const parser = new Papa.Parser({
    delimiter,
    newline,
    step(
      { data, errors, meta }: {
        data: string[][];
        errors: { message: string }[];
        meta: { cursor: number };
      },
    ) {
      rows.push({ cells: data[0], end: meta.cursor, error: errors[0]?.message ?? null });
    },
  });
  parser.parse(text, 0, !last);
  return { rows, read: rows.at(-1)?.end ?? 0 };
}
