import { join } from "node:path";
import { checkKeys } from "../core/check.ts";
import { type FileContent, writeFilesAtomically } from "../core/files.ts";
import { studyCommandsIn } from "../core/study_commands.ts";
import { readStudy } from "../reports/report.ts";
import { paperFiles } from "./paper_files.ts";

/** Options of {@link writePaper}. */
export interface PaperOptions {
  /** Folder to write; `paper` in the study's folder, or `paper-with-<second>` in the first one's. */
  readonly folder?: string;
}

/**
 * Writes the paper of a study, or of a comparison, in LaTeX: `article.tex`, which pdflatex sets as it is,
 * and its pieces, each of which can be taken into another document.
 *
 * @param studies Folder of a study, or folders of those that are compared.
 * @param options.folder Where to write.
 * @returns The folder of the paper.
 * @throws {Deno.errors.NotFound} If a folder holds no study.
 */
export async function writePaper(
  studies: string | readonly string[],
  options: PaperOptions = {},
): Promise<string> {
  checkKeys("writePaper", options, ["folder"]);
  const folders = typeof studies === "string" ? [studies] : studies;
  const sources = folders.map(readStudy);
  const [first] = folders;
  const others = sources.slice(1).map(({ record }) => record.name.replaceAll("/", "-"));
  const folder = options.folder ?? join(first, ["paper", ...others].join("-with-"));
  const files = await paperFiles({ studies: sources, commands: studyCommandsIn(first) });
  await writeFilesAtomically(files.map((file): FileContent => ({
    ...file,
    path: join(folder, file.path),
  })));
  return folder;
}
