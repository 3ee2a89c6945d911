import { join, relative } from "node:path";
import { show } from "../core/check.ts";
import { sha256 } from "../core/hash.ts";
import { projectFolder, resolveInside } from "../core/project.ts";
import { realPathSync } from "../core/runtime/files.ts";
import { type DatasetEntry, readCatalogue } from "./catalogue.ts";
import { filesOf } from "./_content.ts";
import type { CorpusSpecification } from "./corpora.ts";
import { documentKindOf, type DocumentsSpecification, isDocuments } from "./documents/kinds.ts";
import type { PairCorpusSpecification } from "./pairs.ts";
import { joinParts } from "./_sources.ts";

/**
 * Refuses a corpus that a project does not list, or that is another one in it: what somebody else asks
 * this machine to read.
 *
 * Listed are the corpora of the catalogue, the files of its entries, and those files and folders that
 * are named here. Nothing is looked at before it is known to be listed. Texts that stand in the
 * specification itself are the asker's own. No message says of a file what the asker did not say: no
 * content, length or checksum, and of one that is not listed not even whether it exists.
 *
 * @param corpus As `validateCorpus` or `validatePairCorpus` gives it.
 * @param options `project`: its folder, the nearest one with a deno.json by default. `listed`: paths in
 * it of more files, or of folders all whose files are listed; none by default.
 * @throws {Error} If the corpus is not listed, is not there, is another one, or is reached by a link
 * that leads out of the project.
 *
 * @example
 * ```ts
 * import { inlineText } from "./corpora.ts";
 * import { checkListedCorpus } from "./listed_corpora.ts";
 * import assert from "node:assert/strict";
 * checkListedCorpus(inlineText("call me"));
 * const corpus = { ...inlineText("call me"), kind: "file", path: "deno.json" } as const;
 * assert.throws(() => checkListedCorpus(corpus), /"deno\.json", which this project does not list/);
 * ```
 */
export function checkListedCorpus(
  corpus: CorpusSpecification | PairCorpusSpecification,
  { project = projectFolder(), listed = [] }: {
    readonly project?: string;
    readonly listed?: readonly string[];
  } = {},
): void {
  if (corpus.kind === "inline" || corpus.kind === "inlinePairs" || corpus.kind === "inlineRows") {
    return checkHash(`Corpus ${show(corpus.name)}`, corpus.sha256, sha256(corpus.text));
  }
  if (corpus.kind === "inlineDocuments") return;
  const datasets = entriesOf(project);
  if (isDocuments(corpus) && corpus.kind !== "documents") {
    return checkListedDocuments(corpus, datasets, { project, listed });
  }
  if ("path" in corpus) {
    const subject = `Corpus ${show(corpus.name)} is the file ${
      show(corpus.path)
    }, which this project`;
    const known = [...datasets.flatMap(filesOf).map(({ path }) => path), ...listed];
    if (!isListed(corpus.path, known)) {
      throw new Error(
        `${subject} does not list. Start the worker with --corpus and this path, or add the file to ` +
          `the project's catalogue by "deno task datasets add".`,
      );
    }
    return checkFiles(subject, corpus.sha256, [corpus], project);
  }
  const subject = `Corpus ${show(corpus.name)} of the catalogue`;
  const entry = datasets.find(({ name }) => name === corpus.name);
  if (entry === undefined) throw new Error(`${subject} is not in this project's catalogue.`);
  if (entry.sha256 !== null) checkHash(subject, corpus.sha256, entry.sha256);
  const files = filesOf(entry);
  if (files.length > 0) {
    checkFiles(`${subject} has a file that this project`, corpus.sha256, files, project);
  }
}

/** The same of documents, all whose files must be listed before one of them is looked at. */
function checkListedDocuments(
  corpus: DocumentsSpecification,
  datasets: readonly DatasetEntry[],
  { project, listed }: { readonly project: string; readonly listed: readonly string[] },
): void {
  const path = "path" in corpus ? corpus.path : folderOfGlob(corpus);
  const subject = `Corpus ${show(corpus.name)} is in ${show(path)}, which this project`;
  const known = [...datasets.flatMap(filesOf).map(({ path }) => path), ...listed];
  if (!isListed(path, known)) {
    throw new Error(
      `${subject} does not list. Start the worker with --corpus and this path, or add the file to ` +
        `the project's catalogue by "deno task datasets add".`,
    );
  }
  const kind = documentKindOf(corpus);
  let found: string | undefined;
  try {
    const files = kind.files(corpus, { subject, project }) ?? [];
    refuseLinks(files.map((each) => ({ path: each })), project);
    found = kind.hash?.(corpus, { subject, project });
  } catch {
    throw new Error(
      `${subject} does not have, cannot read, or has by a link that leads out of it.`,
    );
  }
  if (found !== corpus.sha256) {
    throw new Error(
      `${subject} has with other documents than those with the SHA-256 ${corpus.sha256}.`,
    );
  }
}

/** The folder below which all files of a pattern are. */
function folderOfGlob(corpus: DocumentsSpecification): string {
  const parts = "glob" in corpus ? corpus.glob.split("/") : [];
  const first = parts.findIndex((part) => /[*?]/.test(part));
  return parts.slice(0, first < 0 ? parts.length : first).join("/");
}

function entriesOf(project: string): readonly DatasetEntry[] {
  try {
    return readCatalogue(project).datasets;
  } catch {
    throw new Error('This project\'s catalogue is damaged; "deno task datasets list" says how.');
  }
}

function checkHash(subject: string, wanted: string, found: string): void {
  if (found !== wanted) {
    throw new Error(`${subject} is not the text here that has the SHA-256 ${wanted}.`);
  }
}

/** Whether a path is one of those listed, or below one. */
function isListed(path: string, listed: readonly string[]): boolean {
  // Where the project really is does not matter for this.
  const inside = (each: string) => {
    try {
      return relative("/project", resolveInside("/project", each));
    } catch {
      return null;
    }
  };
  const wanted = inside(path);
  return wanted !== null &&
    listed.map(inside).some((each) =>
      each !== null && (wanted === each || wanted.startsWith(join(each, "/")))
    );
}

function checkFiles(
  subject: string,
  wanted: string,
  files: readonly { readonly path: string }[],
  project: string,
): void {
  let content: Uint8Array;
  try {
    refuseLinks(files, project);
    content = joinParts(subject, files, project);
  } catch {
    throw new Error(
      `${subject} does not have, cannot read, or has by a link that leads out of it.`,
    );
  }
  if (sha256(content) !== wanted) {
    throw new Error(`${subject} has with another text than the one with the SHA-256 ${wanted}.`);
  }
}

/** Refuses files that are reached by a link that leads out of the project. */
function refuseLinks(files: readonly { readonly path: string }[], project: string): void {
  const root = join(realPathSync(project), "/");
  const real = files.map(({ path }) => realPathSync(resolveInside(project, path)));
  if (!real.every((path) => path.startsWith(root))) throw new Error("a link leads out");
}
