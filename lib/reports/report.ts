import { join } from "node:path";
import { checkKeys } from "../core/check.ts";
import { writeFileAtomically } from "../core/files.ts";
import { plotlyScript } from "../plots/plotly_script.ts";
import { readRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { reportDocument } from "./document.ts";
import { renderPage } from "./page.ts";

/** Options of {@link writeReport}. */
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
  });
  await writeFileAtomically(path, page);
  return path;
}

/** Reads the records of a study from its folder. */
export function readStudy(folder: string): StudyRecords {
  const path = join(folder, "study.json");
  const record = readStudyRecord(path);
  if (record === null) {
    throw new Deno.errors.NotFound(`Cannot report on ${folder}: ${path} does not exist.`);
  }
  return { record, records: readRuns(join(folder, "runs.jsonl")) };
}

/**
 * The report of a study as HTML.
 *
 * @param source Its records.
 * @param options.script The script of plotly.js.
 * @param options.command Command that runs the study, or null.
 */
export function renderReport(
  source: StudyRecords,
  options: { readonly script: string; readonly command: string | null },
): string {
  return renderPage(reportDocument(source, options.command), options.script);
}
