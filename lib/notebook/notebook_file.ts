import { parseJson } from "../core/parse_json.ts";
import { visibleText } from "../core/html.ts";
import { show } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import { readTextFile } from "../core/runtime/files.ts";

/** An output as nbformat 4 stores it. */
export type CellOutput =
  | { output_type: "stream"; name: string; text: string[] }
  | {
    output_type: "display_data" | "execute_result";
    data: Record<string, unknown>;
    metadata: Record<string, unknown>;
    execution_count?: number | null;
  }
  | { output_type: "error"; ename: string; evalue: string; traceback: string[] };

/** A cell as nbformat 4 stores it. */
export interface NotebookCell {
  cell_type: "code" | "markdown" | "raw";
  id?: string;
  metadata: { tags?: string[]; [key: string]: unknown };
  source: string[];
  execution_count?: number | null;
  outputs?: CellOutput[];
}

/** A notebook as nbformat 4 stores it. */
export interface Notebook {
  cells: NotebookCell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

/** A value that can be given to a parameter: what JSON holds. */
export type ParameterValue = null | boolean | number | string | ParameterValue[] | {
  [key: string]: ParameterValue;
};

/** Source code of a cell as one text. */
export function sourceOf(cell: NotebookCell): string {
  return cell.source.join("");
}

/** Splits a text into lines that keep their line ends, as nbformat stores texts. */
export function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}

/**
 * Reads a notebook.
 *
 * @param path Path of an .ipynb file.
 * @throws {Error} If the file is missing or is no notebook of nbformat 4.
 */
export async function readNotebook(path: string): Promise<Notebook> {
  return parseNotebook(await readTextFile(path), path);
}

/**
 * Parses the text of a notebook.
 *
 * @param text JSON text of nbformat 4.
 * @param name Name for error messages.
 * @throws {Error} If the text is no JSON, or no notebook of nbformat 4.
 */
export function parseNotebook(text: string, name: string): Notebook {
  const subject = `${visibleText(name)} is no notebook:`;
  const value = parseJson(text, `${subject} it`) as Notebook;
  if (!isObject(value) || value.nbformat !== 4) {
    const { nbformat } = (value ?? {}) as { nbformat?: unknown };
    throw new Error(`${subject} its nbformat must be 4, found ${show(nbformat)}.`);
  }
  if (!Array.isArray(value.cells)) {
    throw new Error(`${subject} its cells must be a list, found ${show(value.cells)}.`);
  }
  value.metadata ??= {};
  checkObject(`${subject} its metadata`, value.metadata);
  for (const [index, cell] of value.cells.entries()) {
    checkCell(`${subject} cell ${index + 1}`, cell);
  }
  return value;
}

const cellTypes: readonly unknown[] = ["code", "markdown", "raw"];

/** Checks a cell, and gives it metadata and lines where it has none. */
function checkCell(subject: string, cell: NotebookCell): void {
  checkObject(subject, cell);
  cell.metadata ??= {};
  checkObject(`${subject}: metadata`, cell.metadata);
  if (!cellTypes.includes(cell.cell_type)) {
    throw new Error(
      `${subject}: cell_type must be one of ${cellTypes.join(", ")}, found ${
        show(cell.cell_type)
      }.`,
    );
  }
  // nbformat allows a text for what it calls multi-line strings; we always hold lines.
  if (typeof cell.source === "string") cell.source = linesOf(cell.source);
  checkTexts(`${subject}: source`, cell.source);
  const { tags } = cell.metadata;
  if (tags !== undefined) checkTexts(`${subject}: tags`, tags);
  if (cell.outputs === undefined || cell.outputs === null) return;
  if (!Array.isArray(cell.outputs)) {
    throw new Error(`${subject}: outputs must be a list, found ${show(cell.outputs)}.`);
  }
  for (const output of cell.outputs) checkObject(`${subject}: an output`, output);
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function checkObject(subject: string, value: unknown): void {
  if (!isObject(value)) throw new Error(`${subject} must be an object, found ${show(value)}.`);
}

function checkTexts(subject: string, value: unknown): void {
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return;
  throw new Error(`${subject} must be a list of texts, found ${show(value)}.`);
}

/**
 * Text of a notebook in a form that depends on its content only: keys in a fixed order, one space
 * of indentation as `deno fmt` leaves it, one line end at the end.
 */
export function formatNotebook(notebook: Notebook): string {
  const ordered = {
    cells: notebook.cells.map((cell) => ({
      cell_type: cell.cell_type,
      ...(cell.cell_type === "code" ? { execution_count: cell.execution_count ?? null } : {}),
      ...(cell.id === undefined ? {} : { id: cell.id }),
      metadata: sorted(cell.metadata),
      ...(cell.cell_type === "code" ? { outputs: (cell.outputs ?? []).map(sorted) } : {}),
      source: cell.source,
    })),
    metadata: sorted(notebook.metadata),
    nbformat: notebook.nbformat,
    nbformat_minor: notebook.nbformat_minor,
  };
  return JSON.stringify(ordered, null, 1) + "\n";
}

function sorted<T>(value: T): T {
  return JSON.parse(canonicalJson(value));
}

/**
 * Adds a cell that sets parameters after the one that is tagged `parameters`, or replaces the one
 * that was added before (tagged `injected-parameters`, as papermill names it).
 *
 * @param notebook The notebook; it is not changed.
 * @param values New values by name; each must be declared in the tagged cell.
 * @returns A copy with the cell, or the same notebook when there are no values.
 * @throws {Error} If there is no tagged cell, or it does not declare a name.
 */
export function setParameters(
  notebook: Notebook,
  values: Readonly<Record<string, ParameterValue>>,
): Notebook {
  const names = Object.keys(values);
  if (names.length === 0) return notebook;
  const cells = notebook.cells.filter((cell) => !hasTag(cell, "injected-parameters"));
  const index = cells.findIndex((cell) => hasTag(cell, "parameters"));
  if (index < 0) {
    throw new Error(
      `Parameters ${
        names.join(", ")
      } cannot be set: no cell is tagged "parameters". Tag the cell ` +
        `that declares them (JupyterLab: Property Inspector, Cell Tags; in the file: "metadata": ` +
        `{ "tags": ["parameters"] }).`,
    );
  }
  const declared = declarations(sourceOf(cells[index]));
  const source = names.map((name) => {
    const keyword = declared.get(name);
    if (keyword === undefined) {
      throw new Error(
        `Parameter ${show(name)} cannot be set: the cell tagged "parameters" declares ` +
          `${[...declared.keys()].join(", ") || "nothing"}.`,
      );
    }
    // The kernel lets a later cell declare a const again, but not a let.
    return `${keyword === "const" ? "const " : ""}${name} = ${JSON.stringify(values[name])};`;
  }).join("\n");
  const injected: NotebookCell = {
    cell_type: "code",
    id: "injected-parameters",
    metadata: { tags: ["injected-parameters"] },
    source: linesOf(source),
    execution_count: null,
    outputs: [],
  };
  return { ...notebook, cells: cells.toSpliced(index + 1, 0, injected) };
}

function hasTag(cell: NotebookCell, tag: string): boolean {
  return cell.cell_type === "code" && (cell.metadata.tags ?? []).includes(tag);
}

/** Names that a parameter cell declares, with the keyword: one `const`, `let` or `var` a line. */
function declarations(source: string): Map<string, string> {
  const found = source.matchAll(/^\s*(const|let|var)\s+([A-Za-z_$][\w$]*)/gm);
  return new Map([...found].map(([, keyword, name]) => [name, keyword]));
}

/**
 * Reads `name=value` as given to `--set`: the value is JSON where it can be read so, else a text.
 *
 * @example
 * ```ts
 * import { parseParameter } from "./notebook_file.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(parseParameter("steps=200"), ["steps", 200]);
 * assert.deepEqual(parseParameter("name=a b"), ["name", "a b"]);
 * ```
 */
export function parseParameter(text: string): [string, ParameterValue] {
  const match = /^([A-Za-z_$][\w$]*)=(.*)$/s.exec(text);
  if (!match) {
    throw new Error(`--set takes name=value, found ${show(text)}.`);
  }
  try {
    return [match[1], JSON.parse(match[2])];
  } catch {
    return [match[1], match[2]];
  }
}
