import { Buffer } from "node:buffer";
import { show } from "../core/check.ts";
import { sha256 } from "../core/hash.ts";
import { filesOf } from "./_content.ts";
import { findEntry, readProjectFile } from "./_sources.ts";
import { readCatalogue } from "./catalogue.ts";
import type { CorpusSpecification } from "./corpora.ts";
import { documentKindOf, isDocuments } from "./documents/kinds.ts";
import type { PairCorpusSpecification } from "./pairs.ts";

/**
 * The files of the project that a corpus is read from: none of one that is in a package or in the
 * specification itself; with a corpus of the project's own catalogue, the part of that which names it.
 *
 * @param corpus A corpus, of a text or of pairs.
 * @param project Project folder.
 * @returns Bytes by project-relative path.
 * @throws {Deno.errors.NotFound} If a file is not there.
 * @throws {RangeError} If they have another SHA-256 than the corpus.
 *
 * @example
 * ```ts
 * import { corpus } from "./corpora.ts";
 * import { sourceFiles } from "./source_files.ts";
 * import assert from "node:assert/strict";
 * assert.equal(sourceFiles(corpus("moby-dick"), ".").size, 0);
 * ```
 */
export function sourceFiles(
  corpus: CorpusSpecification | PairCorpusSpecification,
  project: string,
): Map<string, Uint8Array> {
  const subject = `Corpus ${show(corpus.name)}`;
  const files = new Map<string, Uint8Array>();
  if (isDocuments(corpus) && corpus.kind !== "documents") {
    const { files: paths, hash } = documentKindOf(corpus);
    for (const path of paths(corpus, { subject, project }) ?? []) {
      files.set(path, readProjectFile(subject, path, "", project));
    }
    if (hash) refuseOther(subject, corpus.sha256, hash(corpus, { subject, project }));
    return files;
  }
  if ("text" in corpus) return files;
  const entry = "path" in corpus ? null : findEntry(subject, corpus.name, "", project);
  const paths = "path" in corpus ? [corpus.path] : filesOf(entry!).map(({ path }) => path);
  for (const path of paths) files.set(path, readProjectFile(subject, path, "", project));
  if (files.size > 0) {
    refuseOther(subject, corpus.sha256, sha256(Buffer.concat([...files.values()])));
  }
  if (entry !== null && readCatalogue(null).datasets.every(({ name }) => name !== corpus.name)) {
    const catalogue = JSON.stringify({ schemaVersion: 1, datasets: [entry] });
    files.set("datasets/catalogue.json", new TextEncoder().encode(catalogue));
  }
  return files;
}

function refuseOther(subject: string, wanted: string, found: string): void {
  if (found === wanted) return;
  throw new RangeError(
    `${subject} cannot be used: its SHA-256 must be ${wanted}, found ${found}.`,
  );
}
