import { join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { keptFolder } from "../../core/kept_folder.ts";
import { isNotFound } from "../../core/runtime/errors.ts";
import {
  type OpenFile,
  openFile,
  readAtSync,
  readFile,
  readTextFile,
  remove,
  rename,
  writeTextFile,
  writeWholeSync,
} from "../../core/runtime/files.ts";
import { blocksOf, BlockWriter } from "./blocks.ts";
import {
  type CheckedDocument,
  type DocumentTable,
  type Numbers,
  orderOf,
  reordered,
  TableMaker,
} from "./_table.ts";
import type { Bytes } from "./document_source.ts";
import type { DocumentsSpecification } from "./kinds.ts";

/** Documents in a folder of the project. */
export interface KeptDocuments {
  readonly folder: string;
  readonly table: DocumentTable;
  readonly bytes: Bytes;
}

/** Raised where a kept folder's content would be another. */
const formatVersion = 2;

const columns = ["lengths", "groups", "times", "files", "places"] as const;

/** What `index.json` says besides its own SHA-256. */
type Index = {
  readonly documents: number;
  readonly columns: readonly (typeof columns)[number][];
  readonly columnsSha256: string;
  readonly blocks: readonly string[];
} & Pick<DocumentTable, "groupNames" | "fileNames" | "timeKind">;

/** Folder below which documents are kept. */
export function documentStore(project: string): string {
  return join(project, ".temporary", "documents");
}

/** Folder of a corpus, named by what its text depends on. */
function folderOf(specification: DocumentsSpecification, project: string): string {
  const { name: _, licence: __, ...read } = specification;
  const key = sha256(canonicalJson({ formatVersion, ...read } as unknown as JsonObject));
  return join(documentStore(project), key);
}

/** The documents of a corpus that were kept before; null where there are none, or not as they were written. */
export function keptDocuments(
  specification: DocumentsSpecification,
  project: string,
): Promise<KeptDocuments | null> {
  return readFolder(folderOf(specification, project));
}

/**
 * Keeps the documents of a corpus for every process, unless another one does so meanwhile: then it waits for
 * that one.
 *
 * @returns Null where this process may not write there.
 * @throws {OutsideTrouble} If the disk does not take them.
 */
export function keepDocuments(
  specification: DocumentsSpecification,
  project: string,
  documents: () => AsyncIterable<CheckedDocument>,
): Promise<KeptDocuments | null> {
  return keptFolder(folderOf(specification, project), {
    read: readFolder,
    write: (folder) => writeFolder(folder, specification, documents()),
  });
}

async function readFolder(folder: string): Promise<KeptDocuments | null> {
  try {
    const { sha256: own, ...index }: Index & { sha256: string } = JSON.parse(
      await readTextFile(join(folder, "index.json")),
    );
    const stored = await readFile(join(folder, "columns"));
    if (sha256(canonicalJson(index)) !== own || sha256(stored) !== index.columnsSha256) return null;
    return {
      folder,
      table: tableOf(index, new Float64Array(stored.buffer)),
      bytes: blocksOf(join(folder, "text"), index.blocks),
    };
  } catch (error) {
    if (isNotFound(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}

function tableOf(index: Index, numbers: Numbers): DocumentTable {
  const column = (name: (typeof columns)[number]) => {
    const place = index.columns.indexOf(name);
    if (place < 0) return null;
    return numbers.subarray(place * index.documents, (place + 1) * index.documents);
  };
  const { groupNames, fileNames, timeKind } = index;
  return {
    ...{ groupNames, fileNames, timeKind },
    lengths: column("lengths")!,
    groups: column("groups"),
    times: column("times"),
    files: column("files")!,
    places: column("places")!,
  };
}

async function writeFolder(
  folder: string,
  { name, order }: DocumentsSpecification,
  documents: AsyncIterable<CheckedDocument>,
): Promise<void> {
  const maker = new TableMaker();
  const encoder = new TextEncoder();
  using given = await openFile(join(folder, "given"), { read: true, write: true, createNew: true });
  const writer = new BlockWriter(given);
  for await (const document of documents) {
    const bytes = encoder.encode(document.text);
    maker.add(document, bytes.length);
    writer.write(bytes);
  }
  let blocks = writer.end();
  let table = maker.table();
  const places = orderOf(`Corpus ${name}`, order, table);
  if (places === null) {
    await given.sync();
    await rename(join(folder, "given"), join(folder, "text"));
  } else {
    using text = await openFile(join(folder, "text"), { write: true, createNew: true });
    blocks = copyInOrder(given, text, table.lengths, places);
    table = reordered(table, places);
    await text.sync();
    await remove(join(folder, "given"));
  }
  await writeTable(folder, table, blocks);
}

/** Copies documents one by one into another order. */
function copyInOrder(
  given: OpenFile,
  text: OpenFile,
  lengths: Numbers,
  places: Int32Array,
): readonly string[] {
  const starts = new Float64Array(lengths.length);
  let end = 0;
  for (const [place, length] of lengths.entries()) {
    starts[place] = end;
    end += length;
  }
  const writer = new BlockWriter(text);
  for (const place of places) writer.write(readAtSync(given, starts[place], lengths[place]));
  return writer.end();
}

async function writeTable(
  folder: string,
  table: DocumentTable,
  blocks: readonly string[],
): Promise<void> {
  const there = columns.filter((column) => table[column] !== null);
  const numbers = new Float64Array(there.length * table.lengths.length);
  for (const [place, column] of there.entries()) {
    numbers.set(table[column]!, place * table.lengths.length);
  }
  const bytes = new Uint8Array(numbers.buffer);
  using file = await openFile(join(folder, "columns"), { write: true, createNew: true });
  writeWholeSync(file, bytes);
  await file.sync();
  const { groupNames, fileNames, timeKind } = table;
  const index: Index = {
    ...{ documents: table.lengths.length, columns: there, columnsSha256: sha256(bytes), blocks },
    ...{ groupNames, fileNames, timeKind },
  };
  await writeTextFile(
    join(folder, "index.json"),
    JSON.stringify({ ...index, sha256: sha256(canonicalJson(index)) }),
  );
}
