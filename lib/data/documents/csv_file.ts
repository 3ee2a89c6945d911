import { csvRows } from "../csv_rows.ts";
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
    for (
      const { cells, line } of csvRows(
        piecesOf(fileOf(specification, place), file),
        file,
        specification,
      )
    ) {
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
