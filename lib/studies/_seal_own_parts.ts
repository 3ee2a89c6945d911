import { childEnvironment, denoProgram, libraryPaths } from "../core/runtime/deno_program.ts";
import type { JsonObject } from "../core/json.ts";
import { configuration, readModuleCode } from "../core/module_graph.ts";
import type { ModuleCode } from "../core/own_module.ts";
import { startProgram } from "../core/runtime/processes.ts";
import { checkOwnCode, refuseForeign } from "../core/trust.ts";
import { isOwnModule, ownModulesOf } from "../training/own_parts.ts";
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
  const places = specifications.flatMap((each, index) =>
    ownModulesOf(each).length > 0 ? [index] : []
  );
  if (places.length === 0) return specifications;
  const codes = new Map<string, ModuleCode>();
  for (const { module } of places.flatMap((index) => ownModulesOf(specifications[index]))) {
    if (codes.has(module)) continue;
    const code = await readModuleCode(project, module);
    refuseForeign(project, module, code);
    codes.set(module, code);
  }
  const withCode = <Part extends { readonly kind: string }>(part: Part): Part =>
    isOwnModule(part) ? { ...part, code: codes.get(part.module) } : part;
  const trials = places.map((index) => {
    const { model, penalties, optimizer } = specifications[index];
    return {
      model: withCode(model),
      penalties: penalties.map(withCode),
      optimizer: withCode(optimizer),
    };
  });
  const complete = await tryInProcess(trials, project);
  const result = [...specifications];
  places.forEach((place, index) => {
    const { model, penalties, optimizer } = complete[index] as unknown as Specification;
    result[place] = { ...result[place], model, penalties, optimizer } as Specification;
  });
  return result;
}

async function tryInProcess(trials: readonly unknown[], project: string): Promise<JsonObject[]> {
  const process = startProgram(denoProgram("try own parts"), {
    args: [
      ...["run", "--quiet", "--no-check", "--no-prompt", ...configuration(project)],
      ...[`--allow-read=${[project, ...libraryPaths].join(",")}`, "--ignore-env"],
      new URL("./_own_parts_process.ts", import.meta.url).href,
    ],
    cwd: project,
    ...childEnvironment(),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
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
    const modules = [...new Set(trials.flatMap((trial) => ownModulesOf(trial as Specification)))]
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

/**
 * Refuses a specification whose modules have other code in this project, or are not its own.
 *
 * @param trusted SHA-256 of code that the user named.
 * @throws {ForeignCode} If a module is not the project's own and not trusted.
 * @throws {Error} Saying which files or packages differ.
 */
export async function checkOwnParts(
  specification: Specification,
  project: string,
  trusted: readonly string[] = [],
): Promise<void> {
  for (const part of ownModulesOf(specification)) await checkOwnCode(project, part, trusted);
}
