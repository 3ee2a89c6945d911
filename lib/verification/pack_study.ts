import { join } from "node:path";
import { checkOptions, passed } from "../core/options.ts";
import { writeFileAtomically } from "../core/files.ts";
import { projectFolder, resolveInside } from "../core/project.ts";
import { alreadyExists, notFound } from "../core/runtime/errors.ts";
import { lstat, remove } from "../core/runtime/files.ts";
import { readJournal, uniqueRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import { needsName, renderNeeds } from "../reports/needs_document.ts";
import { needsOf, type StudyNeeds } from "../reports/needs.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import { carriedFiles } from "./_carried.ts";
import { reportsOf } from "./_documents.ts";
import { filesBelow, otherFiles } from "./_files.ts";
import { paperFolder } from "./_paper.ts";
import {
  madeFile,
  moduleFiles,
  recordNames,
  storedFiles,
  type TakenAlong,
  textFiles,
  weightsNames,
} from "./_study_files.ts";

/** How a study is packed. */
export interface PackOptions extends TakenAlong {
  /** Names of other documents that are computed from the records. */
  readonly documents?: readonly string[];
  /** Project folder; the nearest one with a deno.json by default. */
  readonly project?: string;
}

/** A study that was packed. */
export interface PackedStudy {
  /** The folder to give away: `packed/<name>`. */
  readonly folder: string;
  readonly needs: StudyNeeds;
  /** Files of the study's folder that were left out: nothing of the study names them. */
  readonly leftOut: readonly string[];
}

/**
 * Copies a study to `packed/<name>` to be given away: its records, reports and kept weights, and
 * `NEEDS.md`, which says what it takes to train its runs again; if asked, with its text and the modules
 * of the user's own. Whoever gets the folder puts it into `results/` of a project and verifies it there; a
 * text that came along is found by its SHA-256.
 *
 * @param name Name of the study.
 * @param options See {@link PackOptions}.
 * @throws {Deno.errors.NotFound} If there is no such study, or its text or a module is not here.
 * @throws {Deno.errors.AlreadyExists} If `packed/<name>` is there.
 * @throws {Error} If the text or a module is another than the study's.
 */
export async function packStudy(name: string, options: PackOptions = {}): Promise<PackedStudy> {
  const { withText, withModules, documents, project } = checkOptions("packStudy", options, {
    withText: passed<boolean>(false),
    withModules: passed<boolean>(false),
    documents: passed<readonly string[]>([]),
    project: passed<string | undefined>(),
  });
  const folder = studyFolder(name, project ?? projectFolder());
  const study = readStudyRecord(folder.definition);
  if (study === null) {
    throw notFound(`There is no study ${name}: ${folder.definition} is missing.`);
  }
  const target = join(folder.project, "packed", ...name.split("/"));
  if (await exists(target)) {
    throw alreadyExists(`${target} is there already: remove it, or give it away.`);
  }
  const runs = uniqueRuns(readJournal(folder.journal).lines);
  const reports = reportsOf({ record: study, records: runs }, null).map(({ name }) => name);
  const paths = await filesBelow(folder.path);
  const papers = paths.filter((path) => path.startsWith(`${paperFolder}/`));
  const found = otherFiles(paths, runs, papers);
  // Pages that compare it with another study are of no use without that; an archive is its own.
  const known = found.notLookedAt.filter((path) => !/compare-with-|\.tar$/.test(path));
  const named = new Set([...reports, ...documents, ...papers, ...carriedFiles(study), ...known]);
  const leftOut = [...found.unnamed, ...found.notLookedAt].filter((path) => !named.has(path));
  const needs = needsOf(study);
  try {
    const files = [
      ...storedFiles(folder.path, [...recordNames, ...weightsNames(runs), ...named]),
      madeFile(needsName, renderNeeds(study)),
      ...(withText ? await textFiles(needs) : []),
      ...(withModules ? moduleFiles(needs, folder) : []),
    ];
    for (const { path, content } of files) {
      await writeFileAtomically(resolveInside(target, path), content());
    }
  } catch (error) {
    await remove(target, { recursive: true }).catch(() => {});
    throw error;
  }
  return { folder: target, needs, leftOut };
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(() => true, () => false);
}
