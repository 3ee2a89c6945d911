import { show } from "../../core/check.ts";
import { checkOptions, stated } from "../../core/options.ts";
import { firstInvalid } from "../../core/parse_json.ts";
import { describedFile, fileKind, fileOf, type FileSpecification } from "./_file.ts";
import {
  type DocumentKind,
  type DocumentOptions,
  documentOptions,
  type ReadDocument,
} from "./document.ts";
import {
  documentOf,
  type FieldOptions,
  fieldOptions,
  type Fields,
  refuseMissing,
} from "./fields.ts";
import { piecesOf, placeIn } from "./_pieces.ts";

/** A file of JSON lines as a specification holds it. */
export type JsonLinesSpecification = FileSpecification<"jsonLines"> & Fields;

/** What {@link jsonLinesFile} takes. */
export interface JsonLinesOptions extends DocumentOptions, FieldOptions {}

/**
 * Documents in a file of JSON lines: an object a line, empty lines passed over.
 *
 * @param path Path relative to the folder of the nearest deno.json; UTF-8.
 * @param options See {@link JsonLinesOptions}.
 * @returns Its specification with the checksum that the file has now; a later change is refused. The lines
 * are read when a study is defined.
 * @throws {RangeError} If the path leaves the project or the file is empty.
 * @throws {Deno.errors.NotFound} If there is no such file.
 */
export function jsonLinesFile(
  path: string,
  options: JsonLinesOptions = {},
): JsonLinesSpecification {
  const { text, group, time, ...common } = checkOptions("jsonLinesFile", options, {
    ...documentOptions,
    ...fieldOptions,
  });
  const fields = { text, group, time };
  return { kind: "jsonLines", ...describedFile("jsonLinesFile", path, common), ...fields };
}

/** What is known of files of JSON lines. */
export const jsonLinesKind: DocumentKind<JsonLinesSpecification> = {
  ...fileKind,
  options: { ...fileKind.options, ...stated(fieldOptions) },
  counts: "line",
  async *read(specification, place) {
    const { path } = specification;
    for (
      const { text, line: first } of piecesOf(
        fileOf(specification, place),
        `${place.subject}: ${show(path)}`,
      )
    ) {
      yield* jsonDocuments(text, {
        fields: specification,
        file: path,
        first,
        subject: place.subject,
      });
    }
  },
};

/**
 * The documents of JSON lines that are in memory.
 *
 * @param text The lines.
 * @param options.file What they are from.
 * @param options.first Number of the first line.
 * @param options.subject Subject of messages.
 */
export function* jsonDocuments(
  text: string,
  { fields, file, first, subject }: {
    readonly fields: Fields;
    readonly file: string;
    readonly first: number;
    readonly subject: string;
  },
): Generator<ReadDocument> {
  let place = first;
  for (const line of text.split("\n")) {
    if (line.trim() !== "") {
      const where = `${subject}: ${placeIn(file, "line", place)}`;
      const record = parsedLine(line, where);
      refuseMissing(where, "field", fields, Object.keys(record));
      yield documentOf(where, fields, record, { file, place });
    }
    place++;
  }
}

/** The object of a line. */
export function parsedLine(line: string, where: string): { readonly [name: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const at = firstInvalid(line);
    const found = at >= line.trimEnd().length ? "its end" : show(line.slice(at));
    throw new RangeError(`${where} must be JSON, found ${found} at column ${at + 1}.`);
  }
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    return value as { readonly [name: string]: unknown };
  }
  throw new RangeError(`${where} must be a JSON object, found ${show(value)}.`);
}
