import Papa from "papaparse";

/** A row that goes on for longer has a quotation mark that is not closed. */
const longestRow = 1 << 26;

/**
 * The rows of a text with the line at which each begins; empty lines are passed over.
 *
 * @param pieces The text: whole lines at once, or all of it.
 * @param name What messages call it.
 * @throws {RangeError} If a quotation mark stands where none may, with the line.
 */
export function* csvRows(
  pieces: Iterable<{ readonly text: string; readonly last: boolean }>,
  name: string,
  { delimiter }: { readonly delimiter: string },
): Generator<{ readonly cells: string[]; readonly line: number }> {
  let newline: string | null = null;
  let rest = "";
  let line = 1;
  for (const piece of pieces) {
    rest += piece.text;
    newline ??= /\r\n|\n|\r/.exec(rest)?.[0] === "\r" ? "\r" : "\n";
    const { rows, read } = parsedRows(rest, { delimiter, newline, last: piece.last });
    let start = 0;
    for (const { cells, end, error } of rows) {
      const begun = line;
      const raw = rest.slice(start, end);
      line += raw.split(newline).length - 1;
      start = end;
      if (error !== null) {
        throw new RangeError(`${name}, line ${begun} must be a row, found: ${error}.`);
      }
      if (cells.length > 1 || raw.trim() !== "") {
        yield { cells: withoutReturn(cells, raw), line: begun };
      }
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

/** Cells without the carriage return of a line end: a file may have line ends of both kinds. */
function withoutReturn(cells: string[], raw: string): string[] {
  const last = cells.at(-1)!;
  const isUnquoted = last.endsWith("\r") && raw.endsWith(`${last}\n`);
  return isUnquoted ? [...cells.slice(0, -1), last.slice(0, -1)] : cells;
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
