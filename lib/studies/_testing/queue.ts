/** Studies of doubles on a queue, and workers for them. */
import { readRuns } from "../../records/read_runs.ts";
import type { StudyOptions } from "../options.ts";
import { runWorker, type WorkerOptions } from "../queue/worker.ts";
import { runStudyWith } from "../_run_study.ts";
import { doubleOptions, doubleParts, workerDoubles } from "./parts.ts";
import { startScript } from "./processes.ts";

/** A worker in this process, and what it printed. */
export function startWorker(
  url: string,
  project: string,
  options: Partial<WorkerOptions> = {},
  parts = workerDoubles,
) {
  const controller = new AbortController();
  const lines: string[] = [];
  const ended = runWorker(parts, {
    redis: url,
    engine: "cpu",
    project,
    folder: `${project}/work`,
    workers: 2,
    signal: controller.signal,
    print: (line) => lines.push(line),
    pool: { graceSeconds: 1 },
    ...options,
  });
  return {
    lines,
    ended,
    async stop() {
      controller.abort();
      await ended;
    },
  };
}

/** A worker in a process of its own, to be killed. */
export function spawnWorker(
  { url }: { readonly url: string },
  project: string,
  environment: Record<string, string> = {},
): Deno.ChildProcess {
  return startScript(project, "worker.ts", [url, "1", `${project}/work`], environment);
}

/** Runs a study of doubles. */
export const run = (project: string, options: Partial<StudyOptions> = {}, specification = {}) =>
  runStudyWith(doubleParts, doubleOptions(project, options, specification));

/** Records in the journal of a study of doubles. */
export const linesOf = (project: string) => readRuns(`${project}/results/double/runs.jsonl`).length;

/** How many runs a study of doubles has with its refits. */
export const total = 28;
