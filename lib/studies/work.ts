import { join } from "node:path";
import { canonicalJson } from "../core/json.ts";
import { projectFolder } from "../core/project.ts";
import { validateSpecification } from "../training/specification.ts";
import { checkOwnCode } from "./_seal_parts.ts";
import { runWorker, type WorkerOptions, type WorkerParts } from "./queue/worker.ts";
import { trainingParts } from "./_training_parts.ts";

const parts: WorkerParts = {
  executor: trainingParts.executor,
  engine: trainingParts.engine,
  checkSpecification: (json) => JSON.parse(canonicalJson(validateSpecification(json))),
  checkCode: (json, project) => checkOwnCode(validateSpecification(json), project),
};

/**
 * Takes runs off the queue on a Redis server and trains them until the signal aborts: the other side
 * of `runStudy({ …, queue })`.
 *
 * @param options `redis`: address of the server. `engine`: as in `runStudy`, `wasm` by default.
 * `workers`: training processes at once, as many as cores by default. `folder`: for checkpoints,
 * `.temporary/worker` of the project by default. `allowOther`: whether runs of another engine or
 * numerics version are done for studies that allow it, not by default. `signal`: ends the work. `print`: told of each run.
 * @throws {Error} If the server cannot be reached or no training process can be started.
 */
export async function work(
  options:
    & Pick<WorkerOptions, "redis" | "workers" | "signal" | "print">
    & Partial<Pick<WorkerOptions, "engine" | "project" | "folder" | "lockSeconds" | "allowOther">>,
): Promise<void> {
  const { engine = "wasm", project = projectFolder() } = options;
  const folder = options.folder ?? join(project, ".temporary", "worker");
  await runWorker(parts, { ...options, engine, project, folder });
}
