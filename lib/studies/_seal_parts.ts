import { fileURLToPath } from "node:url";
import { denoProgram } from "../core/deno_program.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { configuration, readModuleCode } from "../core/module_graph.ts";
import type { ModuleCode, OwnModule } from "../core/own_module.ts";
import { sha256 } from "../core/hash.ts";
import type { Specification } from "../training/specification.ts";

/** Seconds after which a module that does not finish loading is given up. */
const loadingSeconds = 60;

/**
 * Fills in what the user's modules say: the code of each, its name and formula, and its options. Each
 * part is loaded and tried in a process of its own, so that a module that was changed is read anew and
 * one that misbehaves harms nothing.
 *
 * @returns The same specifications, complete; the very same where there are no own parts.
 * @throws {Error} If a module cannot be used; nothing was trained.
 */
export async function sealOwnParts(
  specifications: readonly Specification[],
  project: string,
): Promise<readonly Specification[]> {
  const places = specifications.flatMap((each, index) => partsOf(each).length > 0 ? [index] : []);
  if (places.length === 0) return specifications;
  const codes = new Map<string, ModuleCode>();
  for (const { module } of places.flatMap((index) => partsOf(specifications[index]))) {
    if (!codes.has(module)) codes.set(module, await readModuleCode(project, module));
  }
  const withCode = <Part extends { readonly kind: string }>(part: Part): Part =>
    isOwn(part) ? { ...part, code: codes.get(part.module) } : part;
  const trials = places.map((index) => {
    const { model, penalties, optimizer } = specifications[index];
    return { model: withCode(model), penalties: penalties.map(withCode), optimizer };
  });
  const complete = await tryInProcess(trials, project);
  const result = [...specifications];
  places.forEach((place, index) => {
    const { model, penalties } = complete[index] as unknown as Specification;
    result[place] = { ...result[place], model, penalties } as Specification;
  });
  return result;
}

function isOwn(part: { readonly kind: string }): part is OwnModule & { readonly kind: string } {
  return part.kind === "ownModel" || part.kind === "ownPenalty";
}

function partsOf({ model, penalties }: Specification): OwnModule[] {
  const parts: readonly { readonly kind: string }[] = [model, ...penalties];
  return parts.filter(isOwn);
}

async function tryInProcess(trials: readonly unknown[], project: string): Promise<JsonObject[]> {
  const here = import.meta.url;
  const library = here.startsWith("file:") ? [fileURLToPath(new URL("../..", here))] : [];
  const process = new Deno.Command(denoProgram("try own parts"), {
    args: [
      ...["run", "--quiet", "--no-check", "--no-prompt", ...configuration(project)],
      ...[`--allow-read=${[project, ...library].join(",")}`, "--allow-env"],
      new URL("./_try_parts.ts", here).href,
    ],
    cwd: project,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const mark = crypto.randomUUID();
  const timer = setTimeout(() => process.kill("SIGKILL"), loadingSeconds * 1000);
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify({ mark, trials, project })))
    .then(() => writer.close()).catch(() => {});
  const { stdout, stderr, signal, code } = await process.output();
  clearTimeout(timer);
  // Whatever else is there was printed by the user's code.
  const answer = new TextDecoder().decode(stdout).split(mark)[1];
  if (answer === undefined) {
    const modules = [...new Set(trials.flatMap((trial) => partsOf(trial as Specification)))]
      .map(({ module }) => module);
    throw new Error(
      `Cannot use ${[...new Set(modules)].join(", ")}: trying it ` +
        (signal === "SIGKILL"
          ? `did not end within ${loadingSeconds} seconds.`
          : `ended with exit code ${code}: ${
            new TextDecoder().decode(stderr).trim().split("\n").slice(-3).join(" | ")
          }`),
    );
  }
  const { complete, error } = JSON.parse(answer);
  if (error !== undefined) throw new Error(error);
  return complete;
}

/** What was found about a project's modules, by all that could change it. */
const known = new Map<string, Promise<ModuleCode>>();

/**
 * Refuses a specification whose modules have other code in this project.
 *
 * @throws {Error} Saying which files or packages differ.
 */
export async function checkOwnCode(specification: Specification, project: string): Promise<void> {
  for (const part of partsOf(specification)) {
    const { module, code } = part;
    const refuse = (why: string) =>
      new Error(
        `Cannot use ${module}: its code must be that with SHA-256 ${code?.sha256}, but ${why}. ` +
          `Give this machine the same files, or define the study anew.`,
      );
    if (code === undefined) throw new Error(`${module} must come with the hash of its code.`);
    let found: ModuleCode;
    try {
      found = await codeNow(project, module, Object.keys(code.files));
    } catch (error) {
      throw refuse((error as Error).message.replace(/\.$/, ""));
    }
    if (found.sha256 === code.sha256) continue;
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
      return sha256(Deno.readFileSync(`${project}/${path}`));
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
