import { join } from "node:path";
import { show } from "../core/check.ts";
import { parseJson } from "../core/parse_json.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { readTextFileSync } from "../core/runtime/files.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { packagesOfLock } from "../studies/storage/provenance.ts";
import {
  type Environment,
  environmentName,
  manifestName,
  projectFiles,
  renderEnvironment,
  studyPart,
  writtenHere,
} from "./_archive_files.ts";
import { carriedFiles } from "./_carried.ts";
import type { Findings, StoredStudy } from "./_findings.ts";
import type { OpenArchive } from "./_open_archive.ts";
import { paperFolder } from "./_paper.ts";
import { recordNames, weightsNames } from "./_study_files.ts";

/**
 * Says which files an archive has that are not the study's, and which it lacks.
 *
 * @param documents Names of all that is computed from the records.
 */
export function verifyContents(
  { add }: Findings,
  archive: OpenArchive,
  { study, runs }: StoredStudy,
  documents: readonly string[],
): void {
  const inStudy = (names: readonly string[]) => names.map((name) => `${studyPart}${name}`);
  const due = [
    manifestName,
    environmentName,
    ...inStudy(documents),
  ];
  const may = new Set([
    ...due,
    ...Object.values(projectFiles).map(({ name }) => name),
    ...inStudy([...recordNames, ...weightsNames(runs), ...carriedFiles(study)]),
  ]);
  const paper = `${studyPart}${paperFolder}/`;
  if (!archive.paths.some((path) => path.startsWith(paper))) due.push(`${paper}article.tex`);
  add("files of the archive: those of its study and no others", [
    ...due.filter((path) => !archive.paths.includes(path)).map((path) => `${path} is not there`),
    ...archive.paths.filter((path) => !may.has(path))
      .map((path) => `${show(path)} is no file of its study`),
  ]);
}

/** Compares what an archive says of its environment with its records, and with what is here. */
export function verifyEnvironment(
  { add }: Findings,
  archive: OpenArchive,
  study: StudyRecord,
  project: string,
): void {
  const text = textOf(archive, environmentName);
  const problems: string[] = [];
  const notes: string[] = [];
  let written = writtenHere;
  try {
    written = writtenIn(text ?? "");
    if (renderEnvironment(study, written) !== text) {
      problems.push("it is not what study.json gives");
    }
  } catch (error) {
    problems.push((error as Error).message);
  }
  for (const [key, value] of Object.entries(written)) {
    const here = writtenHere[key as keyof typeof writtenHere];
    if (value !== here) notes.push(`${key} is ${show(value)} in the archive, ${show(here)} here`);
  }
  const { configuration, lock } = projectFiles;
  try {
    const there = packagesOfLock(textOf(archive, lock.name) ?? "{}");
    const here = packagesOfLock(hereOf(project, lock.from) ?? "{}");
    notes.push(
      ...differences(study.provenance.packages, there, "when the runs began", "in the archive"),
      ...differences(there, here, "in the archive", "here"),
    );
    if (textOf(archive, lock.name) !== hereOf(project, lock.from)) {
      notes.push("deno.lock is another one here");
    }
  } catch (error) {
    problems.push(`${lock.name}: ${(error as Error).message}`);
  }
  if (textOf(archive, configuration.name) !== hereOf(project, configuration.from)) {
    notes.push("deno.json is another one here");
  }
  add(`${environmentName}: as study.json has it, and compared with this project`, problems, notes);
}

function textOf({ content }: OpenArchive, path: string): string | null {
  const bytes = content(path);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

function hereOf(project: string, from: readonly string[]): string | null {
  for (const path of from) {
    try {
      return readTextFileSync(join(project, path));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return null;
}

/** With what an archive says that it was written. */
function writtenIn(text: string): Environment["written"] {
  const { written } = parseJson(text, environmentName) as Environment;
  const { parsimony, numericsVersion } = written ?? {};
  if (typeof parsimony !== "string" || !Number.isSafeInteger(numericsVersion)) {
    throw new TypeError(`it does not say with what it was written, found ${show(written)}`);
  }
  return { parsimony, numericsVersion };
}

/** How many packages are named. */
const mostNamed = 5;

function differences(
  before: { readonly [name: string]: string },
  after: { readonly [name: string]: string },
  first: string,
  second: string,
): string[] {
  const names = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
  if (names.length === 0) return [];
  const named = names.slice(0, mostNamed).map((name) =>
    `${name} is ${before[name] ?? "not there"} ${first}, ${after[name] ?? "not there"} ${second}`
  );
  const more = names.length > mostNamed ? `, and ${names.length - mostNamed} more differ` : "";
  return [`packages: ${named.join(", ")}${more}`];
}
