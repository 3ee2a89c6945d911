import { dirname, resolve } from "node:path";
import { visibleLine } from "../core/html.ts";
import { type ErrorContent, errorOfReply, strayError } from "./_failures.ts";
import { type Kernel, type KernelOutput, startKernel } from "./kernel.ts";
import {
  type CellOutput,
  type Notebook,
  type NotebookCell,
  type ParameterValue,
  readNotebook,
  setParameters,
  sourceOf,
} from "./notebook_file.ts";
import { outputCollector, withoutColours } from "./outputs.ts";

/** MIME type by which a running study tells how far it is; never stored in a notebook. */
export const progressMime = "application/vnd.parsimony.progress+json";

/** How far something in a notebook is, as its display tells. */
export interface NotebookProgress {
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number | null;
  readonly message: string;
  /** When a study has ended: which one, and how many of its runs stay failed. */
  readonly ended?: { readonly study: string; readonly failed: number };
}

/** Options of {@link runNotebook}. */
export interface RunNotebookOptions {
  /** Values for the cell tagged `parameters`. */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /** Seconds that one cell may take; 3,600 by default. */
  readonly timeLimitSeconds?: number;
  /** Working directory of the kernel; the notebook's folder by default, as in JupyterLab. */
  readonly folder?: string;
  /** Environment variables for the kernel. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds that timers may still come due after the last cell; 250 by default. */
  readonly settleMilliseconds?: number;
  /** Called before each code cell; `number` counts code cells from 1. */
  readonly onCell?: (number: number, count: number) => void;
  /** Called when a cell tells its progress. */
  readonly onProgress?: (progress: NotebookProgress) => void;
  /** Called with what cells print. */
  readonly onStream?: (text: string) => void;
  /** Stops the run and the kernel. */
  readonly signal?: AbortSignal;
}

/** Thrown when a notebook failed; `notebook` holds the outputs up to there, the error among them. */
export class NotebookError extends Error {
  override readonly name = "NotebookError";
  /** Number of the code cell, from 1. */
  readonly cell: number;
  /** What failed, without cell and notebook. */
  readonly reason: string;
  /** The notebook with all outputs up to the failure, and the error as the failed cell's last ones. */
  readonly notebook: Notebook;

  constructor(path: string, cell: NumberedCell, reason: string, notebook: Notebook) {
    const first = sourceOf(cell.cell).split("\n").find((line) => line.trim()) ?? "";
    super(
      `Cell ${cell.number} of ${visibleLine(path)} failed.\n  ${first.trim()}\n${indent(reason)}`,
    );
    this.cell = cell.number;
    this.reason = reason;
    this.notebook = notebook;
  }
}

interface NumberedCell {
  readonly number: number;
  readonly cell: NotebookCell;
}

/**
 * Executes a notebook on the Deno Jupyter kernel, cell by cell, and returns it with its outputs.
 *
 * The run fails at the first cell with an error message, an error reply alone (a syntax error, a
 * missing package), an unhandled rejection or an error in a timer; an error that comes after its
 * cell ended is reported for the cell that was running then. A cell may be tagged
 * `raises-exception`: its own error is then an output like any other. The error of a failed run is
 * the last output of its cell, whether the kernel told it or not.
 *
 * Outputs are stored in a form that depends on them only: no times, execution counts by position,
 * displays without ids, progress left out.
 *
 * @param path Path of the notebook; the file is read and not written.
 * @returns The executed notebook.
 * @throws {NotebookError} If a cell failed, ran too long or ended the kernel.
 *
 * @example
 * ```ts ignore
 * const notebook = await runNotebook("notebooks/01-first-look.ipynb", { parameters: { steps: 10 } });
 * await Deno.writeTextFile("executed.ipynb", formatNotebook(notebook));
 * ```
 */
export async function runNotebook(
  path: string,
  options: RunNotebookOptions = {},
): Promise<Notebook> {
  const source = setParameters(await readNotebook(path), options.parameters ?? {});
  const notebook: Notebook = {
    ...source,
    cells: source.cells.map((cell) =>
      cell.cell_type === "code" ? { ...cell, execution_count: null, outputs: [] } : cell
    ),
  };
  options.signal?.throwIfAborted();
  const kernel = await startKernel({
    folder: options.folder ?? dirname(resolve(path)),
    environment: options.environment,
  });
  const abort = () => void kernel.close();
  options.signal?.addEventListener("abort", abort);
  try {
    await runCells(kernel, path, notebook, options);
  } finally {
    options.signal?.removeEventListener("abort", abort);
    await kernel.close();
    for (const cell of notebook.cells) {
      if (cell.outputs) cell.outputs = cell.outputs.filter(hasContent);
    }
  }
  return notebook;
}

async function runCells(
  kernel: Kernel,
  path: string,
  notebook: Notebook,
  options: RunNotebookOptions,
): Promise<void> {
  const cells = notebook.cells.filter((cell) =>
    cell.cell_type === "code" && sourceOf(cell).trim() !== ""
  ).map((cell, index) => ({ number: index + 1, cell }));
  const collector = outputCollector();
  for (const numbered of cells) {
    const { number, cell } = numbered;
    options.onCell?.(number, cells.length);
    const collected = collector.cell();
    cell.outputs = collected.outputs;
    const strays: ErrorContent[] = [];
    /** Leaves the error in the cell, where the kernel has not told it, as Jupyter has it. */
    const show = (error: ErrorContent) => {
      const last = collected.outputs.at(-1);
      const told = last?.output_type === "error" && last.evalue === error.evalue;
      if (!told) collected.add({ type: "error", content: { ...error }, buffers: [] });
    };
    const failure = (...errors: readonly ErrorContent[]) => {
      errors.forEach(show);
      const reason = withoutColours(errors.flatMap(({ traceback }) => traceback).join("\n"));
      return new NotebookError(path, numbered, reason, notebook);
    };

    const take = (output: KernelOutput) => {
      const stray = strayError(output);
      if (stray !== null) {
        strays.push(stray);
        return;
      }
      const data = (output.content.data ?? {}) as Record<string, unknown>;
      if (progressMime in data) options.onProgress?.(data[progressMime] as NotebookProgress);
      if (output.type === "stream") options.onStream?.(String(output.content.text));
      collected.add(stored(output, number));
    };

    let reply;
    try {
      reply = await kernel.execute(sourceOf(cell), {
        timeLimitSeconds: options.timeLimitSeconds ?? 3600,
        settleMilliseconds: number === cells.length ? options.settleMilliseconds ?? 250 : 0,
        onOutput: take,
      });
    } catch (error) {
      options.signal?.throwIfAborted();
      const { name, message } = error as Error;
      throw failure({ ename: name, evalue: message, traceback: [message] });
    }
    cell.execution_count = number;
    const expected = (cell.metadata.tags ?? []).includes("raises-exception");
    if (reply.status === "error") {
      const error = await errorOfReply(kernel, sourceOf(cell), reply);
      if (!expected) throw failure(error, ...strays);
      show(error);
    }
    if (strays.length > 0) throw failure(...strays);
  }
}

/** An output as a notebook stores it: without progress, numbered by code cells, not by prompts. */
function stored(output: KernelOutput, number: number): KernelOutput {
  const content = { ...output.content };
  if (content.data) {
    const { [progressMime]: _, ...data } = content.data as Record<string, unknown>;
    content.data = data;
  }
  if (output.type === "execute_result") content.execution_count = number;
  return { ...output, content };
}

/** Whether something is left of an output without its progress. */
function hasContent(output: CellOutput): boolean {
  return !("data" in output) || Object.keys(output.data).length > 0;
}

function indent(text: string): string {
  return text.split("\n").map((line) => `  ${line}`).join("\n");
}
