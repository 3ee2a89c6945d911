import { join } from "node:path";
import { Buffer } from "node:buffer";
import { show } from "../core/check.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { formsOf, type StudyCommands, taskCommands } from "../core/study_commands.ts";
import { escapeTex } from "../papers/escape_tex.ts";
import type { PaperAddition } from "../papers/paper_addition.ts";
import { paperDefinition, parseComparisonDefinition } from "../reports/comparison_definition.ts";
import { readStudy } from "../reports/report.ts";
import type { ManyStudiesOptions } from "../statistics/compare_many_studies.ts";
import { counted } from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { listStudies, type StudyFolder, studyFolder } from "../studies/storage/folder.ts";
import { regularFile } from "./_carried.ts";
import { differences } from "./_documents.ts";
import type { Findings } from "./_findings.ts";

/** Folder of the paper of a study, in the study's folder. */
export const paperFolder = "paper";

const comparing = /^paper-with-/;

/** A file of a paper. */
interface PaperFile {
  /** In the paper's folder. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** What the paper of a study has beside, made of its records; null for nothing. */
export type PaperAdditions = (study: StudyRecords) => PaperAddition | null;

/** The files of the paper of a study, or of a comparison. */
export async function paperOf(
  studies: readonly StudyRecords[],
  commands: StudyCommands,
  addition: PaperAdditions = () => null,
  contrast?: ManyStudiesOptions,
): Promise<PaperFile[]> {
  const beside = studies.length === 1 ? addition(studies[0]) : null;
  const { paperFiles } = await import("../papers/paper_files.ts");
  const files = await paperFiles({ studies, contrast, commands, addition: beside });
  return files.map(({ path, content }) => ({
    path,
    content: typeof content === "string" || content instanceof Uint8Array
      ? content
      : Buffer.concat([...content]),
  }));
}

/**
 * Makes the papers in a study's folder again, of the study and of comparisons with others, and compares
 * every byte.
 *
 * @param paths Files of the folder.
 * @returns Paths of what papers have, in that folder.
 */
export async function verifyPapers(
  { add }: Findings,
  folder: StudyFolder,
  study: StudyRecords,
  paths: readonly string[],
  addition: PaperAdditions | undefined,
): Promise<string[]> {
  const folders = new Set(
    paths.flatMap((path) => path.match(/^(paper(?:-with-[^/]+)?)\//)?.[1] ?? []),
  );
  const named: string[] = [];
  for (const name of folders) {
    const there = paths.filter((path) => path.startsWith(`${name}/`));
    const what = `${name}/: every number, text and figure of the paper`;
    try {
      const { names, contrast } = await comparedIn(name, folder);
      const others = studiesOf(names, folder.project);
      if (others === null) {
        add(what, [], ["not looked at, because a study that it compares with is not there"]);
        named.push(...there);
        continue;
      }
      const files = await paperOf(
        [study, ...others],
        await commandsIn(folder.path, there),
        addition,
        contrast,
      );
      const found = await Promise.all(files.map((file) => remarksOn(folder.path, name, file)));
      add(`${what}, in ${counted(files.length, "file")} made of the records again`, found.flat());
      named.push(...files.map(({ path }) => `${name}/${path}`));
    } catch (error) {
      add(what, [`it cannot be made of the records: ${(error as Error).message}`]);
      named.push(...there);
    }
  }
  return named;
}

async function remarksOn(
  folder: string,
  name: string,
  { path, content }: PaperFile,
): Promise<string[]> {
  const stored = await regularFile(join(folder, name, path));
  if (stored === null) {
    return [`${name}/${path} is not there, though it was written together with what is`];
  }
  return differences(stored, new TextDecoder().decode(stored), content)
    .map((each) => `${name}/${path}: ${each}`);
}

/** What a paper compares its study with: by the definition in its folder, of two studies by its name. */
async function comparedIn(
  name: string,
  folder: StudyFolder,
): Promise<{ readonly names: readonly string[]; readonly contrast?: ManyStudiesOptions }> {
  if (name === paperFolder) return { names: [] };
  const stored = await regularFile(join(folder.path, name, paperDefinition));
  if (stored === null) {
    const flat = name.replace(comparing, "");
    const other = listStudies(folder.project).find((each) => each.replaceAll("/", "-") === flat);
    return { names: [other ?? flat] };
  }
  const { studies: [first, ...names], options } = parseComparisonDefinition(
    new TextDecoder().decode(stored),
  );
  if (first !== folder.name) {
    throw new TypeError(`its first study should be ${folder.name}, found ${show(first)}`);
  }
  return { names, contrast: options };
}

/** The records of studies of a project; null where one is not there. */
function studiesOf(names: readonly string[], project: string): StudyRecords[] | null {
  try {
    return names.map((study) => readStudy(studyFolder(study, project).path));
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** The commands that a paper shows, in the form of the project that wrote it. */
async function commandsIn(folder: string, paths: readonly string[]): Promise<StudyCommands> {
  const texts: string[] = [];
  for (const path of paths.filter((path) => path.endsWith(".tex"))) {
    const stored = await regularFile(join(folder, path));
    if (stored !== null) texts.push(new TextDecoder().decode(stored));
  }
  const plain = withoutBreaks(texts.join("\n"));
  const form = (command: keyof StudyCommands) =>
    formsOf(command).find((each) => plain.includes(`${withoutBreaks(escapeTex(each))} `)) ??
      taskCommands[command];
  return { verify: form("verify"), report: form("report"), study: form("study") };
}

/** TeX without what only says where a line may break, or keeps hyphens apart. */
function withoutBreaks(tex: string): string {
  return tex.replace(/\\allowbreak|\{\}/g, "");
}
