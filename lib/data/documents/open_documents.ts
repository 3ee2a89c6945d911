import { show } from "../../core/check.ts";
import { sha256 as hashOf } from "../../core/hash.ts";
import { needed, OutsideTrouble } from "../../core/outside_trouble.ts";
import { projectFolder, resolveInside } from "../../core/project.ts";
import { readFileSync, statSync } from "../../core/runtime/files.ts";
import { carriedTextPath } from "../_carried_text.ts";
import { refuseBlank } from "../_sources.ts";
import { placeIn } from "./_pieces.ts";
import { keepDocuments, type KeptDocuments, keptDocuments } from "./kept_documents.ts";
import { type CheckedDocument, orderOf, reordered, TableMaker } from "./_table.ts";
import { type DocumentSource, documentSource } from "./document_source.ts";
import type { Place } from "./document.ts";
import { documentKindOf, type DocumentsSpecification, validateDocuments } from "./kinds.ts";

/** Files that are larger are read once, into a folder of the project, and from there at random. */
const mostInMemory = 1 << 23;

/** How {@link openDocuments} opens documents. */
export interface OpenDocumentsOptions {
  /** Project folder; the nearest one with a deno.json by default. */
  readonly project?: string;
  /** Bytes of files that are read into memory; what is larger is kept in `.temporary/documents/`. */
  readonly mostInMemory?: number;
}

/**
 * Opens a corpus of documents: each is read, checked and laid end to end with the others in the order that
 * the specification asks for.
 *
 * Large files are written once, as UTF-8 and a table, to `.temporary/documents/`, in a folder named by the
 * SHA-256 of what the text depends on, and are from then on read from there, at random, by every process: a
 * folder is there whole or not at all, and what is read of it is compared with checksums.
 *
 * @param specification As one of the constructors gave it.
 * @throws {RangeError} With file and line, if a document is empty, is not UTF-8, lacks a field, has no group
 * or time where others have one, or the excerpt leaves the corpus.
 * @throws {OutsideTrouble} If the text has another SHA-256 than the specification, or is not there.
 *
 * @example
 * ```ts
 * import { inlineDocuments } from "./inline_documents.ts";
 * import { openDocuments } from "./open_documents.ts";
 * import assert from "node:assert/strict";
 * const source = await openDocuments(inlineDocuments([{ text: "鯨" }, { text: "ahoy" }]));
 * assert.deepEqual([...source.documentEnds], [3, 7]);
 * assert.equal(source.read(3, 7), "ahoy");
 * assert.equal(source.origin(1), '"inline documents", document 2');
 * ```
 */
export async function openDocuments(
  specification: DocumentsSpecification,
  options: OpenDocumentsOptions = {},
): Promise<DocumentSource> {
  const valid = validateDocuments(specification);
  const kind = documentKindOf(valid);
  const project = options.project ?? (isInStudy(valid) ? "" : projectFolder());
  const place: Place = { subject: `Corpus ${show(valid.name)}`, project };
  const opened = ({ table, bytes, folder }: KeptDocuments) =>
    documentSource(table, bytes, { counts: kind.counts, folder });
  const before = isInStudy(valid) ? null : await keptDocuments(valid, project);
  if (before !== null) return opened(before);
  const verified = await verifiedPlace(valid, place);
  const documents = () => checkedDocuments(valid, verified);
  /** What is kept is trusted from then on, and the file may change while it is read, or waited for. */
  const unchanged = async function* () {
    yield* documents();
    const after = await verifiedPlace(valid, place);
    if (after.carried === verified.carried) return;
    throw new OutsideTrouble(`${place.subject} cannot be used: its file changed as it was read.`);
  };
  const kept = sizeOf(valid, verified) > (options.mostInMemory ?? mostInMemory)
    ? await keepDocuments(valid, project, unchanged)
    : null;
  if (kept !== null) return opened(kept);
  return await inMemory(valid, documents());
}

function isInStudy({ kind }: DocumentsSpecification): boolean {
  return kind === "inlineDocuments" || kind === "documents";
}

/** Where the documents are whose SHA-256 is that of the specification. */
async function verifiedPlace(specification: DocumentsSpecification, place: Place): Promise<Place> {
  const { sha256 } = specification;
  const kind = documentKindOf(specification);
  const found = await needed(async () =>
    kind.hash?.(specification, place) ?? hashOf(await kind.whole(specification, place))
  ).catch((error: Error) => error);
  if (found === sha256) return place;
  const carried = specification.kind === "inlineDocuments"
    ? null
    : carriedTextPath(sha256, place.project || projectFolder());
  if (carried !== null) return { ...place, carried };
  if (found instanceof Error) throw found;
  throw new OutsideTrouble(
    `${place.subject} cannot be used: its SHA-256 must be ${sha256}, found ${found}. Its text is not the ` +
      `one that the specification was written for.`,
  );
}

/**
 * What the SHA-256 of a corpus of documents is of, whole: a file, or JSON lines; to be given away with a study.
 *
 * @throws {OutsideTrouble} If it has another SHA-256 than the specification, or is not there.
 */
export async function wholeDocuments(
  specification: DocumentsSpecification,
): Promise<string | Uint8Array> {
  const project = isInStudy(specification) ? "" : projectFolder();
  const place = { subject: `Corpus ${show(specification.name)}`, project };
  const { carried } = await verifiedPlace(specification, place);
  if (carried !== undefined) return readFileSync(carried);
  return await documentKindOf(specification).whole(specification, place);
}

/** Bytes of the files that a corpus is read from; 0 of one that is in memory as it is. */
function sizeOf(specification: DocumentsSpecification, place: Place): number {
  if (place.carried !== undefined) return statSync(place.carried).size;
  const files = documentKindOf(specification).files(specification, place) ?? [];
  return files.reduce((sum, path) => sum + statSync(resolveInside(place.project, path)).size, 0);
}

/** The documents of the excerpt, each checked. */
async function* checkedDocuments(
  specification: DocumentsSpecification,
  place: Place,
): AsyncGenerator<CheckedDocument> {
  const { excerpt } = specification;
  const { read, counts } = documentKindOf(specification);
  const end = excerpt === null ? Infinity : excerpt.start + excerpt.length;
  let number = 0;
  for await (const document of read(specification, place)) {
    if (number >= end) break;
    if (number++ < (excerpt?.start ?? 0)) continue;
    const where = `${place.subject}: ${placeIn(document.file, counts, document.place)}`;
    refuseBlank(where, document.text);
    if (!document.text.isWellFormed()) {
      throw new RangeError(`${where} must be well-formed, found half a surrogate pair.`);
    }
    yield { ...document, where };
  }
  if (number === 0) throw new RangeError(`${place.subject} must hold documents, found none.`);
  if (excerpt !== null && number < end) {
    throw new RangeError(
      `${place.subject}: the excerpt must end at or before document ${number}, found ${excerpt.start} + ` +
        `${excerpt.length}.`,
    );
  }
}

async function inMemory(
  specification: DocumentsSpecification,
  documents: AsyncIterable<CheckedDocument>,
): Promise<DocumentSource> {
  const maker = new TableMaker();
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for await (const document of documents) {
    const bytes = encoder.encode(document.text);
    maker.add(document, bytes.length);
    parts.push(bytes);
  }
  const given = maker.table();
  const order = orderOf(`Corpus ${show(specification.name)}`, specification.order, given);
  const table = order === null ? given : reordered(given, order);
  const whole = new Uint8Array(table.lengths.reduce((sum, length) => sum + length, 0));
  let start = 0;
  for (let place = 0; place < parts.length; place++) {
    const part = parts[order === null ? place : order[place]];
    whole.set(part, start);
    start += part.length;
  }
  return documentSource(
    table,
    { at: (position) => whole[position], read: (from, to) => whole.subarray(from, to) },
    { counts: documentKindOf(specification).counts, folder: null },
  );
}
