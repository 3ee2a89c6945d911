import { isAbsolute, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { show } from "./check.ts";
import { sha256 } from "./hash.ts";
import { type ModuleCode, moduleCode } from "./own_module.ts";
import { childEnvironment, denoProgram } from "./runtime/deno_program.ts";
import { readFileSync, realPathSync, statSync } from "./runtime/files.ts";
import { runProgram } from "./runtime/processes.ts";

/** What `deno info --json` says, as far as it is read here. */
interface Graph {
  readonly roots: readonly string[];
  readonly redirects: { readonly [specifier: string]: string };
  readonly modules: readonly GraphModule[];
}

interface GraphModule {
  readonly specifier: string;
  readonly kind?: string;
  readonly error?: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: Resolution;
    readonly type?: Resolution;
  }[];
}

interface Resolution {
  readonly specifier?: string;
  readonly error?: string;
  readonly span?: { readonly start: { readonly line: number } };
}

/** The library's own modules are what `numericsVersion` stands for. */
const library = new URL("../", import.meta.url).href;

/**
 * The code of a module of the project: a hash for each file that it reaches by imports, of types too,
 * and the exact package behind each npm import. The library itself is left out; it has
 * `numericsVersion`.
 *
 * @param project Project folder, whose deno.json resolves the imports.
 * @param path Project-relative path of the module.
 * @throws {RangeError} If a file is outside the project, also by a link, an import is neither a file
 * of the project, an npm package nor of `node:`, or is computed at run time.
 * @throws {SyntaxError} If a module is missing or cannot be parsed; the message names it.
 */
export async function readModuleCode(project: string, path: string): Promise<ModuleCode> {
  const entry = pathToFileURL(join(project, path)).href;
  const { modules, redirects } = await moduleGraph(project, path);
  const known = new Map(modules.map((module) => [module.specifier, module]));
  const root = realPathSync(project);
  const files: Record<string, string> = {};
  const packages: Record<string, string> = {};
  const waiting = [entry];
  const seen = new Set(waiting);
  for (const specifier of waiting) {
    const module = known.get(specifier);
    const file = pathInside(project, root, path, specifier);
    if (module === undefined || module.error !== undefined) {
      throw new SyntaxError(
        `Cannot use ${path}: ${brief(module?.error ?? `${file} was not found`, project)}`,
      );
    }
    const bytes = readFileSync(join(project, file));
    files[file] = sha256(bytes);
    if (module.kind === "esm") refuseComputedImports(file, new TextDecoder().decode(bytes));
    for (const dependency of module.dependencies ?? []) {
      for (const target of [dependency.code, dependency.type]) {
        if (target === undefined) continue;
        const line = (target.span?.start.line ?? 0) + 1;
        if (target.specifier === undefined) {
          throw new SyntaxError(
            `Cannot use ${path}: ${file}, line ${line}: ${brief(target.error ?? "", project)}`,
          );
        }
        const resolved = follow(redirects, target.specifier);
        if (resolved.startsWith(library) || resolved.startsWith("node:")) continue;
        if (resolved.startsWith("npm:")) {
          packages[dependency.specifier] = exactPackage(file, line, resolved);
        } else if (!resolved.startsWith("file:")) {
          throw new RangeError(
            `Cannot use ${path}: ${file}, line ${line} imports ${show(resolved)}, but only files ` +
              `of the project, npm packages and node: may be imported.`,
          );
        } else if (!seen.has(resolved)) {
          seen.add(resolved);
          waiting.push(resolved);
        }
      }
    }
  }
  return moduleCode(sorted(files), sorted(packages));
}

async function moduleGraph(project: string, path: string): Promise<Graph> {
  const { success, stdout, stderr } = await runProgram(
    denoProgram(`read what ${path} imports`),
    {
      // What it imports from other hosts is refused, so it is not asked for either.
      args: [
        ...["info", "--json", "--quiet", "--no-remote"],
        ...[...configuration(project), join(project, path)],
      ],
      cwd: project,
      ...childEnvironment(),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    },
  );
  if (!success) {
    const said = new TextDecoder().decode(stderr).trim();
    throw new SyntaxError(`Cannot use ${path}: ${brief(said, project)}`);
  }
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Arguments that make Deno use the project's deno.json, wherever the module that it runs lies. */
export function configuration(project: string): string[] {
  for (const name of ["deno.json", "deno.jsonc"]) {
    try {
      statSync(join(project, name));
      return [`--config=${join(project, name)}`];
    } catch { /* look for the other name */ }
  }
  return [];
}

function pathInside(project: string, root: string, path: string, specifier: string): string {
  const full = fileURLToPath(specifier);
  const inside = (folder: string, file: string) => {
    const short = relative(folder, file);
    return short !== "" && !short.startsWith("..") && !isAbsolute(short);
  };
  let real: string;
  try {
    real = realPathSync(full);
  } catch {
    real = join(root, relative(project, full));
  }
  if (!inside(project, full) || !inside(root, real)) {
    throw new RangeError(
      `Cannot use ${path}: ${relative(project, full)} is outside the project's folder` +
        `${inside(project, full) ? ", by a link" : ""}, so other machines do not have it.`,
    );
  }
  return relative(project, full).replaceAll("\\", "/");
}

function refuseComputedImports(file: string, source: string): void {
  // Comments and texts are blanked, so that what they say is no import.
  const code = source.replace(
    /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g,
    (match) => (/^["']/.test(match) ? '""' : "") + "\n".repeat(match.split("\n").length - 1),
  );
  const found = /(?<![.\w])import\s*\(\s*(?!"")/.exec(code);
  if (found === null) return;
  const line = code.slice(0, found.index).split("\n").length;
  throw new RangeError(
    `Cannot use ${file}: line ${line} imports a module whose name is computed, so its code cannot ` +
      `be told beforehand. Write the name as a text.`,
  );
}

function follow(redirects: Graph["redirects"], specifier: string): string {
  let target = specifier;
  for (let hop = 0; hop < 10 && redirects[target] !== undefined; hop++) target = redirects[target];
  return target;
}

function exactPackage(file: string, line: number, resolved: string): string {
  // What follows an underscore are the versions of peers, what follows a slash a file inside.
  const found = /^npm:\/?((?:@[^@/]+\/)?[^@/]+@\d+\.\d+\.\d+[^_/]*)/.exec(resolved);
  if (found === null) {
    throw new RangeError(
      `${file}, line ${line} imports ${show(resolved)}, whose version is not exact: write ` +
        `name@1.2.3, here or in deno.json.`,
    );
  }
  return found[1];
}

function sorted(texts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Words of Deno's with paths of the project instead of addresses. */
function brief(message: string, project: string): string {
  return message.replaceAll(`${pathToFileURL(project).href}/`, "").replace(/^error: /i, "").trim();
}
