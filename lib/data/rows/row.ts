import { show } from "../../core/check.ts";
import type { Options } from "../../core/options.ts";

/** A row of a file: an object of JSON lines, or the cells of a line or row by their columns. */
export interface Row {
  readonly fields: { readonly [name: string]: unknown };
  /** File and line, of Parquet the row, for messages. */
  readonly where: string;
}

/** A prompt with the completion that is learned for it. */
export interface Prompted {
  readonly prompt: string;
  readonly completion: string;
}

/** All that is known of one way to read rows. */
export interface RowKind<Specification> {
  /** Its constructor: options in, plain JSON out. */
  readonly create: (options: never) => Specification;
  /** What its JSON holds beside the kind. */
  readonly options: Options;
  /** Names of the fields that it reads. */
  fields(specification: Specification): readonly string[];
  /** Prompts of a row, in their order, at least one. */
  promptsOf(specification: Specification, row: Row): Prompted[];
}

/** The value of a field of a row. */
export function fieldOf({ fields, where }: Row, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  throw new RangeError(
    `${where} must have the field ${show(name)}, found ${
      Object.keys(fields).map(show).join(", ") || "none"
    }.`,
  );
}

/** The same of a field that must be a text. */
export function textOf(row: Row, name: string): string {
  const value = fieldOf(row, name);
  if (typeof value === "string") return value;
  throw new RangeError(`${row.where}: ${show(name)} must be a text, found ${show(value)}.`);
}
