import { dirname, join } from "node:path";
import { show } from "../../core/check.ts";
import { projectFolder } from "../../core/project.ts";
import { isNotADirectory, isNotFound } from "../../core/runtime/errors.ts";
import { type FolderEntry, readFolderSync, statSync } from "../../core/runtime/files.ts";

/** Files of a study. */
export interface StudyFolder {
  readonly name: string;
  /** Absolute folder: `results/<name>`, or where the study lies that came as one file. */
  readonly path: string;
  /** Project folder that `results/` is in. */
  readonly project: string;
  readonly definition: string;
  readonly journal: string;
  /** Records of ensembles, a line each as in the journal; of a study that has some. */
  readonly ensembles: string;
  /** Of a study that was defined anew because none of its runs had completed: what it was. */
  readonly replacedDefinition: string;
  readonly replacedJournal: string;
  readonly lock: string;
  readonly weights: string;
  readonly checkpoints: string;
}

const segment = /^[\p{L}\p{N}](?:[\p{L}\p{N}._ -]{0,98}[\p{L}\p{N}_-])?$/u;
// Windows keeps these names for devices, with any ending.
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * Says where a study's files are.
 *
 * @param name Name of the study: letters, digits, `.`, `_`, `-` and spaces; `/` makes a subfolder.
 * @param project Project folder; the nearest one with a deno.json when left out.
 * @throws {RangeError} If the name would lead out of results/ or into another study.
 */
export function studyFolder(name: string, project: string = projectFolder()): StudyFolder {
  checkStudyName(name);
  const results = join(project, "results");
  const path = join(results, ...name.split("/"));
  for (let outer = dirname(path); outer !== results; outer = dirname(outer)) {
    if (exists(join(outer, "study.json"))) {
      throw new RangeError(`Study ${show(name)} would lie inside another study, in ${outer}.`);
    }
  }
  return studyFolderAt(path, name, project);
}

/**
 * Checks the name of a study, which may be anyone's.
 *
 * @throws {RangeError} If it is not as {@link studyFolder} takes it.
 */
export function checkStudyName(name: unknown): asserts name is string {
  const segments = typeof name === "string" ? name.split("/") : [];
  if (
    segments.length === 0 || !segments.every((part) => segment.test(part) && !device.test(part))
  ) {
    throw new RangeError(
      `A study must have a name of letters, digits, ".", "_", "-" and spaces that stays inside ` +
        `results/ (parts separated by "/"), as in "lambda-by-alpha"; found ${show(name)}.`,
    );
  }
}

/**
 * Says where the files of a study are that lie in another folder than `results/<name>`.
 *
 * @param path The folder.
 * @param name Name of the study, as {@link studyFolder} takes it.
 * @param project Project folder, in which its runs are trained.
 */
export function studyFolderAt(path: string, name: string, project: string): StudyFolder {
  return {
    name,
    path,
    project,
    definition: join(path, "study.json"),
    journal: join(path, "runs.jsonl"),
    ensembles: join(path, "ensembles.jsonl"),
    replacedDefinition: join(path, "replaced-study.json"),
    replacedJournal: join(path, "replaced-runs.jsonl"),
    lock: join(path, ".lock"),
    weights: join(path, "weights"),
    checkpoints: join(path, "checkpoints"),
  };
}

/** Names of all studies in `results/`, sorted. */
export function listStudies(project: string = projectFolder()): string[] {
  const found: string[] = [];
  const visit = (folder: string, name: string) => {
    let entries: FolderEntry[];
    try {
      entries = readFolderSync(folder);
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    if (name !== "" && entries.some((entry) => entry.name === "study.json")) {
      found.push(name);
      return;
    }
    for (const entry of entries) {
      if (!entry.isDirectory || !segment.test(entry.name)) continue;
      visit(join(folder, entry.name), name === "" ? entry.name : `${name}/${entry.name}`);
    }
  };
  visit(join(project, "results"), "");
  return found.sort();
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    if (isNotFound(error) || isNotADirectory(error)) {
      return false;
    }
    throw error;
  }
}

/** File in which the trained weights of a run are kept, if they are. */
export function weightsPathOf(folder: StudyFolder, id: string): string {
  return join(folder.weights, `${id}.safetensors`);
}

/** The same, relative to the project that trained it and with `/` between its parts, as a record names it. */
export function weightsNameOf({ name }: StudyFolder, id: string): string {
  return `results/${name}/weights/${id}.safetensors`;
}

/** File in which an unfinished run keeps what it needs to go on. */
export function checkpointPath(folder: StudyFolder, id: string): string {
  return join(folder.checkpoints, `${id}.checkpoint`);
}
