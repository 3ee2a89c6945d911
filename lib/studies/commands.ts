import { show } from "../core/check.ts";
import { visibleLine } from "../core/html.ts";
import { didYouMean } from "../core/did_you_mean.ts";
import { projectFolder } from "../core/project.ts";
import { readRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import { digestRuns } from "./digest.ts";
import { countFailed, failedInWords } from "./failed_runs.ts";
import { listStudies, studyFolder } from "./storage/folder.ts";
import { ownEnsembles } from "./plan/ensembles.ts";
import { crossValidationRuns, ownRuns } from "./plan/run_id.ts";
import { loadStudy } from "./study.ts";
import { counted } from "../statistics/format.ts";

/** What the commands on stored studies need to know. */
export interface StudyCommandOptions {
  /** Called with each line of output. */
  readonly print: (line: string) => void;
  /** Project folder; the nearest one with a deno.json by default. */
  readonly project?: string;
}

/** How the commands are used. */
export const studyUsage = `study list           names of the studies in results/, with their runs
study show NAME      the table of a study's points, and what is selected
study digest NAME    one SHA-256 of a study's records, without dates, durations and host`;

/**
 * The commands `study list`, `study show NAME` and `study digest NAME`: they read, and train
 * nothing.
 *
 * @param args What stands behind \`study\`.
 * @returns Exit code: 0, or 2 when the arguments are not understood.
 * @throws {Error} If a study does not exist or its files are damaged.
 */
export function studyCommand(args: readonly string[], options: StudyCommandOptions): number {
  const { print, project = projectFolder() } = options;
  const [command, name, ...rest] = args;
  if (command === "list" && name === undefined) {
    const names = listStudies(project);
    for (const each of names) print(describe(each, project));
    if (names.length === 0) print("There is no study in results/ yet.");
    return 0;
  }
  if (name !== undefined && rest.length === 0) {
    if (command === "show") {
      const study = loadStudy(name, { project });
      print(String(study));
      print(`digest ${study.digest()}`);
      const failed = failedInWords(countFailed(study.records));
      if (failed !== null) print(`Of the runs, ${failed}.`);
      return 0;
    }
    if (command === "digest") {
      print(loadStudy(name, { project }).digest());
      return 0;
    }
  }
  print(`${whatIsWrong(args)}\n`);
  print(studyUsage);
  return 2;
}

const subcommands = { list: 0, show: 1, digest: 1 } as const;

/** What is wrong with arguments that were not understood. */
function whatIsWrong([command, ...rest]: readonly string[]): string {
  const known = Object.keys(subcommands);
  if (command === undefined) return `study needs one of ${known.join(", ")}, found nothing.`;
  if (!Object.hasOwn(subcommands, command)) {
    return `study takes ${known.join(", ")}, found ${show(command)}.${didYouMean(command, known)}`;
  }
  const wanted = subcommands[command as keyof typeof subcommands];
  return `study ${command} takes ${wanted === 0 ? "no name" : "one name"}, found ` +
    `${rest.map(show).join(" ") || "none"}.`;
}

function describe(name: string, project: string): string {
  const folder = studyFolder(name, project);
  try {
    const study = readStudyRecord(folder.definition)!;
    const runs = ownRuns(study, readRuns(folder.journal));
    const ensembles = ownEnsembles(study, runs, readRuns(folder.ensembles));
    const planned = crossValidationRuns(study).length;
    const done = runs.filter(({ fold }) => fold !== "final").length;
    const failed = failedInWords(countFailed(runs));
    return `${name}: ${done}/${planned} runs, ${counted(runs.length - done, "refit")}, ` +
      `${failed === null ? "" : `${failed}, `}${study.engine}, ` +
      `digest ${digestRuns([...runs, ...ensembles]).slice(0, 12)}`;
  } catch (error) {
    return `${name}: cannot be read (${visibleLine((error as Error).message)})`;
  }
}
