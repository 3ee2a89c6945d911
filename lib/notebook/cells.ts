import { show } from "../core/check.ts";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { configuration } from "../core/module_graph.ts";
import { type ProjectConfiguration, readConfiguration } from "../core/project.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { readTextFile, remove, writeTextFile } from "../core/runtime/files.ts";
import { ownProgram } from "../core/runtime/own_process.ts";
import { runProgram } from "../core/runtime/processes.ts";
import { temporaryFolder } from "./_temporary.ts";
import { type Notebook, readNotebook, sourceOf } from "./notebook_file.ts";

/** Where a line of a joined program comes from; both count from 1. */
export interface CellLine {
  readonly cell: number;
  readonly line: number;
}

/** All code cells of a notebook as one TypeScript program. */
export interface CellProgram {
  readonly code: string;
  /** Origin of each line of `code`, or null for a line that no cell wrote. */
  readonly lines: readonly (CellLine | null)[];
  /** How many code cells went in. */
  readonly cells: number;
}

const importPattern =
  /^import\b(?!\s*[.(])(?:[^"';]*?\bfrom\s*)?\s*(["'])([^"'\n]+)\1(?:\s*with\s*\{[^}]*\})?[ \t]*;?/gm;
const dynamicImportPattern = /\bimport\s*\(\s*(["'])([^"'\n]+)\1/g;

/** Specifiers that a cell imports, statically or by `import("…")`, each once, in order. */
export function importsOf(code: string): string[] {
  const found = [...code.matchAll(importPattern), ...code.matchAll(dynamicImportPattern)];
  return [...new Set(found.map((match) => match[2]))];
}

/**
 * Joins the code cells of a notebook to one program that means what the cells mean one after the
 * other: each cell is a block inside the block of the cell before, so that it sees the names of all
 * earlier cells and may declare them again with another type. Imports move to the top.
 *
 * @param notebook The notebook.
 * @param folder Folder of the notebook, from which its relative imports resolve.
 * @throws {SyntaxError} If two cells import different things under one name.
 */
export function joinCells(notebook: Notebook, folder: string): CellProgram {
  const imports = new Map<string, CellLine>();
  const body: string[] = [];
  const origins: (CellLine | null)[] = [];
  const sources = notebook.cells.filter((cell) => cell.cell_type === "code").map(sourceOf)
    .filter((source) => source.trim() !== "");
  sources.forEach((source, index) => {
    const cell = index + 1;
    const code = source.replace(importPattern, (statement, _quote, specifier, offset: number) => {
      const line = source.slice(0, offset).split("\n").length;
      const target = specifier.startsWith(".")
        ? pathToFileURL(resolve(folder, specifier)).href
        : specifier;
      const text = statement.replace(specifier, target).replace(/\s+/g, " ").replace(/;?$/, ";");
      if (!imports.has(text)) imports.set(text, { cell, line });
      // What is left keeps the line count.
      return statement.replace(/[^\n]/g, "");
    });
    body.push("{", ...code.split("\n"));
    origins.push(null, ...code.split("\n").map((_, line) => ({ cell, line: line + 1 })));
  });
  return {
    code: [...mergeImports(imports), ...body, "}".repeat(sources.length), ""].join("\n"),
    lines: [...[...imports.values()], ...origins, null, null],
    cells: sources.length,
  };
}

/** Import lines with each name once; the same name from another place is refused. */
function mergeImports(imports: ReadonlyMap<string, CellLine>): string[] {
  const owners = new Map<string, string>();
  return [...imports].map(([text, { cell, line }]) => {
    const match = /^import (type )?\{([^}]*)\} from (.*)$/.exec(text);
    if (!match) return text;
    const [, type = "", names, from] = match;
    const fresh = names.split(",").map((name) => name.trim()).filter((name) => {
      if (name === "") return false;
      const local = name.split(/\s+/).at(-1)!;
      const origin = `${name} from ${from}`;
      const owner = owners.get(local);
      if (owner !== undefined && owner !== origin) {
        throw new SyntaxError(
          `Cell ${cell}, line ${line}, imports ${origin} but an earlier cell imports ${owner}.`,
        );
      }
      owners.set(local, origin);
      return owner === undefined;
    });
    return `import ${type}{ ${fresh.join(", ")} } from ${from}`;
  });
}

/** Names of the packages that a project links: they are folders here, which no lock holds. */
function linkedPackages({ links = [] }: ProjectConfiguration, project: string): string[] {
  return links.map((folder) => String(readConfiguration(resolve(project, folder)).name));
}

/**
 * Imports of a notebook that the lock file does not hold: running it would change the lock.
 *
 * @param notebook The notebook.
 * @param project Folder of deno.json and deno.lock.
 * @returns Specifiers as they stand in the cells.
 */
export async function importsOutsideLock(notebook: Notebook, project: string): Promise<string[]> {
  const settings = readConfiguration(project);
  const { imports = {} } = settings;
  const linked = linkedPackages(settings, project);
  const lock = JSON.parse(
    await readTextFile(join(project, "deno.lock")).catch((error) => {
      // A project has one from its first run on.
      if (isNotFound(error)) return "{}";
      throw error;
    }),
  );
  const locked = new Set(Object.keys(lock.specifiers ?? {}));
  const specifiers = notebook.cells.filter((cell) => cell.cell_type === "code")
    .flatMap((cell) => importsOf(sourceOf(cell)));
  return [...new Set(specifiers)].filter((specifier) => {
    const target = mapped(specifier, imports);
    if (target === null) return true;
    if (/^(\.|\/|file:|node:|data:)/.test(target)) return false;
    if (linked.includes(/^jsr:\/?(@[^/]+\/[^@/]+)/.exec(target)?.[1] ?? "")) return false;
    if (!target.startsWith("npm:")) return !(target in (lock.remote ?? {}));
    const [, name, version = ""] = /^npm:\/?((?:@[^/]+\/)?[^@/]+)(@[^/]+)?/.exec(target) ?? [];
    return !locked.has(`npm:${name}${version}`);
  });
}

/** What the import map makes of a specifier; null for a bare name that it does not know. */
function mapped(
  specifier: string,
  imports: NonNullable<ProjectConfiguration["imports"]>,
): string | null {
  if (specifier in imports) return imports[specifier];
  // Deno gives a package of jsr or npm its entries as well: parsimony/frames.
  const whole = Object.keys(imports).find((key) =>
    specifier.startsWith(`${key}/`) && /^(jsr|npm):/.test(imports[key])
  );
  if (whole) return imports[whole] + specifier.slice(whole.length);
  const prefix = Object.keys(imports).filter((key) => key.endsWith("/"))
    .filter((key) => specifier.startsWith(key)).sort((a, b) => b.length - a.length)[0];
  if (prefix) return imports[prefix] + specifier.slice(prefix.length);
  return /^(\.|\/|[a-z]+:)/.test(specifier) ? specifier : null;
}

/** Outcome of {@link checkNotebooks}. */
export interface CellCheck {
  /** Code cells that were checked. */
  readonly cells: number;
  /** What is wrong, with notebook, cell and line; empty when all is well. */
  readonly problems: readonly string[];
}

/**
 * Type-checks the cells of notebooks, each notebook as one program, and checks that everything they
 * import is in the lock file.
 *
 * @param paths Paths of notebooks.
 * @param project Folder of deno.json and deno.lock.
 */
export async function checkNotebooks(
  paths: readonly string[],
  project: string,
): Promise<CellCheck> {
  const problems: string[] = [];
  let cells = 0;
  const folder = await temporaryFolder("cells");
  try {
    const programs = new Map<string, { path: string; program: CellProgram }>();
    for (const path of paths) {
      try {
        const notebook = await readNotebook(path);
        for (const specifier of await importsOutsideLock(notebook, project)) {
          problems.push(`${path}: ${show(specifier)} is imported but not in deno.lock.`);
        }
        const program = joinCells(notebook, dirname(resolve(path)));
        cells += program.cells;
        const file = join(folder, `${programs.size}.ts`);
        await writeTextFile(file, program.code);
        programs.set(pathToFileURL(file).href, { path, program });
      } catch (error) {
        problems.push(`${path}: ${(error as Error).message}`);
      }
    }
    if (programs.size > 0) {
      const { links = [] } = readConfiguration(project);
      // What the types of a linked package need comes into the lock when they are first looked at.
      const lock = links.length > 0 ? [] : ["--frozen"];
      const { success, stderr } = await runProgram(ownProgram(), {
        args: ["check", ...lock, ...configuration(project), ...programs.keys()],
        cwd: project,
        env: { NO_COLOR: "1" },
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      });
      if (!success) problems.push(located(new TextDecoder().decode(stderr), programs));
    }
  } finally {
    await remove(folder, { recursive: true });
  }
  return { cells, problems };
}

/** Says cell and line where the compiler says line and column of the joined program. */
function located(
  report: string,
  programs: ReadonlyMap<string, { path: string; program: CellProgram }>,
): string {
  const withPlaces = report.replace(/(file:\S+?\.ts):(\d+):(\d+)/g, (whole, file, line) => {
    const found = programs.get(file);
    if (!found) return whole;
    const origin = found.program.lines[Number(line) - 1];
    return origin ? `${found.path}, cell ${origin.cell}, line ${origin.line}` : found.path;
  });
  return withPlaces.split("\n\nStack backtrace:")[0].replace(/^Check .*\n/gm, "").trim();
}
