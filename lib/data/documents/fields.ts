import { show } from "../../core/check.ts";
import { orNull, text } from "../../core/options.ts";
import type { ReadDocument } from "./document.ts";

/** Which fields, or columns, a document is made of. */
export interface FieldOptions {
  /**
   * Field, or column, of the text.
   *
   * @default {"text"}
   */
  readonly text?: string;
  /**
   * Field, or column, of what a document belongs to, such as its author; null for none. Two names are one
   * where they differ in white space around them or in how Unicode composes their letters alone.
   *
   * @default {null}
   */
  readonly group?: string | null;
  /**
   * Field, or column, of when a document is from: numbers, such as years, or ISO 8601 dates, of which one
   * without a zone is UTC; null for none.
   *
   * @default {null}
   */
  readonly time?: string | null;
}

/** {@link FieldOptions} as a specification states them. */
export type Fields = {
  readonly [Field in keyof FieldOptions]-?: Exclude<FieldOptions[Field], undefined>;
};

/** What {@link FieldOptions} holds. */
export const fieldOptions = { text: text("text"), group: orNull(text()), time: orNull(text()) };

/** Names of the fields that are read. */
export function namesOf({ text, group, time }: Fields): string[] {
  return [text, group, time].filter((name) => name !== null);
}

/**
 * Refuses a file without a field that is read.
 *
 * @param subject File and line, as messages call them.
 * @param kind What a field is called there: "field" or "column".
 */
export function refuseMissing(
  subject: string,
  kind: "field" | "column",
  fields: Fields,
  there: readonly string[],
): void {
  for (const name of namesOf(fields)) {
    if (there.includes(name)) continue;
    throw new RangeError(
      `${subject} must have the ${kind} ${show(name)}, found ${
        there.length === 0 ? "none" : show(there)
      }.`,
    );
  }
}

/** The document of a record whose fields are there. */
export function documentOf(
  subject: string,
  fields: Fields,
  record: { readonly [name: string]: unknown },
  { file, place }: Pick<ReadDocument, "file" | "place">,
): ReadDocument {
  const text = record[fields.text];
  if (typeof text !== "string") {
    throw new RangeError(
      `${subject}: ${show(fields.text)} must be a text, found ${show(text)}.`,
    );
  }
  return {
    text,
    group: fields.group === null ? null : groupOf(subject, fields.group, record[fields.group]),
    time: fields.time === null ? null : timeOf(subject, fields.time, record[fields.time]),
    file,
    place,
  };
}

function groupOf(subject: string, name: string, value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  throw new RangeError(
    `${subject}: ${show(name)} must be a text that is not empty, or a number, found ${
      show(value)
    }.`,
  );
}

function timeOf(subject: string, name: string, value: unknown): string | number | Date {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string" || typeof value === "number" || value instanceof Date) return value;
  throw new RangeError(
    `${subject}: ${show(name)} must be a number or an ISO 8601 date, found ${show(value)}.`,
  );
}
