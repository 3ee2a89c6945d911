import { basename, dirname, join, relative } from "node:path";
import { show } from "../core/check.ts";
import { writeFileAtomically } from "../core/files.ts";
import { visibleLine } from "../core/html.ts";
import { projectFolder } from "../core/project.ts";
import { readFolder } from "../core/runtime/files.ts";
import { bar, statusLine } from "../core/terminal.ts";
import { checkNotebooks } from "../notebook/cells.ts";
import { formattedNotebook } from "../notebook/formatted_notebook.ts";
import {
  type ParameterValue,
  parseParameter,
  readNotebook,
  sourceOf,
} from "../notebook/notebook_file.ts";
import { NotebookError, runNotebook } from "../notebook/runner.ts";
import { counted } from "../statistics/format.ts";
import { warnOfMissingBlas } from "./_blas_setting.ts";
import { type CommandContext, CommandError, parseCommand } from "./command.ts";

/** `notebooks [NAME] [--set name=value] [--write] [--check]`. */
export async function notebooks({ args, print, signal }: CommandContext): Promise<number> {
  const { values, positionals } = parseCommand(args, {
    options: {
      set: { type: "string", multiple: true, default: [] },
      "time-limit": { type: "string" },
      write: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
    },
    positionals: [0, 1],
  });
  const paths = await findNotebooks(positionals[0]);
  if (values.check) {
    const { cells, problems } = await checkNotebooks(paths, projectFolder());
    for (const problem of problems) print(visibleLine(problem));
    print(
      `${counted(cells, "cell")} of ${counted(paths.length, "notebook")} checked, ` +
        `${counted(problems.length, "problem")}.`,
    );
    return problems.length === 0 ? 0 : 1;
  }
  const parameters = parametersOf(values.set);
  if (values.set.length > 0 && paths.length > 1) {
    throw new CommandError("--set needs the name of one notebook.", 2, true);
  }
  const timeLimitSeconds = seconds(values["time-limit"]);
  await warnOfMissingBlas(print);
  let [failed, runsFailed] = [0, 0];
  for (const path of paths) {
    try {
      runsFailed += await executeNotebook(path, {
        parameters,
        timeLimitSeconds,
        stored: values.write ? path : executedCopy(path),
        print,
        signal,
      });
    } catch (error) {
      if (!(error instanceof NotebookError)) throw error;
      print(error.message);
      failed++;
    }
  }
  if (paths.length > 1) print(`${paths.length - failed} notebooks passed, ${failed} failed.`);
  return failed + runsFailed === 0 ? 0 : 1;
}

/**
 * Executes one notebook with a status line, and stores it with its outputs.
 *
 * @returns How many runs of its studies stay failed; what has them tried again is printed.
 */
export async function executeNotebook(
  path: string,
  { parameters, timeLimitSeconds, stored, print, signal }: {
    parameters?: Readonly<Record<string, ParameterValue>>;
    timeLimitSeconds?: number;
    /**
     * Where the executed notebook goes; a failed one too, unless that is the notebook itself: then it is
     * kept in results/notebooks/, and the notebook stays as it is.
     */
    stored: string;
    print: (line: string) => void;
    signal: AbortSignal;
  },
): Promise<number> {
  const status = statusLine();
  const cells = (await readNotebook(path)).cells.filter((cell) =>
    cell.cell_type === "code" && sourceOf(cell).trim() !== ""
  );
  print(`${shortened(path)}: running ${counted(cells.length, "cell")} on the Deno kernel`);
  let cell = "";
  const ended = new Map<string, { failed: number; message: string }>();
  try {
    const notebook = await runNotebook(path, {
      parameters,
      timeLimitSeconds,
      signal,
      onCell: (number, count) => {
        cell = `cell ${number}/${count}`;
        status.draw(`${cell} ${bar((number - 1) / count)}`);
      },
      onProgress(progress) {
        const { done, total, message } = progress;
        if (progress.ended) ended.set(progress.ended.study, { ...progress.ended, message });
        status.draw(`${cell} ${bar(total > 0 ? done / total : 0)} ${message}`);
      },
    });
    await writeFileAtomically(stored, await formattedNotebook(notebook, dirname(path)));
  } catch (error) {
    if (error instanceof NotebookError) {
      const kept = stored === path ? executedCopy(path) : stored;
      await writeFileAtomically(kept, await formattedNotebook(error.notebook, dirname(path)));
      status.clear();
      print(`${shortened(path)}: failed, outputs and error in ${shortened(kept)}`);
    }
    throw error;
  } finally {
    status.clear();
  }
  print(`${shortened(path)}: done, outputs in ${shortened(stored)}`);
  let runsFailed = 0;
  for (const { failed, message } of ended.values()) {
    if (failed > 0) print(message);
    runsFailed += failed;
  }
  return runsFailed;
}

/** Where an executed notebook is stored that is not to be written itself. */
function executedCopy(path: string): string {
  return join(projectFolder(), "results", "notebooks", basename(path));
}

/** Values given by `--set`, by name. */
export function parametersOf(texts: readonly string[]): Record<string, ParameterValue> {
  try {
    return Object.fromEntries(texts.map(parseParameter));
  } catch (error) {
    throw new CommandError((error as Error).message, 2, true);
  }
}

/**
 * Paths of notebooks, in the order of their names.
 *
 * @param name A number such as `1`, the start of a name, or a path; all notebooks when left out.
 * @throws {CommandError} If there is none of that name, or more than one.
 */
export async function findNotebooks(name?: string): Promise<string[]> {
  const folder = join(projectFolder(), "notebooks");
  const names = (await Array.fromAsync(readFolder(folder)).catch(() => []))
    .filter((entry) => entry.isFile && entry.name.endsWith(".ipynb")).map((entry) => entry.name)
    .sort();
  const all = names.map((each) => join(folder, each));
  if (name === undefined) {
    if (all.length === 0) throw new CommandError(`There is no notebook in ${shortened(folder)}.`);
    return all;
  }
  if (/[\\/]/.test(name) || name.endsWith(".ipynb")) {
    const known = all.find((path) => basename(path) === name);
    return [known ?? name];
  }
  const wanted = /^\d+$/.test(name) ? `${name.padStart(2, "0")}-` : name;
  const found = all.filter((path) => basename(path).startsWith(wanted));
  if (found.length === 1) return found;
  const list = names.map((each) => each.replace(/\.ipynb$/, "")).join(", ");
  throw new CommandError(
    `${found.length === 0 ? "No notebook" : "More than one notebook"} begins with ` +
      `${show(wanted)}; there are: ${visibleLine(list) || "none"}.`,
    2,
  );
}

function seconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) {
    throw new CommandError(`--time-limit must be seconds above 0, found ${show(text)}.`, 2, true);
  }
  return value;
}

/** A path as seen from the project's folder, as it may be printed. */
export function shortened(path: string): string {
  const short = relative(projectFolder(), path);
  return visibleLine(short.startsWith("..") ? path : short);
}
