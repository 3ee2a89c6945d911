import { showLong } from "./check.ts";
import { type Option, passed } from "./options.ts";
import { OutsideTrouble } from "./outside_trouble.ts";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { isNotFound } from "./runtime/errors.ts";
import { readTextFileSync, statSync } from "./runtime/files.ts";
import { workingFolder } from "./runtime/own_process.ts";

/**
 * Folder of the nearest deno.json (or deno.jsonc), upwards from a folder.
 *
 * `results/`, `datasets/` and users' modules resolve from it and never from the working directory:
 * a kernel's working directory differs between JupyterLab, VS Code and our runner.
 *
 * @param from Folder to begin at; the working directory when left out.
 * @throws {OutsideTrouble} If no deno.json is found up to the root of the file system.
 */
export function projectFolder(from: string = workingFolder()): string {
  for (let folder = resolve(from);;) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      try {
        if (statSync(join(folder, name)).isFile) return folder;
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    const parent = dirname(folder);
    if (parent === folder) {
      throw new OutsideTrouble(
        `No project found: neither ${from} nor a folder above it holds a deno.json. Start the ` +
          `kernel or the command inside the project.`,
      );
    }
    folder = parent;
  }
}

/** The project's folder, as an option: the nearest one by default. */
export const projectOption: Option<string> = {
  ...passed<string>(),
  byDefault: () => projectFolder(),
};

/**
 * Joins a project-relative path to a folder and refuses one that leaves it.
 *
 * @throws {RangeError} If the path is absolute, leads outside the folder or has a NUL character.
 */
export function resolveInside(folder: string, path: string): string {
  if (path.includes("\0")) {
    throw new RangeError(`Path ${showLong(path)} must not have a NUL character.`);
  }
  const full = resolve(folder, path);
  const inside = relative(folder, full);
  if (isAbsolute(path) || inside === "" || inside.startsWith("..") || isAbsolute(inside)) {
    throw new RangeError(`Path ${showLong(path)} must stay inside ${folder}.`);
  }
  return full;
}

/** What a project's deno.json says, as far as the library reads it. */
export interface ProjectConfiguration {
  /** Name of the package that it is. */
  readonly name?: string;
  readonly imports?: { readonly [name: string]: string };
  /** Folders of packages that stand in the place of published ones. */
  readonly links?: readonly string[];
  /** Commands, as a text or with a description. */
  readonly tasks?: { readonly [name: string]: string | { readonly command?: string } };
}

/**
 * Reads the deno.json (or deno.jsonc) of a project; comments and a comma behind the last entry are
 * allowed in both.
 *
 * @throws {Deno.errors.NotFound} If there is none.
 * @throws {SyntaxError} If it is not JSON with comments.
 */
export function readConfiguration(project: string): ProjectConfiguration {
  let text: string;
  try {
    text = readTextFileSync(join(project, "deno.json"));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    text = readTextFileSync(join(project, "deno.jsonc"));
  }
  const plain = text.replace(
    /("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[^]*?\*\//g,
    (_, quoted = "") => quoted,
  ).replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, quoted = "") => quoted);
  return JSON.parse(plain);
}
