import { join } from "node:path";
import { checkModuleFiles } from "../core/own_module.ts";
import { resolveInside } from "../core/project.ts";
import { isNotADirectory, isNotFound } from "../core/runtime/errors.ts";
import { lstatSync, readFileSync } from "../core/runtime/files.ts";
import { validateCorpus } from "../data/corpora.ts";
import { isPairCorpus, validatePairCorpus } from "../data/pairs.ts";
import { wholeText } from "../data/whole_text.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyNeeds } from "../reports/needs.ts";
import type { StudyFolder } from "../studies/storage/folder.ts";
import { moduleName, textName } from "./_carried.ts";
import type { PackedFile } from "./_tar.ts";

/** What of the project a study takes along when it is given away. */
export interface TakenAlong {
  /**
   * Whether its text comes along, where it is not in the study or the library.
   *
   * @default {false}
   */
  readonly withText?: boolean;
  /**
   * Whether the modules of the user's own come along, to be read.
   *
   * @default {false}
   */
  readonly withModules?: boolean;
}

/** Names of the files that hold the records of a study. */
export const recordNames = ["study.json", "runs.jsonl", "ensembles.jsonl"] as const;

/** Names of the weights that runs kept. */
export function weightsNames(runs: readonly RunRecord[]): string[] {
  return runs.filter((run) => run.weights !== null).map(({ id }) => `weights/${id}.safetensors`);
}

/** A file that was made in memory. */
export function madeFile(path: string, content: string | Uint8Array): PackedFile {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { path, bytes: bytes.length, content: () => bytes };
}

/** Those files of a folder that are there; a link is none. */
export function storedFiles(folder: string, paths: readonly string[]): PackedFile[] {
  return paths.flatMap((path) => {
    const full = join(folder, path);
    const bytes = sizeOf(full);
    return bytes === null ? [] : [{ path, bytes, content: () => readFileSync(full) }];
  });
}

function sizeOf(path: string): number | null {
  try {
    const { isFile, size } = lstatSync(path);
    return isFile ? size : null;
  } catch (error) {
    if (isNotFound(error) || isNotADirectory(error)) return null;
    throw error;
  }
}

/**
 * The texts of a study that are neither in it nor in the library.
 *
 * @throws {Error} If one is not here, or another than the study's.
 */
export async function textFiles({ texts }: StudyNeeds): Promise<PackedFile[]> {
  const files: PackedFile[] = [];
  for (const { corpus, found, sha256 } of texts) {
    if (found !== "elsewhere") continue;
    const valid = isPairCorpus(corpus) ? validatePairCorpus(corpus) : validateCorpus(corpus);
    files.push(madeFile(textName(sha256), await wholeText(valid)));
  }
  return files;
}

/**
 * The modules of the user's own that a study names, to be read.
 *
 * @throws {Error} If one is not here, or another than the study's.
 */
export function moduleFiles({ modules }: StudyNeeds, { project }: StudyFolder): PackedFile[] {
  const files = modules.flatMap((own) => {
    const { files } = checkModuleFiles(project, { ...own, export: "default" });
    return Object.keys(files).map((path) =>
      madeFile(moduleName(path), readFileSync(resolveInside(project, path)))
    );
  });
  return [...new Map(files.map((file) => [file.path, file])).values()];
}
