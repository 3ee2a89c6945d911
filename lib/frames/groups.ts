import type { DataFrame } from "./_danfojs.js";
import { checkKeys, checkOneOf, show } from "../core/check.ts";
import { mean, standardDeviation } from "../statistics/estimate.ts";
import { type Cell, frameOf, freeName, type Row, rowsOf } from "./_frame_of.ts";

/**
 * Mean, standard deviation and number of values of each group; missing values (NaN) are left out,
 * which danfojs's own groups cannot.
 *
 * A mean over folds *and* seeds takes them for independent, which they are not: for standard errors
 * use `trialsFrame`.
 *
 * @param frame A frame, such as `runsFrame(study)`.
 * @param options.by Columns that make the groups, such as `["lambda", "alpha"]`.
 * @param options.columns Columns to average; all columns of numbers but `by` when left out.
 * @returns A row a group, sorted by the columns of `by`: for each column its mean, `…Deviation` and the
 * group's `count` of rows (`group.count` where a column is called `count`).
 * @throws {RangeError} If the frame lacks a column.
 *
 * @example
 * ```ts
 * import { DataFrame, groupMeans } from "./mod.ts";
 * import assert from "node:assert/strict";
 * const runs = new DataFrame([[1, 4], [0, 1], [0, 3], [0, NaN]], { columns: ["lambda", "loss"] });
 * const groups = groupMeans(runs, { by: ["lambda"] });
 * assert.deepEqual(groups.column("loss").values, [2, 4]);
 * assert.deepEqual(groups.column("count").values, [3, 1]);
 * ```
 */
export function groupMeans(
  frame: DataFrame,
  options: { readonly by: readonly string[]; readonly columns?: readonly string[] },
): DataFrame {
  checkKeys("groupMeans", options, ["by", "columns"]);
  const rows = rowsOf(frame);
  const known = frame.columns.map(String);
  for (const name of [...options.by, ...options.columns ?? []]) {
    checkColumn("groupMeans", name, known);
  }
  const columns = options.columns ??
    known.filter((column) =>
      !options.by.includes(column) && rows.every((row) => typeof row[column] === "number")
    );
  const groups = new Map<string, Row[]>();
  for (const row of sorted(rows, options.by)) {
    const key = JSON.stringify(options.by.map((column) => row[column]));
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key)!.push(row);
  }
  return frameOf([...groups.values()].map((group) => {
    const row: Row = Object.fromEntries(options.by.map((column) => [column, group[0][column]]));
    const taken = new Set([...options.by, ...columns]);
    row[freeName("count", "group.", taken)] = group.length;
    for (const column of columns) {
      const values = group.map((each) => each[column]).filter((value): value is number =>
        typeof value === "number" && !Number.isNaN(value)
      );
      row[column] = values.length === 0 ? NaN : mean(values);
      row[freeName(`${column}Deviation`, "group.", taken)] = standardDeviation(values);
    }
    return row;
  }));
}

/**
 * A column over two others, such as the validation loss over λ and α: a row for each value of the one
 * and a column for each of the other; several rows of a place are averaged, and a place without any is
 * NaN.
 *
 * @param frame A frame, such as `trialsFrame(study)`.
 * @param options.rows Column whose values head the rows.
 * @param options.columns Column whose values head the columns.
 * @param options.values Column of numbers to show.
 * @returns The wide frame, rows and columns ascending.
 * @throws {RangeError} If the frame lacks a column.
 */
export function pivotFrame(
  frame: DataFrame,
  options: { readonly rows: string; readonly columns: string; readonly values: string },
): DataFrame {
  checkKeys("pivotFrame", options, ["rows", "columns", "values"]);
  const known = frame.columns.map(String);
  for (const name of [options.rows, options.columns, options.values]) {
    checkColumn("pivotFrame", name, known);
  }
  const means = rowsOf(
    groupMeans(frame, { by: [options.rows, options.columns], columns: [options.values] }),
  );
  const distinct = (column: string) => [
    ...new Set(sorted(means, [column]).map((row) => row[column])),
  ];
  const across = distinct(options.columns);
  return frameOf(
    distinct(options.rows).map((place) => {
      const own = means.filter((row) => row[options.rows] === place);
      const cells = across.map((value) => [
        `${options.columns} = ${value}`,
        own.find((row) => row[options.columns] === value)?.[options.values] ?? NaN,
      ]);
      return { [options.rows]: place, ...Object.fromEntries(cells) };
    }),
  );
}

/**
 * A frame sorted by columns, missing values last; the frame itself stays as it is.
 *
 * @param frame A frame.
 * @param options.by Columns, the first counts most.
 * @param options.descending From the largest; false.
 * @param options.rows How many of the first rows to keep; all when left out.
 * @throws {RangeError} If the frame lacks a column.
 */
export function sortFrame(
  frame: DataFrame,
  options: {
    readonly by: readonly string[];
    readonly descending?: boolean;
    readonly rows?: number;
  },
): DataFrame {
  checkKeys("sortFrame", options, ["by", "descending", "rows"]);
  const known = frame.columns.map(String);
  for (const name of options.by) checkColumn("sortFrame", name, known);
  return frameOf(sorted(rowsOf(frame), options.by, options.descending).slice(0, options.rows));
}

function checkColumn(subject: string, name: string, known: readonly string[]): void {
  checkOneOf(`${subject}: column ${show(name)}`, name, known);
}

function sorted(rows: readonly Row[], by: readonly string[], descending = false): Row[] {
  const missing = (cell: Cell) => cell === null || typeof cell === "number" && Number.isNaN(cell);
  return rows.toSorted((a, b) => {
    for (const column of by) {
      const [x, y] = [a[column], b[column]];
      if (x === y || missing(x) && missing(y)) continue;
      if (missing(x) || missing(y)) return missing(x) ? 1 : -1;
      const order = typeof x === "number" && typeof y === "number"
        ? x - y
        : String(x) < String(y)
        ? -1
        : 1;
      return descending ? -order : order;
    }
    return 0;
  });
}
