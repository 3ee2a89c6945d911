import { basename, dirname, join } from "node:path";
import { checkKeys } from "../core/check.ts";
import { type FileContent, writeFileAtomically, writeFilesAtomically } from "../core/files.ts";
import { isNotFound, notFound } from "../core/runtime/errors.ts";
import { type FolderEntry, lstatSync, readFolder } from "../core/runtime/files.ts";
import { type StudyCommands, studyCommandsIn } from "../core/study_commands.ts";
import { plotlyScript } from "../plots/plotly_script.ts";
import { readRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { type ReportDocument, reportDocument } from "./document.ts";
import { type FigurePaths, renderMarkdown } from "./markdown.ts";
import { renderPage } from "./page.ts";

/** Options of {@link writeReport} and {@link writeMarkdownReport}. */
export interface ReportOptions {
  /** Where to write; `report.html` in the study's folder when left out. */
  readonly path?: string;
  /** Command that runs the study, shown under "To reproduce". */
  readonly command?: string;
}

/**
 * Writes the report of a study as one HTML file that needs nothing else: figures, scripts and styles
 * are in it, and it asks for nothing from the network.
 *
 * It is written from `study.json` and `runs.jsonl` alone; the same records give the same bytes. An
 * incomplete study, or one whose every run diverged, gives a report that says so.
 *
 * @param study Folder of a study (`results/<name>`), or a study with its folder.
 * @param options.path Where to write.
 * @param options.command Command that runs the study.
 * @returns Path of the file.
 * @throws {Deno.errors.NotFound} If the folder holds no study.
 */
export async function writeReport(
  study: string | (StudyRecords & { readonly folder: string }),
  options: ReportOptions = {},
): Promise<string> {
  checkKeys("writeReport", options, ["path", "command"]);
  const folder = typeof study === "string" ? study : study.folder;
  const source = typeof study === "string" ? readStudy(folder) : study;
  const path = options.path ?? join(folder, "report.html");
  const page = renderReport(source, {
    script: await plotlyScript(),
    command: options.command ?? null,
    commands: studyCommandsIn(folder),
  });
  await writeFileAtomically(path, page);
  return path;
}

/**
 * Writes the report of a study as Markdown with its figures as PNG, light and dark, for where a page
 * with scripts is not shown, such as GitHub.
 *
 * @param study Folder of a study (`results/<name>`), or a study with its folder.
 * @param options.path Where to write; `report.md` in the study's folder when left out. The pictures go to
 * `figures/` beside it; those of an earlier report are replaced.
 * @param options.command Command that runs the study.
 * @returns Path of the file.
 * @throws {Deno.errors.NotFound} If the folder holds no study.
 */
export async function writeMarkdownReport(
  study: string | (StudyRecords & { readonly folder: string }),
  options: ReportOptions = {},
): Promise<string> {
  checkKeys("writeMarkdownReport", options, ["path", "command"]);
  const folder = typeof study === "string" ? study : study.folder;
  const source = typeof study === "string" ? readStudy(folder) : study;
  const path = options.path ?? join(folder, "report.md");
  const document = reportDocument(source, options.command ?? null, studyCommandsIn(folder));
  await writeMarkdown(document, path, "figure");
  return path;
}

/**
 * Writes a document as Markdown with its figures, light and dark, in `figures/` beside it.
 *
 * @param document What to write.
 * @param path Where to.
 * @param prefix What the names of its pictures begin with; those of an earlier one are replaced.
 * @throws {Error} If `figures` is a link: one that came with a study would lead anywhere.
 */
export async function writeMarkdown(
  document: ReportDocument,
  path: string,
  prefix: string,
): Promise<void> {
  const folder = dirname(path);
  refuseLink(join(folder, "figures"));
  const paths = document.figures.map((_, index) => figurePaths(index, prefix));
  const files: FileContent[] = [];
  for (const [index, figure] of document.figures.entries()) {
    for (const scheme of ["light", "dark"] as const) {
      const content = await figure.png({ dark: scheme === "dark" });
      files.push({ path: join(folder, paths[index][scheme]), content });
    }
  }
  files.push({ path, content: renderMarkdown(document, paths) });
  const names = new Set(files.map(({ path }) => basename(path)));
  const obsolete: string[] = [];
  for await (const { name } of filesOf(join(folder, "figures"))) {
    const rest = name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : "";
    if (/^\d+(-dark)?\.png$/.test(rest) && !names.has(name)) {
      obsolete.push(join(folder, "figures", name));
    }
  }
  await writeFilesAtomically(files, obsolete);
}

/**
 * Refuses to write into a folder that is a link.
 *
 * @throws {Error} If it is one; what came with a study would lead anywhere.
 */
export function refuseLink(path: string): void {
  try {
    if (!lstatSync(path).isSymlink) return;
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  throw new Error(`Cannot write into ${path}: it is a link. Remove it, and try again.`);
}

/** Paths of the pictures of a figure, beside the Markdown file. */
export function figurePaths(index: number, prefix = "figure"): FigurePaths {
  const name = `figures/${prefix}-${String(index + 1).padStart(2, "0")}`;
  return { light: `${name}.png`, dark: `${name}-dark.png` };
}

async function* filesOf(folder: string): AsyncIterable<FolderEntry> {
  try {
    yield* readFolder(folder);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Reads the records of a study from its folder. */
export function readStudy(folder: string): StudyRecords {
  const path = join(folder, "study.json");
  const record = readStudyRecord(path);
  if (record === null) {
    throw notFound(`Cannot report on ${folder}: ${path} does not exist.`);
  }
  const records = readRuns(join(folder, "runs.jsonl"));
  const ensembles = readRuns(join(folder, "ensembles.jsonl"));
  return { record, records, ...(ensembles.length > 0 && { ensembles }) };
}

/**
 * The report of a study as HTML.
 *
 * @param source Its records.
 * @param options.script The script of plotly.js.
 * @param options.command Command that runs the study, or null.
 * @param options.commands Commands of the project that holds it.
 */
export function renderReport(
  source: StudyRecords,
  { script, command, commands }: {
    readonly script: string;
    readonly command: string | null;
    readonly commands?: StudyCommands;
  },
): string {
  return renderPage(reportDocument(source, command, commands), script);
}
