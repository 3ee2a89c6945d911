/**
 * Whether code may run: the one place that decides it, and the one that imports what it decided on.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { show } from "./check.ts";
import { sha256 } from "./hash.ts";
import { canonicalJson } from "./json.ts";
import { readModuleCode } from "./module_graph.ts";
import {
  checkModuleFiles,
  explained,
  type ModuleCode,
  otherCode,
  type OwnModule,
} from "./own_module.ts";
import { OutsideTrouble, troubleOutside } from "./outside_trouble.ts";
import { resolveInside } from "./project.ts";
import { isNotFound } from "./runtime/errors.ts";
import { readFileSync, realPathSync, statSync } from "./runtime/files.ts";

/** Folders of a project that hold what others may have made: results, corpora, what is passing. */
export const receivedFolders = ["results", "datasets", ".temporary"] as const;

/** Code that is not the project's own: it came with a folder of results, or lies outside. */
export class ForeignCode extends Error {
  override name = "ForeignCode";
  readonly module: string;
  /** What the user names to trust it. */
  readonly sha256: string;
  /** Files that are not the project's own, each with the reason. */
  readonly files: readonly string[];

  constructor(module: string, code: ModuleCode, files: readonly string[]) {
    super(
      `Cannot use ${module}: it is not code of this project's own (${
        files.join(", ")
      }), so it is ` +
        `not run here. Read it; what you want to use of it, copy to a folder of your own, such as ` +
        `parts/, and name it there.`,
    );
    this.module = module;
    this.sha256 = code.sha256;
    this.files = files;
  }
}

/**
 * Files of a module that are not the project's own.
 *
 * A file is the project's own where it lies, by its path and by its real path, in the project and below none
 * of {@link receivedFolders}. Folders are told by what they are on the disk, not by their names, so that
 * neither a link nor another spelling leads around.
 *
 * @param project Project folder.
 * @param files Project-relative paths, such as the keys of {@link ModuleCode.files}.
 * @returns Those that are not, each with the reason; a file that is not there has none.
 *
 * @example
 * ```ts
 * import { foreignFiles } from "./trust.ts";
 * import assert from "node:assert/strict";
 * const project = await Deno.makeTempDir();
 * await Deno.mkdir(`${project}/results`);
 * await Deno.writeTextFile(`${project}/results/gift.ts`, "");
 * await Deno.writeTextFile(`${project}/mine.ts`, "");
 * assert.deepEqual(foreignFiles(project, ["mine.ts", "results/gift.ts"]), [
 *   "results/gift.ts is in results/",
 * ]);
 * await Deno.remove(project, { recursive: true });
 * ```
 */
export function foreignFiles(project: string, files: readonly string[]): string[] {
  const root = realPathSync(project);
  const received = new Map(
    receivedFolders.flatMap((name) => {
      const folder = identity(join(project, name));
      return folder === null ? [] : [[folder, name] as const];
    }),
  );
  return files.flatMap((path) => {
    const full = resolveInside(project, path);
    let real: string;
    try {
      real = realPathSync(full);
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
    const named = receivedFolderOf(full, project, received);
    if (named !== null) return [`${path} is in ${named}/`];
    if (!real.startsWith(join(root, "/"))) return [`${path} leads out of the project, by a link`];
    const reached = receivedFolderOf(real, root, received);
    return reached === null ? [] : [`${path} leads into ${reached}/, by a link`];
  });
}

/** The received folder that a file is below, links followed; null for none. */
function receivedFolderOf(
  file: string,
  root: string,
  received: ReadonlyMap<string, string>,
): string | null {
  for (let folder = dirname(file); folder.length > root.length; folder = dirname(folder)) {
    const found = received.get(identity(folder) ?? "");
    if (found !== undefined) return found;
  }
  return null;
}

/** What a folder is on the disk, whatever its path; null where there is none. */
function identity(folder: string): string | null {
  try {
    const { dev, ino } = statSync(folder);
    // Where files have no numbers, names do not differ by case either.
    return ino === null ? realPathSync(folder).toLowerCase() : `${dev}:${ino}`;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/**
 * Refuses code that is not the project's own.
 *
 * @param trusted SHA-256 of code that the user named.
 * @throws {ForeignCode} If it is neither.
 */
export function refuseForeign(
  project: string,
  module: string,
  code: ModuleCode,
  trusted: readonly string[] = [],
): void {
  if (trusted.includes(code.sha256)) return;
  const files = foreignFiles(project, Object.keys(code.files));
  if (files.length > 0) throw new ForeignCode(module, code, files);
}

/** What was found about a project's modules, by all that could change it. */
const known = new Map<string, Promise<ModuleCode>>();

/**
 * Checks that a module is what a specification says, with all that it reaches in this project, and that
 * it may run: nothing of it is loaded.
 *
 * The files that a specification names are looked at first, so that code of others is not even read
 * for its imports before the user trusts it.
 *
 * @param trusted SHA-256 of code that the user named.
 * @throws {ForeignCode} If it is not the project's own and not trusted.
 * @throws {Error} If it has other code here, saying which files or packages differ.
 */
export async function checkOwnCode(
  project: string,
  { module, code }: OwnModule,
  trusted: readonly string[] = [],
): Promise<void> {
  if (code === undefined) throw new Error(`${module} must come with the hash of its code.`);
  refuseForeign(project, module, code, trusted);
  const refuse = (why: string) =>
    new Error(
      `Cannot use ${module}: its code must be that with SHA-256 ${code.sha256}, but ${why}. ` +
        `Give this machine the same files, or define the study anew.`,
    );
  let found: ModuleCode;
  try {
    found = await codeNow(project, module, Object.keys(code.files));
  } catch (error) {
    throw refuse((error as Error).message.replace(/\.$/, ""));
  }
  if (found.sha256 !== code.sha256) {
    throw refuse([
      ...differences("", code.files, found.files),
      ...differences("import of ", code.packages, found.packages),
    ].join(", "));
  }
}

function differences(
  what: string,
  wanted: ModuleCode["files"],
  found: ModuleCode["files"],
): string[] {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
  return names.filter((name) => wanted[name] !== found[name]).map((name) =>
    `${what}${name} is ${found[name] ?? "not there"} here, not ${wanted[name] ?? "there"}`
  );
}

/** Reads the graph again only when one of the files or what resolves imports has changed. */
async function codeNow(
  project: string,
  module: string,
  files: readonly string[],
): Promise<ModuleCode> {
  const contents = [...files, "deno.json", "deno.jsonc", "deno.lock"].map((path) => {
    try {
      return sha256(readFileSync(`${project}/${path}`));
    } catch {
      return null;
    }
  });
  const key = canonicalJson([project, module, contents]);
  let code = known.get(key);
  if (code === undefined) {
    code = readModuleCode(project, module);
    known.set(key, code);
    code.catch(() => known.delete(key));
  }
  return await code;
}

/** Hashes of the files that this process has loaded: a module is loaded once and stays as it was. */
const loaded = new Map<string, string>();

/**
 * Loads what a user's module exports, after checking that its files are those that a run needs and that
 * they may run here. That the files are all that it reaches, {@link checkOwnCode} says; a process that
 * trains cannot, so the one that starts it asks there.
 *
 * @param trusted SHA-256 of code that the user named; for a process of its own that has no permission
 * beside those of a training.
 * @throws {ForeignCode} If it is not the project's own and not trusted.
 * @throws {OutsideTrouble} If a file differs, or was loaded by this process before it was changed.
 * @throws {Error} If the module cannot be loaded or has no such export; the message names it.
 */
export async function loadOwnExport(
  project: string,
  part: OwnModule,
  trusted: readonly string[] = [],
): Promise<unknown> {
  const code = checkModuleFiles(project, part);
  refuseForeign(project, part.module, code, trusted);
  const { files } = code;
  const stale = Object.entries(files).flatMap(([path, hash]) => {
    const known = loaded.get(join(project, path));
    return known === undefined || known === hash
      ? []
      : [`${path} was changed after this process loaded it (restart the kernel)`];
  });
  if (stale.length > 0) throw otherCode(part.module, code, stale);
  for (const [path, hash] of Object.entries(files)) loaded.set(join(project, path), hash);
  let exports: Record<string, unknown>;
  try {
    exports = await import(pathToFileURL(join(project, part.module)).href);
  } catch (error) {
    checkModuleFiles(project, part);
    const said = explained(project, part, `Cannot load ${part.module}`, error);
    // The same code could be loaded when the study was defined: what it imports is not there now.
    throw troubleOutside(error) === null
      ? said
      : new OutsideTrouble(said.message, { cause: error });
  }
  checkModuleFiles(project, part);
  if (!Object.hasOwn(exports, part.export)) {
    throw new Error(
      `${part.module} has no export ${show(part.export)}; its exports are ` +
        `${Object.keys(exports).join(", ") || "none"}.`,
    );
  }
  return exports[part.export];
}
