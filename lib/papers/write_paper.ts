import { join } from "node:path";
import { checkKeys } from "../core/check.ts";
import { type FileContent, writeFilesAtomically } from "../core/files.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { readFolder } from "../core/runtime/files.ts";
import { studyCommandsIn } from "../core/study_commands.ts";
import { readStudy, refuseLink } from "../reports/report.ts";
import { comparisonName } from "../reports/comparison_definition.ts";
import type { ManyStudiesOptions } from "../statistics/compare_many_studies.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import type { PaperAddition } from "./paper_addition.ts";

/** Options of {@link writePaper}. */
export interface PaperOptions {
  /** Folder to write; `paper` in the study's folder, or `paper-with-<second>` in the first one's. */
  readonly folder?: string;
  /** What is compared within each study; of two studies their points where it is left out. */
  readonly contrast?: ManyStudiesOptions;
  /** What the paper of one study has beside, made of its records; nothing by default. */
  readonly addition?: (study: StudyRecords) => PaperAddition | null;
}

/**
 * Writes the paper of a study, or of a comparison, in LaTeX: `article.tex`, which pdflatex sets as it is,
 * and its pieces, each of which can be taken into another document.
 *
 * @param studies Folder of a study, or folders of those that are compared.
 * @param options.folder Where to write.
 * @param options.contrast What is compared within each study.
 * @param options.addition What the paper of one study has beside.
 * @returns The folder of the paper.
 * @throws {Deno.errors.NotFound} If a folder holds no study.
 */
export async function writePaper(
  studies: string | readonly string[],
  options: PaperOptions = {},
): Promise<string> {
  checkKeys("writePaper", options, ["folder", "contrast", "addition"]);
  const folders = typeof studies === "string" ? [studies] : studies;
  const sources = folders.map(readStudy);
  const [first] = folders;
  const { contrast } = options;
  const folder = options.folder ?? join(first, paperName(sources, contrast));
  const addition = sources.length === 1 ? options.addition?.(sources[0]) ?? null : null;
  const commands = studyCommandsIn(first);
  // What papers are made with takes time to load, and few sessions write one.
  const { paperFiles } = await import("./paper_files.ts");
  const files = await paperFiles({ studies: sources, contrast, commands, addition });
  for (const part of ["", "tables", "figures"]) refuseLink(join(folder, part));
  const written = files.map(({ path, content }): FileContent => ({
    path: join(folder, path),
    content,
  }));
  await writeFilesAtomically(written, await obsoleteFiles(folder, files));
  return folder;
}

/** Pieces of an earlier paper that this one lacks. */
async function obsoleteFiles(folder: string, files: readonly FileContent[]): Promise<string[]> {
  const written = new Set(files.map(({ path }) => path));
  const found: string[] = [];
  for (const [part, name] of pieces) {
    for (const each of await namesIn(join(folder, part))) {
      const path = part === "" ? each : `${part}/${each}`;
      if (name.test(each) && !written.has(path)) found.push(join(folder, path));
    }
  }
  return found;
}

/** Names that the pieces of a paper have, by their folder. */
const pieces: readonly (readonly [string, RegExp])[] = [
  ["", /^(methods(-of-\d+)?\.tex|comparison\.json)$/],
  ["tables", /^(main|[a-z]+(-[a-z]+)*-\d+(-\d+)?)\.tex$/],
  ["figures", /^figure-\d+\.(pdf|svg)$/],
];

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of readFolder(folder)) names.push(name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return names;
}

/**
 * The folder of a paper, in that of its first study: `paper`, or `paper-with-<second>`.
 *
 * @param studies Its studies.
 * @param contrast What is compared within each of them.
 */
export function paperName(
  studies: readonly StudyRecords[],
  contrast?: ManyStudiesOptions,
): string {
  if (studies.length === 1) return "paper";
  const several = studies.length > 2 ? contrast ?? {} : contrast;
  return comparisonName(studies.map(({ record }) => record.name), several)
    .replace(/^compare-with/, "paper-with").replaceAll("/", "-");
}
