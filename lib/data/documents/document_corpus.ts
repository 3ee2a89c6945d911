import { checkText, show } from "../../core/check.ts";
import { checkOptions } from "../../core/options.ts";
import { decodeUtf8, findEntry, readEntry, sourceInWords } from "../_sources.ts";
import { piecesOf, placeIn } from "./_pieces.ts";
import { jsonDocuments, parsedLine } from "./json_lines_file.ts";
import {
  type AnyDocuments,
  type DocumentKind,
  type DocumentOptions,
  documentOptions,
  type Place,
  type ReadDocument,
} from "./document.ts";

/** Documents of the catalogue as a specification holds them. */
export type DocumentCorpusSpecification = AnyDocuments & { readonly kind: "documents" };

/**
 * Documents of the catalogue, such as `state-of-the-union`: speeches by president and year.
 *
 * @param name Name in the catalogue (`datasets/catalogue.json` of the library, then of the project).
 * @param options `excerpt`: the documents to use, all when left out; `order`, as given by default.
 * @returns Its specification; nothing is loaded yet.
 * @throws {RangeError} If the name is unknown (the known ones are listed), or is not of documents.
 *
 * @example
 * ```ts
 * import { documentCorpus } from "./document_corpus.ts";
 * import assert from "node:assert/strict";
 * assert.equal(documentCorpus("state-of-the-union", { order: "time" }).order, "time");
 * ```
 */
export function documentCorpus(
  name: string,
  options: Pick<DocumentOptions, "excerpt" | "order"> = {},
): DocumentCorpusSpecification {
  const { excerpt, order } = checkOptions("documentCorpus", options, {
    excerpt: documentOptions.excerpt,
    order: documentOptions.order,
  });
  const hint =
    " For documents of your own use documentFolder, jsonLinesFile, csvFile, parquetFile, " +
    "splitFile or inlineDocuments.";
  const entry = findEntry("documentCorpus", checkText("documentCorpus: name", name), hint);
  if (entry.kind !== "documents") {
    throw new RangeError(
      `documentCorpus: ${show(name)} must hold documents, found ${show(entry.kind)}.`,
    );
  }
  const { sha256, licence } = entry;
  return { kind: "documents", name, sha256: sha256!, licence, excerpt, order };
}

/** What is known of documents of the catalogue: JSON lines of text, group and time. */
export const documentCorpusKind: DocumentKind<DocumentCorpusSpecification> = {
  options: {},
  counts: "document",
  source: ({ name }) => sourceInWords({ kind: "catalogue", name }),
  files: () => null,
  whole: linesOf,
  async *read(specification, place) {
    const { name } = specification;
    const text = place.carried === undefined
      ? await linesOf(specification, place)
      : [...piecesOf(place.carried, place.subject)].map((piece) => piece.text).join("");
    yield* catalogueDocuments(text, name, place.subject);
  },
};

/**
 * The documents of JSON lines with `text`, and `group` and `time` where the first of them has them.
 *
 * @param text The lines.
 * @param file What they are from.
 * @param subject Subject of messages.
 * @throws {RangeError} With the line that is no document.
 */
export function* catalogueDocuments(
  text: string,
  file: string,
  subject: string,
): Generator<ReadDocument> {
  const end = text.indexOf("\n");
  const first = parsedLine(
    end < 0 ? text : text.slice(0, end),
    `${subject}: ${placeIn(file, "line", 1)}`,
  );
  const fields = {
    text: "text",
    group: "group" in first ? "group" : null,
    time: "time" in first ? "time" : null,
  };
  yield* jsonDocuments(text, { fields, file, first: 1, subject });
}

async function linesOf({ name }: DocumentCorpusSpecification, { subject }: Place): Promise<string> {
  const lines = await readEntry(subject, findEntry(subject, name));
  return typeof lines === "string" ? lines : decodeUtf8(lines, subject);
}
