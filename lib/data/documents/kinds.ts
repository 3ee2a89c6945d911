import { checkOneOf } from "../../core/check.ts";
import { checkOptions, option, passed, text } from "../../core/options.ts";
import { checkSha256 } from "../catalogue.ts";
import { csvKind, type CsvSpecification } from "./csv_file.ts";
import { documentCorpusKind, type DocumentCorpusSpecification } from "./document_corpus.ts";
import { documentFolderKind, type DocumentFolderSpecification } from "./document_folder.ts";
import { type DocumentKind, storedOptions } from "./document.ts";
import { inlineDocumentsKind, type InlineDocumentsSpecification } from "./inline_documents.ts";
import { jsonLinesKind, type JsonLinesSpecification } from "./json_lines_file.ts";
import { parquetKind, type ParquetSpecification } from "./parquet_file.ts";
import { splitFileKind, type SplitFileSpecification } from "./split_file.ts";

/** A corpus of documents as a specification holds it: plain JSON with everything that its text depends on. */
export type DocumentsSpecification =
  | DocumentCorpusSpecification
  | DocumentFolderSpecification
  | JsonLinesSpecification
  | CsvSpecification
  | ParquetSpecification
  | SplitFileSpecification
  | InlineDocumentsSpecification;

/** Every kind of corpora of documents. */
export const documentKinds: {
  readonly [Kind in DocumentsSpecification["kind"]]: DocumentKind<
    Extract<DocumentsSpecification, { kind: Kind }>
  >;
} = {
  documents: documentCorpusKind,
  documentFolder: documentFolderKind,
  jsonLines: jsonLinesKind,
  csv: csvKind,
  parquet: parquetKind,
  splitFile: splitFileKind,
  inlineDocuments: inlineDocumentsKind,
};

/** What is known of the kind of a corpus of documents. */
export function documentKindOf(
  { kind }: Pick<DocumentsSpecification, "kind">,
): DocumentKind<DocumentsSpecification> {
  return documentKinds[kind] as DocumentKind<DocumentsSpecification>;
}

/** Whether a value read from JSON names documents, not one text. */
export function isDocuments(value: unknown): value is DocumentsSpecification {
  const kind = (value as { kind?: unknown } | null)?.kind;
  return typeof kind === "string" && Object.hasOwn(documentKinds, kind);
}

/**
 * Checks that a value read from JSON is the specification of a corpus of documents.
 *
 * @throws {TypeError | RangeError} With the field, the value found and those allowed.
 */
export function validateDocuments(value: unknown): DocumentsSpecification {
  const specification = value as DocumentsSpecification;
  checkOneOf("documents: kind", specification?.kind, Object.keys(documentKinds));
  checkOptions("documents", value, {
    kind: passed(),
    name: text(),
    sha256: option(checkSha256),
    licence: text(),
    ...storedOptions,
    ...documentKindOf(specification).options,
  });
  return specification;
}
