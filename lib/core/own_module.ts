import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkKeys, checkObject, checkText, show } from "./check.ts";
import { sha256 } from "./hash.ts";
import { hashJson, type JsonObject } from "./json.ts";
import { type Option, option, passed } from "./options.ts";
import { OutsideTrouble } from "./outside_trouble.ts";
import { resolveInside } from "./project.ts";
import { isNotFound } from "./runtime/errors.ts";
import { readFileSync, realPathSync } from "./runtime/files.ts";

/** What the code of a module of the user's project is: every file that it reaches, by content. */
export interface ModuleCode {
  /** SHA-256 of the two lists below as canonical JSON. */
  readonly sha256: string;
  /** SHA-256 of each file, by its project-relative path: the module and what it imports, and so on. */
  readonly files: { readonly [path: string]: string };
  /** Exact package of each npm import, by the specifier as it is written. */
  readonly packages: { readonly [specifier: string]: string };
}

/** Where a part of the user's own is found. */
export interface OwnModule {
  /** Project-relative path of a module, with forward slashes. */
  readonly module: string;
  /**
   * Name of the export.
   *
   * @default {"default"}
   */
  readonly export: string;
  /** What its code was when the study was defined; a study fills it in. */
  readonly code?: ModuleCode;
}

/** Calls a function of the user's; what it throws is said with the place that it came from. */
export type CallOwn = <Result>(what: string, call: () => Result) => Result;

/** What {@link checkOwnModule} checks. */
export const ownModuleOptions = {
  module: passed<string>(),
  export: passed<string>("default"),
  code: passed<ModuleCode | undefined>(),
};

/** Options that the part itself takes; which ones its module says. */
export const ownPartOptions: Option<JsonObject> = option((name, value) => {
  checkObject(name, value);
  return value as JsonObject;
}, {});

/** Puts the code of a module together, with its hash. */
export function moduleCode(
  files: ModuleCode["files"],
  packages: ModuleCode["packages"],
): ModuleCode {
  return { sha256: hashJson({ files, packages }), files, packages };
}

/**
 * Checks where an own part is found: a path that stays in the project, a name, and, once a study has
 * filled it in, its code.
 *
 * @throws {TypeError | RangeError} If the path is absolute, a URL, leads outside, is no module, or the
 * hash is not that of the files.
 */
export function checkOwnModule(subject: string, given: Partial<OwnModule>): OwnModule {
  const module = checkModulePath(`${subject}: module`, given.module);
  const name = checkText(`${subject}: export`, given.export ?? "default");
  if (given.code === undefined) return { module, export: name };
  return { module, export: name, code: checkCode(`${subject}: code`, module, given.code) };
}

function checkModulePath(name: string, path: unknown): string {
  const text = checkText(name, path);
  // deno-lint-ignore no-control-regex
  const odd = /[\\\u0000-\u001f:?#%]/.test(text) ||
    text.split("/").some((part) => part === "" || part === "." || part === "..");
  if (odd || !/\.(ts|tsx|mts|js|jsx|mjs)$/.test(text)) {
    throw new RangeError(
      `${name} must be the path of a TypeScript or JavaScript module from the project's folder, ` +
        `such as "parts/penalty.ts", found ${show(path)}.`,
    );
  }
  return text;
}

function checkCode(name: string, module: string, code: unknown): ModuleCode {
  checkKeys(name, code, ["sha256", "files", "packages"]);
  const { sha256, files, packages } = code as ModuleCode;
  checkTexts(`${name}.files`, files);
  checkTexts(`${name}.packages`, packages);
  for (const path of Object.keys(files)) {
    resolveInside("/project", path);
    if (path.includes("\\")) throw new RangeError(`${name}.files: found the path ${show(path)}.`);
  }
  if (!Object.hasOwn(files, module)) {
    throw new RangeError(`${name}.files must hold ${show(module)}, found ${show(files)}.`);
  }
  const known = moduleCode(files, packages);
  if (sha256 !== known.sha256) {
    throw new RangeError(
      `${name}.sha256 must be the hash of its files, ${known.sha256}, found ${show(sha256)}.`,
    );
  }
  return known;
}

function checkTexts(name: string, value: unknown): void {
  checkObject(name, value);
  for (const [key, text] of Object.entries(value)) checkText(`${name}.${key}`, text);
}

/**
 * Refuses code that is not what a run needs, file by file.
 *
 * @throws {OutsideTrouble} Naming the files that differ, are missing, or lie outside the project by a
 * link.
 */
export function checkModuleFiles(project: string, { module, code }: OwnModule): ModuleCode {
  if (code === undefined) {
    throw new Error(`Cannot use ${module}: the specification does not say what its code is.`);
  }
  const root = realPathSync(project);
  const different = Object.entries(code.files).flatMap(([path, wanted]) => {
    try {
      const real = realPathSync(resolveInside(project, path));
      if (!real.startsWith(join(root, "/"))) return [`${path} lies outside the project, by a link`];
      const found = sha256(readFileSync(real));
      return found === wanted ? [] : [`${path} has ${found}, not ${wanted}`];
    } catch (error) {
      if (isNotFound(error)) return [`${path} is missing`];
      throw error;
    }
  });
  if (different.length > 0) throw otherCode(module, code, different);
  return code;
}

/** The error that refuses a module whose files are not those that a run needs. */
export function otherCode(
  module: string,
  { sha256 }: ModuleCode,
  different: readonly string[],
): OutsideTrouble {
  return new OutsideTrouble(
    `Cannot use ${module}: its code must be that with SHA-256 ${sha256}, but ` +
      `${different.join(", ")}. Give this machine the same files, or define the study anew.`,
  );
}

/**
 * An error of a user's code, with the line of the user's file that it came from.
 *
 * @param what What failed, for the beginning of the message.
 */
export function explained(
  project: string,
  part: OwnModule,
  what: string,
  error: unknown,
): Error {
  const { message, stack, name } = error instanceof Error
    ? error
    : { message: String(error), stack: "", name: "Thrown" };
  const place = placeIn(project, part, stack ?? "");
  return new Error(`${what}${place === null ? "" : ` (${place})`}: ${name}: ${message}`, {
    cause: error,
  });
}

/** First file of the part in a stack, as `parts/penalty.ts, line 7`. */
function placeIn(project: string, { module, code }: OwnModule, stack: string): string | null {
  for (const line of stack.split("\n")) {
    for (const path of Object.keys(code?.files ?? { [module]: "" })) {
      const url = pathToFileURL(join(project, path)).href;
      const start = line.indexOf(`${url}:`);
      if (start >= 0) return `${path}, line ${parseInt(line.slice(start + url.length + 1))}`;
    }
  }
  return null;
}
