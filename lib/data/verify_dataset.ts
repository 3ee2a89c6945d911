import { visibleText } from "../core/html.ts";
import { projectFolder } from "../core/project.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import type { DatasetEntry } from "./catalogue.ts";
import { filesOf, wholeDifferences } from "./_content.ts";
import { readEntry, readProjectFile } from "./_sources.ts";

/** What was found of a corpus of the catalogue. */
export interface DatasetState {
  /** `verified`, `absent` when a file has not been fetched, or `different`. */
  readonly state: "verified" | "absent" | "different";
  /** What is absent or different, a line each. */
  readonly problems: readonly string[];
}

/**
 * Looks whether a corpus is here and is the one that the catalogue describes: by its SHA-256, size and
 * number of pairs, or of a corpus in parts by the published number of tokens (and MD5) of each.
 *
 * @param entry Entry of the catalogue.
 * @param project Project folder; the nearest one with a deno.json by default.
 */
export async function verifyDataset(
  entry: DatasetEntry,
  project: string = projectFolder(),
): Promise<DatasetState> {
  const files = filesOf(entry);
  if (files.length === 0) {
    return stateOf(wholeDifferences(entry, await readEntry(entry.name, entry)));
  }
  const absent: string[] = [];
  const different: string[] = [];
  for (const { path, differences } of files) {
    try {
      const found = differences(readProjectFile(entry.name, path, "", project));
      different.push(...found.map((each) => `${visibleText(path)}: ${each}`));
    } catch (error) {
      if (isNotFound(error)) absent.push(`${visibleText(path)} is not there`);
      else different.push(`${visibleText(path)}: ${(error as Error).message}`);
    }
  }
  if (different.length > 0) return stateOf([...different, ...absent]);
  return { state: absent.length > 0 ? "absent" : "verified", problems: absent };
}

function stateOf(problems: readonly string[]): DatasetState {
  return { state: problems.length === 0 ? "verified" : "different", problems };
}
