import { join } from "node:path";
import { checkKeys } from "../core/check.ts";
import { type FileContent, writeFilesAtomically } from "../core/files.ts";
import { studyCommandsIn } from "../core/study_commands.ts";
import { readStudy } from "../reports/report.ts";
import { comparisonName } from "../reports/comparison_definition.ts";
import type { ManyStudiesOptions } from "../statistics/compare_many_studies.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import type { PaperAddition } from "./paper_addition.ts";
import { paperFiles } from "./paper_files.ts";

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
  const files = await paperFiles({ studies: sources, contrast, commands, addition });
  await writeFilesAtomically(files.map((file): FileContent => ({
    ...file,
    path: join(folder, file.path),
  })));
  return folder;
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
