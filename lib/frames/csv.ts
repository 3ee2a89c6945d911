import type { DataFrame } from "./_danfojs.js";
import { writeFileAtomically } from "../core/files.ts";
import { rowsOf } from "./_frame_of.ts";

/**
 * A frame as CSV (RFC 4180): a line of names, numbers with all their digits, missing values empty, and
 * texts quoted where they hold a comma, a quote or a line feed, which danfojs's `toCSV` does not do.
 *
 * A text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-` or `@` and is no
 * number) has `'` before it, as OWASP advises against CSV injection. Columns are called as in the frame.
 *
 * @param frame A frame.
 * @returns Lines that end in a line feed.
 */
export function frameCsv(frame: DataFrame): string {
  const columns = frame.columns.map(String);
  const line = (cells: readonly unknown[]) => cells.map(cellOf).join(",") + "\n";
  return line(columns) +
    rowsOf(frame).map((row) => line(columns.map((column) => row[column]))).join("");
}

/**
 * Writes a frame as CSV.
 *
 * @param frame A frame.
 * @param path Where to; its folder is made when missing.
 */
export async function writeCsv(frame: DataFrame, path: string): Promise<void> {
  await writeFileAtomically(path, frameCsv(frame));
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  const text = typeof value === "string" && isFormula(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Whether a spreadsheet would compute a text. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r]/.test(text) && !(text.trim() !== "" && Number.isFinite(Number(text)));
}
