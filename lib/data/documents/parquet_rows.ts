import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { visibleLine } from "../../core/html.ts";

/** A row of a Parquet file. */
export interface ParquetRow {
  /** Its values by their columns. */
  readonly values: { readonly [column: string]: unknown };
  /** Its number in the file, from 1. */
  readonly number: number;
}

/**
 * The rows of a Parquet file, one after another. One group of its rows at a time is in memory.
 *
 * @param name What messages call the file.
 * @param file Its bytes.
 * @param columns Gives those that are read, from all that there are; it refuses what is missing.
 * @throws {RangeError} If the file cannot be read, with the reason.
 */
export async function* parquetRows(
  name: string,
  file: AsyncBuffer,
  columns: (there: readonly string[]) => readonly string[],
): AsyncGenerator<ParquetRow, void> {
  const metadata = await readable(name, () => parquetMetadataAsync(file, { parsers }));
  const there = parquetSchema(metadata).children.map(({ element }) => element.name);
  const read = [...new Set(columns(there))];
  let rowStart = 0;
  for (const rowEnd of rowGroupEnds(metadata)) {
    const rows = await readable(
      name,
      () =>
        parquetReadObjects({
          ...{ file, metadata, compressors, parsers, rowStart, rowEnd },
          columns: read,
        }),
    );
    for (const [index, values] of rows.entries()) yield { values, number: rowStart + index + 1 };
    rowStart = rowEnd;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const parsers = {
  /** The package's own puts U+FFFD in the place of bytes that are not UTF-8. */
  stringFromBytes(bytes: Uint8Array) {
    try {
      return bytes && decoder.decode(bytes);
    } catch {
      throw new Error("parquet text is not UTF-8");
    }
  },
};

function rowGroupEnds({ row_groups }: FileMetaData): number[] {
  let end = 0;
  return row_groups.map(({ num_rows }) => end += Number(num_rows));
}

async function readable<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { message } = error as Error;
    // Other messages are of buffers and numbers.
    const reason = message.startsWith("parquet ") ? `: ${visibleLine(message.slice(8))}` : "";
    throw new RangeError(
      `${name} cannot be read as Parquet${reason}; it may be cut, or not Parquet.`,
      { cause: error },
    );
  }
}
