/** Studies of doubles on a queue, and workers for them. */
import { canonicalJson } from "../../core/json.ts";
import { numericsVersion } from "../../core/version.ts";
import { readRuns } from "../../records/read_runs.ts";
import type { FoldRecord } from "../../records/study_record.ts";
import type { StudyOptions } from "../options.ts";
import { keyPrefix, redisAddress, redisClient } from "../pool/queue/connection.ts";
import { queueNames, type RunJob } from "../pool/queue/job.ts";
import { runWorker, type WorkerOptions } from "../pool/queue/worker.ts";
import { runId } from "../plan/run_id.ts";
import { runStudyWith } from "../_study_course.ts";
import { silentReporter } from "../reporter.ts";
import { doubleOptions, doubleParts, workerDoubles } from "./parts.ts";
import { startScript, until } from "./processes.ts";
import { work } from "../work.ts";

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
    restSeconds: 0.1,
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

/** A reporter that keeps the warnings alone. */
export function tellingReporter() {
  const warnings: string[] = [];
  const reporter = { ...silentReporter, warn: (message: string) => void warnings.push(message) };
  return { warnings, reporter };
}

/** Records in the journal of a study of doubles. */
export const linesOf = (project: string) => readRuns(`${project}/results/double/runs.jsonl`).length;

/** How many runs a study of doubles has with its refits. */
export const total = 28;

/** A worker of real trainings in this process, and what it printed. */
export function startRealWorker(
  redis: string,
  project: string,
  options: Partial<Parameters<typeof work>[0]> = {},
) {
  const controller = new AbortController();
  const lines: string[] = [];
  const ended = work({
    redis,
    project,
    folder: `${project}/work`,
    workers: 1,
    restSeconds: 0.1,
    signal: controller.signal,
    print: (line) => lines.push(line),
    ...options,
  });
  return {
    lines,
    async stop() {
      controller.abort();
      await ended;
    },
  };
}

/** Puts jobs on a queue as anybody could who can write to the server, each with the right id. */
export async function jobSender(redis: string) {
  const { Queue } = await import("bullmq");
  const { connection } = redisAddress(redis);
  const queue = new Queue(queueNames("wasm", "").queue, { connection, prefix: keyPrefix });
  const client = await redisClient(redisAddress(redis), () => {});
  return {
    /**
     * What everybody can read of a job when a worker is done with it: why it was refused, or its result.
     *
     * @param name Name of its study; another one for each job.
     */
    async said(name: string, specification: unknown, fold: FoldRecord): Promise<string> {
      const identity = {
        specification: JSON.parse(canonicalJson(specification)),
        fold,
        seed: 1,
        engine: "wasm",
        numericsVersion,
      };
      const job: RunJob = {
        ...{ schemaVersion: 1, study: name, id: runId(identity), point: {} },
        ...{ ...identity, keepWeights: false, checkpointEvery: null },
      };
      await queue.add("run", job, { jobId: name, attempts: 1 });
      let said: string | undefined;
      await until(`a worker is done with ${name}`, async () => {
        const results = await client.hvals(queueNames("wasm", name).results);
        said = (await queue.getJob(name))?.failedReason ?? results[0];
        return said !== undefined;
      });
      return said!;
    },
    async end() {
      await queue.close();
      client.disconnect();
    },
  };
}
