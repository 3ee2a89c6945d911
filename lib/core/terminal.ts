import { visibleLine, visibleText } from "./html.ts";
import { columnsOfErrors, writeToErrors } from "./runtime/standard_streams.ts";

// Everything that a command or a tool prints goes through this file: texts of corpora, records, errors
// and arguments cannot colour a terminal, move its cursor or turn its lines around.

/** Writes lines to standard output; what would be invisible is shown by its code. */
export function print(text: string): void {
  // deno-lint-ignore no-console -- a command line prints
  console.log(visibleText(text));
}

/** The same to standard error. */
export function printError(text: string): void {
  // deno-lint-ignore no-console -- a command line prints
  console.error(visibleText(text));
}

/** Writes text somewhere; with its width when that is a terminal. */
export interface TextSink {
  write(text: string): void;
  /** Columns, or null when it is no terminal. */
  columns(): number | null;
}

/** The standard error stream. */
export const standardError: TextSink = {
  write(text) {
    try {
      writeToErrors(text);
    } catch { /* nobody reads it; the work goes on */ }
  },
  columns: columnsOfErrors,
};

/** A line that is drawn over and over in a terminal. */
export interface StatusLine {
  /** Draws the line; where there is no terminal, writes one now and then. */
  draw(line: string): void;
  /** Writes a line that stays, above the one that is drawn over. */
  print(line: string): void;
  /** Takes the drawn line away. */
  clear(): void;
}

/** Seconds between two lines where there is no terminal. */
const quietSeconds = 30;

/**
 * A status line on a terminal, or on a log file a line every 30 seconds.
 *
 * @param sink Where it is written; standard error by default.
 */
export function statusLine(sink: TextSink = standardError): StatusLine {
  let drawn = false;
  let lastLine = performance.now();
  const clear = () => {
    if (drawn) sink.write("\r\x1b[K");
    drawn = false;
  };
  return {
    draw(line) {
      const columns = sink.columns();
      if (columns !== null) {
        sink.write(`\r${visibleLine(line).slice(0, Math.max(10, columns - 1))}\x1b[K`);
        drawn = true;
      } else if ((performance.now() - lastLine) / 1000 >= quietSeconds) {
        lastLine = performance.now();
        sink.write(`${visibleLine(line)}\n`);
      }
    },
    print(line) {
      clear();
      sink.write(`${visibleText(line)}\n`);
    },
    clear,
  };
}

/** A bar of 24 characters. */
export function bar(share: number): string {
  const width = 24;
  const filled = Math.floor(width * Math.min(1, Math.max(0, share)));
  return "━".repeat(filled) + "╌".repeat(width - filled);
}
