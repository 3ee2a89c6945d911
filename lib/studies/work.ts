import { type EngineChoice, loadsLibrary } from "../core/engine_name.ts";
import { join } from "node:path";
import { canonicalJson } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import { projectFolder, resolveInside } from "../core/project.ts";
import { notCapable } from "../core/runtime/errors.ts";
import { isAllowed } from "../core/runtime/permissions.ts";
import { checkListedCorpus } from "../data/listed_corpora.ts";
import { checkRunnable } from "../training/check_runnable.ts";
import { validateSpecification } from "../training/specification.ts";
import { checkOwnParts } from "./_seal_own_parts.ts";
import { runWorker, type WorkerOptions, type WorkerParts } from "./pool/queue/worker.ts";
import { engineOf, libraryTrainings } from "./_library_trainings.ts";

/** What a worker of the library's own trainings knows of them. */
export const workerParts: Omit<WorkerParts, "engine"> = {
  executor: libraryTrainings.executor,
  checkSpecification(json, fold) {
    const specification = validateSpecification(json);
    checkRunnable(specification, [fold]);
    return JSON.parse(canonicalJson(stored(specification)));
  },
  checkCorpus: (json, options) => checkListedCorpus(validateSpecification(json).corpus, options),
  checkCode: (json, project) => checkOwnParts(validateSpecification(json), project),
};

/**
 * Takes runs off the queue on a Redis server and trains them until the signal aborts: the other side
 * of `runStudy({ …, queue })`.
 *
 * @param options `redis`: address of the server. `engine`: as in `runStudy`, `wasm` by default.
 * `native` is refused where it cannot be loaded, because its runs would wait in another queue.
 * `workers`: threads that train at once, as many as cores by default. `threads`: those of each run, one by
 * default; of `native` it has one, because several are the engine `blocked`. `folder`: for checkpoints,
 * `.temporary/worker` of the project by default. `corpora`: paths in the project, of files or of folders
 * with them, that runs may read besides the corpora of the project's catalogue, none by default.
 * `allowOther`: whether runs of another engine or
 * numerics version are done for studies that allow it, not by default. `signal`: ends the work. `print`: told of each run.
 * @throws {Error} If the server cannot be reached, no training process can be started, or the folder
 * or engine needs permissions that this process does not have: the command that gives them is named.
 */
export async function work(
  options:
    & Pick<WorkerOptions, "redis" | "workers" | "threads" | "signal" | "print">
    & Partial<
      Pick<
        WorkerOptions,
        "engine" | "project" | "folder" | "corpora" | "lockSeconds" | "restSeconds" | "allowOther"
      >
    >,
): Promise<void> {
  const { engine = "wasm", project = projectFolder(), corpora = [] } = options;
  const named = engine !== "auto" && loadsLibrary(engine as EngineChoice);
  for (const path of corpora) resolveInside(project, path);
  const folder = options.folder ?? join(project, ".temporary", "worker");
  const command = workerCommand({
    folder: options.folder === undefined ? null : folder,
    native: named,
  });
  for (const name of ["read", "write"] as const) {
    if (isAllowed(name, folder)) continue;
    throw notCapable(
      `Cannot keep checkpoints in ${folder}: this process may not ${name} there. Start the worker ` +
        `in the project's folder by\n  ${command}`,
    );
  }
  await runWorker({
    ...workerParts,
    async engine(name) {
      try {
        return await engineOf(name, { fallback: false });
      } catch (error) {
        if (!named || isAllowed("ffi")) throw error;
        const { message } = error as Error;
        throw new Error(
          `${message} Start the worker in the project's folder by\n  ${command}`,
          { cause: error },
        );
      }
    },
  }, { ...options, engine, project, folder });
}

/**
 * The task `worker` of `deno.json` with more permissions: to keep checkpoints outside of the project,
 * or to load a BLAS. `deno task` itself takes no permissions.
 */
export function workerCommand(
  { folder, native }: { readonly folder: string | null; readonly native: boolean },
): string {
  return [
    "deno run --frozen --no-prompt",
    `--allow-read=${[".", ...(folder === null ? [] : [folder])].join(",")}`,
    `--allow-write=${folder ?? ".temporary"}`,
    "--allow-env --allow-net --allow-sys=hostname,systemMemoryInfo",
    ...(native ? ["--allow-ffi"] : []),
    "--allow-run=deno lib/cli.ts worker",
    ...(native ? ["--engine native"] : []),
    ...(folder === null ? [] : [`--folder ${folder}`]),
  ].join(" ");
}
