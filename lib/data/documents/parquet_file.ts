import {
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { show } from "../../core/check.ts";
import { visibleLine } from "../../core/html.ts";
import { checkOptions, stated } from "../../core/options.ts";
import { openFileSync, readAtSync } from "../../core/runtime/files.ts";
import {
  documentOf,
  type FieldOptions,
  fieldOptions,
  type Fields,
  namesOf,
  refuseMissing,
} from "./fields.ts";
import { describedFile, fileKind, fileOf, type FileSpecification } from "./_file.ts";
import { placeIn } from "./_pieces.ts";
import { type DocumentKind, type DocumentOptions, documentOptions } from "./document.ts";

/** A Parquet file as a specification holds it. */
export type ParquetSpecification = FileSpecification<"parquet"> & Fields;

/** What {@link parquetFile} takes. */
export interface ParquetOptions extends DocumentOptions, FieldOptions {}

/**
 * Documents in the rows of a Parquet file. One group of its rows at a time is in memory.
 *
 * @param path Path relative to the folder of the nearest deno.json.
 * @param options See {@link ParquetOptions}.
 * @returns Its specification with the checksum that the file has now; a later change is refused. The rows
 * are read when a study is defined.
 * @throws {RangeError} If the path leaves the project or the file is empty.
 * @throws {Deno.errors.NotFound} If there is no such file.
 */
export function parquetFile(path: string, options: ParquetOptions = {}): ParquetSpecification {
  const { text, group, time, ...common } = checkOptions("parquetFile", options, {
    ...documentOptions,
    ...fieldOptions,
  });
  return {
    kind: "parquet",
    ...describedFile("parquetFile", path, common),
    ...{ text, group, time },
  };
}

/** What is known of Parquet files. */
export const parquetKind: DocumentKind<ParquetSpecification> = {
  ...fileKind,
  options: { ...fileKind.options, ...stated(fieldOptions) },
  counts: "row",
  async *read(specification, place) {
    const { path } = specification;
    const name = `${place.subject}: ${show(path)}`;
    using opened = openFileSync(fileOf(specification, place));
    const file = {
      byteLength: opened.statSync().size,
      slice: (from: number, to?: number) => {
        const bytes = readAtSync(opened, from, (to ?? file.byteLength) - from);
        return bytes.buffer.slice(0, bytes.length);
      },
    };
    const metadata = await readable(name, () => parquetMetadataAsync(file, { parsers }));
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    refuseMissing(name, "column", specification, columns);
    let first = 0;
    for (const rowEnd of rowGroupEnds(metadata)) {
      const rowStart = first;
      const rows = await readable(name, () =>
        parquetReadObjects({
          ...{ file, metadata, compressors, parsers, rowStart, rowEnd },
          columns: [...new Set(namesOf(specification))],
        }));
      for (const [index, row] of rows.entries()) {
        const number = rowStart + index + 1;
        const where = `${place.subject}: ${placeIn(path, "row", number)}`;
        yield documentOf(where, specification, row, { file: path, place: number });
      }
      first = rowEnd;
    }
  },
};

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
