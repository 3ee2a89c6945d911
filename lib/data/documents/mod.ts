/** Corpora of documents, as the library gives them to everybody. */

export { csvFile, type CsvOptions, type CsvSpecification } from "./csv_file.ts";
export type { AnyDocuments, DocumentOptions, DocumentOrder } from "./document.ts";
export { documentCorpus, type DocumentCorpusSpecification } from "./document_corpus.ts";
export {
  documentFolder,
  type DocumentFolderOptions,
  type DocumentFolderSpecification,
} from "./document_folder.ts";
export { documentFolds, type DocumentFoldsSpecification } from "./document_folds.ts";
export { type DocumentSource, documentText } from "./document_source.ts";
export type { FieldOptions } from "./fields.ts";
export {
  type InlineDocument,
  inlineDocuments,
  type InlineDocumentsSpecification,
} from "./inline_documents.ts";
export {
  jsonLinesFile,
  type JsonLinesOptions,
  type JsonLinesSpecification,
} from "./json_lines_file.ts";
export type { DocumentsSpecification } from "./kinds.ts";
export {
  findNearDuplicates,
  type NearDuplicate,
  type NearDuplicateOptions,
} from "./near_duplicates.ts";
export { openDocuments, type OpenDocumentsOptions } from "./open_documents.ts";
export { parquetFile, type ParquetOptions, type ParquetSpecification } from "./parquet_file.ts";
export { splitFile, type SplitFileOptions, type SplitFileSpecification } from "./split_file.ts";
