import { show } from "../../core/check.ts";
import { groupName } from "../group_name.ts";
import { refuseBlank } from "../_sources.ts";
import { fieldsOfRows, promptsOfRow, type RowsSpecification } from "./kinds.ts";
import type { RowFormat } from "./read_rows.ts";
import { fieldOf, type Row } from "./row.ts";

/** What says how pairs are made of rows. */
export interface PairsOfRows {
  readonly excerpt: { readonly start: number; readonly length: number } | null;
  /** How rows stand in the file. */
  readonly format: RowFormat;
  /** How a row becomes prompts with completions. */
  readonly rows: RowsSpecification;
  /** Field by which rows are kept together; null for none. */
  readonly group: string | null;
}

/** A pair, and what else must stay on one side of a fold with it. */
export interface PairOfRow {
  readonly pair: readonly [source: string, target: string];
  /** Pairs of one group are kept together; null where there is none. */
  readonly group: string | null;
}

/** Names of the fields of rows that are read for their pairs. */
export function fieldsOfPairs({ rows, group }: Pick<PairsOfRows, "rows" | "group">): string[] {
  return [...fieldsOfRows(rows), ...group === null ? [] : [group]];
}

/**
 * The pairs of the chosen rows. Those of one row are a group, or of all rows with one value of
 * `group`.
 *
 * @throws {RangeError} With the place of a row that lacks a field or has a wrong one.
 */
export function pairsOfRows(
  { excerpt, rows, group }: Omit<PairsOfRows, "format">,
  all: readonly Row[],
  subject: string,
): PairOfRow[] {
  if (all.length === 0) {
    throw new RangeError(`${subject} must hold at least one row, found none.`);
  }
  const { start, length } = excerpt ?? { start: 0, length: all.length };
  if (start + length > all.length) {
    throw new RangeError(
      `${subject}: the excerpt must end at or before row ${all.length}, found ${start} + ${length}.`,
    );
  }
  return all.slice(start, start + length).flatMap((row, index): PairOfRow[] => {
    const prompts = promptsOfRow(rows, row);
    const own = group === null ? `row ${index}` : groupOf(fieldOf(row, group), row.where, group);
    return prompts.map(({ prompt, completion }) => {
      refuseBlank(`${row.where}: its prompt`, prompt);
      refuseBlank(`${row.where}: its completion`, completion);
      const alone = group === null && prompts.length === 1;
      return { pair: [prompt, completion], group: alone ? null : own };
    });
  });
}

function groupOf(value: unknown, where: string, name: string): string {
  if (typeof value === "string" && value.trim() !== "") return `group ${groupName(value)}`;
  // Whole numbers of 64 bits are read as such.
  if (typeof value === "number" || typeof value === "bigint") return `group ${value}`;
  throw new RangeError(
    `${where}: ${show(name)} must be a text or a number, by which rows are grouped, found ${
      show(value)
    }.`,
  );
}
