import { show } from "../../core/check.ts";
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
import { parquetRows } from "./parquet_rows.ts";
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
    const columns = (there: readonly string[]) => {
      refuseMissing(name, "column", specification, there);
      return namesOf(specification);
    };
    for await (const { values, number } of parquetRows(name, file, columns)) {
      const where = `${place.subject}: ${placeIn(path, "row", number)}`;
      yield documentOf(where, specification, values, { file: path, place: number });
    }
  },
};
