import { show } from "../../core/check.ts";
import type { Row } from "./row.ts";

/** How rows stand in a file. */
export const rowFormats = ["jsonLines"] as const;

/** One of {@link rowFormats}. */
export type RowFormat = typeof rowFormats[number];

/**
 * The rows of a text; empty lines are passed over.
 *
 * @param text A JSON object a line (`jsonLines`).
 * @param subject What messages call it.
 * @throws {RangeError} With the line at which a row begins that is none.
 */
export function readRows(format: RowFormat, text: string, subject: string): Row[] {
  return jsonLines(text, subject);
}

function jsonLines(text: string, subject: string): Row[] {
  return text.split("\n").flatMap((line, index): Row[] => {
    if (line.trim() === "") return [];
    const where = `${subject}: line ${index + 1}`;
    let fields: unknown;
    try {
      fields = JSON.parse(line);
    } catch (error) {
      throw new RangeError(
        `${where} must be JSON, found ${show(line)} (${(error as Error).message}).`,
      );
    }
    if (fields === null || typeof fields !== "object" || Array.isArray(fields)) {
      throw new RangeError(`${where} must be a JSON object, found ${show(fields)}.`);
    }
    return [{ fields: fields as Row["fields"], where }];
  });
}
