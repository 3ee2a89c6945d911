import { createHash } from "node:crypto";
import { show } from "../core/check.ts";
import { sha256 } from "../core/hash.ts";
import type { DatasetEntry, DatasetPart } from "./catalogue.ts";
import { otherEncoding } from "./_encoding.ts";
import { decodeUtf8, joinParts, readProjectFile } from "./_sources.ts";
import { countCodePoints } from "./text.ts";
import { spacedWords } from "./tokenizers/spaced_words.ts";
import { splitTokens } from "./tokenizers/split.ts";

/** A file that a corpus of the catalogue needs. */
export interface DatasetFile {
  /** Project-relative path under which it is kept. */
  readonly path: string;
  readonly url?: string;
  /** File names under which a user may have it. */
  readonly names: readonly string[];
  /** Says in what it is not the published file; nothing when it is. */
  differences(content: Uint8Array): string[];
  /** Bytes that it has, or null where nobody has said. */
  readonly bytes: number | null;
}

/** The files of an entry; none of one that is in a package. */
export function filesOf(entry: DatasetEntry): DatasetFile[] {
  const { source } = entry;
  if ("npm" in source) return [];
  if (!("parts" in source)) {
    return [{
      ...described(source),
      bytes: entry.size?.bytes ?? null,
      differences: (content) => wholeDifferences(entry, content),
    }];
  }
  return Object.values(source.parts).map((part) => ({
    ...described(part),
    bytes: null,
    differences: (content) => partDifferences(part, content),
  }));
}

function described(
  file: { readonly path: string; readonly url?: string; readonly names?: readonly string[] },
) {
  const { path, url, names = [] } = file;
  return { path, url, names: [path.slice(path.lastIndexOf("/") + 1), ...names] };
}

/** In what a whole text is not the one that the catalogue describes. */
export function wholeDifferences(
  entry: DatasetEntry,
  content: Uint8Array | string,
): string[] {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const found = [difference("SHA-256", entry.sha256, sha256(bytes))];
  if (entry.size !== null) {
    found.push(difference("number of bytes", entry.size.bytes, bytes.length));
    const points = countCodePoints(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
    found.push(difference("number of code points", entry.size.codePoints, points));
  }
  const other = found[0] === null ? null : otherEncoding(bytes);
  if (other !== null) found.push(`it must be UTF-8, found ${other}`);
  if (entry.pairs !== undefined) {
    const lines = new TextDecoder().decode(bytes).split(/\r\n|\n|\r/);
    const pairs = lines.filter((line) => line.trim() !== "").length;
    found.push(difference("number of pairs", entry.pairs, pairs));
  }
  return found.filter((each) => each !== null);
}

function partDifferences({ tokens, md5 }: DatasetPart, content: Uint8Array): string[] {
  const counted = splitTokens(spacedWords(), decodeUtf8(content, "The file")).length;
  const hash = createHash("md5").update(content).digest("hex");
  return [
    difference("number of tokens", tokens, counted),
    md5 === undefined ? null : difference("MD5", md5, hash),
  ].filter((each) => each !== null);
}

function difference(what: string, expected: unknown, found: unknown): string | null {
  return expected === found ? null : `its ${what} must be ${expected}, found ${found}`;
}

/**
 * Checksum and size of a corpus: as the catalogue states them, or, of a corpus in parts, those of the
 * files that are there, once each has its published number of tokens.
 *
 * @throws {Deno.errors.NotFound} If a part has not been fetched.
 * @throws {Error} If a part is not the published one.
 */
export function knownContent(
  subject: string,
  entry: DatasetEntry,
): { sha256: string; codePoints: number } {
  if (entry.sha256 !== null && entry.size !== null) {
    return { sha256: entry.sha256, codePoints: entry.size.codePoints };
  }
  const name = `${subject}: ${show(entry.name)}`;
  const files = filesOf(entry);
  const whole = joinParts(name, files);
  for (const { path, differences } of files) {
    const found = differences(readProjectFile(name, path));
    if (found.length > 0) {
      throw new Error(`${name} cannot be used: of ${path}, ${found.join("; ")}.`);
    }
  }
  return { sha256: sha256(whole), codePoints: countCodePoints(decodeUtf8(whole, name)) };
}
